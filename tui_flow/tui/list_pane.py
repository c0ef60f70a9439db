"""A pane that is one list, with or without lines above it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult

from tui_flow.tui.rows import Rows
from tui_flow.tui.tabbed import Pane


class ListPane(Pane):
    EMPTY: ClassVar[str] = ""
    """What stands there where nothing is listed."""
    CAN_OPEN: ClassVar[bool] = True
    """Whether enter on a row does something."""

    def compose(self) -> ComposeResult:
        yield Rows(id=f"{self.NAME}-list", empty=self.EMPTY, can_open=self.CAN_OPEN)

    @property
    def _list(self) -> Rows:
        return self.query_one(f"#{self.NAME}-list", Rows)

    def take_focus(self) -> None:
        self._list.focus()
