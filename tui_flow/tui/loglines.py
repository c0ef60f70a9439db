"""The lines of a log as they are drawn, and how they come: what is to be found out about a large log is found out in a
thread, piece by piece; its end is shown before.

It scrolls by lines of the file, not by rows of the screen: that is what makes wrapping cost nothing at a million lines.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui_flow.logs.viewed import Filter, Job, Tail, ViewedLog
from tui_flow.tui.palette import BOLD, DIM, REVERSE
from tui_flow.tui.strips import Drawn, strip_of
from tui_flow.tui.text import Piece, fit_pieces, segments_of
from tui_flow.tui.views.log import text_of
from tui_flow.tui.views.log_rows import LogRows, RowOf
from tui_flow.tui.views.scrollbar import scrollbar

LOOK_EVERY_S = 0.25
AT_ONCE_BYTES = 2 * 1024**2
"""A larger log shows its end before it is counted."""


class LogLines(Drawn, Widget):
    """Without what keys do."""

    class Changed(Message):
        """Something that the page says of the log is different."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.viewed: ViewedLog | None = None
        self.rows = LogRows()
        self.empty = ""
        """What stands there instead of lines."""
        self.follows = True
        self.marks: set[int] = set()
        self.tail: Tail | None = None
        """Shown until all is counted."""
        self.top = 0
        self.skipped = 0
        """Rows of the first line that is seen which are above the screen."""
        self.cursor = 0
        """Both count shown lines."""
        self.drawn_rows: list[RowOf] = []
        self._seen_lines = 0
        self.range_from: int | None = None
        self.marked_before: set[int] = set()
        self._at_work: ViewedLog | None = None
        self._openings = 0
        self.wants_hit: int | None = None
        """The cursor is to go to the hit nearest to this line, once one is found."""

    def on_mount(self) -> None:
        self.set_interval(LOOK_EVERY_S, self._look)

    # -- the file

    def open(self, path: Path | None, chosen: Filter) -> None:
        """Show this log from its end; None: there is none. What is looked for stays."""
        pattern = self.rows.look.pattern
        self.viewed = ViewedLog(path) if path else None
        self.follows, self.wants_hit, self.tail = True, None, None
        self.top = self.skipped = self.cursor = self._openings = 0
        self.rows.forget()
        self.marks, self.range_from = set(), None
        if self.viewed is not None:
            self.viewed.filter = chosen
            self.viewed.look_for(pattern, 0)
            if self.viewed.index.look() > AT_ONCE_BYTES:
                self.tail = self.viewed.tail()
        self.find_out()
        self.place()

    def _look(self) -> None:
        """Whether the log has grown; only while it is seen."""
        if self.is_attached and all(getattr(node, "display", True) for node in self.ancestors_with_self):
            self.find_out()

    def find_out(self) -> None:
        """What is not known yet: of a small log at once, else while keys are answered."""
        log = self.viewed
        if log is None or self._at_work is log:
            return
        with self._keeping_its_place():
            job = log.job()
        if job is None:
            if self._openings != log.index.openings:
                self._news()
            self.arrived(True)
        elif log.index.file_size > AT_ONCE_BYTES:
            self._at_work = log
            self.run_worker(self._find_out_beside(log, job))
        else:
            with self._keeping_its_place():
                while job is not None:
                    job()()
                    job = log.job()
            self._news()

    async def _find_out_beside(self, log: ViewedLog, job: Job | None) -> None:
        try:
            while job is not None:
                enter = await asyncio.to_thread(job)
                if log is not self.viewed:
                    break
                with self._keeping_its_place():
                    enter()
                    job = log.job()
                self._news(is_last=job is None)
        finally:
            if self._at_work is log:
                self._at_work = None

    @contextmanager
    def _keeping_its_place(self) -> Iterator[None]:
        """The cursor stays on its line, or the next that is shown, and in its row of the screen."""
        log, number, row = self.viewed, self.cursor_line, self.cursor - self.top
        yield
        if log is not None and self.tail is not None and log.index.is_counted:
            number, self.tail = log.index.line_at(self.tail.offset) + self.cursor, None
        elif self.tail is not None or log is None:
            return
        self.cursor = log.place_of(number)
        if self.top != max(self.cursor - row, 0):
            self.begin_with(max(self.cursor - row, 0))

    def _news(self, is_last: bool = True) -> None:
        log = self.viewed
        if log is not None and self._openings != log.index.openings:
            if self._openings:  # the lines are others now
                self.cursor = self.top = self.skipped = 0
                self.marks, self.range_from = set(), None
            self._openings = log.index.openings
        self.place()
        self.arrived(is_last)

    @property
    def count(self) -> int:
        """Shown lines."""
        if self.tail is not None:
            return len(self.tail.texts)
        return self.viewed.count if self.viewed is not None else 0

    @property
    def is_counting(self) -> bool:
        return self.tail is not None

    @property
    def cursor_line(self) -> int:
        """The line of the file under the cursor."""
        return self._number(self.cursor)

    def _number(self, shown: int) -> int:
        return self.viewed.number(shown) if self.viewed is not None and self.tail is None else shown

    def chosen(self) -> list[str]:
        """The marked lines, else the one under the cursor: their text alone."""
        if self.viewed is None or not self.count:
            return []
        if self.tail is not None:
            return [text_of(self.tail.texts[self.cursor])]
        return [text_of(text) for text in self.viewed.lines(sorted(self.marks) or [self.cursor_line])]

    def texts(self, first: int, count: int) -> Sequence[str]:
        if self.tail is not None:
            return self.tail.texts[first : first + count]
        return self.viewed.texts(first, count) if self.viewed is not None else ()

    # -- drawing

    def place(self) -> None:
        """Bring the view to the end if it follows, lay its rows out, draw them."""
        last = max(self.count - 1, 0)
        self.rows.fit(self.size.width, self._lines_about())
        self.cursor = last if self.follows else min(self.cursor, last)
        if self.follows:
            self.end_with(last)
        elif self.top > self.cursor:
            self.begin_with(self.cursor)
        self.draw()
        has_room = len(self.drawn_rows) < self.size.height and self.top > 0
        if has_room or self.cursor > self.last_whole():
            self.end_with(last if has_room else self.cursor)
            self.draw()
        self.post_message(self.Changed())

    def _lines_about(self) -> int:
        """How many lines the file has, more or less while they are not counted."""
        if self.viewed is None or self.tail is None:
            return self.viewed.index.lines if self.viewed is not None else 0
        size = self.viewed.index.file_size
        return size * len(self.tail.texts) // max(size - self.tail.offset, 1)

    def begin_with(self, line: int) -> None:
        self.top, self.skipped = line, 0

    def end_with(self, line: int) -> None:
        """Let a screen end with that line; of a line above that is too long for it the last rows are seen."""
        height, used = max(self.size.height, 1), 0
        self.begin_with(line)
        first = max(line - height + 1, 0)
        texts = self.texts(first, line - first + 1)  # fewer where none is shown, or the file was cut meanwhile
        for number, text in reversed(list(enumerate(texts, first))):
            if used >= height:
                break
            used += self.rows.height_of(self.seen(), number, text, self.count)
            self.begin_with(number)
        if self.top < line:  # the line itself is seen from its beginning
            self.skipped = max(used - height, 0)

    def seen(self) -> ViewedLog | None:
        """None: its lines have no numbers yet."""
        return self.viewed if self.tail is None else None

    def draw(self) -> None:
        height = max(self.size.height, 1)
        wanted = height + self.skipped
        rows = self.rows.rows(self.seen(), self.top, self.texts(self.top, height), wanted, self.count)
        self.drawn_rows = rows[self.skipped :]
        self._seen_lines = len({row.line for row in self.drawn_rows[:height]})
        self.refresh()

    def refresh_line(self, line: int) -> None:
        """Draw a shown line anew: the cursor came or went."""
        for y, row in enumerate(self.drawn_rows[: self.size.height]):
            if row.line == line:
                self.refresh(Region(0, y, self.size.width, 1))

    def last_whole(self) -> int:
        """The last line of which all rows are seen."""
        seen = self.drawn_rows[: max(self.size.height, 1)]
        if not seen:
            return 0
        is_cut = len(self.drawn_rows) > len(seen) and self.drawn_rows[len(seen)].line == seen[-1].line
        return seen[-1].line - (is_cut and seen[-1].line > self.top)

    def render_line(self, y: int) -> Strip:
        (width, height), base = self.size, self.base_style
        if not self.drawn_rows:
            said = self.empty.split("\n")
            return strip_of([(" " + said[y], DIM)] if y < len(said) else [], width, base)
        bar: Piece = (scrollbar(y, height, self.top, self._seen_lines, self.count), DIM)
        if y >= len(self.drawn_rows):
            return Strip(segments_of([(" " * (width - 1), None), bar], base), width)
        row = self.drawn_rows[y]
        return Strip(segments_of([self._lead(row), *fit_pieces(row.pieces, width - 2), bar], base), width)

    def _lead(self, row: RowOf) -> Piece:
        if not row.is_first:
            return (" ", None)
        is_marked = row.number in self.marks
        if row.line == self.cursor and not self.follows and self.has_focus:
            return ("*" if is_marked else ">", REVERSE)
        return ("*" if is_marked else " ", BOLD)

    def on_resize(self) -> None:
        self.place()

    def say_instead(self, text: str) -> None:
        """What stands there instead of lines."""
        if text != self.empty:
            self.empty = text
            self.refresh()

    def arrived(self, is_last: bool) -> None:
        """More is known of the log; `is_last`: all is."""
