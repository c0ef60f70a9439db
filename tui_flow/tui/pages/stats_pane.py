"""The Stats tab of a DAG: durations of its runs and tasks, when they landed, a month of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from tui_flow import times
from tui_flow.store.reader import Reader
from tui_flow.tui import palette
from tui_flow.tui.keys import bindings
from tui_flow.tui.line import Part
from tui_flow.tui.list_pane import ListPane
from tui_flow.tui.pages.month_reading import load_month, month_after
from tui_flow.tui.places import Place
from tui_flow.tui.subject import DagDeeds
from tui_flow.tui.views.stats import SPARK, StatsModel, stats_rows

MOST_RUNS = 200


class StatsPane(ListPane, DagDeeds):
    NAME = "stats"
    TITLE = "Stats"
    HINTS = ("earlier", "later", "trigger", "backfill", "next_tab", "help")
    CAN_OPEN = False
    BINDINGS = bindings("earlier", "later", "trigger", "pause", "backfill")

    def __init__(self) -> None:
        super().__init__()
        self._model: StatsModel | None = None
        self._months = 0
        """How many months the calendar is turned forward."""

    async def visit(self, place: Place) -> None:
        if place.dag_id != self.place.dag_id:
            self._model, self._months = None, 0
            self._list.show_rows([])
        await super().visit(place)

    def load(self) -> Callable[[Reader], StatsModel | None]:
        dag_id, is_utc = self.place.dag_id, self.desk.is_utc
        month = month_after(self._months, is_utc)
        return lambda reader: load_stats(reader, dag_id, month, is_utc)

    def show(self, model: StatsModel) -> None:
        self._model = model
        self._draw()

    def _draw(self) -> None:
        if self._model is not None and self.size.width:
            desk = self.desk
            rows = stats_rows(self._model, desk.look, times.now(), desk.is_utc, self.size.width - 1)
            self._list.show_rows(rows)

    def minute(self) -> None:
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def facts(self) -> Sequence[Part]:
        count = len(self._model.runs) if self._model else 0
        return [Part(f"the newest {count} runs ", palette.DIM)] if count else ()

    def action_earlier(self) -> None:
        self._months -= 1
        self.reload()

    def action_later(self) -> None:
        self._months += 1
        self.reload()


def load_stats(reader: Reader, dag_id: str, month: date, is_utc: bool) -> StatsModel | None:
    """None for a DAG that is gone."""
    if reader.dag(dag_id) is None:
        return None
    return StatsModel(
        reader.runs(dag_id, limit=MOST_RUNS),
        load_month(reader, dag_id, month, times.now(), is_utc),
        reader.task_pasts(dag_id, SPARK),
    )
