"""What every sheet is: it rises from the bottom over its page, asks or shows, and goes by esc."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.geometry import Size
from textual.widgets import Input

from tui_flow.tui import palette
from tui_flow.tui.keys import ACTIONS
from tui_flow.tui.line import Line, Part
from tui_flow.tui.panel import Panel
from tui_flow.tui.text import plain
from tui_flow.tui.wrapped import Wrapped

_LETTERS = frozenset({"mark", "copy", "pause", "stop", "later", "earlier", "edit"})
"""Actions whose keys can be typed."""
_WORDS = {"next_pane": "next field", "mark": "choose", "copy": "copy the command", "choose_below": "choose"}


class Sheet(Panel):
    """Made when it is opened and removed when it is closed; what it is about is given to its class."""

    DEFAULT_CSS = """
    Sheet { height: auto; max-height: 70%; }
    Sheet .more { display: none; }
    Sheet.long .more { display: block; }
    """
    HINTS: ClassVar[tuple[str, ...]] = ("open", "back")
    VERB: ClassVar[str] = ""
    """What enter does, in a word."""

    def hints(self) -> Sequence[str]:
        """In the words of a form; without the keys that a field takes as text while it is typed into."""
        words = _WORDS | {"open": self.VERB}
        shown = [self._while_typing(hint) if isinstance(self.app.focused, Input) else hint for hint in self.HINTS]
        return [hint if "~" in hint else f"{hint}~{words.get(hint, '')}" for hint in shown if hint]

    def _while_typing(self, hint: str) -> str:
        """With a key that is no text; empty: it has none."""
        action_id, _, word = hint.partition("~")
        if action_id not in _LETTERS:
            return hint
        keys = (self.desk.keys.get(action_id) or ACTIONS[action_id].keys).split(",")
        with_ctrl = next((key.strip() for key in keys if key.strip().startswith("ctrl+")), "")
        return f"{action_id}={with_ctrl}~{word or _WORDS.get(action_id, '')}" if with_ctrl else ""

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As much as its parts take. Textual has them measured within no height at all, where they do not know what
        share of the screen is the most that they may have."""
        return self.arrange(Size(width, viewport.height)).total_region.height

    def more_line(self) -> Wrapped:
        line = Wrapped()
        line.add_class("more", update=False)
        return line

    def say_more(self, rows: int, share: int) -> None:
        """In the `more_line`, which has no height otherwise: how many rows lie below those that are seen, of a list
        that takes at most so many hundredths of the screen's height."""
        below = rows - self.app.size.height * share // 100
        self.query_one(".more", Wrapped).say(
            [(self.desk.look.line(f"… {below} more: tab to the list, then j"), palette.DIM)]
        )
        self.set_class(below > 0, "long")

    def on_descendant_focus(self) -> None:
        self.desk.say()

    def title_line(self, text: str, id: str | None = None) -> Line:
        """The rule that a sheet, or a part of it, begins with."""
        line = Line(fill=self.desk.look.line("━"), id=id)
        line.say([self.title(text)])
        return line

    def title(self, text: str) -> Part:
        return Part(self.desk.look.line(f"━ {plain(text)} ") if text else "", palette.BOLD)
