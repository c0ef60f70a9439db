"""All backfills: how far each is; pause it, let it go on, cancel it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tui_flow import times
from tui_flow.store.reader import Reader
from tui_flow.tui import palette
from tui_flow.tui.keys import bindings
from tui_flow.tui.line import Part
from tui_flow.tui.list_pane import ListPane
from tui_flow.tui.places import Place
from tui_flow.tui.sheets.backfill import load_under_way
from tui_flow.tui.views.backfills import UnderWay, under_way_row

MOST_SHOWN = 200


class BackfillsPane(ListPane):
    NAME = "backfills"
    TITLE = "Backfills"
    HINTS = ("open", "pause", "stop", "backfill", "next_tab", "help")
    EMPTY = "no backfill has been made; b on a DAG runs it for past dates"
    BINDINGS = bindings("pause", "stop", "backfill")

    def __init__(self) -> None:
        super().__init__()
        self._found: dict[int, UnderWay] = {}

    def load(self) -> Callable[[Reader], Sequence[UnderWay]]:
        return load_backfills

    def show(self, model: Sequence[UnderWay]) -> None:
        self._found = {one.backfill.id: one for one in model}
        self._draw()

    def _draw(self) -> None:
        desk, at = self.desk, times.now()
        self._list.show_rows([under_way_row(one, desk.look, at, desk.is_utc) for one in self._found.values()])

    def minute(self) -> None:
        self._draw()

    def facts(self) -> Sequence[Part]:
        going = sum(one.is_open for one in self._found.values())
        return [Part(f"{going} of {len(self._found)} going on ", palette.DIM)]

    # -- deeds

    def _chosen(self) -> UnderWay | None:
        key = self._list.cursor_key
        return self._found.get(key) if isinstance(key, int) else None

    def _open_one(self) -> UnderWay | None:
        """A toast says it where there is none."""
        one = self._chosen()
        if one is None or not one.is_open:
            self.desk.toast("that backfill has ended" if one else "no backfill has been made")
            return None
        return one

    def on_rows_opened(self) -> None:
        if (one := self._chosen()) is not None:
            self.desk.go(Place("dag", one.backfill.dag_id, tab="runs"))

    async def action_pause(self) -> None:
        if (one := self._open_one()) is None:
            return
        pause = not one.backfill.is_paused
        if await self.desk.perform("pause_backfill", backfill_id=one.backfill.id, is_paused=pause) is not None:
            self.desk.toast(f"backfill {one.backfill.id} {'paused' if pause else 'goes on'}")
            self.reload()

    async def action_stop(self) -> None:
        if (one := self._open_one()) is not None:
            await self.desk.open_sheet("cancel_backfill", one.backfill.id)

    async def action_backfill(self) -> None:
        """Another one of the same DAG."""
        if (one := self._chosen()) is not None:
            await self.desk.open_sheet("backfill", one.backfill.dag_id)


def load_backfills(reader: Reader) -> list[UnderWay]:
    """Those that go on first, each part newest first."""
    return sorted(load_under_way(reader, None, times.now(), MOST_SHOWN), key=lambda one: not one.is_open)
