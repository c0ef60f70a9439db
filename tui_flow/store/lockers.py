"""Which other processes keep the database locked, as the kernel says: for people, when SQLite says that it is."""

from __future__ import annotations

import os
from pathlib import Path

_LOCKS = Path("/proc/locks")
_FIRST_BYTE, _PENDING_END = 0x40000000, 0x40000200
"""Of the database's file: where SQLite locks it without a write-ahead log, or as a whole."""
_WAL_WRITER = 120
"""Of the `-shm` file: the byte that the one writer locks."""


def lockers(path: Path) -> list[str]:
    """`sqlite3 (pid 812)` of each; none where nothing is known."""
    wanted = {_file_id(path): range(_FIRST_BYTE, _PENDING_END), _file_id(shm_of(path)): range(_WAL_WRITER, 128)}
    wanted.pop("", None)
    found: dict[int, None] = {}
    try:
        lines = _LOCKS.read_text().splitlines()
    except OSError:
        return []
    for line in lines:
        words = line.replace("->", "").split()
        if len(words) < 8 or words[3] != "WRITE" or words[5] not in wanted:
            continue
        pid, first = int(words[4]), int(words[6])
        if first in wanted[words[5]] and pid not in (-1, os.getpid()):
            found[pid] = None
    return [f"{_name(pid)} (pid {pid})" for pid in found]


def shm_of(path: Path) -> Path:
    return path.with_name(path.name + "-shm")


def _file_id(path: Path) -> str:
    """As `/proc/locks` writes it."""
    try:
        stat = path.stat()
    except OSError:
        return ""
    return f"{os.major(stat.st_dev):02x}:{os.minor(stat.st_dev):02x}:{stat.st_ino}"


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return "a process"
