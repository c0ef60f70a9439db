"""The tables of what tasks keep for themselves from one try to the next, and on assets from one run to the next."""

from __future__ import annotations

STATE_STORE_TABLES = (
    """CREATE TABLE task_state_store (
    run INTEGER NOT NULL REFERENCES dag_run ON DELETE CASCADE,
    task_id TEXT NOT NULL,
    map_index INTEGER NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (run, task_id, map_index, key)
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE asset_state_store (
    asset INTEGER NOT NULL REFERENCES asset ON DELETE CASCADE,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (asset, key)
) STRICT, WITHOUT ROWID""",
)
