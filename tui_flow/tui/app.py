"""The program: one screen with a header, tabs, the page, sheets and a footer; where one is, and what is news.

Pages are made when first visited and kept in a switcher: to go somewhere costs no new screen. Every quarter of a
second SQLite's commit counter is looked at; when it has moved, the page that is seen reads again, and draws what
differs. A screen on which nothing changes writes nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Coroutine, Mapping
from contextlib import AbstractContextManager
from typing import Any

from textual import events
from textual._context import active_message_pump
from textual.css.query import NoMatches
from textual.filter import LineFilter
from textual.screen import Screen
from textual.widget import MountError, Widget
from textual.widgets import ContentSwitcher, Input
from textual.worker import WorkerFailed, active_worker

from tui_flow.settings import Home
from tui_flow.tui import chrome, pages, palette, sheets
from tui_flow.tui.composing import SparingScreen
from tui_flow.tui.deeds import Deeds
from tui_flow.tui.doing import Doing
from tui_flow.tui.feed import Feed
from tui_flow.tui.filters import line_filters
from tui_flow.tui.framing import Framing
from tui_flow.tui.holding import Holding
from tui_flow.tui.keys import ACTIONS, bindings
from tui_flow.tui.line import Line
from tui_flow.tui.names import NamesKept
from tui_flow.tui.page import Page
from tui_flow.tui.painting import PaintsDifferences
from tui_flow.tui.places import HOME, Memory, Place, read_memory, state_file, write_memory
from tui_flow.tui.reading import LOOK_EVERY_S, Reading
from tui_flow.tui.report import write_report
from tui_flow.tui.sheet import Sheet
from tui_flow.tui.status import Status, StatusKept
from tui_flow.tui.styling import RulesKept
from tui_flow.tui.terminal import TerminalDriver, on_hang_up
from tui_flow.tui.typed_ahead import TypesAhead
from tui_flow.tui.warming import Warming

HOLDS_BACK_S = 1.0
"""The first page is drawn once it has been read, or when that takes longer."""


class Dashboard(Framing, Doing, Reading, PaintsDifferences, Warming, TypesAhead):
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    """The terminal selects text (shift and drag); Textual's own selecting fails on a click on what is just closing."""
    CSS_PATH = "dashboard.tcss"
    BINDINGS = bindings(
        "back",
        "leave",
        "quit",
        "suspend",
        "page_dags",
        "page_activity",
        "page_upcoming",
        "page_system",
        "command",
        "zone",
        "answer",
        "copy",
        "view",
        "undo",
        "reload",
        "start",
        "accept_clock",
        "help",
        "next_pane",
    )

    def __init__(
        self,
        home: Home,
        deeds: Deeds,
        *,
        look: palette.Palette | None = None,
        theme: str = "ansi-dark",
        keymap: Mapping[str, str] | None = None,
        remember: bool = True,
        has_colours: bool = True,
        title: str = "tuiflow",
        greeting: str = "",
    ) -> None:
        """`greeting` is said at first, for a few seconds."""
        super().__init__(driver_class=None if os.environ.get("TEXTUAL_DRIVER") else TerminalDriver)
        self.stylesheet = RulesKept(variables=self.get_css_variables())
        self.home, self.deeds = home, deeds
        self.has_colours, self._called, self._greeting = has_colours, title, greeting
        self.look = look or palette.Palette()
        self._line_filters = line_filters(self.look, has_colours)  # kept, as strips keep what each made of them
        self.theme = theme
        self.keys = dict(keymap or {})
        self.set_keymap(self.keys)
        self.feed = Feed(home)
        self._read_at = {}
        self.names, self.user, self.drafts = NamesKept(), deeds.user, {}
        self.status, self.counts = Status(), StatusKept()
        self.is_utc = False
        self._remembered = read_memory(state_file(home.root)) if remember else Memory()
        self._remembers = remember
        self._places: list[Place] = [HOME]
        self.remembered_choices = dict(self._remembered.choices)
        self._sheet: Sheet | None = None
        self._toast: tuple[str, float] = ("", 0.0)
        self._quit_at = 0.0

    # -- what it is made of

    def get_default_screen(self) -> Screen[int]:
        return SparingScreen()

    def get_line_filters(self) -> list[LineFilter]:
        return [*super().get_line_filters(), *self._line_filters]

    async def on_mount(self) -> None:
        self.set_interval(LOOK_EVERY_S, self._look)
        if self._remembers:
            on_hang_up(self._remember)
        self.feed.has_news()
        places = [place for place in self._remembered.places if pages.is_there(place.page)] or [HOME]
        self._places = places
        self.holds_back = True
        self.set_timer(HOLDS_BACK_S, self.let_through)
        await self._visit(places[-1])
        self.let_through()
        if self._greeting:
            self.toast(self._greeting)

    def _remember(self) -> None:
        if self._remembers:
            self._keep_choices()
            write_memory(state_file(self.home.root), self._places, self.remembered_choices)

    def _keep_choices(self) -> None:
        for page in self.query(Page):
            self.remembered_choices[page.NAME] = page.choices()

    # -- places

    @property
    def page(self) -> Page | None:
        switcher = self.query_one("#pages", ContentSwitcher)
        shown = switcher.visible_content
        return shown if isinstance(shown, Page) else None

    @property
    def place(self) -> Place:
        return self._places[-1]

    def go(self, place: Place) -> None:
        """To a place below this one: back leads here."""
        if place != self.place:
            self._places.append(place)
            self.call_later(self._visit, place)

    def go_beside(self, place: Place) -> None:
        """To a place instead of this one: another run, another tab."""
        self._places[-1] = place
        self.call_later(self._visit, place)

    def go_home(self, page: str) -> None:
        """To one of the main pages."""
        self._places = [Place(page)]
        self.call_later(self._visit, self.place)

    async def _visit(self, place: Place) -> None:
        """Only by `call_later`, one after the other: two at once would fill a page that is still being made."""
        await self._close_sheet()
        if not pages.is_there(place.page):
            place = self._places[-1] = HOME
        page = await self.made_page(place.page)
        if not page.is_at(place):
            self._read_at.pop(page.NAME, None)
        await page.visit(place)
        self.query_one("#pages", ContentSwitcher).current = page.NAME
        page.take_focus()
        self.say()
        await self._read_if_new(page)

    def meanwhile(self, work: Coroutine[Any, Any, None]) -> None:
        self.run_worker(work)

    def reload(self) -> None:
        """Read again what the page shows."""
        self.call_later(self._read)

    def reload_cursor(self) -> None:
        """Read again what the cursor is on, and no more of the page."""
        self.call_later(self._read_cursor)

    def _handle_exception(self, error: Exception) -> None:
        """What nobody expected ends the dashboard with one line, and a file for whoever mends it."""
        if self._exit:  # what fails after that fails because of it
            return
        at_work: object = active_message_pump.get(None)
        if isinstance(error, WorkerFailed) and isinstance(error.error, Exception):
            at_work, error = active_worker.get().node, error.error
        if isinstance(error, NoMatches | MountError) and self._is_closed(at_work):
            return
        self._remember()
        told = f"tuiflow: the dashboard failed: {error!r}; {write_report(self.home, error)} has the rest"
        self.exit(1, return_code=1, message=told)

    def _is_closed(self, at_work: object) -> bool:
        """Whether it is a sheet, or part of one, that was closed while it was busy: it finds its parts no more."""
        if not isinstance(at_work, Widget):
            return False
        sheets_above = [widget for widget in at_work.ancestors_with_self if isinstance(widget, Sheet)]
        return not at_work.is_attached or any(sheet is not self._sheet for sheet in sheets_above)

    # -- chrome

    def is_seen(self, widget: Widget) -> bool:
        """Whether it is on the page that is shown now."""
        return self.page is not None and self.page in widget.ancestors_with_self

    def on_line_chosen(self, message: Line.Chosen) -> None:
        self.call_later(self.do, message.action)

    async def do(self, action: str) -> None:
        """An action as if its key had been pressed."""
        keys = [key.strip() for key in (self.keys.get(action) or ACTIONS[action].keys).split(",")]
        is_typed = isinstance(self.focused, Input)  # which takes letters as text
        self.simulate_key(next((key for key in keys if is_typed and key.startswith("ctrl+")), keys[0]))

    def on_resize(self, _event: events.Resize) -> None:
        self.canvas.forget()  # terminals move what stands there, each in its own way
        self.call_later(self.fit_to_size)  # the size is not known to be another before

    def on_app_blur(self) -> None:
        self._has_focus = False

    def on_app_focus(self) -> None:
        self._has_focus, self._ticks = True, -1

    def write_to_terminal(self, text: str) -> None:
        """A control sequence of our own making, such as one that fills the clipboard."""
        if self._driver is not None:
            self._driver.write(text)
            self._driver.flush()

    def set_aside(self) -> AbstractContextManager[None]:
        """Give the terminal to another program for the moment."""
        return self.suspend()

    # -- sheets

    async def open_sheet(self, name: str, *args: Any) -> None:
        """Let a sheet rise; its class takes `args`."""
        if not sheets.is_there(name):
            self.toast(f"there is no {name} sheet")
            return
        await self._close_sheet()
        self._toast = ("", 0.0)  # its keys are told now
        sheet = sheets.sheet_class(name)(*args)
        self._sheet = sheet
        await self.screen.mount(sheet, after="#pages")
        if sheet is self._sheet:  # else it was closed while it rose
            sheet.take_focus()
            self.say()

    async def _close_sheet(self) -> None:
        sheet, self._sheet = self._sheet, None
        if sheet is not None:
            await sheet.remove()
            if (page := self.page) is not None:
                page.take_focus()
            self.say()

    def close_sheet(self) -> None:
        self.call_later(self._close_sheet)

    # -- actions

    async def action_back(self) -> None:
        """One layer off; at the top nothing happens."""
        if self._sheet is not None:
            if not self._sheet.peel():
                await self._close_sheet()
        elif (page := self.page) is not None and not page.peel() and len(self._places) > 1:
            self._places.pop()
            self.call_later(self._visit, self.place)

    async def action_leave(self) -> None:
        if self._sheet is None and len(self._places) == 1:
            self.leave()
        else:
            await self.action_back()

    def action_quit(self) -> None:  # type: ignore[override]
        now = asyncio.get_running_loop().time()
        if now - self._quit_at < 2:
            self.leave()
        self._quit_at = now
        self.toast("ctrl+c again leaves the dashboard; runs go on")

    def leave(self) -> None:
        self._remember()
        self.feed.close()
        self.exit()

    async def _on_exit_app(self) -> None:
        """Also where nobody asked to leave: a browser's tab was closed, or loads the page anew."""
        self._remember()
        await super()._on_exit_app()

    def action_suspend(self) -> None:
        with contextlib.suppress(Exception):  # not every driver can
            self.action_suspend_process()

    def action_page_dags(self) -> None:
        self.go_home("dags")

    def action_page_activity(self) -> None:
        self.go_home("activity")

    def action_page_upcoming(self) -> None:
        self.go_home("upcoming")

    def action_page_system(self) -> None:
        self.go_home("system")

    def action_zone(self) -> None:
        self.is_utc = not self.is_utc
        self._read_at.clear()
        self.reload()

    def action_reload(self) -> None:
        self.feed.forget()
        self._read_at.clear()
        self.canvas.forget()
        self.refresh()
        if (page := self.page) is not None:
            page.sort_anew()
        self.reload()

    async def action_command(self) -> None:
        await self.open_sheet("command")

    async def action_view(self) -> None:
        await self.open_sheet("view")

    async def action_copy(self) -> None:
        await self.open_sheet("copy", self.page.about() if self.page else self.place)

    async def action_help(self) -> None:
        if self._sheet is not None:  # what is entered in it would be lost below another sheet
            self.toast(chrome.keys_said(self._sheet.hints(), self.keys))
            return
        await self.open_sheet("help", self._actions_here())

    def _actions_here(self) -> list[str]:
        """Ids of the actions that a key does now."""
        return [active.binding.id for active in self.screen.active_bindings.values() if active.binding.id]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a sheet is open the keys of the pages below it do nothing."""
        if self.is_tiny and f"action_{action}" in _OWN_ACTIONS:
            return action in ("leave", "quit", "suspend")
        if self._sheet is not None and f"action_{action}" in _OWN_ACTIONS:
            return action in ("back", "leave", "quit", "suspend", "next_pane", "help")
        return action != "accept_clock" or bool(self.status.holds.clock)

    def action_next_pane(self) -> None:
        self.screen.focus_next()


_OWN_ACTIONS = frozenset(
    name for part in (Dashboard, Doing, Holding) for name in vars(part) if name.startswith("action_")
)
