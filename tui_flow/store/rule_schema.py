"""The tables of runs that only a DAG's file can foresee, those of backfills among them, and of missed deadlines."""

from __future__ import annotations

RULE_TABLES = (
    """CREATE TABLE planned_run (
    dag_id TEXT NOT NULL REFERENCES dag ON DELETE CASCADE,
    data_interval_start INTEGER NOT NULL,
    data_interval_end INTEGER NOT NULL,
    run_after INTEGER NOT NULL,
    PRIMARY KEY (dag_id, data_interval_start, data_interval_end)
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE missed_deadline (
    run INTEGER NOT NULL REFERENCES dag_run ON DELETE CASCADE,
    number INTEGER NOT NULL,
    clear_number INTEGER NOT NULL,
    name TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    missed_at INTEGER NOT NULL,
    PRIMARY KEY (run, number, clear_number)
) STRICT, WITHOUT ROWID""",
)

BACKFILL_DATE_TABLES = (
    """CREATE TABLE backfill_date (
    backfill_id INTEGER NOT NULL REFERENCES backfill ON DELETE CASCADE,
    data_interval_start INTEGER NOT NULL,
    data_interval_end INTEGER NOT NULL,
    run_after INTEGER NOT NULL,
    PRIMARY KEY (backfill_id, data_interval_start)
) STRICT, WITHOUT ROWID""",
)
