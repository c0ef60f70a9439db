"""Rows for every table whose texts come from tasks, people or files: each column is given an attack."""

from __future__ import annotations

import json
import re
import sqlite3
from typing import Any

MADE_HERE = {
    "_sqlite_migrations": None,
    "meta": None,
    "request": None,
    "source_version": {"version"},
    "spec_version": {"version"},
    "dag_file": {"source_version"},
    "dag": {"spec_version", "source_version"},
    "dag_run": {"spec_version", "source_version"},
    "task_attempt": {"boot_id", "source_version"},
    "event": {"request_id"},
    "connection": {"value"},
    "variable": {"value"},
    "asset_watch": {"seen"},
    "task_instance": {"skips", "resume"},
}
"""Columns that hold what the program made up itself, or what is encrypted; None: all of the table."""


def fill_tables(db: sqlite3.Connection, attack: str, run: int, asking: int, at: int) -> None:
    """Of the run and of task `b` in it, which waits for a person since its attempt `asking`; `at` in microseconds."""
    db.execute("PRAGMA foreign_keys = OFF")
    told = json.dumps({attack: [attack, {"k": attack}]})
    _write_over(db, attack, told)
    here = {"run": run, "task_id": "b", "map_index": -1}
    elsewhere = here | {"task_id": f"t{attack}"}
    for number, dag_id in enumerate(("hostile", f"d{attack}"), 1):
        spans = {"from_date": at, "to_date": at, "reprocess": "none", "max_active_runs": 1, "run_backwards": 0}
        _put(db, "backfill", id=number, dag_id=dag_id, **spans, conf=told, created_at=at, total=1)
        who = {"at": at, "who": attack, "verb": attack, "run_id": f"manual{attack}", "task_id": attack}
        _put(db, "event", dag_id=dag_id, **who, before=told, after=told)
    named = {"name": attack, "uri": attack}
    _put(db, "asset", id=1, **named, group_name=attack, extra=told, created_at=at)
    for role in ("inlet", "outlet", "schedule"):
        _put(db, "asset_reference", dag_id=f"d{attack}", role=role, task_id=attack, kind="asset", **named)
    _put(db, "asset_event", id=1, asset=1, at=at, extra=told, source=told)
    _put(db, "asset_event_alias", event=1, alias=attack)
    _put(db, "asset_alias", asset=1, alias=attack)
    _put(db, "asset_consumer", dag_id=f"d{attack}", seen=0)
    _put(db, "asset_queue", dag_id=f"d{attack}", asset=1, queued_at=at)
    _put(db, "asset_run_event", run=run, event=1)
    _put(db, "asset_watch", dag_id=f"d{attack}", asset=1, path=attack, deletes=0)
    _put(db, "planned_run", dag_id=f"d{attack}", data_interval_start=at, data_interval_end=at, run_after=at)
    _put(db, "missed_deadline", run=run, number=0, clear_number=0, name=attack, due_at=at, missed_at=at)
    failed = {"kind": "on_failure", "reason": attack, "error": attack, "state": "failed"}
    _put(db, "callback", **elsewhere, **failed, try_number=1, created_at=at)
    asked = {"subject": attack, "body": attack, "options": json.dumps([attack, "No"]), "defaults": json.dumps([attack])}
    field = {"default": attack, "schema": {"type": "string", "title": attack, "description": attack}}
    form = {"params": json.dumps({attack: field}), "assigned_users": json.dumps([attack]), "multiple": 0}
    _put(db, "input_request", id=asking, **here, **asked, **form, created_at=at)
    reply = {"responded_at": at, "responded_by": attack, "chosen_options": json.dumps([attack]), "note": attack}
    _put(db, "input_request", id=asking + 100, **elsewhere, **asked, **form, created_at=at, **reply, params_input=told)
    _put(db, "task_state_store", **elsewhere, key=attack, value=told, updated_at=at)
    ended = {"try_number": 1, "state": "failed", "boot_id": "", "source_version": "s1", "kill_reason": attack}
    _put(db, "task_attempt", **elsewhere, **ended, launched_at=at, reason=attack)
    _put(db, "asset_state_store", asset=1, key=attack, value=told, updated_at=at)


def _write_over(db: sqlite3.Connection, attack: str, told: str) -> None:
    db.execute("UPDATE dag_run SET note = ?, reason = ?, triggered_by = ?, conf = ?", (attack, attack, attack, told))
    db.execute("UPDATE task_instance SET note = ?, reason = ?, rendered_map_index = ?", (attack, attack, attack))
    db.execute("UPDATE task_attempt SET reason = ?, kill_reason = ?", (attack, attack))
    tags = json.dumps([attack])
    db.execute("UPDATE dag SET schedule = ?, description = ?, tags = ?, file = ?", (attack, attack, tags, attack))
    db.execute("UPDATE source_version SET file = ?, manifest = ?", (attack, json.dumps({attack: "0" * 16})))
    db.execute("UPDATE dag_file SET manifest = ?, refused = ?", (json.dumps({attack: "0" * 16}), json.dumps([attack])))
    db.execute("INSERT INTO xcom SELECT run, task_id, map_index, ?, ? FROM task_instance", (attack, told))
    db.execute("UPDATE task_instance SET state = 'running' WHERE state = 'none' AND task_id = 'a'")
    db.execute("UPDATE task_instance SET state = 'awaiting_input' WHERE state = 'running' AND task_id = 'b'")
    db.execute("UPDATE task_instance SET state = 'failed', try_number = 1 WHERE task_id LIKE 't%'")


def _put(db: sqlite3.Connection, table: str, **values: Any) -> None:
    marks = ", ".join("?" * len(values))
    db.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", tuple(values.values()))


def harmless_columns(db: sqlite3.Connection) -> list[str]:
    """Columns of text that could steer a terminal and in which no row tries."""
    found = []
    for table, sql in db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall():
        skipped = MADE_HERE.get(table, set())
        for _, column, kind, *_ in db.execute(f"PRAGMA table_info({table})").fetchall():
            is_free = kind == "TEXT" and not re.search(rf"\b{column} TEXT[^,]*CHECK \({column} IN", sql)
            if skipped is None or column in skipped or not is_free:
                continue
            escapes = f"instr({column}, char(27)) OR instr({column}, '\\u001b')"
            if not db.execute(f"SELECT count(*) FROM {table} WHERE {escapes}").fetchone()[0]:
                found.append(f"{table}.{column}")
    return found
