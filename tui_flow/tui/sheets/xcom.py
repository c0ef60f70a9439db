"""Give a task instance an XCom, or another value to one that it has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.widget import Widget

from tui_flow.tui import palette
from tui_flow.tui.forms import Field
from tui_flow.tui.places import Place
from tui_flow.tui.sheets.asking import AskingSheet
from tui_flow.tui.text import Piece, plain
from tui_flow.tui.views.deeds import Deed, Preview
from tui_flow.tui.views.xcoms import set_xcom_deed


class XComSheet(AskingSheet):
    HINTS = ("open", "next_pane", "copy", "back")
    VERB = "set"

    def __init__(self, place: Place, key: str = "", value: str = "") -> None:
        """`value` is the JSON that is there; without a key a new one is made."""
        super().__init__()
        self._place, self._key, self._value = place, key, value
        self.TITLE = f"XCom {key} of {place.task_id}" if key else f"New XCom of {place.task_id}"

    def fields(self) -> Sequence[Widget]:
        key = () if self._key else (Field("key", "key", "return_value"),)
        return (*key, Field("value", "value", self._value, hint='JSON: 12, "text", [1, 2]'))

    def _named(self) -> str:
        return self._key or self.query_one("#field-key", Field).value.strip()

    def wanted(self) -> str:
        is_there = self.query_one("#field-value", Field).value.strip()
        return "" if is_there else "a value is needed, as JSON: a text stands in quotes"

    def deeds(self) -> Sequence[Deed]:
        value = self.query_one("#field-value", Field).value
        return [set_xcom_deed(self._place, self._named(), value, is_new=not self._key)]

    async def preview(self, answers: Sequence[Any]) -> Preview:
        return Preview(runs=1)

    def sentence(self, preview: Preview) -> Sequence[Piece]:
        if preview.problem:
            return super().sentence(preview)
        text = f"   This will set {plain(self._named())}."
        return [(text, palette.BOLD), (" Tasks that have read it already do not see it.", palette.DIM)]

    def done(self, _preview: Preview, _answers: Sequence[Any]) -> str:
        self.desk.reload()
        return f"XCom {self._named()} is set"
