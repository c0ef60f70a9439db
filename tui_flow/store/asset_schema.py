"""The tables of assets: who names them, what happened to them, and who still waits for them."""

from __future__ import annotations

ROLES = ("inlet", "outlet", "schedule")

ASSET_TABLES = (
    """CREATE TABLE asset (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    uri TEXT NOT NULL,
    group_name TEXT NOT NULL,
    extra TEXT NOT NULL DEFAULT '{}',
    created_at INTEGER NOT NULL,
    UNIQUE (name, uri)
) STRICT""",
    f"""CREATE TABLE asset_reference (
    dag_id TEXT NOT NULL REFERENCES dag ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN {ROLES}),
    task_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('alias', 'asset', 'ref')),
    name TEXT NOT NULL,
    uri TEXT NOT NULL,
    PRIMARY KEY (dag_id, role, task_id, kind, name, uri)
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE asset_event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    asset INTEGER NOT NULL REFERENCES asset ON DELETE CASCADE,
    at INTEGER NOT NULL,
    extra TEXT NOT NULL,
    source TEXT
) STRICT""",
    """CREATE TABLE asset_event_alias (
    event INTEGER NOT NULL REFERENCES asset_event ON DELETE CASCADE,
    alias TEXT NOT NULL,
    PRIMARY KEY (event, alias)
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE asset_alias (
    alias TEXT NOT NULL,
    asset INTEGER NOT NULL REFERENCES asset ON DELETE CASCADE,
    PRIMARY KEY (alias, asset)
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE asset_consumer (
    dag_id TEXT PRIMARY KEY REFERENCES dag ON DELETE CASCADE,
    seen INTEGER NOT NULL
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE asset_queue (
    dag_id TEXT NOT NULL REFERENCES dag ON DELETE CASCADE,
    asset INTEGER NOT NULL REFERENCES asset ON DELETE CASCADE,
    queued_at INTEGER NOT NULL,
    PRIMARY KEY (dag_id, asset)
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE asset_run_event (
    run INTEGER NOT NULL REFERENCES dag_run ON DELETE CASCADE,
    event INTEGER NOT NULL REFERENCES asset_event ON DELETE CASCADE,
    PRIMARY KEY (run, event)
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE asset_watch (
    dag_id TEXT NOT NULL REFERENCES dag ON DELETE CASCADE,
    asset INTEGER NOT NULL REFERENCES asset ON DELETE CASCADE,
    path TEXT NOT NULL,
    deletes INTEGER NOT NULL CHECK (deletes IN (0, 1)),
    seen TEXT,
    PRIMARY KEY (dag_id, asset, path)
) STRICT, WITHOUT ROWID""",
)
"""`asset_consumer.seen` is the last event that a DAG's runs have taken, or that was there before it waited for any."""

ASSET_INDEXES = (
    "CREATE INDEX asset_uri ON asset (uri)",
    "CREATE INDEX asset_reference_name ON asset_reference (name)",
    "CREATE INDEX asset_reference_uri ON asset_reference (uri)",
    "CREATE INDEX asset_event_of ON asset_event (asset, id)",
    "CREATE INDEX asset_event_age ON asset_event (at)",
    "CREATE INDEX asset_event_by_alias ON asset_event_alias (alias)",
    "CREATE INDEX asset_alias_of ON asset_alias (asset)",
    "CREATE INDEX asset_queue_of ON asset_queue (asset)",
    "CREATE INDEX asset_run_event_of ON asset_run_event (event)",
    "CREATE INDEX asset_watch_of ON asset_watch (asset)",
)
