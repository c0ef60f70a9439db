"""`tuiflow pause`."""

from __future__ import annotations

from tui_flow.cli.act import act
from tui_flow.cli.lazy import command, verb_app
from tui_flow.cli.lookup import find_dag, open_reader
from tui_flow.cli.options import DagIds
from tui_flow.cli.show import say

app = verb_app()


@command(app, "pause", example="tuiflow pause etl report")
def pause(dag_ids: DagIds) -> None:
    """Pause DAGs: no new scheduled runs, and running ones start no further tasks."""
    set_paused(dag_ids, is_paused=True)


def set_paused(dag_ids: list[str], is_paused: bool) -> None:
    """All of them or, where one is unknown, none."""
    with open_reader() as reader:
        for dag_id in dag_ids:
            find_dag(reader, dag_id)
    for dag_id in dag_ids:
        act("pause_dag", dag_id=dag_id, is_paused=is_paused)
        say(f"DAG {dag_id!r} is {'paused' if is_paused else 'active'}")
