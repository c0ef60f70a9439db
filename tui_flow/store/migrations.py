"""Schema steps, by sqlite-utils' `Migrations`. Each step is one transaction that also raises `user_version`.

A step that has been released is never edited; a change is a new step, plus a stored database of the old schema in the
tests. Step 1 makes the tables of `schema`, step 2 those of `asset_schema`, step 4 those of `rule_schema`, step 5 that
of `input_schema`, step 6 those of `state_store_schema`, step 7 that of backfills' dates in `rule_schema`. Before an old
database is touched, a copy of it is made beside it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from sqlite_utils import Database, Migrations

from tui_flow.errors import DatabaseForeign
from tui_flow.store.asset_schema import ASSET_INDEXES, ASSET_TABLES
from tui_flow.store.connect import connect_writer, explain, not_writable
from tui_flow.store.input_schema import INPUT_INDEXES, INPUT_TABLES
from tui_flow.store.rule_schema import BACKFILL_DATE_TABLES, RULE_TABLES
from tui_flow.store.schema import APPLICATION_ID, INDEXES, MAPPING_COLUMNS, SEED, TABLES
from tui_flow.store.state_store_schema import STATE_STORE_TABLES

STEPS = Migrations("tuiflow")


def step(steps: Migrations, number: int) -> Callable[[Callable[[Database], None]], Callable[[Database], None]]:
    """Register the step that leads from schema `number` - 1 to `number`."""

    def register(change: Callable[[Database], None]) -> Callable[[Database], None]:
        @steps(name=f"v{number}")
        def run(db: Database) -> None:
            change(db)
            db.execute(f"PRAGMA user_version = {number}")

        return change

    return register


@step(STEPS, 1)
def make_tables(db: Database) -> None:
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    for statement in (*TABLES, *INDEXES, *SEED):
        db.execute(statement)


@step(STEPS, 2)
def add_assets(db: Database) -> None:
    """Assets that the DAGs name already are known again once their files are parsed."""
    for statement in (*ASSET_TABLES, *ASSET_INDEXES):
        db.execute(statement)


@step(STEPS, 3)
def add_mapping(db: Database) -> None:
    """What task instances know of dynamic task mapping."""
    for column in MAPPING_COLUMNS:
        db.execute(f"ALTER TABLE task_instance ADD COLUMN {column}")


@step(STEPS, 4)
def add_rules(db: Database) -> None:
    """Planned runs, missed deadlines, and callbacks of the kinds that there are now."""
    for statement in RULE_TABLES:
        db.execute(statement)
    rebuild(db, "callback")


def rebuild(db: Database, table: str) -> None:
    """Make one of `schema.TABLES` anew with the CHECKs of today, its rows kept and its ids not given twice."""
    [(last_id,)] = db.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchall() or [(0,)]
    db.execute(f"ALTER TABLE {table} RENAME TO {table}_before")
    db.execute(next(sql for sql in TABLES if sql.startswith(f"CREATE TABLE {table} ")))
    db.execute(f"INSERT INTO {table} SELECT * FROM {table}_before")
    db.execute(f"DROP TABLE {table}_before")
    db.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
    db.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, last_id))
    for sql in INDEXES:
        if f" ON {table} " in sql:
            db.execute(sql)


@step(STEPS, 5)
def add_input_requests(db: Database) -> None:
    for statement in (*INPUT_TABLES, *INPUT_INDEXES):
        db.execute(statement)


@step(STEPS, 6)
def add_state_stores(db: Database) -> None:
    for statement in STATE_STORE_TABLES:
        db.execute(statement)


@step(STEPS, 7)
def add_backfill_dates(db: Database) -> None:
    for statement in BACKFILL_DATE_TABLES:
        db.execute(statement)


def create(path: Path, meta: dict[str, str]) -> None:
    """A new database at `path`, whole from the moment it is there. One that appeared meanwhile is left alone."""
    draft = path.with_name(f"{path.name}.new-{os.getpid()}")
    try:
        draft.unlink(missing_ok=True)
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except OSError as err:
        raise not_writable(path, err) from err
    try:
        _fill(draft, meta)
        os.link(draft, path)
    except FileExistsError:
        pass
    except sqlite3.Error as err:
        raise explain(err, path) from err
    finally:
        for suffix in ("", "-wal", "-shm"):
            draft.with_name(draft.name + suffix).unlink(missing_ok=True)


def _fill(path: Path, meta: dict[str, str]) -> None:
    connection = connect_writer(path)
    try:
        STEPS.apply(Database(connection, execute_plugins=False))
        connection.executemany("INSERT INTO meta (key, value) VALUES (?, ?)", sorted(meta.items()))
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        connection.close()


def migrate(path: Path, old_version: int, steps: Migrations = STEPS) -> None:
    """Lead an old database through the steps that it lacks. A kill leaves it at one of them, never in between."""
    connection = connect_writer(path)
    try:
        _snapshot(connection, path.with_name(f"{path.name}.before-v{old_version + 1}"))
        connection.execute("PRAGMA foreign_keys = OFF")
        steps.apply(Database(connection, execute_plugins=False))
        if connection.execute("PRAGMA foreign_key_check").fetchall():
            raise DatabaseForeign(f"{path} has rows that refer to nothing; `tuiflow db check` lists them")
    except sqlite3.Error as err:
        raise explain(err, path) from err
    finally:
        connection.close()


def _snapshot(connection: sqlite3.Connection, copy: Path) -> None:
    draft = copy.with_name(copy.name + ".part")
    draft.unlink(missing_ok=True)
    connection.execute("VACUUM INTO ?", (str(draft),))
    draft.chmod(0o600)
    draft.replace(copy)
