"""The table of what tasks ask of people, and what was answered."""

from __future__ import annotations

INPUT_TABLES = (
    """CREATE TABLE input_request (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    task_id TEXT NOT NULL,
    map_index INTEGER NOT NULL,
    subject TEXT NOT NULL,
    body TEXT,
    options TEXT NOT NULL,
    defaults TEXT,
    multiple INTEGER NOT NULL CHECK (multiple IN (0, 1)),
    params TEXT NOT NULL DEFAULT '{}',
    assigned_users TEXT NOT NULL DEFAULT '[]',
    created_at INTEGER NOT NULL,
    responded_at INTEGER,
    responded_by TEXT,
    chosen_options TEXT,
    params_input TEXT,
    note TEXT,
    FOREIGN KEY (run, task_id, map_index) REFERENCES task_instance ON DELETE CASCADE
) STRICT""",
)

INPUT_INDEXES = ("CREATE INDEX input_request_of_ti ON input_request (run, task_id, map_index)",)
