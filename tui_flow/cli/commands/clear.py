"""`tuiflow clear`."""

from __future__ import annotations

from typing import Annotated

import typer

from tui_flow import times
from tui_flow.cli.changes import act_after_preview
from tui_flow.cli.lazy import command, verb_app
from tui_flow.cli.options import AsJson, DagId, DryRun, Future, InRuns, InUtc, Note, Past, Upstream, Yes, complete_tasks
from tui_flow.spec import Json

app = verb_app()
Tasks = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[TASK]...",
        help="Tasks or task groups, `task[3]` for one of a mapped task; all without it.",
        autocompletion=complete_tasks,
    ),
]
Patterns = Annotated[
    list[str] | None,
    typer.Option("--task-regex", "-t", metavar="REGEX", help="Tasks whose id this matches anywhere. Repeatable."),
]
Since = Annotated[str | None, typer.Option("--start", "-s", metavar="DATE", help="All runs from this date on.")]
Until = Annotated[
    str | None,
    typer.Option(
        "--end", "-e", metavar="DATE", help="All runs up to this date; a day without a time is the whole day."
    ),
]
Downstream = Annotated[
    bool, typer.Option("--downstream/--only", "-d/-o", help="Also what follows these tasks (the default), or not.")
]
OnlyFailed = Annotated[bool, typer.Option("--only-failed", "-f", help="Only failed and upstream_failed ones.")]
OnlyRunning = Annotated[bool, typer.Option("--only-running", "-r", help="Only running ones.")]
NewTasks = Annotated[
    bool, typer.Option("--new-tasks", help="Queue the tasks that the newest version added; clear nothing.")
]
PreventRunning = Annotated[bool, typer.Option("--prevent-running", help="Refuse where one of the tasks is running.")]
KeepRunState = Annotated[bool, typer.Option("--keep-run-state", help="Do not queue finished runs again.")]
SameVersion = Annotated[bool, typer.Option("--same-version", help="Run the code that the run had, not the newest.")]


@command(app, "clear", example="tuiflow clear etl load --dry-run")
def clear(
    dag_id: DagId,
    tasks: Tasks = None,
    pattern: Patterns = None,
    run_ids: InRuns = None,
    since: Since = None,
    until: Until = None,
    past: Past = False,
    future: Future = False,
    upstream: Upstream = False,
    downstream: Downstream = True,
    only_failed: OnlyFailed = False,
    only_running: OnlyRunning = False,
    new_tasks: NewTasks = False,
    prevent_running: PreventRunning = False,
    keep_run_state: KeepRunState = False,
    same_version: SameVersion = False,
    note: Note = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
    utc: InUtc = False,
) -> None:
    """Clear tasks so that they run again, in the newest run or in the runs named, with what follows them.

    Running ones are stopped first. Shows each task instance and which code it will run; asks where it is
    more than one.
    """
    reach = {"past": past, "future": future, "upstream": upstream, "downstream": downstream}
    only = {"only_failed": only_failed, "only_running": only_running, "only_new": new_tasks}
    args = {
        **_which(dag_id, run_ids, tasks, pattern, since, until, utc),
        **reach,
        **only,
        "prevent_running": prevent_running,
        "keep_run_state": keep_run_state,
        "same_version": same_version,
        "note": note,
    }
    question = "Clear {tasks} of DAG " + repr(dag_id) + "?"
    act_after_preview("clear", args, dry_run=dry_run, yes=yes, as_json=as_json, question=question)


def _which(
    dag_id: str,
    run_ids: list[str] | None,
    tasks: list[str] | None,
    pattern: list[str] | None,
    since: str | None,
    until: str | None,
    utc: bool,
) -> dict[str, Json]:
    at = times.now()
    return {
        "dag_id": dag_id,
        "run_ids": run_ids or None,
        "tasks": tasks or None,
        "pattern": _either(pattern),
        "since": times.parse_date(since, at, utc).isoformat() if since else None,
        "until": times.parse_end(until, at, utc).isoformat() if until else None,
    }


def _either(patterns: list[str] | None) -> str | None:
    if patterns is None or len(patterns) < 2:
        return patterns[0] if patterns else None
    return "|".join(f"(?:{each})" for each in patterns)
