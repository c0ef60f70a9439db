"""The file that an attempt's log is: where it lies, how it is written by several processes, how its size is capped.

Theory of operation. The attempt and its host append whole lines to one file (O_APPEND), and nothing else coordinates
them. Once the file is larger than head + tail, whoever writes punches the middle out of it: the disk blocks go back,
offsets stay as they were, so that neither the other writer nor a reader notices. `close_log`, called once by whoever is
last, moves the tail up to the head with one line between them that says how much is left out.

A write never fails: what the disk does not take is counted, and a line says so as soon as there is room again.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from tui_flow.logs.lines import Level, Source, stamp

HEAD_BYTES = 100 * 1024**2
TAIL_BYTES = 10 * 1024**2
ATOMIC_BYTES = 4096
"""Appends of at most this much are never torn apart by another writer."""
_PUNCH_STEP = 1024**2
_MARKER_BYTES = 128
_PUNCH_HOLE_KEEP_SIZE = 0x02 | 0x01


def log_path(logs: Path, dag_id: str, run_id: str, task_id: str, map_index: int, try_number: int) -> Path:
    """`<logs>/<dag_id>/<run_id>/<task_id>[.<map_index>]/<try>.log`; `map_index` -1: not a mapped task.

    No file has a NUL in its name: ids from elsewhere that hold one get a name that nothing has.
    """
    folder = task_id if map_index < 0 else f"{task_id}.{map_index}"
    dag_folder, run_folder, folder = (name.replace("\0", "␀") for name in (dag_id, run_id, folder))
    return logs / dag_folder / run_folder / folder / f"{try_number}.log"


def open_log(path: Path) -> int:
    """A descriptor to append to the log (0600, folders 0700); a symlink in its place is refused (OSError)."""
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return os.open(path, flags, 0o600)
    except FileNotFoundError:
        _make_private(path.parent)
        return os.open(path, flags, 0o600)


def _make_private(folder: Path) -> None:
    if not folder.is_dir():
        _make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


class CappedLog:
    """Appends stamped lines to one log. Several may be open on the same file, in several processes."""

    def __init__(self, path: Path, head_bytes: int = HEAD_BYTES, tail_bytes: int = TAIL_BYTES) -> None:
        self.path = path
        self._head, self._tail = head_bytes, tail_bytes
        self._punch_at = head_bytes + tail_bytes + _PUNCH_STEP
        self._is_punchable = True
        self._is_torn = False
        self.dropped_bytes = 0
        """What the disk did not take and no line has told of yet."""
        self._why_dropped = ""
        self._fd = -1
        self._open()

    def write(self, lines: bytes) -> None:
        """Append whole stamped lines; never raises and never waits for anything but the disk."""
        start = 0
        while start < len(lines):
            end = len(lines) if len(lines) - start <= ATOMIC_BYTES else _last_line_end(lines, start)
            self._append(lines[start:end])
            start = end

    def close(self) -> None:
        if self._fd >= 0:
            if self.dropped_bytes:
                self._append(b"")
            os.close(self._fd)
            self._fd = -1

    def fileno(self) -> int:
        """The descriptor that lines are appended to; -1 while there is none."""
        return self._fd

    def _open(self) -> None:
        try:
            self._fd = open_log(self.path)
        except OSError as err:
            self._fd, self._why_dropped = -1, os.strerror(err.errno or 0)

    def _append(self, chunk: bytes) -> None:
        if not self._is_ready():
            self.dropped_bytes += len(chunk)
            return
        first = b"\n" * self._is_torn + (self._dropped_line() if self.dropped_bytes else b"")
        data = first + chunk
        written = self._write(data)
        if written:
            self._is_torn = data[written - 1 : written] != b"\n"
        if written >= len(first):
            self.dropped_bytes = len(data) - written
        else:
            self.dropped_bytes += len(chunk)

    def _write(self, data: bytes) -> int:
        try:
            return os.write(self._fd, data)
        except OSError as err:
            self._why_dropped = os.strerror(err.errno or 0)
            return 0

    def _is_ready(self) -> bool:
        """The file is there (opened anew when somebody deleted it) and within its cap."""
        if self._fd < 0:
            self._open()
            return self._fd >= 0
        status = os.fstat(self._fd)
        if status.st_nlink == 0:
            os.close(self._fd)
            self._open()
            if self._fd >= 0:
                self._write(stamp("the log was deleted; what it held is gone", Source.TUIFLOW, Level.WARN))
            return self._fd >= 0
        if status.st_size >= self._punch_at:
            self._punch(status.st_size)
        return self._is_punchable or status.st_size < self._punch_at

    def _punch(self, size: int) -> None:
        self._is_punchable = self._is_punchable and punch_hole(self._fd, self._head, size - self._tail - self._head)
        if self._is_punchable:
            self._punch_at = size + _PUNCH_STEP
        else:
            self._why_dropped = f"over {self._head + self._tail} bytes, and this file system cannot punch holes"

    def _dropped_line(self) -> bytes:
        why = "disk full" if self._why_dropped == os.strerror(28) else self._why_dropped
        return stamp(f"{self.dropped_bytes} bytes dropped: {why}", Source.TUIFLOW, Level.WARN)


def _last_line_end(lines: bytes, start: int) -> int:
    """End of the last line that fits into an atomic append; of the first line, where that alone is too long."""
    end = lines.rfind(b"\n", start, start + ATOMIC_BYTES) + 1
    return end or lines.find(b"\n", start) + 1 or len(lines)


def punch_hole(fd: int, offset: int, length: int) -> bool:
    """Give a range's blocks back to the disk; it reads as zeros then. False where the file system cannot."""
    import ctypes  # 5 ms that only an oversized log costs

    libc = ctypes.CDLL(None, use_errno=True)
    libc.fallocate.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64]
    return bool(libc.fallocate(fd, _PUNCH_HOLE_KEEP_SIZE, offset, length) == 0)


def close_log(path: Path, head_bytes: int = HEAD_BYTES, tail_bytes: int = TAIL_BYTES) -> None:
    """Bring a log to its final size once nobody writes to it any more; does nothing to one within its cap."""
    try:
        fd = open_log(path)
    except OSError:
        return
    try:
        size = os.fstat(fd).st_size
        if stat.S_ISREG(os.fstat(fd).st_mode) and size > head_bytes + tail_bytes:
            _join_head_and_tail(fd, size, head_bytes, tail_bytes)
    except OSError:
        pass  # a full disk: the log stays readable with its hole
    finally:
        os.close(fd)


def _join_head_and_tail(fd: int, size: int, head_bytes: int, tail_bytes: int) -> None:
    window = min(head_bytes, ATOMIC_BYTES * 32)
    head_end = head_bytes - window + os.pread(fd, window, head_bytes - window).rfind(b"\n") + 1
    room = tail_bytes - _MARKER_BYTES
    tail = os.pread(fd, room, size - room)
    tail = tail[tail.find(b"\n") + 1 :]
    left_out = size - head_end - len(tail)
    marker = stamp(f"... {left_out} bytes left out ...", Source.TUIFLOW)
    os.ftruncate(fd, head_end)
    os.write(fd, marker + tail)
