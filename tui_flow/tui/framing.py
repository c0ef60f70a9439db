"""The part of the program that says what stands around the page, and what is left out where the terminal is small."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from textual import on
from textual.app import App, ComposeResult
from textual.driver import Driver
from textual.widgets import ContentSwitcher

from tui_flow.tui import chrome
from tui_flow.tui.line import Line, Part
from tui_flow.tui.page import Page
from tui_flow.tui.painting import Canvas
from tui_flow.tui.palette import Palette
from tui_flow.tui.places import Place
from tui_flow.tui.sheet import Sheet
from tui_flow.tui.sizes import LOW, SMALL, TINY
from tui_flow.tui.status import Status

TOAST_S = 6.0


class Framing(App[int]):
    """A part of `Dashboard`, which has the rest."""

    canvas: Canvas
    look: Palette
    status: Status
    keys: dict[str, str]
    is_utc: bool
    _called: str
    _places: list[Place]
    _sheet: Sheet | None
    _toast: tuple[str, float]
    is_tiny = False
    """Whether the terminal is too small for anything: it says so, and no key does what nobody sees."""

    @property
    def page(self) -> Page | None:
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        yield Line(id="tiny")
        yield Line(id="header")
        yield Line(id="tabs", left_first=True)
        for _ in range(chrome.MOST_NOTICE):
            yield Line(classes="notice", left_first=True)
        yield ContentSwitcher(id="pages")
        for _ in range(chrome.MOST_TOAST - 1):
            yield Line(classes="toast")
        yield Line(id="footer")

    def say(self) -> None:
        """Bring header, tabs and footer up to date; each repaints only what it says anew."""
        page = self.page
        if page is None:
            return
        width = self.size.width
        header = chrome.header(page.crumbs(), self.status, self.look, self.is_utc, width, self._called)
        self.query_one("#header", Line).say(*header)
        self.query_one("#tabs", Line).say(*page.tabs())
        self._say_lines(".notice", chrome.notice(self.status, self.keys, width) if page.HAS_NOTICE else [])
        hints = self._sheet.hints() if self._sheet else page.hints()
        if not self._sheet and len(self._places) == 1:  # the top: from there it leads out
            hints = ["leave~quit" if hint == "leave" else hint for hint in hints]
        *above, last = chrome.toast(self._toast[0], width if self.size.height >= LOW else 0)
        self._say_lines(".toast", above)
        self.query_one("#footer", Line).say(*(([*last], []) if last else chrome.footer(hints, self.keys, width)))

    def _say_lines(self, selector: str, lines: Sequence[Sequence[Part]]) -> None:
        for nth, line in enumerate(self.screen.query_children(selector).results(Line)):
            line.display = nth < len(lines) and self.size.height >= LOW and not self.is_tiny
            line.say(lines[nth] if nth < len(lines) else ())

    def toast(self, text: str) -> None:
        """Say something in the footer for a few seconds."""
        self._toast = (text, asyncio.get_running_loop().time() + TOAST_S)
        self.say()

    def unsay(self, text: str = "") -> None:
        """It holds no more: where it is still said, it goes; whatever is said, where no text is given."""
        if self._toast[0] and text in ("", self._toast[0]):
            self.toast("")

    def fit_to_size(self) -> None:
        """Leave out what is no list on a small terminal, and all on a tiny one."""
        width, height = self.size
        was_tiny, self.is_tiny = self.is_tiny, width < TINY[0] or height < TINY[1]
        screen = self.screen
        screen.set_class(self.is_tiny, "-tiny")
        screen.set_class(width < SMALL[0] or height < SMALL[1], "-small")
        screen.set_class(height < SMALL[1], "-low")
        self.query_one("#tiny", Line).say([Part(chrome.too_small(width))])
        if was_tiny and not self.is_tiny:
            self._focus_again(self._sheet or self.page)
        self.say()

    @on(Driver.SignalResume)
    def _draw_again(self) -> None:
        """After ctrl+z and `fg` the terminal's screen is empty."""
        self.canvas.forget()
        self.refresh()

    def _focus_again(self, panel: Any) -> None:
        """What was hidden has lost the keyboard."""
        if panel is not None:
            panel.take_focus()
