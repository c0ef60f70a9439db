"""`tuiflow why`."""

from __future__ import annotations

from typing import Any

from tui_flow import signs, times
from tui_flow.cli.act import ask
from tui_flow.cli.background import running_scheduler
from tui_flow.cli.lazy import command, verb_app
from tui_flow.cli.lookup import check_task, find_dag, find_run, find_task_instance, newest_spec, open_reader
from tui_flow.cli.options import AnyTaskId, AsJson, DagId, InRun, MapIndex
from tui_flow.cli.show import lines, print_json
from tui_flow.errors import SchedulerUnreachable
from tui_flow.settings import Home, home_from_environment, load_settings
from tui_flow.state import FINISHED_TASK

app = verb_app()


@command(app, "why", example="tuiflow why etl load")
def why(
    dag_id: DagId, task_id: AnyTaskId = None, run_id: InRun = None, map_index: MapIndex = -1, as_json: AsJson = False
) -> None:
    """Say in words why a task is in its state and what it waits for: each condition that is not met.

    Without a task: why the DAG has no new run now, and which assets it still waits for.
    """
    from tui_flow.actions.reasons import NOTHING_STOPS_IT, reasons  # the planner, here only

    home = home_from_environment()
    if task_id is None:
        _why_dag(home, dag_id, as_json)
        return
    parallelism = load_settings(home).core.parallelism
    with open_reader() as reader:
        dag = find_dag(reader, dag_id)
        if run_id is None and reader.run(dag_id) is None:
            check_task(newest_spec(reader, dag), task_id)
        run = find_run(reader, dag_id, run_id)
        ti = find_task_instance(reader, run, task_id, map_index)
        found = list(reasons(reader, run, ti, times.now(), parallelism))
    if ti.state not in FINISHED_TASK and (hindrances := _of_scheduler(home, dag_id, str(run.id))):
        found = [*hindrances, *(reason for reason in found if reason != NOTHING_STOPS_IT)]
    if as_json:
        print_json({"dag_id": dag_id, "run_id": run.run_id, "task_id": task_id, "state": ti.state, "reasons": found})
        return
    print(f"{signs.labelled(ti.state)}  {dag_id} {task_id} in {run.run_id}")
    lines(f"  {reason}" for reason in found)


def _of_scheduler(home: Home, *keys: str) -> list[str]:
    """What keeps everything from running, or just what these keys (of `status`'s `set_aside`) name."""
    if running_scheduler(home) is None:
        return ["no scheduler is running; `tuiflow up` starts one"]
    try:
        status: Any = ask(home, "status", {}, timeout_s=2.0)
    except SchedulerUnreachable as err:
        return [f"the scheduler does not answer: {err}"]
    lines = []
    if status["is_stopping"]:
        lines.append("the scheduler is stopping, so nothing is launched; `tuiflow up` starts another")
    if status["disk_is_full"]:
        lines.append(f"too little room on the disk of {home.root}: nothing is launched until there is more")
    if status["locked_out"]:
        lines.append(f"nothing is recorded or launched: {status['locked_out']}")
    if status["clock_doubt"]:
        lines.append(f"nothing is scheduled: {status['clock_doubt']}; set it, or `tuiflow clock accept`")
    lines += [
        f"set aside by a defect of tuiflow and tried again: {reason}; the scheduler's log has more, please report it"
        for key, reason in status["set_aside"].items()
        if key in keys
    ]
    return lines


def _why_dag(home: Home, dag_id: str, as_json: bool) -> None:
    from tui_flow.actions.reasons import dag_reasons

    with open_reader() as reader:
        found = list(dag_reasons(reader, find_dag(reader, dag_id), times.now()))
    found = [*_of_scheduler(home, dag_id), *found]
    if as_json:
        print_json({"dag_id": dag_id, "reasons": found})
        return
    print(dag_id)
    lines(f"  {reason}" for reason in found)
