"""`tuiflow mark`."""

from __future__ import annotations

from typing import Annotated

import typer

from tui_flow.cli.changes import act_after_preview
from tui_flow.cli.inputs import one_of
from tui_flow.cli.lazy import command, verb_app
from tui_flow.cli.options import AsJson, DagId, DryRun, InRun, Yes, complete_tasks
from tui_flow.errors import BadInput

app = verb_app()
STATES = ("success", "failed", "skipped")


@command(app, "mark", example="tuiflow mark etl load success --run scheduled__2026-05-31T00:00:00+00:00")
def mark(
    dag_id: DagId,
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="[TASK]... STATE",
            help="success, failed or skipped; the whole run when no task or group is named.",
            autocompletion=complete_tasks,
            show_default=False,
        ),
    ],
    run_id: InRun = None,
    past: Annotated[bool, typer.Option("--past", help="In all earlier runs too.")] = False,
    future: Annotated[bool, typer.Option("--future", help="In all later runs too.")] = False,
    upstream: Annotated[bool, typer.Option("--upstream", "-u", help="Also what these tasks wait for.")] = False,
    downstream: Annotated[bool, typer.Option("--downstream", "-d", help="Also what follows these tasks.")] = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Mark a task or a whole run as success, failed or skipped.

    Running tasks are stopped first. What failed below a task marked success is cleared and runs.
    """
    *tasks, state = words
    one_of(state, STATES, "state")
    which = {"dag_id": dag_id, "run_id": run_id, "state": state}
    if tasks:
        args = which | {
            "tasks": tasks,
            "past": past,
            "future": future,
            "upstream": upstream,
            "downstream": downstream,
        }
        act_after_preview(
            "mark_task", args, dry_run=dry_run, yes=yes, as_json=as_json, question="Mark {tasks} " + state + "?"
        )
        return
    if past or future or upstream or downstream:
        raise BadInput("--past, --future, --upstream and --downstream go with a task: tuiflow mark DAG TASK STATE")
    question = "Mark the run " + state + ", with {tasks}?"
    act_after_preview("mark_run", which, dry_run=dry_run, yes=yes, as_json=as_json, question=question)
