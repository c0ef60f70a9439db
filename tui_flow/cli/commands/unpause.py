"""`tuiflow unpause`."""

from __future__ import annotations

from tui_flow.cli.commands.pause import Regex, set_paused
from tui_flow.cli.lazy import command, verb_app
from tui_flow.cli.options import DagIds

app = verb_app()


@command(app, "unpause", example="tuiflow unpause etl")
def unpause(dag_ids: DagIds, regex: Regex = False) -> None:
    """Let paused DAGs be scheduled again."""
    set_paused(dag_ids, is_paused=False, is_regex=regex)
