"""All assets: who makes each, whom it starts, its last events; record an event, or run a DAG that makes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.app import ComposeResult

from tui_flow import times
from tui_flow.store.reader import Reader
from tui_flow.tui import palette
from tui_flow.tui.keys import bindings
from tui_flow.tui.line import Line, Part
from tui_flow.tui.list_pane import ListPane
from tui_flow.tui.rows import Rows
from tui_flow.tui.views.assets import MAKES, AssetFacts, asset_heading, asset_rows

MOST_ASSETS = 500
MOST_EVENTS = 8
"""Of an asset that is opened."""


class AssetsPane(ListPane):
    NAME = "assets"
    TITLE = "Assets"
    HINTS = ("open", "add", "trigger", "next_tab", "reload", "help")
    BINDINGS = bindings("add", "trigger")

    def __init__(self) -> None:
        super().__init__()
        self._facts: list[AssetFacts] = []
        self._opened: frozenset[int] = frozenset()

    def compose(self) -> ComposeResult:
        yield Line(id="assets-heading", base=palette.DIM)
        yield Rows(id="assets-list", empty="no DAG names an asset: `outlets=` of a task makes one")

    def load(self) -> Callable[[Reader], list[AssetFacts]]:
        opened = self._opened
        return lambda reader: load_assets(reader, opened)

    def show(self, model: list[AssetFacts]) -> None:
        self._facts = model
        self._draw()

    def _draw(self) -> None:
        desk, width = self.desk, self.size.width - 1
        self.query_one("#assets-heading", Line).say([Part(asset_heading(width))])
        self._list.show_rows(asset_rows(self._facts, self._opened, desk.look, times.now(), desk.is_utc, width))

    def minute(self) -> None:
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def facts(self) -> Sequence[Part]:
        count, more = len(self._facts), "+" if len(self._facts) == MOST_ASSETS else ""
        return [Part(f"{count}{more} asset{'s' * (count != 1)} ", palette.DIM)]

    # -- deeds

    def _chosen(self) -> AssetFacts | None:
        key = self._list.cursor_key
        found = next((facts for facts in self._facts if facts.asset.id == key), None)
        if found is None:
            self.desk.toast("the cursor is not on an asset")
        return found

    def on_rows_opened(self, message: Rows.Opened) -> None:
        if isinstance(message.key, int):
            self._opened ^= {message.key}
            self.reload()

    async def action_add(self) -> None:
        if (facts := self._chosen()) is not None:
            await self.desk.open_sheet("asset_event", facts.asset.name)

    async def action_trigger(self) -> None:
        if (facts := self._chosen()) is None:
            return
        if not facts.dags(MAKES):
            self.desk.toast("no DAG makes this asset: A records an event from elsewhere")
            return
        await self.desk.open_sheet("materialize", facts.asset.name, facts.dags(MAKES))


def load_assets(reader: Reader, opened: frozenset[int]) -> list[AssetFacts]:
    return [
        AssetFacts(
            asset,
            reader.references_to(asset),
            reader.newest_asset_events(asset.id, MOST_EVENTS) if asset.id in opened else (),
        )
        for asset in reader.assets()[:MOST_ASSETS]
    ]
