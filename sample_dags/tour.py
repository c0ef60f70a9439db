"""
### A tour of what a DAG can do

Branch, short circuit, retries with back-off, trigger rules, task groups, params, XCom, templates and a sensor, in the
order of the file. Run it as it is, then try `-p edition=weekend`, `-p failures=5` and `-p name=you`.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

from tui_flow import DAG, Param, TaskGroup, chain, task
from tui_flow.operators.bash import BashOperator
from tui_flow.operators.empty import EmptyOperator
from tui_flow.operators.filesystem_sensor import FileSensor
from tui_flow.operators.python import PythonOperator

RESULTS = Path(os.environ.get("TUIFLOW_HOME") or "~/.tuiflow").expanduser() / "results" / "tour"


def say_retry(context) -> None:
    """A callback gets what templates get, and the exception."""
    print(f"try {context['ti'].try_number} failed: {context['exception']}")


def unstable(host: str, params, **context) -> str:
    """Fails on its first tries. Each key of the context can be had by its name, all of them by `**context`."""
    tries = context["ti"].try_number
    if tries <= params["failures"]:
        raise ConnectionError(f"{host} does not answer")
    return f"{host} answered on try {tries}"


with DAG(
    "tour",
    schedule=None,  # only when somebody asks
    start_date=datetime(2025, 1, 1),
    tags=["sample", "tour"],
    doc_md=__doc__,
    # Each param has a JSON schema: a value that does not fit is refused before the run exists.
    params={
        "name": Param("world", type="string", minLength=1, maxLength=40),
        "edition": Param("weekday", enum=["weekday", "weekend"]),
        "failures": Param(1, type="integer", minimum=0, description="How often the unstable task fails"),
        "results": Param(str(RESULTS), type="string", pattern="^/", description="Folder for the report"),
    },
    # For every task that does not say otherwise.
    default_args={"retries": 0, "execution_timeout": timedelta(minutes=5)},
):
    # Templates: what stands in {{ }} is filled in when the task runs. A shell task's last line is its XCom.
    greet = BashOperator(
        task_id="greet",
        bash_command='mkdir -p "$RESULTS" && echo "Hello $NAME, this is $RUN of {{ ds }}"',
        env={"NAME": "{{ params.name }}", "RESULTS": "{{ params.results }}", "RUN": "{{ run_id }}"},
        append_env=True,
    )

    # TaskFlow: a call in here is a task, what it returns is an XCom, and passing that on makes a dependency.
    @task
    def count_letters(greeting: str) -> dict[str, int]:
        return {"letters": sum(map(str.isalpha, greeting)), "words": len(greeting.split())}

    counted = count_letters(greet.output)

    # Branch: returns the task id (or ids) to go on with; the others are skipped.
    @task.branch
    def is_long(letters: int) -> str:
        return "long" if letters > 30 else "short"

    long, short = EmptyOperator(task_id="long"), EmptyOperator(task_id="short")

    # A branch skips one side, so what joins the two must not ask that all of them succeed.
    joined = EmptyOperator(task_id="joined", trigger_rule="none_failed_min_one_success")
    is_long(counted["letters"]) >> [long, short] >> joined

    # Short circuit: False skips everything after it.
    @task.short_circuit
    def is_weekend(params=None) -> bool:
        return params["edition"] == "weekend"

    extra = BashOperator(task_id="extra", bash_command="echo 'The weekend edition has one task more.'")
    is_weekend() >> extra

    # Retries: waits of 1 to 2 s, then 2 to 4 s, and so on, never more than 10 s.
    with TaskGroup("network", tooltip="What may fail for a while") as network:
        call = PythonOperator(
            task_id="call",
            python_callable=unstable,
            op_kwargs={"host": "host-of-{{ params.name }}"},
            retries=3,
            retry_delay=timedelta(seconds=1),
            retry_exponential_backoff=2,
            max_retry_delay=timedelta(seconds=10),
            on_retry_callback=say_retry,
        )

    # Sensor: waits until something is so. In `reschedule` mode it holds no slot between two looks.
    write = BashOperator(
        task_id="write_later",
        bash_command='mkdir -p "$(dirname "$FILE")" && sleep 1 && date > "$FILE"',
        env={"FILE": "{{ params.results }}/{{ run_id }}.txt"},
        append_env=True,
    )
    wait = FileSensor(
        task_id="wait_for_file",
        filepath="{{ params.results }}/{{ run_id }}.txt",
        poke_interval=1,
        timeout=60,
        mode="reschedule",
    )

    # Trigger rules: `repair` runs only if something before it failed, `report` whatever happened.
    repair = EmptyOperator(task_id="repair", trigger_rule="one_failed")

    @task(trigger_rule="all_done")
    def report(answer: str | None, counts: dict[str, int], params=None, run_id=None) -> str:
        """`all_done` runs even if `call` failed in the end: then there is no answer to pass on."""
        target = Path(params["results"]) / "report.txt"
        target.write_text(f"{run_id}\ncall: {answer or 'never answered'}\n{counts['words']} words of greeting\n")
        (target.parent / f"{run_id}.txt").unlink(missing_ok=True)
        return str(target)

    ended = report(call.output, counted)
    greet >> [network, write, wait] >> repair
    chain([joined, wait, network], ended)
