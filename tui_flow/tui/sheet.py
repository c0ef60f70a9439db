"""What every sheet is: it rises from the bottom over its page, asks or shows, and goes by esc."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.widgets import Input

from tui_flow.tui import palette
from tui_flow.tui.line import Line, Part
from tui_flow.tui.panel import Panel
from tui_flow.tui.text import plain

_LETTERS = frozenset({"mark", "copy", "pause", "stop", "later", "earlier", "edit"})
"""Actions whose keys can be typed."""
_WORDS = {"next_pane": "next field", "mark": "choose", "copy": "copy the command", "choose_below": "choose"}


class Sheet(Panel):
    """Made when it is opened and removed when it is closed; what it is about is given to its class."""

    DEFAULT_CSS = "Sheet { height: auto; max-height: 70%; }"
    HINTS: ClassVar[tuple[str, ...]] = ("open", "back")
    VERB: ClassVar[str] = ""
    """What enter does, in a word."""

    def hints(self) -> Sequence[str]:
        """In the words of a form; without the keys that a field takes as text while it is typed into."""
        words = {
            "open": self.VERB,
            "next_pane": "next field",
            "mark": "choose",
            "copy": "copy the command",
            "choose_below": "choose",
        }
        shown = [hint for hint in self.HINTS if hint not in _LETTERS or not isinstance(self.app.focused, Input)]
        return [hint if "~" in hint else f"{hint}~{words.get(hint, '')}" for hint in shown]

    def on_descendant_focus(self) -> None:
        self.desk.say()

    def title_line(self, text: str, id: str | None = None) -> Line:
        """The rule that a sheet, or a part of it, begins with."""
        line = Line(fill=self.desk.look.line("━"), id=id)
        line.say([self.title(text)])
        return line

    def title(self, text: str) -> Part:
        return Part(self.desk.look.line(f"━ {plain(text)} ") if text else "", palette.BOLD)
