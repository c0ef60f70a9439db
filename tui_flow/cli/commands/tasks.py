"""`tuiflow tasks ...`."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any

import typer

from tui_flow import times
from tui_flow.cli.act import act
from tui_flow.cli.commands.runs import task_row
from tui_flow.cli.instances import mapped_over, split_name
from tui_flow.cli.lazy import command, group_app
from tui_flow.cli.lookup import check_task, find_dag, find_run, find_task_instance, newest_spec, open_reader
from tui_flow.cli.options import AsJson, DagId, InRun, InUtc, MapIndex, TaskId
from tui_flow.cli.resources import used
from tui_flow.cli.show import View, facts, heading, lines, listing, print_json, say
from tui_flow.records import TaskAttempt

app = group_app("List, show and note tasks, and render their templates.")


@command(app, "list", example="tuiflow tasks list etl")
def list_tasks(
    dag_id: DagId,
    run_id: Annotated[
        str | None, typer.Option("--run", metavar="RUN", help="As the run has them; the newest version without it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the tasks of a DAG, in its newest version or in that of a run."""
    with open_reader() as reader:
        dag = find_dag(reader, dag_id)
        version = find_run(reader, dag_id, run_id).spec_version if run_id else dag.spec_version
        spec = reader.spec(dag_id, version)
    rows = [
        {
            "task_id": task.task_id,
            "operator": task.operator,
            "group": task.group,
            "upstream": task.upstream,
            "trigger_rule": task.trigger_rule,
            "retries": task.retries,
            "pool": task.pool,
            "owner": task.owner,
            "mapped_over": mapped_over(spec, task.task_id),
        }
        for task in spec.tasks
    ]
    columns = "task_id operator group trigger_rule retries pool upstream"
    if any(row["mapped_over"] for row in rows):
        columns += " mapped_over"
    listing(rows, columns, View(as_json), empty=f"DAG {dag_id!r} has no tasks")


@command(app, "show", example="tuiflow tasks show etl load")
def show_task(
    dag_id: DagId,
    task_id: TaskId,
    run_id: InRun = None,
    map_index: MapIndex = -1,
    as_json: AsJson = False,
    utc: InUtc = False,
) -> None:
    """Show a task in one run: its state and each attempt with exit code, duration, CPU time, memory and I/O."""
    view = View(as_json, utc)
    at = times.now()
    with open_reader() as reader:
        dag = find_dag(reader, dag_id)
        if run_id is None and reader.run(dag_id) is None:
            check_task(newest_spec(reader, dag), task_id)
        run = find_run(reader, dag_id, run_id)
        ti = find_task_instance(reader, run, task_id, map_index)
        attempts = [attempt_row(attempt, at) for attempt in reader.attempts(ti.key)]
    row = {"dag_id": dag_id, "run_id": run.run_id} | task_row(ti, at)
    if as_json:
        facts(row | {"attempts": attempts}, view)
        return
    facts(row, view)
    heading("attempts")
    columns = "try_number state started_at duration exit_code signal cpu memory read written reason"
    listing(attempts, columns, view, empty="not started yet; `tuiflow why` says what it waits for")


@command(app, "render", example="tuiflow tasks render etl load")
def render(
    dag_id: DagId, task_id: TaskId, run_id: InRun = None, map_index: MapIndex = -1, as_json: AsJson = False
) -> None:
    """Render a task's templates in a child process, for a run or, where there is none yet, for one made now."""
    from tui_flow.cli.rendering import rendered  # the planner, here only

    task_id, map_index = split_name(task_id, map_index)

    with open_reader() as reader:
        dag = find_dag(reader, dag_id)
        has_runs = run_id is not None or reader.run(dag_id) is not None
        run = find_run(reader, dag_id, run_id) if has_runs else None
        check_task(reader.spec(dag_id, run.spec_version) if run else newest_spec(reader, dag), task_id)
        fields = rendered(reader, dag, run, task_id, map_index, times.now())
    if as_json:
        print_json({"dag_id": dag_id, "run_id": run.run_id if run else None, "task_id": task_id, "fields": fields})
        return
    if not fields:
        say(f"task {task_id!r} has no template fields")
    for name, value in fields.items():
        if value is None:
            continue
        heading(name)
        lines((value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)).splitlines())


@command(app, "note", example="tuiflow tasks note etl load 'the disk was full'")
def note_task(
    dag_id: DagId,
    task_id: TaskId,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The note; '' removes it.", show_default=False)],
    run_id: InRun = None,
    map_index: MapIndex = -1,
) -> None:
    """Write a note on a task in one run, in place of the one that it has."""
    answer: Any = act("note_task", dag_id=dag_id, task_id=task_id, note=text, run_id=run_id, map_index=map_index)
    say(f"task {task_id!r} in run {answer['run_id']!r} {'has the note' if text else 'has no note'}")


def attempt_row(attempt: TaskAttempt, at: datetime) -> dict[str, Any]:
    """An attempt as rows and JSON show it."""
    row: dict[str, Any] = {key: getattr(attempt, key) for key in TaskAttempt.__dataclass_fields__}
    duration = (attempt.ended_at or at) - attempt.started_at if attempt.started_at else None
    reason = attempt.reason
    if attempt.kill_reason and attempt.ended_at and attempt.kill_reason != reason:
        reason = f"{reason} ({attempt.kill_reason})" if reason else attempt.kill_reason
    return row | {"duration": duration, "reason": reason} | used(attempt)
