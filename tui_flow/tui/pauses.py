"""DAGs are paused, or let go on; which ones were last is kept, so that it can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tui_flow.records import Dag
from tui_flow.tui.desk import Desk

TOGETHER = timedelta(seconds=1)
"""Pauses that follow each other faster were asked for at once."""


@dataclass(frozen=True, slots=True)
class LastPause:
    dag_ids: tuple[str, ...] = ()
    is_paused: bool = True
    at: datetime | None = None

    def then(self, dag_ids: Sequence[str], is_paused: bool, at: datetime) -> LastPause:
        """With one that came after; what changed nothing leaves this one."""
        if not dag_ids:
            return self
        is_same = self.at is not None and at - self.at < TOGETHER and is_paused == self.is_paused
        return LastPause((*(self.dag_ids if is_same else ()), *dag_ids), is_paused, at)


async def pause_or_let_go_on(desk: Desk, dags: Sequence[Dag]) -> None:
    """Pause them; where all are paused already they go on."""
    pause = any(not dag.is_paused for dag in dags)
    for dag in dags:
        if await desk.perform("pause_dag", dag_id=dag.dag_id, is_paused=pause) is None:
            return
    if dags:
        names = dags[0].dag_id if len(dags) == 1 else f"{len(dags)} DAGs"
        desk.toast(f"{names} {'paused' if pause else 'on again'}")
