"""Connections as the one writer and its readers need them, and SQLite's errors in our words.

No file of the database is ever opened here but by SQLite: closing another descriptor drops all locks of the process.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

from tui_flow.errors import DatabaseForeign, DatabaseLocked, DiskFull, HomeError, HomeNotWritable
from tui_flow.store.lockers import lockers

OLDEST_SQLITE = (3, 37, 0)
"""STRICT tables."""
STATEMENTS = 256
BUSY_S = 5
"""How long to wait for a lock that another program holds."""

Row = tuple[Any, ...]
"""One row as SQLite gives it; only `rows` looks inside."""

_WRITER = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA wal_autocheckpoint=0",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA cell_size_check=ON",
)
_READER = ("PRAGMA query_only=ON", "PRAGMA wal_autocheckpoint=0", "PRAGMA trusted_schema=OFF")


def connect_writer(path: Path) -> sqlite3.Connection:
    """A connection that commits only when told to. The file must exist."""
    return _connect(path, "rw", _WRITER, BUSY_S)


def connect_reader(path: Path, patience_s: float = BUSY_S) -> sqlite3.Connection:
    return _connect(path, "ro", _READER, patience_s)


def _connect(path: Path, mode: str, pragmas: tuple[str, ...], patience_s: float) -> sqlite3.Connection:
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise HomeError(f"Python's SQLite is {sqlite3.sqlite_version}, tuiflow needs 3.37 or newer; use a newer Python")
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            uri=True,
            isolation_level=None,
            timeout=patience_s,
            cached_statements=STATEMENTS,
        )
    except sqlite3.Error as err:
        raise explain(err, path) from err
    try:
        for pragma in pragmas:
            connection.execute(pragma).fetchall()
    except sqlite3.Error as err:
        connection.close()
        raise explain(err, path) from err
    return connection


def explain(error: sqlite3.Error, path: Path) -> Exception:
    """What the user is told of an SQLite error; a broken constraint is our own defect and stays as it is."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None or isinstance(error, sqlite3.IntegrityError):
        return error
    match code & 0xFF:
        case sqlite3.SQLITE_FULL:
            return DiskFull(f"the disk that holds {path} is full; nothing was changed; free some space")
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return DatabaseForeign(
                f"{path} is damaged or not a database of tuiflow ({error}); restore a backup or move it away"
            )
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return not_writable(path, error)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            who = ", ".join(lockers(path)) or "another program"
            return DatabaseLocked(f"{who} keeps the database locked; close whatever has it open (`fuser {path}`)")
        case sqlite3.SQLITE_IOERR:
            return HomeError(f"{path} cannot be read or written: {error}; see to the disk that holds it")
        case _:
            return error


def not_writable(path: Path, error: Exception) -> HomeNotWritable:
    """Names the first thing on the way to `path` that stands in the way, and what mends it."""
    folder = path.parent
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    for thing in (folder, path):
        if thing.exists() and not os.access(thing, os.R_OK | os.W_OK):
            fix = f"make it yours (`chown -R $USER {thing}`) or set TUIFLOW_HOME to a folder that is"
            return HomeNotWritable(f"{thing} cannot be written by this user; {fix}")
    return HomeNotWritable(f"{path} cannot be opened: {error}; set TUIFLOW_HOME to a folder that can be written")


class OneProcess:
    """Refuses to be used after a fork: two processes on one SQLite connection destroy the database."""

    def __init__(self) -> None:
        self._owner = os.getpid()

    def check(self) -> None:
        if os.getpid() != self._owner:
            raise RuntimeError("a database connection was used in a forked child")
