"""Parts of a sheet that take an answer: one of several, any of several, a line of text."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.events import Click
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from tui_flow.tui.keys import bindings
from tui_flow.tui.line import Line, Part
from tui_flow.tui.palette import BAD, BOLD, DIM, REVERSE
from tui_flow.tui.strips import strip_of
from tui_flow.tui.text import Piece, fit, width_of

LABEL_WIDTH = 12


class Choices(Widget, can_focus=True):
    """A line of choices: left and right go along, space takes the one at the cursor.

    `many` False: one of them is always chosen, `(•)`; True: each is on or off, `[x]`.
    """

    DEFAULT_CSS = "Choices { height: 1; width: 1fr; }"
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

    @property
    def index(self) -> int:
        """The one that is chosen."""
        return min(self.chosen)

    def has(self, index: int) -> bool:
        return index in self.chosen

    def render_line(self, y: int) -> Strip:
        pieces: list[Piece] = [(fit(f"   {self.label}", LABEL_WIDTH), DIM)]
        for index, option in enumerate(self.options):
            on, off = ("[x]", "[ ]") if self.many else ("(*)", "( )")
            text = f"{on if index in self.chosen else off} {option}"
            is_here = index == self._at and self.has_focus
            pieces += [(text, REVERSE if is_here else BOLD if index in self.chosen else None), ("   ", None)]
        return strip_of(pieces, self.size.width, self.rich_style)

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

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_click(self, event: Click) -> None:
        at = LABEL_WIDTH
        for index, option in enumerate(self.options):
            at += width_of(option) + 7
            if event.x < at:
                self._at = index
                self._take()
                return


class Field(Horizontal):
    """A label, a line of text, and what is wrong with it."""

    DEFAULT_CSS = """
    Field { height: 1; }
    Field .field-label { width: 26; }
    Field Input { width: 1fr; }
    Field .field-note { width: 1fr; }
    """

    def __init__(
        self, name: str, label: str, value: str = "", hint: str = "", note: str = "", is_secret: bool = False
    ) -> None:
        super().__init__(id=f"field-{name}")
        self.field_name = name
        self._is_secret = is_secret
        self._label, self._first, self._hint, self._note = label, value, hint, note
        self._said = Line(id=None)  # kept: a sheet that is closed while it rises has no children any more
        self._said.add_class("field-note")

    def compose(self) -> ComposeResult:
        label = Line(id=None)
        label.add_class("field-label")
        label.say([Part(f"   {self._label}", DIM)])
        yield label
        yield Input(self._first, placeholder=self._hint, select_on_focus=False, password=self._is_secret)
        yield self._said

    def on_mount(self) -> None:
        self.complain("")

    @property
    def value(self) -> str:
        return self.query_one(Input).value

    @value.setter
    def value(self, text: str) -> None:
        self.query_one(Input).value = text

    def complain(self, problem: str) -> None:
        """What is wrong with the value; empty: nothing, and the note stands there."""
        part = Part(f"  {problem}", BAD) if problem else Part(f"  {self._note}", DIM)
        self._said.say([part])
