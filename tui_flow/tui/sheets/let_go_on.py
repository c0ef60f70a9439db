"""Let paused DAGs go on that owe runs of the time since: how many are made at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tui_flow.actions.dags import MOST_DUE, slots_due
from tui_flow.tui import palette
from tui_flow.tui.sheets.asking import AskingSheet
from tui_flow.tui.text import Piece, Row, fit, plain
from tui_flow.tui.views.deeds import Deed, Preview, command


class LetGoOnSheet(AskingSheet):
    VERB = "let go on"
    MANY = "runs"

    def __init__(self, dag_ids: Sequence[str]) -> None:
        super().__init__()
        self._dag_ids = list(dag_ids)
        names = ", ".join(self._dag_ids[:3]) + (f" and {len(self._dag_ids) - 3} more" if len(self._dag_ids) > 3 else "")
        self.TITLE = f"Let go on: {names}"

    def deeds(self) -> Sequence[Deed]:
        return [
            Deed("pause_dag", {"dag_id": dag_id, "is_paused": False}, command("unpause", dag_id))
            for dag_id in self._dag_ids
        ]

    async def preview(self, answers: Sequence[Any]) -> Preview:
        due = {dag_id: number for answer in answers for dag_id, number in answer["due"].items()}
        at_once = await self.desk.feed.read(
            lambda reader: {
                dag_id: reader.spec(dag_id, dag.spec_version).max_active_runs
                for dag_id in due
                if (dag := reader.dag(dag_id)) is not None
            }
        )
        rows = [_row(dag_id, number, at_once.get(dag_id, 0)) for dag_id, number in due.items()]
        return Preview(rows, sum(due.values()), runs=len(due))

    def sentence(self, preview: Preview) -> Sequence[Piece]:
        if preview.problem or not preview.runs:
            return super().sentence(preview)
        runs = slots_due(preview.tasks) or "no slot has passed meanwhile"
        return [(f"{runs[0].upper()}{runs[1:]}", palette.BOLD), (", the oldest first. u pauses again.", palette.DIM)]

    def done(self, preview: Preview, _answers: Sequence[Any]) -> str:
        names = self._dag_ids[0] if len(self._dag_ids) == 1 else f"{len(self._dag_ids)} DAGs"
        return f"{names} on again" + (f"; {slots_due(preview.tasks)}" if preview.tasks else "")


def _row(dag_id: str, number: int, at_once: int) -> Row:
    runs = f"{number:,} run{'s' if number != 1 else ''}{' or more' if number == MOST_DUE else ''}"
    pieces: tuple[Piece, ...] = (
        (fit(f"   {plain(dag_id)}", 40), None),
        (f" {runs}", palette.BOLD),
        (f", at most {at_once} at once" if number > at_once > 0 else "", palette.DIM),
    )
    return Row(dag_id, pieces)
