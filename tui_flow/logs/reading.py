"""Logs as readers see them: of any size, growing, rotated or deleted under their hands. Nothing reads a whole file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

WINDOW_BYTES = 256 * 1024
MAX_UNFINISHED_BYTES = 256 * 1024
"""A line longer than this, which none of ours is, is handed out in parts."""


def read_tail(path: Path, n_bytes: int = 64 * 1024) -> str:
    """The last whole lines within `n_bytes`; empty where there is no log. Pass it through `safe` before a terminal."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        start = max(os.fstat(fd).st_size - n_bytes, 0)
        data = os.pread(fd, n_bytes, start)
    finally:
        os.close(fd)
    if start:
        data = data[data.find(b"\n") + 1 :]
    return data.lstrip(b"\0").decode("utf-8", "backslashreplace")


@dataclass(frozen=True, slots=True)
class Followed:
    """What one look at a growing log brought."""

    lines: tuple[str, ...] = ()
    """New lines, without their newlines."""
    is_reset: bool = False
    """The log was replaced or cut: `lines` begin anew, and what was shown before is gone from the disk."""
    is_missing: bool = False
    """There is no log: not yet, or not any more."""
    has_more: bool = False
    """More is there already: ask again at once."""


class LogFollower:
    """Reads a log piece by piece as it grows; survives truncation, rotation and deletion."""

    def __init__(self, path: Path, last_bytes: int | None = None) -> None:
        """`last_bytes`: begin that far before the end, at a line's start; None begins at the top."""
        self._path, self._last_bytes = path, last_bytes
        self._fd = -1
        self._identity: tuple[int, int] | None = None
        self.offset = 0
        """Where the next read begins."""
        self._unfinished = b""
        self._has_seen_hole = False
        self._last_line = b""

    def read(self, max_bytes: int = WINDOW_BYTES) -> Followed:
        """What is new, at most about `max_bytes` of it."""
        is_reset = self._follow_name()
        if self._fd < 0:
            return Followed(is_reset=is_reset, is_missing=True)
        size = os.fstat(self._fd).st_size
        if size < self.offset and not (self._has_seen_hole and self._find_place_again(size)):
            self._restart()
            is_reset = True
        self._skip_hole(size)
        data = os.pread(self._fd, max_bytes, self.offset)
        self.offset += len(data)
        return Followed(self._lines(data), is_reset, has_more=self.offset < size)

    def close(self) -> None:
        """Let go of the file, if one is open; reading again opens it anew."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def rest(self) -> str:
        """The unfinished last line, as far as it was read; only a writer that was killed leaves one."""
        return self._unfinished.decode("utf-8", "backslashreplace")

    def _follow_name(self) -> bool:
        """Open what the path names now; true when that is another file than before."""
        try:
            status = os.stat(self._path)
        except OSError:
            had_file = self._fd >= 0
            self.close()
            return had_file
        identity = (status.st_dev, status.st_ino)
        if self._fd >= 0 and identity == self._identity:
            return False
        is_reset = self._identity is not None
        self.close()
        try:
            self._fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return is_reset
        self._identity = identity
        self._restart()
        if not is_reset and self._last_bytes is not None:
            self._begin_near_end(status.st_size, self._last_bytes)
        return is_reset

    def _begin_near_end(self, size: int, last_bytes: int) -> None:
        start = max(size - last_bytes, 0)
        if start:
            start += os.pread(self._fd, last_bytes, start).find(b"\n") + 1
        self.offset = start

    def _restart(self) -> None:
        self.offset, self._unfinished = 0, b""

    def _skip_hole(self, size: int) -> None:
        """The middle of an oversized log is a hole until its attempt has ended."""
        if self.offset >= size:
            return
        try:
            data = os.lseek(self._fd, self.offset, os.SEEK_DATA)
        except OSError:
            return
        if data > self.offset:
            self.offset, self._unfinished, self._has_seen_hole = data, b"", True

    def _find_place_again(self, size: int) -> bool:
        """When `close_log` has moved the tail up: go on behind the line that was read last."""
        start = max(size - WINDOW_BYTES, 0)
        place = os.pread(self._fd, WINDOW_BYTES, start).rfind(self._last_line + b"\n")
        if not self._last_line or place < 0:
            return False
        self.offset, self._unfinished = start + place + len(self._last_line) + 1, b""
        return True

    def _lines(self, data: bytes) -> tuple[str, ...]:
        whole, newline, rest = (self._unfinished + data).rpartition(b"\n")
        if len(rest) > MAX_UNFINISHED_BYTES:
            whole, newline, rest = whole + newline + rest, b"\n", b""
        self._unfinished = rest
        if not newline:
            return ()
        self._last_line = whole.rpartition(b"\n")[2]
        return tuple(line.lstrip(b"\0").decode("utf-8", "backslashreplace") for line in whole.split(b"\n"))
