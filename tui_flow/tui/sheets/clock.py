"""Say that the clock is right which the scheduler doubts."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

from tui_flow.errors import NotPossible
from tui_flow.tui import palette
from tui_flow.tui.sheets.asking import AskingSheet
from tui_flow.tui.text import Piece, Row, plain
from tui_flow.tui.views.deeds import Deed, Preview, command


class ClockSheet(AskingSheet):
    """The scheduler alone knows its doubt: there is no dry run but what it said."""

    HINTS = ("open", "copy", "back")
    TITLE = "The machine's clock"
    VERB = "believe it"

    def __init__(self, doubt: str) -> None:
        super().__init__()
        self._doubt = doubt

    def deeds(self) -> Sequence[Deed]:
        return [Deed("accept_clock", {}, command("clock", "accept"))]

    async def _rehearsed(self, deeds: Sequence[Deed]) -> tuple[list[Deed], list[Any]]:
        if self.desk.status.scheduler is None:
            raise NotPossible("no scheduler is running that could doubt the clock; S starts one")
        return list(deeds), []

    async def preview(self, answers: Sequence[Any]) -> Preview:
        lines = wrap(plain(self._doubt), max(self.size.width - 6, 20))
        return Preview([Row(("doubt", nth), ((f"   {line}", None),)) for nth, line in enumerate(lines)], runs=1)

    def sentence(self, preview: Preview) -> Sequence[Piece]:
        if preview.problem:
            return super().sentence(preview)
        return [
            ("   This will schedule runs by it again", palette.BOLD),
            (", and remove what is too old by it. It is held because", None),
        ]

    def done(self, _preview: Preview, answers: Sequence[Any]) -> str:
        return "the clock is believed" if answers[0]["doubt"] else "the clock was not in doubt"
