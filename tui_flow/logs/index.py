"""A log of any size as numbered lines, without reading it whole: for views that jump about in it.

Theory of operation. For every block of 64 KiB it is counted once how many newlines come before it; a line is then
found by bisection and a scan of one block. Appended bytes are counted when `grow` is called. Nothing is mapped into
memory: a log that is over its cap is cut when its attempt ends, and to touch a page that is gone kills the process.

A log that was over its cap has a hole in the middle until then: blocks of zero bytes hold no newline, and its lines
before and after become one long line, of which the zeros are not shown.
"""

from __future__ import annotations

import os
import re
from array import array
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

BLOCK_BYTES = 1 << 16
LINE_BYTES = 4096
"""Of a longer line no more than this is shown."""
SEARCH_BYTES = 1 << 20
"""A search looks at this much at a time, so that it can be given up."""


class LogIndex:
    """Line number -> bytes. Not for use from two threads at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        """Bytes that are counted."""
        self._fd = -1
        self._identity: tuple[int, int] | None = None
        self._offsets, self._before = array("Q"), array("Q")
        """Where each block begins, and how many newlines come before it."""
        self._newlines = 0

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
        self._fd, self.size, self._newlines, self._identity = -1, 0, 0, None
        self._offsets, self._before = array("Q"), array("Q")

    def grow(self, most_bytes: int | None = None) -> bool:
        """Count what is new, at most about `most_bytes` of it. Whether anything changed; a file that was replaced or
        cut is counted anew, one that is missing is empty."""
        size = self._follow_name()
        if size is None:
            had = self._identity is not None
            self.close()
            return had
        if size == self.size:
            return False
        self._count(size, most_bytes)
        return True

    def _follow_name(self) -> int | None:
        """The size of the file that the path names now; None where there is none."""
        try:
            status = os.stat(self.path)
            identity = (status.st_dev, status.st_ino)
            if identity != self._identity or status.st_size < self.size:
                self.close()
                self._fd = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
                self._identity = identity
        except OSError:
            return None
        return status.st_size

    def _count(self, size: int, most_bytes: int | None) -> None:
        at = self.size
        if self._offsets and at % BLOCK_BYTES:  # the last block was not full: count it again
            at, self._newlines = self._offsets.pop(), self._before.pop()
        stop = size if most_bytes is None else min(size, at + most_bytes)
        while at < stop:
            data = os.pread(self._fd, min(BLOCK_BYTES, size - at), at)
            if not data:
                break
            self._offsets.append(at)
            self._before.append(self._newlines)
            self._newlines += data.count(b"\n")
            at += len(data)
        self.size = at

    @property
    def is_missing(self) -> bool:
        return self._identity is None

    @property
    def lines(self) -> int:
        """How many there are, an unfinished last one included."""
        if not self.size:
            return 0
        return self._newlines + (self._slice(self.size - 1, self.size) != b"\n")

    def offset(self, line: int) -> int:
        """Where a line begins; lines count from 0."""
        if line <= 0 or not self.size:
            return 0
        block = bisect_right(self._before, line - 1) - 1
        start = self._offsets[block]
        data = self._slice(start, min(start + BLOCK_BYTES, self.size))
        at = -1
        for _ in range(line - self._before[block]):
            at = data.find(b"\n", at + 1)
        return start + at + 1

    def line_at(self, offset: int) -> int:
        """The line that holds the byte at `offset`."""
        if not self._offsets:
            return 0
        block = bisect_right(self._offsets, offset) - 1
        return self._before[block] + self._slice(self._offsets[block], offset).count(b"\n")

    def read(self, line: int, count: int) -> list[str]:
        """Up to `count` lines from `line` on, without their newlines; of a long one its beginning and how much is
        missing."""
        return [text for _, text in zip(range(count), self._lines_from(self.offset(line)), strict=False)]

    def _lines_from(self, at: int) -> Iterator[str]:
        while at < self.size:
            data = self._slice(at, min(at + LINE_BYTES, self.size))
            end = data.find(b"\n")
            if end >= 0 or at + len(data) >= self.size:
                whole = data if end < 0 else data[:end]
                yield _text(whole)
                at += len(whole) + 1
            else:
                end = self.line_end(at + 1)
                yield f"{_text(data)} … +{_bytes(end - at - len(data))}"
                at = end

    # -- searching

    def find(self, pattern: Pattern, line: int, backwards: bool = False, stop: Callable[[], bool] = bool) -> int | None:
        """The nearest line after (before) `line` that matches; None: there is none, or `stop()` said so."""
        if backwards:
            return self._find_before(pattern, self.offset(line), stop)
        start = self.offset(line + 1) if line + 1 < self.lines else self.size
        for at in self._hits(pattern, start, stop):
            return self.line_at(at)
        return None

    def _find_before(self, pattern: Pattern, end: int, stop: Callable[[], bool]) -> int | None:
        while end > 0 and not stop():
            start = self.line_start(max(end - SEARCH_BYTES, 0))
            hits = deque(pattern.offsets(self._slice(start, end)), maxlen=1)
            if hits:
                return self.line_at(start + hits[0])
            end = start
        return None

    def matching_lines(self, pattern: Pattern, most: int, stop: Callable[[], bool] = bool) -> list[int]:
        """The numbers of all lines that match, at most `most`."""
        found: list[int] = []
        for at in self._hits(pattern, 0, stop):
            line = self.line_at(at)
            if not found or found[-1] != line:
                found.append(line)
                if len(found) >= most:
                    break
        return found

    def _hits(self, pattern: Pattern, start: int, stop: Callable[[], bool]) -> Iterator[int]:
        """Offsets of matches, slice by slice; every slice ends with a line."""
        while start < self.size and not stop():
            end = self.line_end(min(start + SEARCH_BYTES, self.size))
            for at in pattern.offsets(self._slice(start, end)):
                yield start + at
            start = end

    def _slice(self, start: int, end: int) -> bytes:
        return os.pread(self._fd, end - start, start) if end > start else b""

    def line_start(self, offset: int) -> int:
        """Where the line begins that the byte before `offset` is in."""
        while offset > 0:
            start = max(offset - BLOCK_BYTES, 0)
            at = self._slice(start, offset).rfind(b"\n")
            if at >= 0:
                return start + at + 1
            offset = start
        return 0

    def line_end(self, offset: int) -> int:
        """Behind the newline of the line that the byte before `offset` is in."""
        at = max(offset - 1, 0)
        while at < self.size:
            data = self._slice(at, min(at + BLOCK_BYTES, self.size))
            end = data.find(b"\n")
            if end >= 0:
                return at + end + 1
            if not data:
                break
            at += len(data)
        return self.size


class Pattern:
    """What is looked for: text, in small letters also in capitals (smart case), or a regular expression."""

    def __init__(self, text: str, is_regex: bool = False) -> None:
        """Raises re.error for an expression that is none."""
        self.text = text
        self.ignores_case = text == text.lower()
        flags = re.IGNORECASE if self.ignores_case else 0
        body = text if is_regex else re.escape(text)
        self._regex = re.compile(body, flags)
        self._bytes_regex = re.compile(body.encode(), flags)
        self._literal = None if is_regex or not text.isascii() and self.ignores_case else text.encode()

    def offsets(self, data: bytes) -> Iterator[int]:
        """Where the matches in `data` begin."""
        if self._literal is None:
            for match in self._bytes_regex.finditer(data):
                yield match.start()
            return
        data = data.lower() if self.ignores_case else data
        at = data.find(self._literal)
        while at >= 0:
            yield at
            at = data.find(self._literal, at + max(len(self._literal), 1))

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where the matches in one line are, to be highlighted."""
        return [match.span() for match in self._regex.finditer(text) if match.end() > match.start()]


def _text(data: bytes) -> str:
    return data.lstrip(b"\0").decode("utf-8", "backslashreplace")


def _bytes(count: int) -> str:
    for unit in ("B", "KB", "MB"):
        if count < 1000:
            return f"{count} {unit}"
        count //= 1000
    return f"{count} GB"
