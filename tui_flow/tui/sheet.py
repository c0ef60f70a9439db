"""What every sheet is: it rises from the bottom over its page, asks or shows, and goes by esc."""

from __future__ import annotations

from typing import ClassVar

from tui_flow.tui import palette
from tui_flow.tui.line import Line, Part
from tui_flow.tui.panel import Panel
from tui_flow.tui.text import plain


class Sheet(Panel):
    """Made when it is opened and removed when it is closed; what it is about is given to its class."""

    HINTS: ClassVar[tuple[str, ...]] = ("open", "back")

    def title_line(self, text: str, id: str | None = None) -> Line:
        """The rule that a sheet, or a part of it, begins with."""
        line = Line(fill=self.desk.look.line("━"), id=id)
        line.say([self.title(text)])
        return line

    def title(self, text: str) -> Part:
        return Part(self.desk.look.line(f"━ {plain(text)} ") if text else "", palette.BOLD)
