"""A log of any size as a widget: draws the lines that are seen, follows the end, finds, shows only what matches.

It scrolls by lines of the file, not by rows of the screen: that is what makes wrapping cost nothing at a million lines.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui_flow.logs import read_tail
from tui_flow.logs.index import LogIndex, Pattern
from tui_flow.tui.keys import bindings
from tui_flow.tui.palette import BOLD, DIM, REVERSE
from tui_flow.tui.strips import Drawn, strip_of
from tui_flow.tui.text import Piece
from tui_flow.tui.views.log import ERRORS, Look, drawn, rows_of, text_of

LOOK_EVERY_S = 0.25
AT_ONCE_BYTES = 8 * 1024**2
"""A larger log shows its end before it is counted."""
MOST_HITS = 200_000
NONE_SHOWN = "no line of this log is like that; esc shows all of them"


class LogView(Drawn, Widget, can_focus=True):
    DEFAULT_CSS = "LogView { height: 1fr; width: 1fr; }"
    BINDINGS = bindings(
        "down", "up", "left", "right", "page_down", "page_up", "first", "last", "mark", "mark_range", "next_error"
    )

    class Changed(Message):
        """Something that the page says of the log is different."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.index: LogIndex | None = None
        self.look = Look()
        self.empty = ""
        """What stands there instead of lines."""
        self.follows = True
        self.marks: set[int] = set()
        self.hits: list[int] = []
        """Lines that match what is looked for; up to `MOST_HITS`."""
        self._only: list[int] | None = None
        """The lines that are shown, where not all are."""
        self._only_pattern: Pattern | None = None
        self._top = 0
        self._cursor = 0
        """Both count shown lines."""
        self._first_column = 0
        self._tail: list[str] = []
        """The end of a log that is not counted yet."""
        self._rows: list[tuple[int, list[Piece]]] = []
        self._range_from: int | None = None
        self._is_counting = False

    def on_mount(self) -> None:
        self.set_interval(LOOK_EVERY_S, self._look)

    # -- the file

    def open(self, path: Path | None) -> None:
        """Show this log from its end; None: there is none."""
        if self.index is not None:
            self.index.close()
        self.index = LogIndex(path) if path else None
        self.follows, self._only, self._only_pattern, self.hits = True, None, None, []
        self._top = self._cursor = self._first_column = 0
        self.marks, self._tail = set(), []
        if self.index is not None and _size(self.index.path) > AT_ONCE_BYTES:
            self._tail = read_tail(self.index.path).splitlines()
            self.run_worker(self._count(), exclusive=True)
        elif self.index is not None:
            self.index.grow()
        self._place()

    async def _count(self) -> None:
        index = self.index
        assert index is not None
        self._is_counting = True
        try:
            while index is self.index and index.size < _size(index.path):
                await asyncio.to_thread(index.grow, AT_ONCE_BYTES)
        finally:
            self._is_counting = False
        if index is self.index:
            self._tail = []
            self._place()

    def _look(self) -> None:
        """Whether the log has grown; only while it is seen."""
        if self.index is None or self._is_counting or not self.is_attached or not self._is_shown():
            return
        before = self.index.lines
        if not self.index.grow():
            return
        if self.index.lines < before:
            self._only, self.hits, self._cursor, self._top = None, [], 0, 0
        if self._only_pattern is not None:
            self._show_only(self._only_pattern)
        self._place()

    def _is_shown(self) -> bool:
        return all(getattr(node, "display", True) for node in self.ancestors_with_self)

    @property
    def count(self) -> int:
        """Shown lines."""
        if self._tail:
            return len(self._tail)
        return len(self._only) if self._only is not None else self.index.lines if self.index else 0

    @property
    def cursor_line(self) -> int:
        """The line of the file under the cursor."""
        return self._only[self._cursor] if self._only else self._cursor

    def lines(self, numbers: Sequence[int]) -> list[str]:
        """These lines of the file."""
        return [text for number in numbers for text in (self.index.read(number, 1) if self.index else [])]

    def chosen(self) -> list[str]:
        """The marked lines, else the one under the cursor: their text alone."""
        numbers = sorted(self.marks) or ([self.cursor_line] if self.count else [])
        return [text_of(text) for text in self.lines(numbers)]

    def _shown_lines(self, first: int, count: int) -> list[str]:
        if self._tail:
            return self._tail[first : first + count]
        if self._only is not None:
            return self.lines(self._only[first : first + count])
        return self.index.read(first, count) if self.index else []

    # -- drawing

    def _place(self) -> None:
        """Bring the view to the end if it follows, lay its rows out, draw them."""
        height, last = max(self.size.height, 1), max(self.count - 1, 0)
        if self.follows:
            self._cursor = last
            self._top = self._top_for(last, height)
        self._cursor = min(self._cursor, last)
        self._lay_out()
        self.refresh()
        self.post_message(self.Changed())

    def _top_for(self, line: int, height: int) -> int:
        """The first line of a screen that ends with `line`."""
        if not self.look.wrap:
            return max(line - height + 1, 0)
        first = max(line - height + 1, 0)
        texts = self._shown_lines(first, line - first + 1)  # fewer where none is shown, or the file was cut meanwhile
        used, top = 0, line
        for number, text in reversed(list(enumerate(texts, first))):
            used += len(self._row_pieces(text))
            if used > height:
                break
            top = number
        return top

    def _row_pieces(self, text: str) -> list[list[Piece]]:
        return rows_of(drawn(text, self.look), max(self.size.width - 1, 1), self._first_column, self.look.wrap)

    def _lay_out(self) -> None:
        height = max(self.size.height, 1)
        self._rows = []
        for offset, text in enumerate(self._shown_lines(self._top, height)):
            for row in self._row_pieces(text):
                self._rows.append((self._top + offset, row))
            if len(self._rows) >= height:
                break

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self.base_style
        if not self._rows:
            said = (NONE_SHOWN if self._only is not None and self.index and self.index.lines else self.empty).split(
                "\n"
            )
            return strip_of([(" " + said[y], DIM)] if y < len(said) else [], width, base)
        if y >= len(self._rows):
            return strip_of([], width, base)
        line, pieces = self._rows[y]
        number = self._only[line] if self._only else line
        lead: Piece = ("*" if number in self.marks else " ", BOLD)
        if line == self._cursor and not self.follows and self.has_focus:
            lead = (lead[0] if lead[0] == "*" else ">", REVERSE)
        return strip_of([lead, *pieces], width, base)

    def on_resize(self) -> None:
        self._place()

    # -- moving

    def _move_to(self, line: int) -> None:
        """The cursor to a shown line; going up pauses following, the very end resumes it."""
        last = self.count - 1
        line = max(0, min(line, last))
        self.follows = False
        if self._range_from is not None:
            low, high = sorted((self._range_from, line))
            self.marks |= set(self._only[low : high + 1] if self._only else range(low, high + 1))
        self._cursor = line
        height = max(self.size.height, 1)
        if line < self._top:
            self._top = line
        elif line > self._rows_end():
            self._top = self._top_for(line, height)
        self._lay_out()
        self.refresh()
        self.post_message(self.Changed())

    def _rows_end(self) -> int:
        return self._rows[min(len(self._rows), max(self.size.height, 1)) - 1][0] if self._rows else 0

    def action_down(self) -> None:
        if not self.follows:
            self._move_to(self._cursor + 1)

    def action_up(self) -> None:
        self._move_to(self._cursor - 1)

    def action_page_down(self) -> None:
        if not self.follows:
            self._move_to(self._cursor + max(self.size.height - 1, 1))

    def action_page_up(self) -> None:
        self._move_to(self._cursor - max(self.size.height - 1, 1))

    def action_first(self) -> None:
        self._move_to(0)

    def action_last(self) -> None:
        self.follows = True
        self._place()

    def _shift(self, columns: int) -> None:
        if not self.look.wrap:
            self._first_column = max(self._first_column + columns, 0)
            self._lay_out()
            self.refresh()

    def action_left(self) -> None:
        self._shift(-max(self.size.width // 3, 1))

    def action_right(self) -> None:
        self._shift(max(self.size.width // 3, 1))

    def on_mouse_scroll_up(self, _event: MouseScrollUp) -> None:
        self._move_to(self._cursor - 3)

    def on_mouse_scroll_down(self, _event: MouseScrollDown) -> None:
        if not self.follows:
            self._move_to(self._cursor + 3)

    def on_click(self, event: Click) -> None:
        if event.y < len(self._rows):
            self._move_to(self._rows[event.y][0])

    def go_to_line(self, number: int) -> None:
        """The cursor to a line of the file, in the middle of the screen."""
        if self._only is not None:
            number = next((at for at, line in enumerate(self._only) if line >= number), len(self._only) - 1)
        self._move_to(number)
        self._top = max(min(self._cursor - self.size.height // 2, self.count - self.size.height), 0)
        self._lay_out()
        self.refresh()

    # -- what is shown, and looked for

    def change_look(self, look: Look) -> None:
        self.look = look
        if look.wrap:
            self._first_column = 0
        self._place()

    def look_for(self, pattern: Pattern | None) -> None:
        """Highlight it and count its lines; the cursor goes to the next hit."""
        self.look = replace(self.look, pattern=pattern)
        self.hits = self.index.matching_lines(pattern, MOST_HITS) if self.index and pattern else []
        self._place()
        if self.hits:
            at = self.cursor_line
            self.go_to_line(next((line for line in self.hits if line >= at), self.hits[-1]))

    def show_only(self, pattern: Pattern | None) -> None:
        """Only the lines that match; None: all. The cursor stays on its line, or the next that is shown."""
        at = self.cursor_line if self.count else 0
        self._only_pattern = pattern
        if pattern is None:
            self._only = None
        else:
            self._show_only(pattern)
        if self.follows:
            self._place()
        else:
            self.go_to_line(at)

    def _show_only(self, pattern: Pattern) -> None:
        self._only = self.index.matching_lines(pattern, MOST_HITS) if self.index else []

    def next_hit(self, backwards: bool = False) -> bool:
        """Whether there is one."""
        at = self.cursor_line
        lines = reversed(self.hits) if backwards else iter(self.hits)
        found = next((line for line in lines if (line < at if backwards else line > at)), None)
        if found is not None:
            self.go_to_line(found)
        return found is not None

    def action_next_error(self) -> None:
        """From the end it begins anew."""
        if self.index is None:
            return
        start = -1 if self.follows else self.cursor_line
        found = self.index.find(ERRORS, start)
        if found is None:
            found = self.index.find(ERRORS, -1)
        if found is not None:
            self.go_to_line(found)

    # -- marks

    def action_mark(self) -> None:
        if self.count:
            self.follows = False
            self.marks ^= {self.cursor_line}
            self.action_down()
            self.refresh()

    def action_mark_range(self) -> None:
        self._range_from = None if self._range_from is not None else self._cursor
        self.follows = False

    def forget_marks(self) -> bool:
        had_marks = bool(self.marks)
        self.marks, self._range_from = set(), None
        self.refresh()
        return had_marks


def _size(path: Path) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0
