"""The rows of the screen that lines of a log take: their numbers, what is hidden between them, the end. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tui_flow.logs.viewed import ViewedLog
from tui_flow.tui.palette import DIM
from tui_flow.tui.text import Piece, cut, pieces_width, width_of
from tui_flow.tui.views.log import Look, drawn, rows_drawn

NUMBERS_FROM = 100
"""With that many columns lines are numbered."""
BESIDE = 2
"""Cells of a row that are not its text: its mark, and the scrollbar."""
LEAST_DIGITS = 3


@dataclass(frozen=True, slots=True)
class RowOf:
    """A row of the screen."""

    line: int
    """As the how manieth it is shown."""
    number: int
    """In the file."""
    pieces: Sequence[Piece]
    is_first: bool
    """Whether its line begins here."""


class LogRows:
    def __init__(self) -> None:
        self.look = Look()
        self.first_column = 0
        """From which on lines are seen that are not wrapped."""
        self.why_hidden = ""
        """What is said after `31 lines hidden`; empty: nothing is said between lines."""
        self.end = ""
        """What is said behind the last line."""
        self._width, self._digits = 1, 0

    def fit(self, width: int, lines: int) -> None:
        """Take this width, for a log of about that many lines. Numbers never get narrower: the text would move."""
        has_numbers = width >= NUMBERS_FROM
        self._digits = max(len(str(lines)), self._digits, LEAST_DIGITS) if has_numbers else 0
        self._width = max(width - BESIDE - (self._digits and self._digits + 2), 1)

    def forget(self) -> None:
        """Another log."""
        self.first_column = self._digits = 0

    def height_of(self, log: ViewedLog | None, line: int, text: str, count: int) -> int:
        height = len(self._rows_of(text)) if self.look.wrap else 1
        if self._gap(log, line):
            height += 1
        if line == count - 1:
            height += len(self._end_rows(log, count))
        return height

    def rows(self, log: ViewedLog | None, top: int, texts: Sequence[str], height: int, count: int) -> list[RowOf]:
        """The rows of these lines, the first of them being `top`; some more than `height` where the last is long."""
        rows: list[RowOf] = []
        for line, text in enumerate(texts, top):
            rows += self._of_line(log, line, text)
            if line == count - 1:
                rows += [RowOf(line, -1, pieces, False) for pieces in self._end_rows(log, count)]
            if len(rows) > height:
                break
        return rows

    def _of_line(self, log: ViewedLog | None, line: int, text: str) -> Iterator[RowOf]:
        if gap := self._gap(log, line):
            yield RowOf(line, -1, self._said(gap), False)
        number = log.number(line) if log is not None else -1
        for nth, pieces in enumerate(self._rows_of(text)):
            yield RowOf(line, number, [*self._number(number if not nth else -1), *pieces], not nth)

    def _rows_of(self, text: str) -> list[list[Piece]]:
        return rows_drawn(text, self.look, self._width, self.first_column)

    def _number(self, number: int) -> list[Piece]:
        if not self._digits:
            return []
        return [((str(number + 1) if number >= 0 else "").rjust(self._digits) + "  ", DIM)]

    def _gap(self, log: ViewedLog | None, line: int) -> int:
        return log.hidden_before(line) if log is not None and self.why_hidden else 0

    def _end_rows(self, log: ViewedLog | None, count: int) -> list[list[Piece]]:
        gap = self._gap(log, count)
        rows = [self._said(gap)] if gap else []
        return [*rows, self._centred(f"── {self.end} ──")] if self.end else rows

    def _said(self, gap: int) -> list[Piece]:
        return self._centred(f"⋯ {gap:,} line{'' if gap == 1 else 's'} hidden by {self.why_hidden}")

    def _centred(self, text: str) -> list[Piece]:
        text = cut(text, self._width)
        return [(" " * ((self._width - width_of(text)) // 2) + text, DIM)]

    def shift(self, columns: int, texts: Sequence[str]) -> bool:
        """Move sideways, as far as one of these lines reaches. Whether anything moved."""
        if self.look.wrap:
            return False
        widest = max((pieces_width(drawn(text, self.look)) for text in texts), default=0)
        last = max(widest - self._width, self.first_column if columns < 0 else 0, 0)
        before, self.first_column = self.first_column, max(min(self.first_column + columns, last), 0)
        return self.first_column != before
