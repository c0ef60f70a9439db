"""One line of chrome: header, tabs, a rule with a title, the footer. Repainted only when what it says changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.style import Style
from textual.events import Click
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui_flow.tui.strips import Drawn, strip_of
from tui_flow.tui.text import Piece, cut, pieces_width, width_of

FACTS_BETWEEN = " · "


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a line; a click on it does the action."""

    text: str
    style: Style | None = None
    action: str = ""
    """Id of an action in `keys`."""


class Line(Drawn, Widget):
    """Parts from the left and parts from the right; where both do not fit, one of them is cut: the left, or the right
    of a line that says the left first."""

    DEFAULT_CSS = "Line { height: 1; width: 1fr; }"

    class Chosen(Message):
        """A part with an action was clicked."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def __init__(
        self,
        id: str | None = None,
        base: Style | None = None,
        fill: str = " ",
        left_first: bool = False,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._left_first = left_first
        self._left: Sequence[Part] = ()
        self._right: Sequence[Part] = ()
        self._base = base or Style()
        self._fill = fill

    def say(self, left: Sequence[Part], right: Sequence[Part] = ()) -> None:
        if (tuple(left), tuple(right)) != (tuple(self._left), tuple(self._right)):
            self._left, self._right = tuple(left), tuple(right)
            self.refresh()

    def laid_out(self, width: int) -> list[tuple[Part, str]]:
        """The parts with the text that is shown of each; together exactly `width` cells."""
        right, right_width = list(self._right), sum(width_of(part.text) for part in self._right)
        left_width = sum(width_of(part.text) for part in self._left)
        if self._left_first and left_width + right_width > width:
            right, right_width = _cut_parts(right, width - left_width)
        elif right_width > width:
            right, right_width = [], 0
        room, out = width - right_width, []
        for part in self._left:
            text = cut(part.text, room)
            out.append((part, text))
            room -= width_of(text)
        out.append((Part(""), self._fill * max(room, 0)))
        return out + [(part, part.text) for part in right]

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        pieces: list[Piece] = [(text, part.style) for part, text in self.laid_out(width)]
        assert pieces_width(pieces) <= width or width < 1, "a line never runs over"
        return strip_of(pieces, width, self.base_style + self._base)

    def on_click(self, event: Click) -> None:
        at = 0
        for part, text in self.laid_out(self.size.width):
            at += width_of(text)
            if event.x < at:
                if part.action:
                    self.post_message(self.Chosen(part.action))
                return


def _cut_parts(parts: Sequence[Part], room: int) -> tuple[list[Part], int]:
    """As many facts of the parts as there is room for, none of them cut but the only one; nothing where that would say
    too little."""
    out: list[Part] = []
    used = 0
    for part in parts if room > 8 else ():
        text = _whole_facts(part.text, room - used)
        if not text and not out:
            text = cut(part.text, room)
        out.append(Part(text, part.style, part.action))
        used += width_of(text)
        if text != part.text:
            break
    return out, used


def _whole_facts(text: str, room: int) -> str:
    """Without the last ones of `one · two · three`, as far as needed."""
    facts = text.split(FACTS_BETWEEN)
    while facts and width_of(FACTS_BETWEEN.join(facts)) > room:
        facts.pop()
    return FACTS_BETWEEN.join(facts)
