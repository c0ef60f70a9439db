"""A log as somebody looks at it: which of its lines are shown, which are hits, and what of that is still to be found.

Nothing here reads much by itself: `job` gives the next piece of work, which only reads and may do so in another thread;
what it gives enters the result. A small log's work is done at once.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import compress
from pathlib import Path

from tui_flow.logs.index import LogFile, LogIndex, text_of
from tui_flow.logs.kinds import ERRORS, Stream, chosen_kinds, kinds_at, next_of
from tui_flow.logs.lines import Level
from tui_flow.logs.search import Pattern, Search

Job = Callable[[], Callable[[], None]]
TAIL_BYTES = 64 * 1024
COUNTED_BYTES = 8 * 1024**2
"""Counted by one job."""
SLICES = 4
"""Looked through by one job."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which lines are shown."""

    least: Level = Level.DEBUG
    stream: Stream = Stream.ALL
    only_hits: bool = False
    """Of what is looked for."""

    @property
    def is_all(self) -> bool:
        return self == Filter()


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What lines were chosen by and of."""

    filter: Filter
    openings: int
    size: int
    lines: int
    round: int
    """Of the search; 0: nothing is looked for."""

    def goes_on_from(self, before: _Chosen | None) -> int:
        """The line that it differs from: the last one may have been unfinished."""
        if before is None or self.round or before.round:
            return 0
        is_more = before.filter == self.filter and before.openings == self.openings
        return max(before.lines - 1, 0) if is_more else 0


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of a log that is not counted yet."""

    texts: Sequence[str]
    offset: int
    """Where the first of them begins."""


class ViewedLog:
    """Not for use from two threads at once, but for the jobs."""

    def __init__(self, path: Path) -> None:
        self.index = LogIndex(path)
        self.path = path
        self.search: Search | None = None
        self.filter = Filter()
        self._numbers: array[int] | None = None
        """Of the lines that are shown; None: all are."""
        self._chosen: _Chosen | None = None
        """What `_numbers` and `_hits` are of."""
        self._hits = array("I")
        """Those that are shown."""

    def tail(self) -> Tail:
        try:
            file = LogFile(self.path)
        except OSError:
            return Tail((), 0)
        start = max(file.size() - TAIL_BYTES, 0)
        data = file.slice(start, start + TAIL_BYTES)
        skipped = data.find(b"\n") + 1 if start else 0
        return Tail([text_of(line) for line in data[skipped:].removesuffix(b"\n").split(b"\n")], start + skipped)

    # -- what is to be found

    def look_for(self, pattern: Pattern | None, line: int) -> None:
        """The lines that have it, the nearest to `line` first."""
        self.search = Search(pattern, self.index, line) if pattern else None

    def job(self) -> Job | None:
        """The next piece of work; None: all that is in the file is known."""
        growth = self.index.growth(COUNTED_BYTES)
        if growth is not None:

            def count() -> Callable[[], None]:
                growth.read()
                return lambda: self.index.take(growth)

            return count
        if self.search is not None and self.search.is_stale:
            self.search = Search(self.search.pattern, self.index, 0)
        return (self.search.job(SLICES) if self.search else None) or self._choosing()

    def _choosing(self) -> Job | None:
        """Which lines are shown; where only more was appended, only of that."""
        if self.filter.is_all:
            self._numbers, self._chosen = None, None
            return None
        index, search = self.index, self.search
        wanted = _Chosen(self.filter, index.openings, index.size, index.lines, search.round if search else 0)
        if wanted == self._chosen:
            return None
        start = wanted.goes_on_from(self._chosen)
        kinds = bytes(index.kinds[start : wanted.lines])
        table, hits = chosen_kinds(self.filter.least, self.filter.stream), search.hits if search else ()

        def choose() -> Callable[[], None]:
            is_shown = kinds.translate(table)
            shown_hits = array("I", (line for line in hits if is_shown[line]))
            if wanted.filter.only_hits:
                found = shown_hits
            else:
                found = array("I", compress(range(start, start + len(is_shown)), is_shown))
            return lambda: self._show(found, shown_hits, start, wanted)

        return choose

    def _show(self, found: array[int], hits: array[int], start: int, wanted: _Chosen) -> None:
        if wanted.filter != self.filter or wanted.openings != self.index.openings:
            return
        if start and self._numbers is not None:
            del self._numbers[bisect_left(self._numbers, start) :]
            self._numbers += found
        else:
            self._numbers = found
        self._chosen, self._hits = wanted, hits

    # -- what is shown

    @property
    def count(self) -> int:
        """Shown lines."""
        return len(self._numbers) if self._numbers is not None else self.index.lines

    @property
    def hidden(self) -> int:
        return self.index.lines - self.count

    @property
    def hits(self) -> Sequence[int]:
        """Lines that match what is looked for and are shown."""
        if self.search is None or self.search.is_stale:
            return ()
        return self.search.hits if self._numbers is None else self._hits

    @property
    def hidden_hits(self) -> int:
        return len(self.search.hits) - len(self.hits) if self.search is not None else 0

    def number(self, shown: int) -> int:
        """The line of the file that is shown as the nth."""
        return shown if self._numbers is None else self._numbers[shown] if 0 <= shown < len(self._numbers) else 0

    def numbers(self, first: int, end: int) -> Sequence[int]:
        return range(first, end) if self._numbers is None else self._numbers[first:end]

    def place_of(self, number: int) -> int:
        """As the how manieth a line is shown, or the next that is, or the last."""
        if self._numbers is None:
            return number
        return max(min(bisect_left(self._numbers, number), len(self._numbers) - 1), 0)

    def texts(self, first: int, count: int) -> list[str]:
        """Shown lines."""
        if self._numbers is None:
            return self.index.read(first, count)
        return self.lines(self._numbers[first : first + count])

    def lines(self, numbers: Sequence[int]) -> list[str]:
        """Lines of the file; neighbours are read together."""
        texts: list[str] = []
        at = 0
        while at < len(numbers):
            end = at + 1
            while end < len(numbers) and numbers[end] == numbers[end - 1] + 1:
                end += 1
            texts += self.index.read(numbers[at], end - at)
            at = end
        return texts

    def hidden_before(self, shown: int) -> int:
        """How many lines are hidden before the nth that is shown; for their count: behind the last one."""
        if self._numbers is None:
            return 0
        before = self._numbers[shown - 1] if 0 < shown <= len(self._numbers) else -1
        return (self._numbers[shown] if shown < len(self._numbers) else self.index.lines) - before - 1

    def has(self, level: Level) -> bool:
        """Whether some line says that it is of this level."""
        return next_of(self.index.kinds, kinds_at(level), 0) is not None

    # -- hits and errors

    def hits_until(self, line: int) -> int:
        """How many hits there are up to a line."""
        return bisect_right(self.hits, line)

    def hit_from(self, line: int, is_last: bool) -> int | None:
        """The first hit from a line on, else the last one before. `is_last`: nothing is left to look through."""
        at = bisect_left(self.hits, line)
        if at < len(self.hits):
            return self.hits[at]
        has_passed = is_last or (self.search is not None and self.search.is_past(line))
        return self.hits[-1] if has_passed and self.hits else None

    def hit_beside(self, line: int, backwards: bool) -> int | None:
        at = bisect_left(self.hits, line) - 1 if backwards else bisect_right(self.hits, line)
        return self.hits[at] if 0 <= at < len(self.hits) else None

    def next_error(self, line: int) -> int | None:
        """The first line of the next error that is shown, from the end on of the first."""
        for start in (line + 1, 0):
            at = next_of(self.index.kinds, ERRORS, start)
            while at is not None:
                if self._numbers is None or self.number(self.place_of(at)) == at:
                    return at
                at = next_of(self.index.kinds, ERRORS, at + 1)
        return None
