"""Is this file our database, and one that this program may use? Asked before anything is read or written.

An SQLite file of 0 bytes opens as an empty database without any complaint, so nothing is ever created in place: a new
database is made beside and linked to its name when it is whole.
"""

from __future__ import annotations

import os
import platform
import sqlite3
import uuid
from dataclasses import dataclass
from pathlib import Path

import tui_flow
from tui_flow.errors import DatabaseForeign, DatabaseMissing, DatabaseOlder, DatabaseTooNew
from tui_flow.store.connect import BUSY_S, connect_reader, explain, not_writable
from tui_flow.store.schema import APPLICATION_ID

SCHEMA_VERSION = 7
"""`user_version` that this program reads and writes; `migrations` leads older ones here."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a database says about itself."""

    schema_version: int
    meta: dict[str, str]


def open_for_reading(path: Path, patience_s: float = BUSY_S) -> sqlite3.Connection:
    """A checked read-only connection; it waits so long for locks of others.

    Raises DatabaseMissing, DatabaseForeign, DatabaseTooNew, DatabaseOlder or HomeError (locked).
    """
    if not path.exists():
        raise DatabaseMissing(f"there is no database at {path} yet; `tuiflow up` starts the scheduler, which makes it")
    if path.stat().st_size == 0:
        raise DatabaseForeign(
            f"{path} is empty (0 bytes), its content is lost; restore a backup, or remove it to begin anew"
        )
    connection = connect_reader(path, patience_s)
    try:
        found = look(connection, path)
        if found.schema_version < SCHEMA_VERSION:
            raise DatabaseOlder(
                f"{path} was made by tuiflow {found.meta.get('written_by', '?')}, older than this program; "
                "restart the scheduler (`tuiflow down`, `tuiflow up`), which brings it up to date"
            )
    except BaseException:
        connection.close()
        raise
    return connection


def look(connection: sqlite3.Connection, path: Path) -> Found:
    """Raises DatabaseForeign for what is not ours and DatabaseTooNew for what a newer program wrote."""
    try:
        (application_id,) = connection.execute("PRAGMA application_id").fetchone()
        (schema_version,) = connection.execute("PRAGMA user_version").fetchone()
        if application_id != APPLICATION_ID:
            raise DatabaseForeign(
                f"{path} is an SQLite database, but not one of tuiflow; move it away or set TUIFLOW_HOME"
            )
        meta = dict(connection.execute("SELECT key, value FROM meta").fetchall())
    except sqlite3.Error as err:
        raise explain(err, path) from err
    if schema_version > SCHEMA_VERSION:
        raise DatabaseTooNew(
            f"{path} was written by tuiflow {meta.get('written_by', '?')} (schema {schema_version}); this is tuiflow "
            f"{program_version()} (schema {SCHEMA_VERSION}){_snapshot_hint(path)}; install the newer tuiflow again"
        )
    if "instance_id" not in meta:
        raise DatabaseForeign(f"{path} has no instance id, so it is not whole; restore a backup or move it away")
    return Found(schema_version, meta)


def ensure_current(path: Path, takeover: bool = False) -> None:
    """Make sure that `path` is a database of the newest schema and of this machine: create it, migrate it or refuse it.

    `takeover` accepts a database that another machine wrote, for a home that has moved.
    """
    # sqlite-utils (100 ms) is imported only where there is a schema to make
    if not path.exists():
        _make_home(path)
        from tui_flow.store.migrations import create

        create(path, new_meta())
        return
    if path.stat().st_size == 0:
        open_for_reading(path)
    connection = connect_reader(path)
    try:
        found = look(connection, path)
    finally:
        connection.close()
    if not takeover:
        _refuse_other_machine(found.meta, path)
    if found.schema_version < SCHEMA_VERSION:
        from tui_flow.store.migrations import migrate

        migrate(path, found.schema_version)


def new_meta() -> dict[str, str]:
    version = program_version()
    return {"instance_id": uuid.uuid4().hex, "created_by": version} | machine_meta()


def machine_meta() -> dict[str, str]:
    """What the latest writer says of itself."""
    return {"machine_id": machine_id(), "hostname": platform.node(), "written_by": program_version()}


def machine_id() -> str:
    """The machine's own id; empty where it has none (some containers)."""
    try:
        return Path("/etc/machine-id").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def program_version() -> str:
    return tui_flow.__version__


def boot_id() -> str:
    """Changes with every start of the machine."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def _make_home(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as err:
        raise not_writable(path, err) from err
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise not_writable(path, PermissionError("the folder is read-only"))


def _refuse_other_machine(meta: dict[str, str], path: Path) -> None:
    known, here = meta.get("machine_id"), machine_id()
    if known and here and known != here:
        raise DatabaseForeign(
            f"{path} belongs to another machine ({meta.get('hostname')!r}, this is {platform.node()!r}); if that one "
            "no longer uses it, `tuiflow db takeover` makes it this machine's"
        )


def _snapshot_hint(path: Path) -> str:
    found = sorted(path.parent.glob(f"{path.name}.before-*"))
    return f"; {found[-1]} is a copy from before the upgrade" if found else ""
