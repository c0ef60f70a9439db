"""The tables of the newest schema, as SQL. The CHECKs are made from `state`'s enums.

Instants are INTEGER microseconds since 1970 in UTC; structured values are JSON text; closed sets are TEXT with a CHECK.
Every foreign key has an index that begins with its columns. JSON is not CHECKed: `trusted_schema=OFF` forbids it.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from tui_flow.state import (
    ACTIVE_ATTEMPT,
    FINISHED_RUN,
    FINISHED_TASK,
    OCCUPIED_TASK,
    AttemptState,
    CallbackKind,
    CallbackState,
    RunState,
    RunType,
    TaskState,
)

APPLICATION_ID = 0x7475_6966
"""`tuif`: tells our databases from other SQLite files."""


def in_list(column: str, members: Iterable[StrEnum]) -> str:
    """`column IN ('a', 'b')`, sorted: queries must repeat a partial index's condition word for word to use it."""
    return f"{column} IN ({', '.join(repr(str(member)) for member in sorted(members))})"


ACTIVE_RUNS = in_list("state", frozenset(RunState) - FINISHED_RUN)
LIVE_TASKS = in_list("state", frozenset(TaskState) - FINISHED_TASK - {TaskState.NONE})
"""Task instances that wait for something other than their dependencies, or run."""
OCCUPIED_TASKS = in_list("state", OCCUPIED_TASK)
ACTIVE_ATTEMPTS = in_list("state", ACTIVE_ATTEMPT)
OPEN_CALLBACKS = in_list("state", {CallbackState.PENDING, CallbackState.RUNNING})
SCHEDULED_DAGS = "is_paused = 0 AND is_missing = 0 AND next_run_after IS NOT NULL"
OPEN_BACKFILLS = "completed_at IS NULL AND cancelled_at IS NULL"

TABLES = (
    """CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE source_version (
    version TEXT PRIMARY KEY,
    file TEXT NOT NULL,
    manifest TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE dag_file (
    path TEXT PRIMARY KEY,
    parsed_at INTEGER NOT NULL,
    duration_s REAL NOT NULL,
    manifest TEXT NOT NULL,
    source_version TEXT REFERENCES source_version,
    error TEXT,
    error_line INTEGER,
    error_at INTEGER,
    refused TEXT NOT NULL DEFAULT '[]'
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE dag (
    dag_id TEXT PRIMARY KEY,
    file TEXT NOT NULL,
    is_paused INTEGER NOT NULL CHECK (is_paused IN (0, 1)),
    is_missing INTEGER NOT NULL DEFAULT 0 CHECK (is_missing IN (0, 1)),
    spec_version TEXT NOT NULL,
    source_version TEXT NOT NULL REFERENCES source_version,
    next_run_after INTEGER,
    schedule_since INTEGER,
    last_interval_start INTEGER,
    last_interval_end INTEGER,
    tags TEXT NOT NULL DEFAULT '[]',
    description TEXT,
    schedule TEXT NOT NULL DEFAULT '',
    FOREIGN KEY (dag_id, spec_version) REFERENCES spec_version (dag_id, version) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE spec_version (
    dag_id TEXT NOT NULL REFERENCES dag ON DELETE CASCADE,
    version TEXT NOT NULL,
    number INTEGER NOT NULL CHECK (number > 0),
    spec TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (dag_id, version),
    UNIQUE (dag_id, number)
) STRICT""",
    """CREATE TABLE backfill (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    dag_id TEXT NOT NULL REFERENCES dag ON DELETE CASCADE,
    from_date INTEGER NOT NULL,
    to_date INTEGER NOT NULL,
    reprocess TEXT NOT NULL CHECK (reprocess IN ('none', 'failed', 'completed')),
    max_active_runs INTEGER NOT NULL CHECK (max_active_runs > 0),
    run_backwards INTEGER NOT NULL CHECK (run_backwards IN (0, 1)),
    is_paused INTEGER NOT NULL DEFAULT 0 CHECK (is_paused IN (0, 1)),
    conf TEXT NOT NULL DEFAULT '{}',
    created_at INTEGER NOT NULL,
    completed_at INTEGER,
    cancelled_at INTEGER,
    total INTEGER NOT NULL,
    cursor INTEGER,
    CHECK (from_date <= to_date)
) STRICT""",
    f"""CREATE TABLE dag_run (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    dag_id TEXT NOT NULL REFERENCES dag ON DELETE CASCADE,
    run_id TEXT NOT NULL,
    run_type TEXT NOT NULL CHECK ({in_list("run_type", RunType)}),
    state TEXT NOT NULL CHECK ({in_list("state", RunState)}),
    logical_date INTEGER,
    data_interval_start INTEGER,
    data_interval_end INTEGER,
    run_after INTEGER NOT NULL,
    queued_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    spec_version TEXT NOT NULL,
    source_version TEXT NOT NULL REFERENCES source_version,
    conf TEXT NOT NULL,
    clear_number INTEGER NOT NULL DEFAULT 0,
    backfill_id INTEGER REFERENCES backfill ON DELETE SET NULL,
    reason TEXT,
    note TEXT,
    triggered_by TEXT NOT NULL DEFAULT '',
    UNIQUE (dag_id, run_id),
    UNIQUE (dag_id, logical_date),
    FOREIGN KEY (dag_id, spec_version) REFERENCES spec_version (dag_id, version)
) STRICT""",
    f"""CREATE TABLE task_instance (
    run INTEGER NOT NULL REFERENCES dag_run ON DELETE CASCADE,
    task_id TEXT NOT NULL,
    map_index INTEGER NOT NULL DEFAULT -1 CHECK (map_index >= -1),
    state TEXT NOT NULL CHECK ({in_list("state", TaskState)}),
    try_number INTEGER NOT NULL DEFAULT 0 CHECK (try_number >= 0),
    max_tries INTEGER NOT NULL,
    queued_at INTEGER,
    started_at INTEGER,
    ended_at INTEGER,
    due_at INTEGER,
    first_started_at INTEGER,
    poke_count INTEGER NOT NULL DEFAULT 0,
    skips TEXT,
    after_kill TEXT CHECK ({in_list("after_kill", TaskState)}),
    reason TEXT,
    resume TEXT,
    note TEXT,
    PRIMARY KEY (run, task_id, map_index)
) STRICT, WITHOUT ROWID""",
    f"""CREATE TABLE task_attempt (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL,
    task_id TEXT NOT NULL,
    map_index INTEGER NOT NULL,
    try_number INTEGER NOT NULL CHECK (try_number > 0),
    state TEXT NOT NULL CHECK ({in_list("state", AttemptState)}),
    launched_at INTEGER NOT NULL,
    boot_id TEXT NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    pid INTEGER,
    exit_code INTEGER,
    signal INTEGER,
    reason TEXT,
    cpu_s REAL,
    max_rss_bytes INTEGER,
    read_bytes INTEGER,
    write_bytes INTEGER,
    source_version TEXT NOT NULL,
    kill_reason TEXT,
    FOREIGN KEY (run, task_id, map_index) REFERENCES task_instance ON DELETE CASCADE
) STRICT""",
    """CREATE TABLE xcom (
    run INTEGER NOT NULL,
    task_id TEXT NOT NULL,
    map_index INTEGER NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (run, task_id, map_index, key),
    FOREIGN KEY (run, task_id, map_index) REFERENCES task_instance ON DELETE CASCADE
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE pool (
    name TEXT PRIMARY KEY,
    slots INTEGER NOT NULL CHECK (slots >= -1),
    include_deferred INTEGER NOT NULL DEFAULT 0 CHECK (include_deferred IN (0, 1)),
    description TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE variable (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE connection (
    conn_id TEXT PRIMARY KEY,
    conn_type TEXT NOT NULL,
    value TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID""",
    f"""CREATE TABLE callback (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL REFERENCES dag_run ON DELETE CASCADE,
    task_id TEXT,
    map_index INTEGER,
    kind TEXT NOT NULL CHECK ({in_list("kind", CallbackKind)}),
    reason TEXT NOT NULL,
    try_number INTEGER NOT NULL,
    error TEXT,
    state TEXT NOT NULL CHECK ({in_list("state", CallbackState)}),
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    starts INTEGER NOT NULL DEFAULT 0
) STRICT""",
    """CREATE TABLE request (
    request_id TEXT PRIMARY KEY,
    verb TEXT NOT NULL,
    answer TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    verb TEXT NOT NULL,
    dag_id TEXT,
    run_id TEXT,
    task_id TEXT,
    request_id TEXT,
    before TEXT,
    after TEXT
) STRICT""",
)

INDEXES = (
    "CREATE INDEX dag_file_source ON dag_file (source_version)",
    "CREATE INDEX dag_by_file ON dag (file)",
    "CREATE INDEX dag_source ON dag (source_version)",
    f"CREATE INDEX dag_due ON dag (next_run_after) WHERE {SCHEDULED_DAGS}",
    "CREATE INDEX backfill_dag ON backfill (dag_id)",
    "CREATE INDEX run_newest ON dag_run (run_after, id)",
    "CREATE INDEX run_newest_of_dag ON dag_run (dag_id, run_after, id)",
    "CREATE INDEX run_spec ON dag_run (dag_id, spec_version)",
    "CREATE INDEX run_source ON dag_run (source_version)",
    "CREATE INDEX run_backfill ON dag_run (backfill_id) WHERE backfill_id IS NOT NULL",
    f"CREATE INDEX run_active ON dag_run (state) WHERE {ACTIVE_RUNS}",
    f"CREATE INDEX ti_live ON task_instance (state) WHERE {LIVE_TASKS}",
    "CREATE INDEX attempt_of_ti ON task_attempt (run, task_id, map_index)",
    f"CREATE UNIQUE INDEX one_active_attempt ON task_attempt (run, task_id, map_index) WHERE {ACTIVE_ATTEMPTS}",
    "CREATE INDEX callback_run ON callback (run)",
    f"CREATE INDEX callback_open ON callback (state) WHERE {OPEN_CALLBACKS}",
    "CREATE INDEX request_age ON request (created_at)",
    "CREATE INDEX event_dag ON event (dag_id)",
    "CREATE INDEX event_age ON event (at)",
)

MAPPING_COLUMNS = ("map_length INTEGER", "rendered_map_index TEXT")
"""Of `task_instance`, since schema 3."""

SEED = ("INSERT INTO pool (name, slots, description) VALUES ('default_pool', 128, 'Tasks that name no pool')",)
