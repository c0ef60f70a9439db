"""A log of any size as a widget: one moves in it, follows its end, finds, marks, and shows only what is wanted."""

from __future__ import annotations

from dataclasses import replace

from textual.events import Click, MouseScrollDown, MouseScrollUp

from tui_flow.logs.search import Pattern
from tui_flow.logs.viewed import Filter
from tui_flow.tui.keys import bindings
from tui_flow.tui.loglines import LogLines
from tui_flow.tui.views.log import Look

MOST_MARKED = 100_000
"""Lines of one range."""


class LogView(LogLines, can_focus=True):
    DEFAULT_CSS = "LogView { height: 1fr; width: 1fr; }"
    BINDINGS = bindings(
        "down", "up", "left", "right", "page_down", "page_up", "first", "last", "mark", "mark_range", "next_error"
    )

    # -- moving

    def _move_to(self, line: int) -> None:
        """The cursor to a shown line; that pauses following."""
        line, before = max(0, min(line, self.count - 1)), self.cursor
        self.follows, self.cursor = False, line
        self._mark_up_to(line)
        begins = self.top, self.skipped
        if line < self.top or (line == self.top and self.skipped):
            self.begin_with(line)
        elif line > self.last_whole():
            self.end_with(line)
        if begins == (self.top, self.skipped) and self.range_from is None:
            self.refresh_line(before)
            self.refresh_line(line)
        else:
            self.draw()
        self.post_message(self.Changed())

    def action_down(self) -> None:
        if not self.follows:
            self._move_to(self.cursor + 1)

    def action_up(self) -> None:
        self._move_to(self.cursor - 1)

    def action_page_down(self) -> None:
        if not self.follows:
            self._move_to(self.cursor + max(self.size.height - 1, 1))

    def action_page_up(self) -> None:
        self._move_to(self.cursor - max(self.size.height - 1, 1))

    def action_first(self) -> None:
        self._move_to(0)

    def action_last(self) -> None:
        if self.range_from is not None:
            self._move_to(self.count - 1)
            return
        self.follows = True
        self.place()

    def pause(self) -> None:
        """Follow no more, and stay here."""
        self._move_to(self.cursor)

    def action_left(self) -> None:
        self._shift(-max(self.size.width // 3, 1))

    def action_right(self) -> None:
        self._shift(max(self.size.width // 3, 1))

    def _shift(self, columns: int) -> None:
        if self.rows.shift(columns, self.texts(self.top, max(self.size.height, 1))):
            self.draw()

    def on_mouse_scroll_up(self, _event: MouseScrollUp) -> None:
        self._move_to(self.cursor - 3)

    def on_mouse_scroll_down(self, _event: MouseScrollDown) -> None:
        if not self.follows:
            self._move_to(self.cursor + 3)

    def on_click(self, event: Click) -> None:
        if event.y < len(self.drawn_rows):
            self._move_to(self.drawn_rows[event.y].line)

    def go_to_line(self, number: int) -> None:
        """The cursor to a line of the file, in the middle of the screen."""
        self.follows, self.cursor = False, self.viewed.place_of(number) if self.viewed is not None else 0
        self._mark_up_to(self.cursor)
        self.begin_with(max(min(self.cursor - self.size.height // 2, self.count - self.size.height), 0))
        self.place()

    # -- what is shown, and looked for

    def change_look(self, look: Look) -> None:
        self.rows.look = look
        if look.wrap:
            self.rows.first_column = 0
        self.place()

    def look_for(self, pattern: Pattern | None) -> None:
        """Highlight it and count its lines; the cursor goes to the next hit, else the one before."""
        self.rows.look = replace(self.rows.look, pattern=pattern)
        if self.viewed is not None:
            self.viewed.look_for(pattern, self.cursor_line)
            self.wants_hit = self.cursor_line if pattern else None
        self.place()
        self.find_out()

    def arrived(self, is_last: bool) -> None:
        log, line = self.viewed, self.wants_hit
        if log is None or line is None or self.tail is not None or not (is_last or log.filter.is_all):
            return
        hit = log.hit_from(line, is_last)
        if hit is not None or is_last:
            self.wants_hit = None
        if hit is not None:
            self.go_to_line(hit)

    def show_only(self, chosen: Filter) -> None:
        """The lines that are wanted. The cursor stays on its line, or the next that is shown."""
        if self.viewed is not None:
            self.viewed.filter = chosen
            self.find_out()
        self.place()

    def next_hit(self, backwards: bool = False) -> bool:
        """Whether there is one."""
        seen = self.seen()
        found = seen.hit_beside(self.cursor_line, backwards) if seen is not None else None
        if found is not None:
            self.go_to_line(found)
        return found is not None

    def action_next_error(self) -> None:
        """From the end it begins anew."""
        seen, start = self.seen(), -1 if self.follows else self.cursor_line
        found = seen.next_error(start) if seen is not None else None
        if found is not None:
            self.go_to_line(found)

    # -- marks

    def action_mark(self) -> None:
        if self.count and self.tail is None:
            self.follows = False
            self.marks ^= {self.cursor_line}
            self._move_to(self.cursor + 1)

    def action_mark_range(self) -> None:
        if self.range_from is not None or not self.count or self.tail is not None:
            self.range_from = None
        else:
            self.range_from, self.marked_before = self.cursor, set(self.marks)
            self._move_to(self.cursor)

    def _mark_up_to(self, line: int) -> None:
        if self.range_from is None or self.viewed is None:
            return
        first, last = sorted((self.range_from, line))
        if last - first >= MOST_MARKED:
            first, last = (
                (first, first + MOST_MARKED - 1) if first == self.range_from else (last - MOST_MARKED + 1, last)
            )
        self.marks = self.marked_before | set(self.viewed.numbers(first, last + 1))

    def forget_marks(self) -> bool:
        had_marks = bool(self.marks)
        self.marks, self.range_from = set(), None
        self.refresh()
        self.post_message(self.Changed())
        return had_marks
