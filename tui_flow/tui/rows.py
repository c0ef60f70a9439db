"""A list of any length: only the rows that can be seen are drawn, the cursor stays on its key, nothing is markup.

A row is known by its key. New rows replace old ones without moving the cursor, the marks or, as long as its row is
there, the place in the list.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from textual.events import Click, Resize
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from tui_flow.tui.keys import bindings
from tui_flow.tui.palette import BOLD, DIM, REVERSE, uncoloured
from tui_flow.tui.scrolled import Scrolled
from tui_flow.tui.strips import strip_of
from tui_flow.tui.text import Piece, Row


class Rows(Scrolled, can_focus=True):
    """Draws what `draw(index, width)` gives for the rows that are seen."""

    BINDINGS = bindings("down", "up", "page_down", "page_up", "first", "last", "open", "mark", "mark_range", "mark_all")

    class Moved(Message):
        """The cursor is on another row."""

        def __init__(self, rows: Rows, key: Hashable | None) -> None:
            super().__init__()
            self.rows, self.key = rows, key

        @property
        def control(self) -> Rows:
            return self.rows

    class Turned(Message):
        """Other rows are seen."""

        def __init__(self, rows: Rows) -> None:
            super().__init__()
            self.rows = rows

        @property
        def control(self) -> Rows:
            return self.rows

    class Opened(Message):
        """Enter, or a second click, on a row."""

        def __init__(self, rows: Rows, key: Hashable) -> None:
            super().__init__()
            self.rows, self.key = rows, key

        @property
        def control(self) -> Rows:
            return self.rows

    def __init__(self, empty: str = "", can_mark: bool = False, id: str | None = None, can_open: bool = True) -> None:
        super().__init__(id=id)
        self.empty = empty
        """What stands there instead of rows: why there are none, and the key that changes that."""
        self.can_mark, self.can_open = can_mark, can_open
        self.marks: set[Hashable] = set()
        self._keys: Sequence[Hashable] = ()
        self._index: dict[Hashable, int] = {}
        self._draw: Callable[[int, int], Row] | None = None
        self._cursor = 0
        self._range_from: Hashable | None = None
        """Key of the row where a range of marks began."""
        self._wanted: Hashable | None = None
        """Where the cursor is to be once that row is there."""
        self._lines: dict[int, Row] = {}
        self._unread = ""

    # -- what it shows

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Few rows, drawn already."""
        listed = list(rows)
        self.show_lazily([row.key for row in listed], lambda index, _width: listed[index])

    def show_lazily(self, keys: Sequence[Hashable], draw: Callable[[int, int], Row]) -> None:
        """Any number of rows: `draw(index, width)` is called for those that are seen."""
        at, before = self.cursor_key, self._cursor
        self._unread = ""
        self._keys, self._draw = keys, draw
        self._index = {key: index for index, key in enumerate(keys)}
        self.marks &= self._index.keys()
        old, self._lines = self._lines, {}
        self._cursor = self._index.get(at, min(self._cursor, max(len(keys) - 1, 0)))
        if self._wanted in self._index:
            self._cursor, self._wanted = self._index[self._wanted], None
        self.grow_to(len(keys))
        self._pass_headings(1)
        self._keep_in_sight()
        self._refresh_changed(old)
        if self._cursor != before:
            self._refresh_rows(before, self._cursor)
        if self.cursor_key != at:
            self.post_message(self.Moved(self, self.cursor_key))

    def say_unread(self, text: str) -> None:
        """What stands there instead of rows until there is something to show again: nobody knows whether there are
        any. Rows that were shown stay."""
        if text != self._unread:
            self._unread = text
            self.refresh()

    @property
    def keys(self) -> Sequence[Hashable]:
        return self._keys

    @property
    def cursor_key(self) -> Hashable | None:
        return self._keys[self._cursor] if self._cursor < len(self._keys) else None

    @property
    def chosen(self) -> list[Hashable]:
        """The marked rows in their order, else the one under the cursor."""
        if self.marks:
            return [key for key in self._keys if key in self.marks]
        return [] if self.cursor_key is None else [self.cursor_key]

    def seen(self) -> range:
        """Indexes of the rows that can be seen."""
        top = self.scroll_offset.y
        return range(top, min(top + max(self.size.height, 1), len(self._keys)))

    def move_to(self, key: Hashable) -> None:
        """The cursor to a row, now or as soon as it is there."""
        if key in self._index:
            self._move_to(self._index[key], 1)
        else:
            self._wanted = key

    # -- drawing

    def _row(self, index: int) -> Row:
        row = self._lines.get(index)
        if row is None:
            assert self._draw is not None, "there are rows, so there is something that draws them"
            row = self._lines[index] = self._draw(index, self.size.width)
        return row

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self.base_style
        index = self.scroll_offset.y + y
        if index >= len(self._keys):
            text = (self._unread or (self.empty if self._draw else "")).split("\n")
            return strip_of([(" " + text[y], DIM)] if not self._keys and y < len(text) else [], width, base)
        row = self._row(index)
        pieces: Sequence[Piece] = row.pieces
        is_cursor = index == self._cursor and row.can_select
        if is_cursor and self.has_focus:
            base = base + REVERSE
            pieces = [(text, uncoloured(style)) for text, style in pieces]
        elif is_cursor:
            base = base + BOLD
        lead: Piece = ("*", BOLD) if row.key in self.marks else (">" if is_cursor else " ", None)
        return strip_of([lead, *pieces], width, base)

    def _refresh_changed(self, old: dict[int, Row]) -> None:
        """Only lines that look different are drawn again."""
        top, width, height = self.scroll_offset.y, self.size.width, self.size.height
        changed = [
            index
            for index in range(top, top + height)
            if index >= len(self._keys) or old.get(index) is None or old[index] != self._row(index)
        ]
        if changed:
            self.refresh(*[Region(0, index - top, width, 1) for index in changed])

    def _refresh_rows(self, *indexes: int) -> None:
        top = self.scroll_offset.y
        seen = [index - top for index in indexes if 0 <= index - top < self.size.height]
        if seen:
            self.refresh(*[Region(0, y, self.size.width, 1) for y in seen])

    def on_resize(self, _event: Resize) -> None:
        self._lines = {}
        self.grow_to(len(self._keys))
        self._keep_in_sight()
        self.refresh()
        self.post_message(self.Turned(self))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self.post_message(self.Turned(self))

    def on_focus(self) -> None:
        self._refresh_rows(self._cursor)

    def on_blur(self) -> None:
        self._refresh_rows(self._cursor)

    # -- moving

    def _move_to(self, index: int, step: int) -> None:
        old, before = self._cursor, self.cursor_key
        self._cursor = max(0, min(len(self._keys) - 1, index))
        self._pass_headings(step)
        if self._range_from in self._index:
            low, high = sorted((self._index[self._range_from], self._cursor))
            self.marks |= {self._keys[at] for at in range(low, high + 1) if self._row(at).can_select}
            self._refresh_rows(*range(low, high + 1))
        self._keep_in_sight()
        self._refresh_rows(old, self._cursor)
        if self.cursor_key != before:
            self.post_message(self.Moved(self, self.cursor_key))

    def _pass_headings(self, step: int) -> None:
        if not self.can_focus:
            return  # nobody moves the cursor there, and to look for a row would draw all of them
        at, count = self._cursor, len(self._keys)
        while 0 <= at < count and not self._row(at).can_select:
            at += step
        if not 0 <= at < count:
            at = next((index for index in range(min(count, 200)) if self._row(index).can_select), self._cursor)
        self._cursor = at

    def _keep_in_sight(self) -> None:
        top, height = self.scroll_offset.y, max(self.size.height, 1)
        if self._cursor < top or (self._cursor == 1 and top == 1):
            self.scroll_to(y=self._cursor if self._cursor > 1 else 0, animate=False, immediate=True)
        elif self._cursor >= top + height:
            self.scroll_to(y=self._cursor - height + 1, animate=False, immediate=True)

    def action_down(self) -> None:
        self._move_to(self._cursor + 1, 1)

    def action_up(self) -> None:
        self._move_to(self._cursor - 1, -1)

    def action_page_down(self) -> None:
        self._move_to(self._cursor + max(self.size.height - 1, 1), 1)

    def action_page_up(self) -> None:
        self._move_to(self._cursor - max(self.size.height - 1, 1), -1)

    def action_first(self) -> None:
        self._move_to(0, 1)

    def action_last(self) -> None:
        self._move_to(len(self._keys) - 1, -1)

    def action_open(self) -> None:
        if self.cursor_key is not None:
            self.post_message(self.Opened(self, self.cursor_key))

    def on_click(self, event: Click) -> None:
        index = self.scroll_offset.y + event.y
        if index >= len(self._keys) or not self._row(index).can_select:
            return
        if index == self._cursor:
            self.action_open()
        else:
            self._move_to(index, 1)

    # -- marks

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "open":
            return self.can_open
        return self.can_mark if action in ("mark", "mark_range", "mark_all") else True

    def action_mark(self) -> None:
        if self.cursor_key is not None:
            self.marks ^= {self.cursor_key}
            self._move_to(self._cursor + 1, 1)
            self._refresh_rows(self._cursor)

    def action_mark_range(self) -> None:
        """Once begins a range at the cursor, again ends it."""
        if self._range_from is not None:
            self._range_from = None
        elif self.cursor_key is not None:
            self._range_from = self.cursor_key
            self.marks.add(self.cursor_key)
            self._refresh_rows(self._cursor)

    def action_mark_all(self) -> None:
        shown = {key for index, key in enumerate(self._keys) if self._row(index).can_select}
        self.marks = set() if self.marks == shown else shown
        self.refresh()

    def forget_marks(self) -> bool:
        """Whether there were any."""
        had_marks = bool(self.marks) or self._range_from is not None
        self.marks, self._range_from = set(), None
        if had_marks:
            self.refresh()
        return had_marks


class LowerRows(Rows):
    """What stands below a list: so many lines where the two share a high part of the screen, else fewer. That is said
    while the screen is laid out, so that a sheet which makes that part lower has it laid out once."""

    DEFAULT_CSS = "LowerRows { height: auto; }"
    HIGH = 30

    def __init__(self, lines: int, fewer: int, id: str | None = None, empty: str = "") -> None:
        super().__init__(id=id, empty=empty)
        self._line_count, self._fewer = lines, fewer

    @property
    def is_as_high_as_its_lines(self) -> bool:
        return False

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return self._line_count if container.height >= self.HIGH else self._fewer
