"""Where an attempt's own words go: `sys.stdout`, `sys.stderr` and the `logging` module, stamped into its log.

Each line is written at once and straight to the file: the order within a stream is exact, and a crash loses nothing.
"""

from __future__ import annotations

import io
import logging
import os
import threading
from typing import Protocol

from tui_flow.logs.lines import Level, LineStamper, Masker, NoSecrets, Source, stamp_record


class Lines(Protocol):
    """Takes stamped lines: a `CappedLog`, or what stands in for one."""

    def write(self, lines: bytes) -> None: ...


def level_of(levelno: int) -> Level:
    """Our level for one of `logging`'s numbers."""
    if levelno >= logging.CRITICAL:
        return Level.CRIT
    if levelno >= logging.ERROR:
        return Level.ERROR
    if levelno >= logging.WARNING:
        return Level.WARN
    return Level.INFO if levelno >= logging.INFO else Level.DEBUG


class TaskLogHandler(logging.Handler):
    """Writes log records; a traceback follows its message as further lines of the same record."""

    def __init__(self, log: Lines, masker: Masker | None = None, source: Source = Source.TASK) -> None:
        super().__init__()
        self._log, self._source = log, source
        self._masker: Masker = NoSecrets() if masker is None else masker

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = self.format(record)
            self._log.write(
                stamp_record(text, self._source, level_of(record.levelno), self._masker, int(record.created * 1e9))
            )
        except Exception:  # a record that cannot be formatted must not end the task
            self.handleError(record)


class _StampedBytes(io.RawIOBase):
    """The binary side of a `StampedStream`: `sys.stdout.buffer`."""

    def __init__(self, text: StampedStream) -> None:
        self._text = text

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        raw = bytes(data)  # type: ignore[call-overload]
        self._text.write_bytes(raw)
        return len(raw)

    def fileno(self) -> int:
        return self._text.fileno()


class StampedStream(io.TextIOBase):
    """A text stream to put in the place of `sys.stdout` or `sys.stderr`.

    `fd` is what `fileno()` tells: the raw descriptor (1 or 2) that subprocesses inherit, which somebody else pumps.
    """

    def __init__(
        self, source: Source, log: Lines, masker: Masker | None = None, level: Level = Level.INFO, fd: int = 1
    ) -> None:
        self._stamper = LineStamper(source, level, masker)
        self._log, self._fd = log, fd
        self._name = f"<{source}>"
        self._bytes = _StampedBytes(self)
        self._renew_lock()
        os.register_at_fork(after_in_child=self._renew_lock)

    @property
    def buffer(self) -> io.RawIOBase:
        return self._bytes

    @property
    def name(self) -> str:
        return self._name

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"

    @property
    def errors(self) -> str:  # type: ignore[override]
        return "backslashreplace"

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        return self._fd

    def reconfigure(self, **options: object) -> None:
        """Accepted as programs call it on `sys.stdout`; there is nothing to choose here."""

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        with self._lock:
            if lines := self._stamper.feed_text(text):
                self._log.write(lines)
        return len(text)

    def write_bytes(self, data: bytes) -> None:
        with self._lock:
            if lines := self._stamper.feed(data):
                self._log.write(lines)

    def end(self) -> None:
        """Write the unfinished last line; for the end of the attempt (`flush` must not break a line in two)."""
        with self._lock:
            if lines := self._stamper.flush():
                self._log.write(lines)

    def _renew_lock(self) -> None:
        """Reentrant, because signal handlers print; anew after a fork, because another thread may have held it."""
        self._lock = threading.RLock()

    def close(self) -> None:
        """Programs that close `sys.stdout` may go on printing: the log is not theirs to close."""
