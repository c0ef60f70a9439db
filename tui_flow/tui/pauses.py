"""DAGs are paused, or let go on; which ones were last is kept, so that it can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from tui_flow.actions.dags import slots_due
from tui_flow.errors import TuiflowError
from tui_flow.records import Dag
from tui_flow.tui.desk import Desk

ASKED_ABOVE = 1
"""So many runs may be made at once of slots that have passed, before somebody is asked."""


class Pausing:
    """DAGs that are being paused, or let go on, are shown as they will be; what was read before that is done says
    nothing of them."""

    def __init__(self) -> None:
        self._wanted: dict[str, bool] = {}
        self._at_work = 0
        self._turns = 0
        """How often work has begun or ended."""
        self._read_at: int | None = None
        """At which turn reading began; None: while something was at work."""

    def begin_read(self) -> None:
        self._read_at = None if self._at_work else self._turns

    def begin(self, dag_ids: Sequence[str], is_paused: bool) -> None:
        self._at_work += 1
        self._turns += 1
        self._wanted.update(dict.fromkeys(dag_ids, is_paused))

    def end(self, refused: Sequence[str] = ()) -> None:
        """`refused` are as they were."""
        self._at_work -= 1
        self._turns += 1
        for dag_id in refused:
            self._wanted.pop(dag_id, None)

    def over(self, dags: Mapping[str, Dag]) -> Mapping[str, Dag]:
        """What was read, with what is wanted where that says more."""
        if self._read_at == self._turns:
            self._wanted.clear()
        changed = {dag_id: replace(dags[dag_id], is_paused=to) for dag_id, to in self._wanted.items() if dag_id in dags}
        return {**dags, **changed} if changed else dags

    def over_one(self, dag: Dag | None) -> Dag | None:
        return self.over({dag.dag_id: dag})[dag.dag_id] if dag is not None else None


async def pause_or_let_go_on(
    desk: Desk, dags: Sequence[Dag], pausing: Pausing | None = None, show: Callable[[], None] = lambda: None
) -> None:
    """Pause them; where all are paused already they go on. That is said, and drawn by `show`, before it is done, and
    taken back where it is refused. Where many runs would be made at once of slots that have passed, a sheet asks."""
    if not dags:
        return
    pause, pausing, dag_ids = any(not dag.is_paused for dag in dags), pausing or Pausing(), [dag.dag_id for dag in dags]
    due = 0 if pause else await slots_passed(desk, dag_ids)
    if due > ASKED_ABOVE:
        await desk.open_sheet("let_go_on", dag_ids)
        return
    pausing.begin(dag_ids, pause)
    show()
    names = dag_ids[0] if len(dag_ids) == 1 else f"{len(dag_ids)} DAGs"
    desk.toast(f"{names} {'paused' if pause else 'on again'}{f'; {slots_due(due)}' if due else ''}")
    for nth, dag_id in enumerate(dag_ids):
        if await desk.perform("pause_dag", dag_id=dag_id, is_paused=pause) is None:
            pausing.end(refused=dag_ids[nth:])
            desk.reload()
            return
    pausing.end()


async def slots_passed(desk: Desk, dag_ids: Sequence[str]) -> int:
    """How many runs are made as soon as these DAGs go on; 0 where that is refused, which is said when it is tried."""
    found = 0
    for dag_id in dag_ids:
        with suppress(TuiflowError):
            answer: Any = await desk.rehearse("pause_dag", dag_id=dag_id, is_paused=False)
            found += sum(answer["due"].values())
    return found
