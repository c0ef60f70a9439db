"""`tuiflow mark`."""

from __future__ import annotations

from typing import Annotated

import typer

from tui_flow.cli.changes import act_after_preview
from tui_flow.cli.inputs import one_of
from tui_flow.cli.lazy import command, verb_app
from tui_flow.cli.options import AsJson, DagId, DryRun, Future, InRuns, Note, Past, Upstream, Yes, complete_tasks
from tui_flow.errors import BadInput
from tui_flow.spec import Json

app = verb_app()
STATES = ("success", "failed", "skipped")


Words = Annotated[
    list[str],
    typer.Argument(
        metavar="[TASK]... STATE",
        help="success, failed or skipped; the whole run without a task or group; `task[3]` is one of a mapped task.",
        autocompletion=complete_tasks,
        show_default=False,
    ),
]
Downstream = Annotated[bool, typer.Option("--downstream", "-d", help="Also what follows these tasks.")]


@command(app, "mark", example="tuiflow mark etl load success --run scheduled__2026-05-31T00:00:00+00:00")
def mark(
    dag_id: DagId,
    words: Words,
    run_ids: InRuns = None,
    past: Past = False,
    future: Future = False,
    upstream: Upstream = False,
    downstream: Downstream = False,
    note: Note = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Mark a task or a whole run as success, failed or skipped.

    Running tasks are stopped first. What failed below a task marked success is cleared and runs.
    """
    *tasks, state = words
    one_of(state, STATES, "state")
    args: dict[str, Json] = {"dag_id": dag_id, "run_ids": run_ids or None, "state": state, "note": note}
    reach = {"past": past, "future": future, "upstream": upstream, "downstream": downstream}
    if tasks:
        verb, args, question = "mark_task", args | {"tasks": tasks} | reach, "Mark {tasks} " + state + "?"
    elif any(reach.values()):
        raise BadInput("--past, --future, --upstream and --downstream go with a task: tuiflow mark DAG TASK STATE")
    else:
        verb, question = (
            "mark_run",
            "Mark " + ("the run " if len(run_ids or ()) < 2 else "the runs ") + state + ", with {tasks}?",
        )
    act_after_preview(verb, args, dry_run=dry_run, yes=yes, as_json=as_json, question=question)
