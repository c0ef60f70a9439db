"""The keys that work here, made from the table of keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.app import ComposeResult

from tui_flow.tui import palette
from tui_flow.tui.keys import by_section, shown_key
from tui_flow.tui.rows import Rows
from tui_flow.tui.sheet import Sheet
from tui_flow.tui.text import Piece, Row, fit

KEY_WIDTH = 9


class HelpSheet(Sheet):
    HINTS = ("down", "up", "back")
    DEFAULT_CSS = """
    HelpSheet { height: 70%; layout: vertical; }
    """

    def __init__(self, action_ids: Sequence[str]) -> None:
        super().__init__()
        self._ids = action_ids

    def compose(self) -> ComposeResult:
        yield self.title_line("Keys of this page")
        yield Rows(id="help-rows", can_open=False)

    def on_mount(self) -> None:
        self.trap_focus()
        self.query_one("#help-rows", Rows).show_rows(help_rows(self._ids, self.desk.keys))

    def take_focus(self) -> None:
        self.query_one("#help-rows", Rows).focus()


def help_rows(action_ids: Sequence[str], keymap: Mapping[str, str]) -> list[Row]:
    rows: list[Row] = []
    for section, actions in by_section(action_ids).items():
        rows.append(Row(f"section {section}", ((f" {section}", palette.BOLD),), can_select=False))
        for action in actions:
            pieces: tuple[Piece, ...] = (
                ("   " + fit(shown_key(action, keymap), KEY_WIDTH), palette.BOLD),
                (fit(action.text, 18), None),
                (action.help, palette.DIM),
            )
            rows.append(Row(action.id, pieces))
    return rows
