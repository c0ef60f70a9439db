"""`tuiflow pause`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from tui_flow.cli.act import act, preview
from tui_flow.cli.lazy import command, verb_app
from tui_flow.cli.options import DagIds
from tui_flow.cli.show import say

app = verb_app()
Regex = Annotated[bool, typer.Option("--regex", "--treat-dag-id-as-regex", help="All DAGs whose whole id matches.")]


@command(app, "pause", example="tuiflow pause etl report")
def pause(dag_ids: DagIds, regex: Regex = False) -> None:
    """Pause DAGs: no new scheduled runs, and running ones start no further tasks."""
    set_paused(dag_ids, is_paused=True, is_regex=regex)


def set_paused(dag_ids: list[str], is_paused: bool, is_regex: bool) -> None:
    """All of them or, where one is unknown, none."""
    for dag_id in dag_ids:
        preview("pause_dag", dag_id=dag_id, is_paused=is_paused, is_regex=is_regex)
    for dag_id in dag_ids:
        done: Any = act("pause_dag", dag_id=dag_id, is_paused=is_paused, is_regex=is_regex)
        for each in done["dag_ids"]:
            say(f"DAG {each!r} is {'paused' if is_paused else 'active'}{_due(done['due'].get(each, 0))}")


def _due(number: int) -> str:
    """What becomes of slots that have passed."""
    from tui_flow.actions.dags import slots_due  # loaded by the verb

    return f"; {slots_due(number)}" if number else ""
