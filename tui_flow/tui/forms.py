"""Parts of a sheet that take an answer: one of several, any of several, a line of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.events import Click, Key
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from tui_flow.tui.keys import bindings
from tui_flow.tui.line import Line, Part
from tui_flow.tui.palette import BAD, BOLD, DIM, REVERSE
from tui_flow.tui.strips import Drawn, strip_of
from tui_flow.tui.text import Piece, fit, width_of

LABEL_WIDTH = 12
"""At least; as much as the longest label of a form needs, up to `MOST_LABEL`."""
MOST_LABEL = 26
GAP = 3
Entered = Mapping[str, str | int]
"""What stands in each field of a form, right or wrong: a text, or which choice."""


def align(form: Widget) -> None:
    """Let what is entered begin at one column all the way down."""
    parts = [part for part in form.children if isinstance(part, Choices | Field)]
    wanted = max((width_of(part.label) + GAP + 2 for part in parts), default=LABEL_WIDTH)
    for part in parts:
        part.widen(max(LABEL_WIDTH, min(wanted, MOST_LABEL)))


class Choices(Drawn, Widget, can_focus=True):
    """Choices in a line, or in as many as they need: left and right go along, space takes the one at the cursor.

    `many` False: one of them is always chosen, `(•)`; True: each is on or off, `[x]`.
    """

    DEFAULT_CSS = "Choices { height: auto; width: 1fr; }"
    BINDINGS = bindings("left", "right", "mark")

    class Changed(Message):
        def __init__(self, choices: Choices) -> None:
            super().__init__()
            self.choices = choices

    def __init__(
        self,
        label: str,
        options: Sequence[str],
        chosen: Sequence[int] = (0,),
        many: bool = False,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self.label, self.options, self.many = label, tuple(options), many
        self.chosen = set(chosen)
        self._at = min(self.chosen, default=0)
        self._label_width = LABEL_WIDTH

    def on_mount(self) -> None:
        if self.parent is not None:
            align(cast(Widget, self.parent))

    def widen(self, label_width: int) -> None:
        if label_width != self._label_width:
            self._label_width = label_width
            self.refresh(layout=True)

    def say(self, options: Sequence[str]) -> None:
        """The same options in other words."""
        if tuple(options) != self.options:
            width = self.size.width
            before = len(self._lines(width))
            self.options = tuple(options)
            self.refresh(layout=not width or len(self._lines(width)) != before)

    def choose(self, index: int) -> None:
        """Without a word of it to the form."""
        self.chosen, self._at = {index}, index
        self.refresh()

    @property
    def index(self) -> int:
        """The one that is chosen."""
        return min(self.chosen)

    def has(self, index: int) -> bool:
        return index in self.chosen

    def _lines(self, width: int) -> list[list[int]]:
        """Which options stand in which line."""
        lines: list[list[int]] = [[]]
        room = width - self._label_width
        for index, option in enumerate(self.options):
            needed = width_of(option) + 4
            if lines[-1] and needed > room:
                lines.append([])
                room = width - self._label_width
            lines[-1].append(index)
            room -= needed + GAP
        return lines

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lines(width))

    def render_line(self, y: int) -> Strip:
        lines = self._lines(self.size.width)
        pieces: list[Piece] = [(fit(f"   {self.label}" if not y else "", self._label_width), DIM)]
        for index in lines[y] if y < len(lines) else ():
            on, off = ("[x]", "[ ]") if self.many else ("(*)", "( )")
            text = f"{on if index in self.chosen else off} {self.options[index]}"
            is_here = index == self._at and self.has_focus
            pieces += [(text, REVERSE if is_here else BOLD if index in self.chosen else None), (" " * GAP, None)]
        pieces = pieces[:-1] if len(pieces) > 1 else pieces
        return strip_of(pieces, self.size.width, self.base_style)

    def _move(self, step: int) -> None:
        self._at = (self._at + step) % len(self.options)
        if not self.many:
            self._take()
        self.refresh()

    def _take(self) -> None:
        self.chosen = self.chosen ^ {self._at} if self.many else {self._at}
        self.refresh()
        self.post_message(self.Changed(self))

    def action_left(self) -> None:
        self._move(-1)

    def action_right(self) -> None:
        self._move(1)

    def action_mark(self) -> None:
        """Check or uncheck; of options that exclude each other the next one."""
        if self.many:
            self._take()
        else:
            self._move(1)

    def on_key(self, event: Key) -> None:
        """The first letter of a choice goes to it, or to the next that begins so, where that letter is no key."""
        typed = (event.character or "").lower()
        if not typed.strip() or event.key in self.screen.active_bindings:
            return
        order = [(self._at + step) % len(self.options) for step in range(1, len(self.options) + 1)]
        found = next((index for index in order if self.options[index].lower().startswith(typed)), None)
        if found is not None:
            event.stop()
            self._move(found - self._at)

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_click(self, event: Click) -> None:
        at, lines = self._label_width, self._lines(self.size.width)
        for index in lines[event.y] if event.y < len(lines) else ():
            at += width_of(self.options[index]) + 4 + GAP
            if event.x < at:
                self._at = index
                self._take()
                return


class Field(Horizontal):
    """A label, a line of text, and what is wrong with it."""

    DEFAULT_CSS = """
    Field { height: 1; }
    Field .field-label { width: 12; }
    Field Input { width: 1fr; }
    Field .field-note { width: 1fr; }
    """

    def __init__(
        self, name: str, label: str, value: str = "", hint: str = "", note: str = "", is_secret: bool = False
    ) -> None:
        super().__init__(id=f"field-{name}")
        self.field_name = name
        self._is_secret = is_secret
        self.problem = ""
        """What is wrong with the value."""
        self.label, self._first, self._hint, self._note = label, value, hint, note
        self._named = Line(classes="field-label")
        self._named.say([Part(f"   {label}", DIM)])
        self._said = Line(id=None)  # both kept: a sheet that is closed while it rises has no children any more
        self._said.add_class("field-note", update=False)
        self.complain("")

    def compose(self) -> ComposeResult:
        yield self._named
        yield Input(self._first, placeholder=self._hint, password=self._is_secret)
        yield self._said

    def on_mount(self) -> None:
        if self.parent is not None:
            align(cast(Widget, self.parent))

    def widen(self, label_width: int) -> None:
        self._named.styles.width = label_width

    @property
    def value(self) -> str:
        return self.query_one(Input).value

    @value.setter
    def value(self, text: str) -> None:
        self.query_one(Input).value = text

    def complain(self, problem: str) -> None:
        """What is wrong with the value; empty: nothing, and the note stands there."""
        self.problem = problem
        part = Part(f"  {problem}", BAD) if problem else Part(f"  {self._note}", DIM)
        self._said.say([part])
