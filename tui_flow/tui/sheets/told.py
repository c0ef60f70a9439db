"""What something said that was tried: its text, whole."""

from __future__ import annotations

from textwrap import wrap

from textual.app import ComposeResult

from tui_flow.tui import clipboard
from tui_flow.tui.keys import bindings
from tui_flow.tui.rows import Rows
from tui_flow.tui.sheet import Sheet
from tui_flow.tui.text import Row, plain


class ToldSheet(Sheet):
    HINTS = ("down", "copy~copy", "back")
    BINDINGS = bindings("copy")
    DEFAULT_CSS = """
    ToldSheet { height: auto; max-height: 75%; layout: vertical; }
    ToldSheet Rows { height: auto; min-height: 1; max-height: 12; }
    """

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._title, self._text = title, text

    def compose(self) -> ComposeResult:
        yield self.title_line(self._title)
        yield Rows(id="told-rows", can_open=False, empty="it said nothing")

    def on_mount(self) -> None:
        self.trap_focus()
        width = max(self.app.size.width - 6, 20)
        lines = [part for line in self._text.splitlines() for part in wrap(plain(line), width) or [""]]
        rows = [Row(nth, ((f"   {line}", None),)) for nth, line in enumerate(lines)]
        self.query_one("#told-rows", Rows).show_rows(rows)

    def take_focus(self) -> None:
        self.query_one("#told-rows", Rows).focus()

    def action_copy(self) -> None:
        how = clipboard.copy(self._text, self.desk.write_to_terminal)
        self.desk.toast(f"copied {how}" if how else "it is too much to copy")
