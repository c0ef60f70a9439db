"""A stage with two DAG files, for the contract of every executor."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.integration.executor_kit import Stage
from tui_flow.executors.local import LocalExecutor
from tui_flow.executors.sequential import SequentialExecutor

EXECUTORS = [LocalExecutor, SequentialExecutor]
NewStage = Callable[..., Stage]

DAG_FILE = """
import os, signal, sys, time
from tui_flow import DAG, task
from tui_flow.operators.bash import BashOperator

BASE = {base!r}

def note(name, text="x"):
    with open(f"{{BASE}}/{{name}}.part", "w") as file:
        file.write(text)
    os.rename(f"{{BASE}}/{{name}}.part", f"{{BASE}}/{{name}}")

def gate(name):
    while not os.path.exists(f"{{BASE}}/open.{{name}}"):
        time.sleep(0.01)

with DAG("d", schedule=None) as dag:
    @task
    def good():
        return 42

    @task
    def bad():
        raise ValueError("bad row")

    @task
    def waits(ti=None):
        note(f"waits.{{os.path.basename(os.environ['TUIFLOW_ATTEMPT'])}}", str(os.getpid()))
        gate("waits")
        return "waited"

    @task
    def stubborn():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        note("stubborn", str(os.getpid()))
        gate("stubborn")

    good(), bad(), waits(), stubborn()
    BashOperator(task_id="shell", bash_command="echo one; echo last")
    BashOperator(task_id="shell_padded", bash_command="echo one; echo '  last  '")
    BashOperator(task_id="shell_blank", bash_command="echo one; echo")
    BashOperator(task_id="shell_fails", bash_command="exit 3")
    BashOperator(task_id="shell_skips", bash_command="exit 99")
    BashOperator(
        task_id="shell_waits",
        bash_command=f"echo $$ >{{BASE}}/shell; until [ -e {{BASE}}/open.shell ]; do sleep 0.02; done",
    )
    BashOperator(task_id="shell_too_long", bash_command="echo " + "x" * 200_000)
    BashOperator(task_id="shell_pulls", bash_command="echo {{{{ ti.xcom_pull('good') }}}}")
"""

ODD_FILE = """
import os, time
from tui_flow import DAG, task

BASE = {base!r}
open(f"{{BASE}}/importing.{{os.getpid()}}", "w").close()
if os.path.exists(BASE + "/break"):
    raise ImportError("gone")
if os.path.exists(BASE + "/exit"):
    os._exit(7)
while os.path.exists(BASE + "/hang") and not os.path.exists(f"{{BASE}}/go.{{os.getpid()}}"):
    time.sleep(0.01)
with DAG("e", schedule=None):
    @task
    def a():
        while os.path.exists(BASE + "/busy"):
            time.sleep(0.01)
        return 1

    a()
"""
"""Its import goes wrong as the files say that lie in BASE."""


def open_stage(base: Path, kind: type[LocalExecutor], **options: Any) -> Stage:
    base.mkdir(exist_ok=True)
    os.environ["EXECUTOR_TEST"] = str(base)
    stage = Stage(base, kind, **options)
    if stage.dags is not None:
        stage.write("d.py", DAG_FILE.format(base=str(base)))
    return stage


def open_gate(stage: Stage, name: str) -> None:
    (stage.base / f"open.{name}").touch()


def write_odd(stage: Stage, problem: str) -> None:
    """A file whose next import goes wrong."""
    stage.write("e.py", ODD_FILE.format(base=str(stage.base)))
    (stage.base / problem).touch()


def is_alive(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def start_waiting(stage: Stage) -> int:
    """An attempt whose task has begun and waits."""
    attempt_id = stage.submit("waits")
    stage.wait_file(f"waits.{attempt_id}")
    stage.wait_running(attempt_id)
    return attempt_id
