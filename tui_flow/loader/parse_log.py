"""What a DAG file prints while it is imported: kept up to 64 KiB, whoever prints it and however the process ends."""

from __future__ import annotations

import fcntl
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

PARSE_LOG_BYTES = 64 * 1024


class ParseLog:
    """Memory that descriptors 1 and 2 write to during an import; what does not fit is refused by the kernel.

    It is shared with forked processes: whoever made it before the fork reads in it what a crashed child last said.
    """

    def __init__(self) -> None:
        self._fd = os.memfd_create("tuiflow-parse-log", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(self._fd, PARSE_LOG_BYTES)
        fcntl.fcntl(self._fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK)

    def text(self) -> str:
        """What was printed so far."""
        written = os.lseek(self._fd, 0, os.SEEK_CUR)
        text = os.pread(self._fd, min(written, PARSE_LOG_BYTES), 0).decode("utf-8", "backslashreplace")
        return text + "\n... more was printed ...\n" if written >= PARSE_LOG_BYTES else text

    def close(self) -> None:
        """Give the memory back."""
        os.close(self._fd)

    @contextmanager
    def capture(self) -> Iterator[None]:
        """Send `sys.stdout`, `sys.stderr` and the descriptors 1 and 2 here."""
        streams = sys.stdout, sys.stderr
        for stream in streams:
            _flush(stream)
        saved = os.dup(1), os.dup(2)
        os.dup2(self._fd, 1)
        os.dup2(self._fd, 2)
        sys.stdout, sys.stderr = _text_stream(1), _text_stream(2)
        try:
            yield
        finally:
            sys.stdout, sys.stderr = streams
            for original, copy in zip((1, 2), saved, strict=True):
                os.dup2(copy, original)
                os.close(copy)


class _Descriptor(io.RawIOBase):
    """A descriptor whose refusals do not reach the program that prints."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._fd

    def write(self, data: object) -> int:
        view = memoryview(data)  # type: ignore[arg-type]
        try:
            os.write(self._fd, view)
        except OSError:
            pass
        return view.nbytes


def _text_stream(fd: int) -> io.TextIOWrapper:
    raw = _Descriptor(fd)  # unbuffered, as of `python -u`: order between Python, C and children stays
    return io.TextIOWrapper(raw, encoding="utf-8", errors="backslashreplace", write_through=True)  # type: ignore[arg-type]


def _flush(stream: object) -> None:
    try:
        stream.flush()  # type: ignore[attr-defined]
    except (AttributeError, OSError, ValueError):
        pass
