"""The keys that work here, made from the table of keys; what is typed finds some, with a sentence for each."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.widgets import Input

from tui_flow.tui import palette
from tui_flow.tui.keys import bindings
from tui_flow.tui.rows import Rows
from tui_flow.tui.sheet import Sheet
from tui_flow.tui.views.help import help_rows, signs
from tui_flow.tui.wrapped import Wrapped


class HelpSheet(Sheet):
    HINTS = ("choose_below~further", "choose_above~back up", "back~close")
    BINDINGS = bindings("choose_below", "choose_above", "page_down", "page_up")
    DEFAULT_CSS = """
    HelpSheet { height: auto; max-height: 95%; layout: vertical; }
    HelpSheet #help-text { height: 1; margin: 0 0 0 1; }
    HelpSheet #help-rows { height: auto; max-height: 63vh; min-height: 1; }
    """

    def __init__(self, action_ids: Sequence[str]) -> None:
        super().__init__()
        self._ids = action_ids

    def compose(self) -> ComposeResult:
        yield self.title_line("Keys of this page")
        yield Input(placeholder="type what you look for", id="help-text")
        rows = Rows(id="help-rows", can_open=False, empty="no key of this page does that")
        rows.can_focus = False
        yield rows
        legend = Wrapped(id="help-signs")
        legend.say([*signs(self.desk.look), ("  [keys] in tuiflow.toml changes keys.", palette.DIM)])
        yield legend

    def on_mount(self) -> None:
        self.trap_focus()
        self._show("")

    def take_focus(self) -> None:
        self.query_one("#help-text", Input).focus()

    @property
    def _rows(self) -> Rows:
        return self.query_one("#help-rows", Rows)

    def _show(self, sought: str) -> None:
        self._rows.show_rows(help_rows(self._ids, self.desk.keys, sought, self.app.size.width - 1))
        if self._rows.keys:
            self._rows.action_first()

    def on_input_changed(self, event: Input.Changed) -> None:
        self._show(event.value.strip())

    def on_resize(self) -> None:
        self._show(self.query_one("#help-text", Input).value)

    def _go(self, rows: int) -> None:
        self._rows.scroll_relative(y=rows, animate=False)

    def action_choose_below(self) -> None:
        self._go(1)

    def action_choose_above(self) -> None:
        self._go(-1)

    def action_page_down(self) -> None:
        self._go(self._rows.size.height - 1)

    def action_page_up(self) -> None:
        self._go(1 - self._rows.size.height)
