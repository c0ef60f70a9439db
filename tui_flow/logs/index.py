"""A log of any size as numbered lines, without reading it whole: for views that jump about in it.

Theory of operation. For every block of 64 KiB it is counted once how many newlines come before it; a line is then
found by bisection and a scan of one block. Of every line its kind is kept, a byte. What is appended is counted by a
`Growth`, which only reads and may do so in another thread; `take` enters it. Nothing is mapped into memory: a log that
is over its cap is cut when its attempt ends, and to touch a page that is gone kills the process.

A log that was over its cap has a hole in the middle until then: blocks of zero bytes hold no newline, and its lines
before and after become one long line, of which the zeros are not shown.
"""

from __future__ import annotations

import os
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path

from tui_flow.logs.kinds import ERRORS, HEAD_BYTES, UNTOLD, WARNINGS, count_of, kind_of, kinds_of

BLOCK_BYTES = 1 << 16
LINE_BYTES = 4096
"""Of a longer line no more than this is shown."""


class LogFile:
    """An open file, which is closed when nobody has it any more: what reads in another thread keeps it."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        status = os.fstat(self._fd)
        self.identity = (status.st_dev, status.st_ino)

    def __del__(self) -> None:
        if hasattr(self, "_fd"):
            os.close(self._fd)

    def size(self) -> int:
        return os.fstat(self._fd).st_size

    def slice(self, start: int, end: int) -> bytes:
        return os.pread(self._fd, end - start, start) if end > start else b""


class Growth:
    """What an index does not know yet of its file: counted by `read`, in whatever thread."""

    def __init__(self, index: LogIndex, file: LogFile, end: int) -> None:
        self.file, self._old_size, self._end = file, index.size, end
        self.offsets, self.before = array("Q"), array("Q")
        self.kinds = bytearray()
        """Of the line that was unfinished, and of those after it."""
        self.size, self.newlines, self.last_start = index.size, index.newlines, index.last_start
        self.kept_blocks = index.blocks
        if index.blocks and index.size % BLOCK_BYTES:  # the last block was not full: it is counted again
            self.kept_blocks -= 1
            self.size, self.newlines = index.block(self.kept_blocks)

    def read(self) -> None:
        head = self.file.slice(self.last_start, min(self._old_size, self.last_start + HEAD_BYTES))
        while self.size < self._end:
            data = self.file.slice(self.size, min(self.size + BLOCK_BYTES, self._end))
            if not data:
                break
            self.offsets.append(self.size)
            self.before.append(self.newlines)
            self.newlines += data.count(b"\n")
            first, *begun = data[max(self._old_size - self.size, 0) :].split(b"\n")
            self.size += len(data)
            if len(head) < HEAD_BYTES:
                head += first[:HEAD_BYTES]
            if begun:
                self.kinds.append(kind_of(head))
                *whole, head = begun
                self.kinds += kinds_of(whole)
                self.last_start = self.size - len(head)
        self.kinds.append(kind_of(head))


class LogIndex:
    """Line number -> bytes. Not for use from two threads at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.openings = 0
        """How often the file was found to be another, or cut."""
        self.close()

    def close(self) -> None:
        self.file: LogFile | None = None
        self.size = 0
        """Bytes that are counted."""
        self.file_size = 0
        """Bytes that there were when it was looked at last."""
        self.newlines = 0
        self.last_start = 0
        """Where the last line begins, or will."""
        self.kinds = bytearray()
        """Of every line, the one that is to come included."""
        self.errors = self.warnings = self._untold = 0
        """How many there are; lines that go on with one are not counted."""
        self._offsets, self._before = array("Q"), array("Q")
        """Where each block begins, and how many newlines come before it."""

    def grow(self) -> bool:
        """Count what is new. Whether anything changed; a file that was replaced or cut is counted anew, one that is
        missing is empty."""
        openings, growth = self.openings, self.growth()
        if growth is not None:
            growth.read()
            self.take(growth)
        return growth is not None or openings != self.openings

    def growth(self, most_bytes: int | None = None) -> Growth | None:
        """What is to be read next, at most about `most_bytes` of it; None: nothing is new."""
        size = self.look()
        if self.file is None or size == self.size:
            return None
        return Growth(self, self.file, size if most_bytes is None else min(size, self.size + most_bytes))

    def take(self, growth: Growth) -> None:
        """Enter what was counted, unless the file is another meanwhile."""
        if growth.file is not self.file:
            return
        old = bytes(self.kinds[-1:])
        self.kinds[-1:] = growth.kinds
        self.errors += count_of(growth.kinds, ERRORS) - count_of(old, ERRORS)
        self._untold += growth.kinds.count(UNTOLD) - old.count(UNTOLD)
        self.warnings += count_of(growth.kinds, WARNINGS) - count_of(old, WARNINGS)
        del self._offsets[growth.kept_blocks :], self._before[growth.kept_blocks :]
        self._offsets += growth.offsets
        self._before += growth.before
        self.size, self.newlines, self.last_start = growth.size, growth.newlines, growth.last_start

    def look(self) -> int:
        """The size of the file that the path names now; 0 where there is none. What was known of another is gone."""
        try:
            status = os.stat(self.path)
            is_other = self.file is None or (status.st_dev, status.st_ino) != self.file.identity
            if is_other or status.st_size < self.size:
                file = LogFile(self.path)
                self._begin_anew()
                self.file = file
        except OSError:
            if self.file is not None:
                self._begin_anew()
            return 0
        self.file_size = status.st_size
        return status.st_size

    def _begin_anew(self) -> None:
        self.close()
        self.openings += 1

    @property
    def is_missing(self) -> bool:
        return self.file is None

    @property
    def is_counted(self) -> bool:
        return self.size >= self.file_size

    @property
    def untold(self) -> int:
        """How many lines do not tell their level, nor who wrote them."""
        return self._untold - (self.last_start >= self.size and self.size > 0)

    @property
    def blocks(self) -> int:
        return len(self._offsets)

    def block(self, number: int) -> tuple[int, int]:
        """Where a block begins, and how many newlines come before it."""
        return self._offsets[number], self._before[number]

    @property
    def lines(self) -> int:
        """How many there are, an unfinished last one included."""
        return self.newlines + (self.last_start < self.size)

    def kind(self, line: int) -> int:
        return self.kinds[line] if 0 <= line < len(self.kinds) else UNTOLD

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
            if end >= 0 or at + len(data) >= self.size or not data:
                whole = data if end < 0 else data[:end]
                yield text_of(whole)
                at += len(whole) + 1
            else:
                end = self._line_end(at + 1)
                yield text_of(data, end - at)
                at = end

    def _slice(self, start: int, end: int) -> bytes:
        return self.file.slice(start, end) if self.file is not None else b""

    def _line_end(self, at: int) -> int:
        """Behind the newline of the line that the byte at `at` is in: known by blocks, so that only one is read."""
        block = bisect_right(self._offsets, at) - 1
        start = self._offsets[block]
        end = self._slice(at, min(start + BLOCK_BYTES, self.size)).find(b"\n")
        if end >= 0:
            return at + end + 1
        if block + 1 == len(self._offsets):
            return self.size
        after = bisect_right(self._before, self._before[block + 1]) - 1  # the block in which the line ends
        if after + 1 == len(self._offsets) and self.last_start <= at:
            return self.size
        return (
            self._offsets[after] + self._slice(self._offsets[after], self._offsets[after] + BLOCK_BYTES).find(b"\n") + 1
        )


def text_of(line: bytes, length: int = 0) -> str:
    """A line, or its beginning and how much is missing of its `length`."""
    missing = max(length, len(line)) - LINE_BYTES
    text = line[:LINE_BYTES].lstrip(b"\0").decode("utf-8", "backslashreplace")
    return f"{text} … +{bytes_of(missing)}" if missing > 0 else text


def bytes_of(count: int) -> str:
    for unit in ("B", "KB", "MB"):
        if count < 1000:
            return f"{count} {unit}"
        count //= 1000
    return f"{count} GB"
