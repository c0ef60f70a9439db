"""`tuiflow runs ...`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui_flow import times
from tui_flow.asset_records import AssetEventRow
from tui_flow.cli.act import act
from tui_flow.cli.inputs import confirm, one_of
from tui_flow.cli.instances import folded
from tui_flow.cli.lazy import command, group_app
from tui_flow.cli.lookup import find_dag, find_run, open_reader, without_secret_names, without_secrets
from tui_flow.cli.options import AnyDagId, AsJson, DagId, InUtc, Limit, NewestRun, RunArgument, Yes
from tui_flow.cli.resources import used
from tui_flow.cli.show import View, facts, heading, listing, one_line, print_json, say
from tui_flow.errors import NotFound, NotPossible
from tui_flow.records import DagRun, TaskInstance
from tui_flow.state import FINISHED_RUN, RunState, RunType

if TYPE_CHECKING:
    from tui_flow.planner.compare import Compared
    from tui_flow.spec import DagSpec
    from tui_flow.store.reader import Reader

app = group_app("List, show, compare, note, cancel and delete DAG runs.")


@command(app, "list", example="tuiflow runs list etl --state failed --since -7d")
def list_runs(
    dag_id: AnyDagId = None,
    state: Annotated[list[str] | None, typer.Option(metavar="STATE", help="Only in this state. Repeatable.")] = None,
    type_: Annotated[
        list[str] | None, typer.Option("--type", metavar="TYPE", help="Only of this run type. Repeatable.")
    ] = None,
    since: Annotated[str | None, typer.Option(metavar="DATE", help="Due then or later.")] = None,
    until: Annotated[
        str | None, typer.Option(metavar="DATE", help="Due then or earlier; a day without a time is the whole day.")
    ] = None,
    limit: Limit = 25,
    as_json: AsJson = False,
    utc: InUtc = False,
) -> None:
    """List DAG runs, the newest first."""
    at = times.now()
    with open_reader() as reader:
        if dag_id is not None:
            find_dag(reader, dag_id)
        found = reader.runs(
            dag_id,
            [RunState(one_of(word, RunState, "state")) for word in state or ()],
            [RunType(one_of(word, RunType, "run type")) for word in type_ or ()],
            times.parse_date(since, at, utc) if since else None,
            times.parse_end(until, at, utc) if until else None,
            limit=limit,
        )
    columns = "dag_id run_id state run_type started_at duration reason"
    empty = f"no runs; `tuiflow trigger {dag_id or 'DAG'}` makes one"
    if state or type_ or since or until:
        empty = "no runs of that kind; `tuiflow runs list` shows the newest of all"
    listing([run_row(run, at) for run in found], columns, View(as_json, utc), empty=empty)
    if len(found) == limit and not as_json:
        say(f"the newest {limit}; -n shows more")


def run_row(run: DagRun, at: datetime) -> dict[str, Any]:
    """A run as rows and JSON show it."""
    row: dict[str, Any] = {key: getattr(run, key) for key in DagRun.__dataclass_fields__}
    row["conf"] = without_secret_names(run.conf)
    return row | {"duration": (run.ended_at or at) - run.started_at if run.started_at else None}


@command(app, "show", example="tuiflow runs show etl")
def show_run(dag_id: DagId, run_id: NewestRun = None, as_json: AsJson = False, utc: InUtc = False) -> None:
    """Show one run and the state of its tasks."""
    view = View(as_json, utc)
    at = times.now()
    with open_reader() as reader:
        run = find_run(reader, dag_id, run_id)
        spec = reader.spec(dag_id, run.spec_version)
        updates = [update_row(event) for event in reader.events_of_run(run.id)]
        conf, updates = without_secrets(reader, (run.conf, updates))
        deadlines = deadline_rows(reader, run, spec)
        tis = sorted(reader.task_instances(run.id), key=lambda ti: (spec.order.get(ti.task_id, -1), ti.map_index))
        newest = {attempt.key: attempt for attempt in reader.run_attempts(run.id)}
    tasks = [task_row(ti, at) | (used(newest[ti.key]) if ti.key in newest else _NOTHING_USED) for ti in tis]
    row = run_row(run, at) | {"conf": conf}
    if as_json:
        facts(row | {"tasks": tasks, "asset_updates": updates, "deadlines": deadlines}, view)
        return
    facts({key: value for key, value in row.items() if key not in ("id", "source_version", "spec_version")}, view)
    if deadlines:
        heading("deadlines")
        listing(deadlines, "name due_at missed_at", view, empty="")
    if updates:
        heading("updates of assets that made it")
        listing(updates, "asset at by run_id extra aliases", view, empty="")
    heading("tasks")
    columns = "task_id map_index state try_number started_at duration exit_code signal cpu memory reason note"
    if any(ti.rendered_map_index for ti in tis):
        columns = columns.replace("map_index", "map_index rendered_map_index")
    listing(folded(tis, tasks), columns, view, empty="this run has no tasks")


def deadline_rows(reader: Reader, run: DagRun, spec: DagSpec) -> list[dict[str, Any]]:
    """The deadlines that the run has missed, and while it goes on those that are to come."""
    missed = reader.missed_deadlines(run.id)
    found = [{"name": row.name, "due_at": row.due_at, "missed_at": row.missed_at} for row in missed]
    if run.state in FINISHED_RUN or not spec.deadlines:
        return found
    from tui_flow.planner.deadlines import deadline_name, deadline_of, most_averaged_runs  # the planner, here only

    looks_back = most_averaged_runs(spec)
    runtimes = reader.runtimes_before(run, looks_back) if looks_back else ()
    known = {row.number for row in missed if row.clear_number == run.clear_number}
    for number, alert in enumerate(spec.deadlines):
        if number not in known and (due := deadline_of(alert, run, runtimes)) is not None:
            found.append({"name": deadline_name(alert, number), "due_at": due, "missed_at": None})
    return found


_NOTHING_USED = dict.fromkeys(("exit_code", "signal", "cpu", "memory", "read", "written"))


def update_row(event: AssetEventRow) -> dict[str, Any]:
    """An update of an asset as rows and JSON show it."""
    source = {"task_id": None, "run_id": None, "by": None} | dict(event.source or {})
    by = f"{source['dag_id']}.{source['task_id']}" if source["task_id"] else source["by"]
    return {
        "asset": event.asset.name,
        "at": event.at,
        "by": by,
        "run_id": source["run_id"],
        "extra": event.extra,
        "aliases": event.aliases,
    }


def task_row(ti: TaskInstance, at: datetime) -> dict[str, Any]:
    """A task instance as rows and JSON show it."""
    return {
        "task_id": ti.task_id,
        "map_index": ti.map_index if ti.map_index >= 0 else None,
        "rendered_map_index": ti.rendered_map_index,
        "state": ti.state,
        "try_number": ti.try_number,
        "max_tries": ti.max_tries,
        "started_at": ti.started_at,
        "ended_at": ti.ended_at,
        "due_at": ti.due_at,
        "duration": (ti.ended_at or at) - ti.started_at if ti.started_at else None,
        "reason": ti.reason,
        "note": ti.note,
    }


@command(app, "compare", example="tuiflow runs compare etl")
def compare(
    dag_id: DagId,
    old: Annotated[str | None, typer.Argument(metavar="[A]", help="Run id; the run before B without it.")] = None,
    new: Annotated[str | None, typer.Argument(metavar="[B]", help="Run id; the newest run without it.")] = None,
    every: Annotated[bool, typer.Option("--all", "-a", help="Also the tasks without a difference of note.")] = False,
    as_json: AsJson = False,
    utc: InUtc = False,
) -> None:
    """Compare two runs of a DAG: which tasks changed their state, got slower or faster, are new or gone."""
    from tui_flow.planner.compare import compare_runs  # with what it needs 10 ms, here only

    with open_reader() as reader:
        after = find_run(reader, dag_id, new)
        before = (
            find_run(reader, dag_id, old) if old else reader.runs(dag_id, before=(after.run_after, after.id), limit=1)
        )
        if isinstance(before, list):
            if not before:
                raise NotFound(f"DAG {dag_id!r} has no run before {after.run_id!r} to compare it with")
            before = before[0]
        rows = compare_runs(reader.task_instances(before.id), reader.task_instances(after.id))
        versions = {version: number for number, version, _ in reader.spec_versions(dag_id)}
    found = [_compared_row(row) for row in rows if every or row.verdict]
    if as_json:
        print_json({"a": run_row(before, before.queued_at), "b": run_row(after, after.queued_at), "tasks": found})
        return
    for letter, run in (("A", before), ("B", after)):
        lasted = f" in {times.lasting(run.ended_at - run.started_at)}" if run.started_at and run.ended_at else ""
        print(f"{letter}  {one_line(run.run_id)}: {run.state}{lasted}, version {versions[run.spec_version]}")
    columns = "task_id map_index what a b difference tries_a tries_b"
    listing(found, columns, View(utc=utc), empty="no task differs in state or duration; --all shows them")


def _compared_row(row: Compared) -> dict[str, Any]:
    difference = row.difference
    return {
        "task_id": row.task_id,
        "map_index": row.map_index if row.map_index >= 0 else None,
        "what": row.verdict or None,
        "state_a": row.old_state,
        "state_b": row.new_state,
        "a": row.old_duration,
        "b": row.new_duration,
        "difference": None
        if difference is None
        else f"{'-' if difference < timedelta() else '+'}{times.lasting(abs(difference))}",
        "difference_s": difference,
        "tries_a": row.old_tries if row.old_tries != row.new_tries else None,
        "tries_b": row.new_tries if row.old_tries != row.new_tries else None,
    }


@command(app, "cancel", example="tuiflow runs cancel etl manual__2026-05-31T06:00:00+00:00 -y")
def cancel_run(dag_id: DagId, run_id: RunArgument, yes: Yes = False) -> None:
    """End a run as failed: its running tasks are stopped, its waiting ones do not start."""
    with open_reader() as reader:
        run = find_run(reader, dag_id, run_id)
    if run.state in FINISHED_RUN:
        raise NotPossible(f"run {run_id!r} of DAG {dag_id!r} has ended already: {run.state}")
    confirm(f"Cancel run {run_id!r} of DAG {dag_id!r}?", yes)
    act("cancel_run", dag_id=dag_id, run_id=run_id)
    say(f"run {run_id!r} of DAG {dag_id!r} is being cancelled")


@command(app, "delete", example="tuiflow runs delete etl manual__2026-05-31T06:00:00+00:00 -y")
def delete_run(dag_id: DagId, run_id: RunArgument, yes: Yes = False) -> None:
    """Delete a finished run with its task instances and logs."""
    with open_reader() as reader:
        run = find_run(reader, dag_id, run_id)
    if run.state not in FINISHED_RUN:
        raise NotPossible(f"run {run_id!r} of DAG {dag_id!r} is {run.state}; `tuiflow runs cancel` ends it first")
    confirm(f"Delete run {run_id!r} of DAG {dag_id!r} with its logs?", yes)
    act("delete_run", dag_id=dag_id, run_id=run_id)
    say(f"deleted run {run_id!r} of DAG {dag_id!r}")


@command(app, "note", example="tuiflow runs note etl manual__2026-05-31T06:00:00+00:00 'rerun after the outage'")
def note_run(
    dag_id: DagId,
    run_id: RunArgument,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The note; '' removes it.", show_default=False)],
) -> None:
    """Write a note on a run, in place of the one that it has."""
    act("note_run", dag_id=dag_id, run_id=run_id, note=text)
    say(f"run {run_id!r} of DAG {dag_id!r} {'has the note' if text else 'has no note'}")
