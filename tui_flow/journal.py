"""An attempt's journal: who claimed it, whether anything of it lives, how it ended, and what it asked to be written.

Theory of operation. One file per attempt, made by the scheduler after the launch is committed and before it is sent.
Whoever supervises the attempt (its host) opens it, takes an open-file-description lock on it and keeps it until the
attempt is reaped and swept; the attempt and its children inherit the descriptor, so *the lock is free exactly when
everything of the attempt is gone*. User code starts only after a claim was written under that lock; a recovering
scheduler takes the same lock to write a void claim instead, so start and void exclude each other. A host never creates
a journal: a workload that arrives after its attempt was recorded and cleaned up finds no file and is dropped. The
result is written before the lock can fall, into a block that exists since the file was made, so a full disk cannot lose
it.

    offset 0     claim    JSON line: pid, host, boot id, start time ... or void
    offset 448   exit     `exit N` from a shell wrapper, and `all` when its host had died and all output was read
    offset 512   result   `length crc JSON`
    offset 4096  effects  JSON lines, appended: XComs, triggered runs, variables

Nothing is fsynced: after a reboot an attempt without a recorded result is `lost`, whatever its journal says.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import signal
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from tui_flow.file_lock import is_locked, try_lock
from tui_flow.spec import Json

EXIT_OFFSET = 448
RESULT_OFFSET = 512
EFFECTS_OFFSET = 4096
_EMPTY_BLOCK = bytes(EFFECTS_OFFSET)
_MAX_RESULT_BYTES = EFFECTS_OFFSET - RESULT_OFFSET
_encode = json.JSONEncoder(separators=(",", ":")).encode


_crash_at: tuple[str, int] | None = None
if "TUIFLOW_CRASH" in os.environ:
    _name, _, _nth = os.environ["TUIFLOW_CRASH"].partition(":")
    _crash_at = (_name, int(_nth or 1))


def crash_point(name: str) -> None:
    """Where tests have a process killed: with `TUIFLOW_CRASH=name:n` the n-th pass in one process is its last act."""
    global _crash_at
    if _crash_at is None or _crash_at[0] != name:
        return
    _crash_at = (name, _crash_at[1] - 1)
    if _crash_at[1] == 0:
        os.kill(os.getpid(), signal.SIGKILL)


class Liveness(StrEnum):
    """What a journal alone can tell of its attempt."""

    UNCLAIMED = "unclaimed"
    VOID = "void"
    ALIVE = "alive"
    ENDED = "ended"
    """A result is there and nothing of the attempt lives."""
    GONE = "gone"
    """Claimed, dead, without a result: nobody can know how it ended."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A journal as read; `claim` is None before anybody claimed it."""

    claim: dict[str, Json] | None
    result: dict[str, Json] | None
    exit_code: int | None
    is_pumped: bool
    """Of a shell command whose host died: all its output was read before it ended."""
    effects: tuple[dict[str, Json], ...]

    @property
    def is_void(self) -> bool:
        return bool(self.claim and self.claim.get("void"))


class Journal:
    """An open journal. The descriptor is inheritable to forks and closed on exec unless passed on."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._end = max(EFFECTS_OFFSET, os.fstat(fd).st_size)
        self._serial = sum(1 for _ in _read_effects(fd)) if self._end > EFFECTS_OFFSET else 0
        self._writing = threading.Lock()

    def write_claim(self, claim: dict[str, Json]) -> bool:
        """Claim the attempt; False if it was claimed or voided before. Call it with the lock held."""
        if read_claim(self.fd) is not None:
            return False
        body = _encode(claim).encode() + b"\n"
        assert len(body) <= EXIT_OFFSET, "a claim must fit its block"
        os.pwrite(self.fd, body, 0)
        return True

    def amend_claim(self, claim: dict[str, Json]) -> None:
        """Say more in a claim that is ours already; what it said before must still be in it."""
        os.pwrite(self.fd, _encode(claim).encode() + b"\n", 0)

    def add_effect(self, effect: dict[str, Json]) -> int:
        """Append what the recorder shall write with the result; its number, from 0. Raises OSError when the disk is
        full."""
        body = _encode(effect).encode() + b"\n"
        with self._writing:
            written = os.pwrite(self.fd, body, self._end)
            if written < len(body):
                raise OSError(errno.ENOSPC, "No space left on device for the attempt's journal")
            self._end += written
            self._serial += 1
            return self._serial - 1

    def write_result(self, result: dict[str, Json]) -> None:
        """Record how the attempt ended; long texts are cut so that it fits the reserved block."""
        body = _encode(result).encode()
        while len(body) > _MAX_RESULT_BYTES - 32:
            longest = max((k for k, v in result.items() if isinstance(v, str)), key=lambda k: len(result[k]))
            result = {**result, longest: result[longest][: len(result[longest]) // 2]}
            body = _encode(result).encode()
        os.pwrite(self.fd, b"%d %08x " % (len(body), zlib.crc32(body)) + body, RESULT_OFFSET)

    def read(self) -> Entry:
        return _read(self.fd)

    def close(self) -> None:
        os.close(self.fd)


def create(path: Path) -> None:
    """Make an empty journal, its first block reserved. Raises OSError."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        os.pwrite(fd, _EMPTY_BLOCK, 0)
    finally:
        os.close(fd)


def supervise(path: str) -> Journal | None:
    """Open and lock the journal of an attempt that is about to start; None if it may not start (void, claimed,
    gone)."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    if not try_lock(fd) or read_claim(fd) is not None:
        os.close(fd)
        return None
    return Journal(fd)


def look(path: Path) -> tuple[Liveness, Entry | None]:
    """What the journal says now, without taking the lock."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return Liveness.UNCLAIMED, None
    try:
        is_held = is_locked(fd)
        entry = _read(fd)
    finally:
        os.close(fd)
    if entry.is_void:
        return Liveness.VOID, entry
    if is_held:
        return Liveness.ALIVE, entry
    if entry.claim is None:
        return Liveness.UNCLAIMED, entry
    ended = entry.result is not None or entry.exit_code is not None
    return (Liveness.ENDED if ended else Liveness.GONE), entry


def void(path: Path) -> bool:
    """Make sure that the attempt never starts; False if it has started or is just starting."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return True
    try:
        if not try_lock(fd):
            return False
        claim = read_claim(fd)
        if claim is None:
            os.pwrite(fd, b'{"void":1}\n', 0)
            return True
        return bool(claim.get("void"))
    finally:
        os.close(fd)


def take_over(path: Path) -> int | None:
    """A descriptor that says, while it is open, that its holder pumps the attempt's output; None where somebody does
    already. Independent of the lock that tells liveness."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    return fd


def is_taken_over(path: Path) -> bool:
    """Whether a rescuer pumps the attempt's output now."""
    try:
        fd = take_over(path)
    except FileNotFoundError:
        return False
    if fd is None:
        return True
    os.close(fd)
    return False


def read_claim(fd: int) -> dict[str, Json] | None:
    head = os.pread(fd, EXIT_OFFSET, 0)
    end = head.find(b"\n")
    return _json_object(head[:end]) if end > 0 else None


def _read(fd: int) -> Entry:
    head = os.pread(fd, EFFECTS_OFFSET, 0)
    end = head.find(b"\n", 0, EXIT_OFFSET)
    claim = _json_object(head[:end]) if end > 0 else None
    exit_code = None
    if head.startswith(b"exit ", EXIT_OFFSET):
        digits = head[EXIT_OFFSET + 5 : RESULT_OFFSET].split(b"\n")[0]
        exit_code = int(digits) if digits.isdigit() else None
    effects = tuple(_read_effects(fd)) if os.fstat(fd).st_size > EFFECTS_OFFSET else ()
    is_pumped = b"\nall\n" in head[EXIT_OFFSET:RESULT_OFFSET]
    return Entry(claim, _parse_result(head[RESULT_OFFSET:]), exit_code, is_pumped, effects)


def _parse_result(block: bytes) -> dict[str, Json] | None:
    length, _, rest = block.partition(b" ")
    if not length.isdigit():
        return None
    crc, _, body = rest.partition(b" ")
    body = body[: int(length)]
    if b"%08x" % zlib.crc32(body) != crc:
        return None
    return _json_object(body)


def _read_effects(fd: int) -> Iterator[dict[str, Json]]:
    chunks = []
    offset = EFFECTS_OFFSET
    while chunk := os.pread(fd, 1 << 20, offset):
        chunks.append(chunk)
        offset += len(chunk)
    for line in b"".join(chunks).split(b"\n")[:-1]:
        effect = _json_object(line)
        if effect is not None and isinstance(effect.get("kind"), str):
            yield effect


def _json_object(text: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
