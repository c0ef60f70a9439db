"""The DAG files that are measured."""

from __future__ import annotations

_FAN = """\
from tui_flow import DAG
{imports}

with DAG("warm"):
    {one}

with DAG("fan") as dag:
    tasks = [{task} for i in range({count})]
    tasks[0] >> tasks[1:-1] >> tasks[-1]
"""
_PYTHON = "from tui_flow.operators.python import PythonOperator\n\n\ndef work():\n    pass\n"
_SHELL = "from tui_flow.operators.bash import BashOperator\n"


def fan(kind: str, middle: int, dag_id: str = "fan") -> str:
    """1 -> `middle` -> 1 tasks that do nothing, and a DAG `warm_...` of one such task in the same file."""
    text = _FAN.format(imports=_imports(kind), one=task(kind, "'one'"), task=task(kind, "f't{i}'"), count=middle + 2)
    return text.replace('"warm"', f'"warm_{dag_id}"').replace('"fan"', f'"{dag_id}"')


def chain(kind: str, count: int) -> str:
    """One task after the other, and a DAG `warm_chain`."""
    return (
        fan(kind, count - 2, "chain")
        .replace("tasks[0] >> tasks[1:-1] >> tasks[-1]", "chain(*tasks)")
        .replace("import DAG", "import DAG, chain")
    )


def task(kind: str, task_id: str) -> str:
    if kind == "python":
        return f"PythonOperator(task_id={task_id}, python_callable=work)"
    return f"BashOperator(task_id={task_id}, bash_command='true')"


def _imports(kind: str) -> str:
    return _PYTHON if kind == "python" else _SHELL


def stamps(schedule: str = "None") -> str:
    """A DAG whose one task writes the time at which its code began to a file named after its run."""
    return f"""\
import os
import time
from datetime import timedelta

from tui_flow import DAG
from tui_flow.operators.python import PythonOperator


def work(run_id):
    now = time.time_ns()
    path = os.path.join(os.environ["BENCH_FOLDER"], run_id)
    with open(path + ".part", "w") as file:
        file.write(str(now))
    os.rename(path + ".part", path)


with DAG("stamps", schedule={schedule}):
    PythonOperator(task_id="work", python_callable=work)
"""


def small(number: int, text: str = "") -> str:
    """One of many: a DAG of five tasks."""
    return f"""\
from tui_flow import DAG, chain
from tui_flow.operators.bash import BashOperator

with DAG("small_{number}", description={text!r}):
    chain(*[BashOperator(task_id=f"t{{i}}", bash_command="true") for i in range(5)])
"""
