"""The grid as a widget: draws the cells that are seen, moves a cursor over them, says when it needs others.

The cursor is on a row's id and a run's number, not on a place: new runs and folded groups do not move it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from rich.style import Style
from textual.events import Click, Resize
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from tui_flow import times
from tui_flow.records import DagRun
from tui_flow.signs import gathered
from tui_flow.state import TaskState
from tui_flow.tui.keys import bindings
from tui_flow.tui.palette import BOLD, DIM, REVERSE, Palette
from tui_flow.tui.scrolled import Scrolled
from tui_flow.tui.strips import strip_of
from tui_flow.tui.text import Piece, fit
from tui_flow.tui.views.grid import (
    GridModel,
    GridRow,
    cell,
    counts_of,
    date_marks,
    duration_line,
    row_label,
    run_line,
)

HEAD = 3
"""Lines above the tasks: dates, durations, states of the runs."""
CellKey = tuple[int, str]
"""A run's number and a row's id."""


class Grid(Scrolled, can_focus=True):
    BINDINGS = bindings(
        "down",
        "up",
        "left",
        "right",
        "page_down",
        "page_up",
        "first",
        "last",
        "earlier",
        "later",
        "open",
        "mark",
        "mark_range",
        "mark_all",
    )

    class Moved(Message):
        """The cursor is elsewhere; cells around it may have to be read."""

    class Opened(Message):
        """Enter, or a second click, on a cell."""

    def __init__(self, look: Palette, id: str | None = None) -> None:
        super().__init__(id=id)
        self.look = look
        self.is_utc = False
        self.empty = ""
        self.marks: set[CellKey] = set()
        self._range_from: CellKey | None = None
        self._wanted_row: str | None = None
        """Where the cursor is to be once that row is there."""
        self._model = GridModel((), ())
        self._row, self._column, self._left = 0, 0, 0
        self._top = 0
        """The first row that is seen, as the cursor was last moved."""
        self._states: dict[tuple[int, int], TaskState | None] = {}
        self._lines: dict[int, tuple[object, Strip]] = {}
        """Rows as they were drawn last, and what that depended on besides the model."""

    # -- what it shows

    def show(self, model: GridModel) -> None:
        """New facts: the cursor stays on its cell, at first on the newest run; newer ones come into sight beside it."""
        at, row, ended = self.cursor, self.row, len(self._model.run_ids) - self._left <= self.columns
        self._model, self._states, self._lines = model, {}, {}
        row_ids = {row.id: index for index, row in enumerate(model.rows)}
        self._row = _same_row(row, model.rows, row_ids, min(self._row, max(len(model.rows) - 1, 0)))
        if self._wanted_row in row_ids:
            self._row, self._wanted_row = row_ids[self._wanted_row], None
        places = {number: index for index, number in enumerate(model.run_ids)}
        last = max(len(model.run_ids) - 1, 0)
        self._column = places[at[0]] if at is not None and at[0] in places else last
        if ended:  # the newest runs were seen: they are seen further on
            self._left = max(len(model.run_ids) - self.columns, 0)
        self.grow_to(len(model.rows) + HEAD)
        self._keep_in_sight()
        self.refresh()

    @property
    def cursor(self) -> CellKey | None:
        model = self._model
        if not model.rows or not model.run_ids:
            return None
        return model.run_ids[self._column], model.rows[self._row].id

    @property
    def row(self) -> GridRow | None:
        return self._model.rows[self._row] if self._model.rows else None

    @property
    def chosen(self) -> list[CellKey]:
        """The marked cells, else the one under the cursor."""
        if self.marks:
            return sorted(self.marks)
        return [self.cursor] if self.cursor else []

    def move_to(self, run: int | None = None, row_id: str | None = None) -> None:
        if run is not None and run in self._model.run_ids:
            self._column = list(self._model.run_ids).index(run)
        found = [index for index, row in enumerate(self._model.rows) if row.id == row_id]
        self._row = found[0] if found else self._row
        self._wanted_row = None if found else row_id
        self._keep_in_sight()
        self.refresh()
        self.post_message(self.Moved())

    @property
    def label_width(self) -> int:
        return max(min(self.size.width // 2, 40 if self.size.width >= 76 else 24), 12)

    @property
    def columns(self) -> int:
        """How many runs there is room for."""
        return max((self.size.width - self.label_width - 1) // 2, 1)

    def room(self) -> tuple[int, int]:
        """For how many runs and tasks there is room; at most, before it has its place on the screen."""
        screen = self.app.size
        return (self.columns, self.size.height) if self.size else (screen.width // 2, screen.height)

    def wanted(self) -> tuple[list[int], list[str]]:
        """Numbers of the runs and ids of the tasks that are seen, and one page around them."""
        model, columns, height = self._model, self.columns, max(self.size.height, 1)
        runs = model.run_ids[max(self._left - columns, 0) : self._left + 2 * columns]
        top = self.scroll_offset.y
        rows = model.rows[max(top - height, 0) : top + 2 * height]
        return list(runs), [task_id for row in rows for task_id in row.members]

    def is_covered(self, tasks: Collection[str]) -> bool:
        """Whether the runs that are seen have been read, and the tasks that are seen are among these."""
        model, top = self._model, self.scroll_offset.y
        rows = model.rows[top : top + max(self.size.height - HEAD, 1)]
        runs = model.run_ids[self._left : self._left + self.columns]
        return all(run in model.runs for run in runs) and all(
            task_id in tasks for row in rows for task_id in row.members
        )

    # -- drawing

    def _state(self, row: int, column: int) -> TaskState | None:
        at, model = (row, column), self._model
        if column >= len(model.run_ids):
            return None  # it has never run
        if at not in self._states:
            self._states[at] = gathered(counts_of(model, model.run_ids[column], model.rows[row]))
        return self._states[at]

    def seen_rows(self) -> range:
        """Indexes of the rows that can be seen."""
        top = self.scroll_offset.y
        return range(top, min(top + max(self.size.height - HEAD, 0), len(self._model.rows)))

    def shown_runs(self) -> list[DagRun | None]:
        numbers = self._model.run_ids[self._left : self._left + self.columns]
        return [self._model.runs.get(number) for number in numbers]

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self.base_style
        if y < HEAD or not self._model.rows:  # stays at the top whatever is scrolled
            return strip_of(self._head(y), width, base)
        row = self.scroll_offset.y + y - HEAD
        if row >= len(self._model.rows):
            return strip_of([], width, base)
        return self._line(row, width, base)

    def _line(self, row: int, width: int, base: Style) -> Strip:
        if self.marks:
            return strip_of(self._cells(row), width, base)
        here = (self._column, self.has_focus) if row == self._row else None
        known, now = self._lines.get(row), (here, self._state(row, self._column), self._left, width, base)
        if known is None or known[0] != now:
            known = self._lines[row] = now, strip_of(self._cells(row), width, base)
        return known[1]

    def _head(self, y: int) -> list[Piece]:
        if not self._model.rows or not self._model.run_ids:
            text = self.empty.split("\n")
            return [(" " + text[y], DIM)] if y < len(text) else []
        runs, width = self.shown_runs(), self.label_width
        if y == 0:
            return [(" " * width, None), (date_marks(runs, self.is_utc), DIM)]
        name = " duration" if y == 1 else " run"
        pieces = duration_line(runs, self.look, times.now()) if y == 1 else run_line(runs, self.look)
        return [(fit(name, width), DIM), *_spaced(pieces)]

    def _cells(self, row: int) -> list[Piece]:
        model = self._model
        is_cursor = row == self._row
        label = row_label(model.rows[row], self._state(row, self._column), self.look, self.label_width - 2)
        lead: Piece = (">" if is_cursor else " ", None)
        if is_cursor and self.has_focus:
            label = [(text, REVERSE if style is None else style + REVERSE) for text, style in label]
        pieces: list[Piece] = [lead, *label, (" ", None)]
        for column in range(self._left, min(self._left + self.columns, len(model.run_ids))):
            text, style = cell(self._state(row, column), self.look)
            is_marked = (model.run_ids[column], model.rows[row].id) in self.marks
            if is_cursor and column == self._column:
                style = (style or Style()) + REVERSE
            after = "*" if is_marked else " "
            pieces += [(text, style), (after, BOLD if is_marked else None)]
        return pieces

    def on_resize(self, _event: Resize) -> None:
        self.grow_to(len(self._model.rows) + HEAD)
        self.scroll_to(y=self._top, animate=False, immediate=True)  # it may have been lower for a moment
        self._keep_in_sight()
        self.refresh()
        self.post_message(self.Moved())

    # -- moving

    def _move(self, rows: int = 0, columns: int = 0) -> None:
        old_row, old_column, old_left, old_top = self._row, self._column, self._left, self.scroll_offset.y
        self._row = max(0, min(len(self._model.rows) - 1, self._row + rows))
        self._column = max(0, min(len(self._model.run_ids) - 1, self._column + columns))
        if (old_row, old_column) == (self._row, self._column):
            return
        self._keep_in_sight()
        self._top = self.scroll_offset.y
        if self._range_from is not None:
            self._mark_rectangle(self._range_from)
        if self._left != old_left or (self._column != old_column):
            self.refresh()  # the first column shows the states of the run under the cursor
        elif self.scroll_offset.y == old_top:
            self._refresh_rows(old_row, self._row)
        self.post_message(self.Moved())

    def _refresh_rows(self, *rows: int) -> None:
        top, width, height = self.scroll_offset.y, self.size.width, self.size.height
        ys = {row - top + HEAD for row in rows}
        if regions := [Region(0, y, width, 1) for y in ys if HEAD <= y < height]:
            self.refresh(*regions)

    def _keep_in_sight(self) -> None:
        columns, count = self.columns, len(self._model.run_ids)
        self._left = max(0, min(self._left, count - columns))
        if self._column < self._left:
            self._left = self._column
        elif self._column >= self._left + columns:
            self._left = self._column - columns + 1
        if not self.size.height:  # not laid out yet: what is in sight then is seen when it has its size
            return
        top, height = self.scroll_offset.y, max(self.size.height - HEAD, 1)
        if self._row < top:
            self.scroll_to(y=self._row, animate=False, immediate=True)
        elif self._row >= top + height:
            self.scroll_to(y=self._row - height + 1, animate=False, immediate=True)

    def action_down(self) -> None:
        self._move(rows=1)

    def action_up(self) -> None:
        self._move(rows=-1)

    def action_left(self) -> None:
        self._move(columns=-1)

    def action_right(self) -> None:
        self._move(columns=1)

    def action_page_down(self) -> None:
        self._move(rows=max(self.size.height - HEAD - 1, 1))

    def action_page_up(self) -> None:
        self._move(rows=-max(self.size.height - HEAD - 1, 1))

    def action_first(self) -> None:
        self._move(rows=-len(self._model.rows))

    def action_last(self) -> None:
        self._move(rows=len(self._model.rows))

    def action_earlier(self) -> None:
        """A page of runs back."""
        self._move(columns=-self.columns)

    def action_later(self) -> None:
        self._move(columns=self.columns)

    def action_open(self) -> None:
        if self.cursor is not None:
            self.post_message(self.Opened())

    def on_click(self, event: Click) -> None:
        row, column = self.scroll_offset.y + event.y - HEAD, self._left + (event.x - self.label_width) // 2
        if event.y < HEAD or row >= len(self._model.rows):
            return
        is_label = event.x < self.label_width
        column = self._column if is_label else min(column, len(self._model.run_ids) - 1)
        if (row, column) == (self._row, self._column):
            self.action_open()
        else:
            self._move(row - self._row, column - self._column)

    # -- marks

    def action_mark(self) -> None:
        """A group is unfolded; a cell is marked."""
        if self.row is not None and self.row.is_group:
            self.post_message(self.Opened())
        elif self.cursor is not None:
            self.marks ^= {self.cursor}
            self._refresh_rows(self._row)

    def action_mark_range(self) -> None:
        """Once begins a rectangle at the cursor, again ends it."""
        if self._range_from is not None:
            self._range_from = None
        elif self.cursor is not None:
            self._range_from = self.cursor
            self._mark_rectangle(self.cursor)
            self.refresh()

    def _mark_rectangle(self, corner: CellKey) -> None:
        model = self._model
        rows = {row.id: index for index, row in enumerate(model.rows)}
        runs = list(model.run_ids)
        if corner[0] not in runs or corner[1] not in rows:
            return
        left, right = sorted((runs.index(corner[0]), self._column))
        top, bottom = sorted((rows[corner[1]], self._row))
        self.marks |= {(run, row.id) for run in runs[left : right + 1] for row in model.rows[top : bottom + 1]}
        self.refresh()

    def action_mark_all(self) -> None:
        """The whole run under the cursor; once more the whole row, over the runs that are seen; then none."""
        if self.cursor is None:
            return
        run, row_id = self.cursor
        column = {(run, row.id) for row in self._model.rows}
        seen = self._model.run_ids[self._left : self._left + self.columns]
        line = {(number, row_id) for number in seen}
        if self.marks == column and self.marks != line:
            self.marks = line
        else:
            self.marks = set() if self.marks == line else column
        self.refresh()

    def forget_marks(self) -> bool:
        had_marks = bool(self.marks) or self._range_from is not None
        self.marks, self._range_from = set(), None
        if had_marks:
            self.refresh()
        return had_marks


def _same_row(row: GridRow | None, rows: Sequence[GridRow], places: Mapping[str, int], otherwise: int) -> int:
    """Where a row is now: in the group into which it was folded, or the first of what unfolded from it."""
    if row is None or row.id in places:
        return places[row.id] if row is not None else otherwise
    members = set(row.members)
    return next((index for index, other in enumerate(rows) if not members.isdisjoint(other.members)), otherwise)


def _spaced(pieces: Sequence[Piece]) -> list[Piece]:
    return [part for text, style in pieces for part in ((text, style), (" ", None))]
