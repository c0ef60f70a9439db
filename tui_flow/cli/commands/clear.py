"""`tuiflow clear`."""

from __future__ import annotations

from typing import Annotated

import typer

from tui_flow.cli import times
from tui_flow.cli.changes import act_after_preview
from tui_flow.cli.lazy import command, verb_app
from tui_flow.cli.options import AsJson, DagId, DryRun, InRun, InUtc, Yes, complete_tasks

app = verb_app()


@command(app, "clear", example="tuiflow clear etl load --dry-run")
def clear(
    dag_id: DagId,
    task: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TASK]...", help="Tasks or task groups; all without it.", autocompletion=complete_tasks
        ),
    ] = None,
    pattern: Annotated[
        list[str] | None,
        typer.Option("--task-regex", "-t", metavar="REGEX", help="Tasks whose id this matches anywhere. Repeatable."),
    ] = None,
    run_id: InRun = None,
    since: Annotated[
        str | None, typer.Option("--start", "-s", metavar="DATE", help="All runs from this date on.")
    ] = None,
    until: Annotated[str | None, typer.Option("--end", "-e", metavar="DATE", help="All runs up to this date.")] = None,
    past: Annotated[bool, typer.Option("--past", help="In all earlier runs too.")] = False,
    future: Annotated[bool, typer.Option("--future", help="In all later runs too.")] = False,
    upstream: Annotated[bool, typer.Option("--upstream", "-u", help="Also what these tasks wait for.")] = False,
    downstream: Annotated[
        bool, typer.Option("--downstream/--only", "-d/-o", help="Also what follows these tasks (the default), or not.")
    ] = True,
    only_failed: Annotated[
        bool, typer.Option("--only-failed", "-f", help="Only failed and upstream_failed ones.")
    ] = False,
    only_running: Annotated[bool, typer.Option("--only-running", "-r", help="Only running ones.")] = False,
    keep_run_state: Annotated[bool, typer.Option("--keep-run-state", help="Do not queue finished runs again.")] = False,
    same_version: Annotated[
        bool, typer.Option("--same-version", help="Run the code that the run had, not the newest.")
    ] = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
    utc: InUtc = False,
) -> None:
    """Clear tasks so that they run again, in the newest run or in the runs named, with what follows them.

    Running ones are stopped first. Shows each task instance and which code it will run, then asks.
    """
    at = times.now()
    args = {
        "dag_id": dag_id,
        "run_id": run_id,
        "tasks": task or None,
        "pattern": "|".join(f"(?:{each})" for each in pattern) if pattern else None,
        "since": times.parse_date(since, at, utc).isoformat() if since else None,
        "until": times.parse_date(until, at, utc).isoformat() if until else None,
        "past": past,
        "future": future,
        "upstream": upstream,
        "downstream": downstream,
        "only_failed": only_failed,
        "only_running": only_running,
        "keep_run_state": keep_run_state,
        "same_version": same_version,
    }
    question = "Clear {tasks} of DAG " + repr(dag_id) + "?"
    act_after_preview("clear", args, dry_run=dry_run, yes=yes, as_json=as_json, question=question)
