"""The state of the installation, and what an operator keeps in it: a tab for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult

from tui_flow import __version__, times
from tui_flow.tui import chrome, palette
from tui_flow.tui.line import Line, Part
from tui_flow.tui.pages.assets_pane import AssetsPane
from tui_flow.tui.pages.backfills_pane import BackfillsPane
from tui_flow.tui.pages.health_pane import HealthPane
from tui_flow.tui.pages.installed_panes import ConfigPane, ProvidersPane
from tui_flow.tui.pages.settings_panes import ConnectionsPane, PoolsPane, VariablesPane
from tui_flow.tui.places import Place
from tui_flow.tui.status import Status
from tui_flow.tui.tabbed import Pane, TabbedPage
from tui_flow.tui.text import width_of
from tui_flow.tui.views import spans


class SystemPage(TabbedPage):
    """One of the main pages: its own tabs stand on a line of their own, below those of the program."""

    NAME = "system"
    PANES: ClassVar[Mapping[str, Callable[[], Pane]]] = {
        "health": HealthPane,
        "pools": PoolsPane,
        "variables": VariablesPane,
        "connections": ConnectionsPane,
        "assets": AssetsPane,
        "backfills": BackfillsPane,
        "config": ConfigPane,
        "providers": ProvidersPane,
    }

    def compose(self) -> ComposeResult:
        yield Line(id="system-tabs", left_first=True)
        yield from super().compose()

    async def visit(self, place: Place) -> None:
        await super().visit(place)
        self._say_tabs()

    def show(self, model: Any) -> None:
        super().show(model)
        self._say_tabs()

    def _say_tabs(self) -> None:
        tabs, facts = super().tabs()
        self.query_one("#system-tabs", Line).say(_from_current(tabs, self.app.size.width), facts)

    def show_problem(self, status: Status) -> None:
        super().show_problem(status)
        if isinstance(pane := self.pane, HealthPane):
            pane.show_problem(status)

    def crumbs(self) -> Sequence[str]:
        return ("System",)

    def tabs(self) -> tuple[Sequence[Part], Sequence[Part]]:
        holder = self.desk.status.scheduler
        up = f" · up {spans.in_minutes((times.now() - holder.since).total_seconds())}" if holder else ""
        said = f"tuiflow {__version__}{up} "
        return chrome.main_tabs(self.NAME, self.desk.keys), [Part(said, palette.DIM)]


def _from_current(tabs: Sequence[Part], width: int) -> Sequence[Part]:
    """As many tabs as fit, the current one among them."""
    current = next((nth for nth, part in enumerate(tabs) if part.text.startswith("[")), 0)
    first = 1
    while first < current and sum(width_of(part.text) for part in tabs[first : current + 1]) + 3 > width:
        first += 2  # a tab and the blanks after it
    return tabs if first == 1 else [Part(" … ", palette.DIM), *tabs[first:]]
