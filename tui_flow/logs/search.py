"""What is looked for in a log, and the lines that have it: found slice by slice, the nearest first.

A line matches by what is seen of it: its level, or the stream of plain output, and its text; not by all else that the
file has before that.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Sequence
from itertools import chain, count

from tui_flow.logs.escapes import without_escapes
from tui_flow.logs.index import BLOCK_BYTES, LogFile, LogIndex
from tui_flow.logs.kinds import HEAD_BYTES, UNTOLD, kind_of
from tui_flow.logs.lines import PLAIN_SOURCES, Join, Level

SLICE_BYTES = 1 << 20
"""Looked through at a time; whole blocks of the index."""
_LEVEL, _STREAM = slice(28, 33), slice(34, 40)
_JOIN = 41
_ROUNDS = count(1)


class Pattern:
    """What is looked for: text, in small letters also in capitals (smart case), or a regular expression."""

    def __init__(self, text: str, is_regex: bool = False) -> None:
        """Raises re.error for an expression that is none."""
        self.text = text
        self.ignores_case = text == text.lower()
        self._regex = re.compile(text if is_regex else re.escape(text), re.IGNORECASE if self.ignores_case else 0)
        is_literal = not is_regex and (text.isascii() or not self.ignores_case)
        self.literal = text.encode("utf-8", "backslashreplace") if is_literal else None
        """What its bytes are, where it can be found by them; in small letters where it ignores case."""
        leads = (*Level, *PLAIN_SOURCES)
        self._leads = frozenset(f"{lead:5}" for lead in leads if self._regex.search(lead))

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where the matches in one line are, to be highlighted."""
        return [match.span() for match in self._regex.finditer(text) if match.end() > match.start()]

    def is_in(self, line: str, kind: int) -> bool:
        """Whether a line of the file has it."""
        if kind == UNTOLD:
            return self._regex.search(without_escapes(line)) is not None
        is_lead_seen = line[_JOIN] == Join.NEW
        has_lead = is_lead_seen and line[_seen(line)] in self._leads
        return has_lead or self._regex.search(without_escapes(line[HEAD_BYTES:])) is not None

    def lines_in(self, data: bytes, number: int) -> array[int]:
        """Numbers of the lines in `data` that have it; the first of them is `number`."""
        if self.literal is None or b"\x1b" in data:
            lines = data.removesuffix(b"\n").split(b"\n")
            found = (self.is_in(line.decode("utf-8", "backslashreplace"), kind_of(line)) for line in lines)
            return array("I", (at for at, has in enumerate(found, number) if has))
        return _lines_with(self.literal, data.lower() if self.ignores_case else data, data, number)


def _lines_with(literal: bytes, searched: bytes, data: bytes, number: int) -> array[int]:
    found, counted = array("I"), 0
    at = searched.find(literal)
    while at >= 0:
        start = data.rfind(b"\n", 0, at) + 1
        seen_from = _seen_from(data, start, at)
        if seen_from <= at:
            number += data.count(b"\n", counted, start)
            counted = start
            found.append(number)
            seen_from = data.find(b"\n", at)  # one match is enough of a line
            if seen_from < 0:
                break
        at = searched.find(literal, seen_from)
    return found


def _seen_from(data: bytes, start: int, at: int) -> int:
    """`at`, or the next place in the line, or behind it, that a reader sees."""
    column, head = at - start, data[start : start + HEAD_BYTES]
    if column >= HEAD_BYTES or kind_of(head) == UNTOLD:
        return at
    seen = _seen(head.decode())
    if column < seen.start:
        return start + seen.start
    is_seen = column < seen.stop and data[start + _JOIN] == ord(Join.NEW)
    return at if is_seen else start + HEAD_BYTES


def _seen(line: str) -> slice[int, int, None]:
    """Of what a line begins with the part that is shown, as `lead_of` says."""
    return _STREAM if line[_LEVEL] == "INFO " and line[_STREAM] in PLAIN_SOURCES else _LEVEL


class Search:
    """The lines of a log that match, as far as it was looked through."""

    def __init__(self, pattern: Pattern, index: LogIndex, line: int) -> None:
        """What is nearest to `line` is looked through first."""
        self.pattern = pattern
        self.index, self._file = index, index.file
        self.hits: array[int] = array("I")
        """In order, without gaps where everything around was looked through."""
        self.round = next(_ROUNDS)
        """Another whenever `hits` is another, of whatever search."""
        self._first = index.offset(line) // SLICE_BYTES
        self._found: list[array[int] | None] = []
        self._ends: list[int] = []
        """How far was read for each slice: the last line of one may end in the next."""

    @property
    def is_stale(self) -> bool:
        """Whether the file is another now."""
        return self.index.file is not self._file

    @property
    def done_percent(self) -> int:
        slices = self._slices()
        return sum(map(self._is_done, range(slices))) * 100 // slices if slices else 100

    def is_past(self, line: int) -> bool:
        """Whether all from there on was looked through."""
        first = self.index.offset(line) // SLICE_BYTES
        return all(self._is_done(each) for each in range(first, self._slices()))

    def _slices(self) -> int:
        return -(-self.index.size // SLICE_BYTES)

    def _is_done(self, each: int) -> bool:
        return each < len(self._ends) and self._ends[each] >= min((each + 2) * SLICE_BYTES, self.index.size)

    def job(self, most_slices: int) -> Callable[[], Callable[[], None]] | None:
        """What to do next, in whatever thread: it gives what enters the result. None: nothing is left to do."""
        slices = self._slices()
        order = chain(range(self._first, slices), range(min(self._first, slices) - 1, -1, -1))
        wanted = [each for each in order if not self._is_done(each)][:most_slices]
        if not wanted or self._file is None or self.is_stale:
            return None
        size = self.index.size
        starts = {each: self.index.block(each * SLICE_BYTES // BLOCK_BYTES)[1] for each in wanted}
        file, pattern = self._file, self.pattern

        def read() -> Callable[[], None]:
            found = [(each, _lines_of_slice(file, pattern, each, starts[each], size)) for each in wanted]
            return lambda: self._enter(found, size)

        return read

    def _enter(self, found: Sequence[tuple[int, array[int]]], size: int) -> None:
        missing = self._slices() - len(self._found)
        self._found += [None] * missing
        self._ends += [0] * missing
        for each, lines in found:
            self._found[each] = lines
            self._ends[each] = min((each + 2) * SLICE_BYTES, size)
        hits: array[int] = array("I")
        for lines_of_slice in self._found:
            if lines_of_slice:  # a line may be longer than a slice
                hits += lines_of_slice[1:] if hits and hits[-1] == lines_of_slice[0] else lines_of_slice
        self.hits, self.round = hits, next(_ROUNDS)


def _lines_of_slice(file: LogFile, pattern: Pattern, each: int, number: int, size: int) -> array[int]:
    """The lines that begin in a slice, or go on from the one before where they are longer than one."""
    nominal, end = each * SLICE_BYTES, min((each + 1) * SLICE_BYTES, size)
    start = _line_from(file, nominal, size)
    data = file.slice(start, _line_from(file, end, size))
    return pattern.lines_in(data, number + (start > nominal))


def _line_from(file: LogFile, offset: int, size: int) -> int:
    """Where the next line begins, unless it is further away than a slice."""
    if not 0 < offset < size:
        return offset
    for at in range(offset - 1, min(offset + SLICE_BYTES, size), BLOCK_BYTES):
        newline = file.slice(at, min(at + BLOCK_BYTES, size)).find(b"\n")
        if newline >= 0:
            return at + newline + 1
    return offset
