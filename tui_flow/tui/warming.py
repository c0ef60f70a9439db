"""Pages are made when first visited, or before that, while nobody types: a first visit then costs what any other does.

What there is to make ready, modules and pages, is done in steps of a few milliseconds on the screen's own thread, and
none soon after a key: a thread beside it would share the interpreter with every key and slow it. Nothing is drawn,
and once all is ready nothing is done any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from importlib import import_module
from typing import Any

from textual import events
from textual.app import App
from textual.widgets import ContentSwitcher

from tui_flow.tui import pages, sheets
from tui_flow.tui.deeds import Deeds
from tui_flow.tui.import_order import in_order
from tui_flow.tui.page import Page
from tui_flow.tui.tabbed import TabbedPage

QUIET_S = 0.4
"""So long after a key nothing is made ready: another one may follow."""
BETWEEN_S = 0.003
"""From step to step; a key that has come meanwhile is dealt with there."""
PAGES = ("dag", "log", "run", "activity", "upcoming", "system")
"""Those that keys lead to, the likeliest first."""

WarmStep = Callable[[], Awaitable[object]]


class Warming(App[int]):
    """A part of `Dashboard`, which has the rest."""

    deeds: Deeds
    remembered_choices: dict[str, Any]
    """By page: how it was looked at."""
    warms = False
    """Whether it makes anything ready before it is visited."""
    is_warm = False
    """All is ready."""
    _touched_at = 0.0
    _steps: Iterator[WarmStep]

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.InputEvent):
            self._touched_at = asyncio.get_running_loop().time()
        await super().on_event(event)

    async def on_mount(self) -> None:
        """Called after the program's own: the first page has been read."""
        if self.warms:
            self.warm()

    async def made_page(self, name: str) -> Page:
        """Mounted and not seen where it was not there yet. One at a time: two at once would make it twice."""
        switcher = self.query_one("#pages", ContentSwitcher)
        page = next((page for page in switcher.query_children(Page) if name == page.NAME), None)
        if page is None:
            page = pages.make_page(name)
            page.display = False
            await switcher.mount(page)
            page.restore(self.remembered_choices.get(name) or {})
        return page

    def warm(self) -> None:
        """Make ready what there is, whenever nobody types."""
        self._steps = self._warm_steps()
        self.set_timer(BETWEEN_S, self._step)

    async def _step(self) -> None:
        """Called by a timer's message: a key that came before it has gone first, and no visit is under way."""
        if self._exit:
            return
        is_quiet = asyncio.get_running_loop().time() - self._touched_at >= QUIET_S
        if is_quiet:
            step = next(self._steps, None)
            if step is None:
                self.is_warm = True
                return
            await step()
        self.set_timer(BETWEEN_S if is_quiet else QUIET_S, self._step)

    def _warm_steps(self) -> Iterator[WarmStep]:
        for name in in_order([*pages.modules(), *sheets.modules(), *self.deeds.modules]):
            yield partial(_import, name)
        for name in PAGES:
            yield partial(self.made_page, name)
            for page in self.query(TabbedPage):
                for pane in page.PANES:
                    yield partial(page.made_pane, pane)


async def _import(name: str) -> None:
    import_module(name)
