"""The schema, read back from an SQLite in memory."""

from __future__ import annotations

import re
import sqlite3

import pytest

from tui_flow.state import (
    ACTIVE_ATTEMPT,
    AttemptState,
    CallbackKind,
    CallbackState,
    RunState,
    RunType,
    TaskState,
)
from tui_flow.store import rows
from tui_flow.store.asset_schema import ASSET_INDEXES, ASSET_TABLES
from tui_flow.store.schema import ACTIVE_ATTEMPTS, INDEXES, MAPPING_COLUMNS, SEED, TABLES


@pytest.fixture(scope="module")
def connection() -> sqlite3.Connection:
    found = sqlite3.connect(":memory:", isolation_level=None)
    found.execute("PRAGMA trusted_schema=OFF")
    mapping = [f"ALTER TABLE task_instance ADD COLUMN {column}" for column in MAPPING_COLUMNS]
    for statement in (*TABLES, *INDEXES, *SEED, *ASSET_TABLES, *ASSET_INDEXES, *mapping):
        found.execute(statement)
    return found


@pytest.mark.parametrize(
    ("table", "column", "members"),
    [
        ("dag_run", "state", RunState),
        ("dag_run", "run_type", RunType),
        ("task_instance", "state", TaskState),
        ("task_instance", "after_kill", TaskState),
        ("task_attempt", "state", AttemptState),
        ("callback", "kind", CallbackKind),
        ("callback", "state", CallbackState),
    ],
)
def test_the_checks_are_the_enums(
    connection: sqlite3.Connection, table: str, column: str, members: type[TaskState]
) -> None:
    (sql,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    found = re.search(rf"CHECK \({column} IN \(([^)]*)\)", sql)
    assert found is not None
    assert set(re.findall(r"'(\w+)'", found[1])) == set(members)


def test_one_active_attempt_means_the_active_states() -> None:
    assert set(re.findall(r"'(\w+)'", ACTIVE_ATTEMPTS)) == set(ACTIVE_ATTEMPT)


def test_every_table_is_strict(connection: sqlite3.Connection) -> None:
    tables = connection.execute("SELECT name, strict FROM pragma_table_list WHERE type = 'table'").fetchall()
    assert {name for name, strict in tables if not strict} <= {"sqlite_schema", "sqlite_temp_schema", "sqlite_sequence"}
    assert len(tables) > 14


def test_every_foreign_key_has_an_index_that_begins_with_it(connection: sqlite3.Connection) -> None:
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in tables:
        keys: dict[int, list[str]] = {}
        for number, _, _, column, *_ in connection.execute(f"PRAGMA foreign_key_list({table})"):
            keys.setdefault(number, []).append(column)
        indexed = [
            [column for (column,) in connection.execute(f"SELECT name FROM pragma_index_info('{index}')")]
            for (index,) in connection.execute(f"SELECT name FROM pragma_index_list('{table}')")
        ]
        for columns in keys.values():
            first = [set(index[: len(columns)]) for index in indexed]
            assert (
                set(columns) in first
                or columns == ["dag_id", "spec_version"]
                and {"dag_id"} in [set(index[:1]) for index in indexed]
            ), (table, columns)


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("SELECT state, count(*) FROM task_instance WHERE {LIVE_TASKS} GROUP BY state", "ti_live"),
        ("SELECT id FROM task_attempt WHERE {ACTIVE_ATTEMPTS} ORDER BY +id", "one_active_attempt"),
        ("SELECT id FROM dag_run WHERE {ACTIVE_RUNS} AND +dag_id = 'd' ORDER BY +run_after", "run_active"),
        ("SELECT min(next_run_after) FROM dag WHERE {SCHEDULED_DAGS}", "dag_due"),
        ("SELECT id FROM dag_run WHERE dag_id = 'd' ORDER BY run_after DESC, id DESC LIMIT 5", "run_newest_of_dag"),
        ("SELECT id FROM callback WHERE {OPEN_CALLBACKS} ORDER BY +id", "callback_open"),
    ],
)
def test_hot_queries_use_their_index(connection: sqlite3.Connection, query: str, index: str) -> None:
    from tui_flow.store import schema

    plan = connection.execute("EXPLAIN QUERY PLAN " + query.format(**vars(schema))).fetchall()
    text = "; ".join(step[3] for step in plan)
    assert index in text, text
    assert not re.search(rf"SCAN (?!\w+ USING (COVERING )?INDEX {index})", text), text


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("dag_run", rows.RUN),
        ("task_instance", rows.TASK),
        ("task_attempt", rows.ATTEMPT),
        ("xcom", rows.XCOM),
        ("backfill", rows.BACKFILL),
        ("pool", rows.POOL),
    ],
)
def test_every_column_is_read(connection: sqlite3.Connection, table: str, columns: str) -> None:
    names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    counted = [column for column in columns.split(", ") if not column.startswith("(")]
    assert counted == names
