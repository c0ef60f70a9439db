"""Writes of pools, variables, connections, backfills, requests' answers and the audit trail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from tui_flow.errors import NotFound
from tui_flow.records import Backfill, ConnectionRow, PlannedRun, Pool
from tui_flow.spec import Json
from tui_flow.store.moves import plain
from tui_flow.store.rows import micros, to_text
from tui_flow.store.write_base import WriteBase

_SEALED = ("host", "login", "password", "schema", "port", "extra")


class SettingsWrites(WriteBase):
    def set_pool(self, pool: Pool) -> None:
        sql = "INSERT OR REPLACE INTO pool (name, slots, include_deferred, description) VALUES (?, ?, ?, ?)"
        self.change(sql, (pool.name, pool.slots, pool.include_deferred, plain(pool.description)))

    def delete_pool(self, name: str) -> bool:
        return self.change("DELETE FROM pool WHERE name = ?", (name,)) == 1

    def set_variable(self, key: str, value: str, description: str | None, now: datetime) -> None:
        """`description` None keeps the one that is there."""
        with self.transaction() as connection:
            sealed = self._secrets.seal("variable", key, value, is_first=not self.reads.has_secrets())
            connection.execute(
                """INSERT INTO variable (key, value, description, updated_at) VALUES (?, ?, coalesce(?, ''), ?)
                ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at,
                description = coalesce(?, description)""",
                (key, sealed, plain(description), micros(now), plain(description)),
            )

    def delete_variable(self, key: str) -> bool:
        return self.change("DELETE FROM variable WHERE key = ?", (key,)) == 1

    def set_connection(self, connection: ConnectionRow, now: datetime) -> None:
        hidden = to_text({name: getattr(connection, name) for name in _SEALED})
        with self.transaction():
            is_first = not self.reads.has_secrets()
            sealed = self._secrets.seal("connection", connection.conn_id, hidden, is_first)
            self.change(
                "INSERT OR REPLACE INTO connection (conn_id, conn_type, value, description, updated_at) "
                "VALUES (?, ?, ?, ?, ?)",
                (connection.conn_id, connection.conn_type, sealed, plain(connection.description), micros(now)),
            )

    def delete_connection(self, conn_id: str) -> bool:
        return self.change("DELETE FROM connection WHERE conn_id = ?", (conn_id,)) == 1

    def add_backfill(self, backfill: Backfill, told: Iterable[PlannedRun] = ()) -> int:
        """Its number; the one in `backfill` is not used. `told`: its dates, where only the DAG's file knows them."""
        with self.transaction() as connection:
            cursor = connection.execute(
                """INSERT INTO backfill (dag_id, from_date, to_date, reprocess, max_active_runs, run_backwards,
                is_paused, conf, created_at, total, cursor) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                (
                    backfill.dag_id,
                    micros(backfill.from_date),
                    micros(backfill.to_date),
                    backfill.reprocess,
                    backfill.max_active_runs,
                    backfill.run_backwards,
                    backfill.is_paused,
                    to_text(dict(backfill.conf)),
                    micros(backfill.created_at),
                    backfill.total,
                    micros(backfill.cursor),
                ),
            )
            assert cursor.lastrowid is not None
            connection.executemany(
                "INSERT INTO backfill_date (backfill_id, run_after, data_interval_start, data_interval_end) "
                "VALUES (?, ?, ?, ?)",
                [(cursor.lastrowid, *map(micros, run)) for run in told],
            )
            return cursor.lastrowid

    def drop_backfill_dates(self, backfill_id: int, logical_dates: Iterable[datetime]) -> None:
        """Those that are dealt with."""
        with self.transaction() as connection:
            connection.executemany(
                "DELETE FROM backfill_date WHERE backfill_id = ? AND data_interval_start = ?",
                [(backfill_id, micros(date)) for date in logical_dates],
            )

    def update_backfill(self, backfill: Backfill) -> None:
        """Stores what changes while it goes on: is_paused, cursor, total, completed_at, cancelled_at."""
        changed = self.change(
            "UPDATE backfill SET is_paused = ?, cursor = ?, total = ?, completed_at = ?, cancelled_at = ? WHERE id = ?",
            (
                backfill.is_paused,
                micros(backfill.cursor),
                backfill.total,
                micros(backfill.completed_at),
                micros(backfill.cancelled_at),
                backfill.id,
            ),
        )
        if not changed:
            raise NotFound(f"there is no backfill {backfill.id}; `tuiflow backfills list` shows them")

    def set_clock_seen_at(self, now: datetime) -> None:
        self.change("INSERT OR REPLACE INTO meta (key, value) VALUES ('clock_seen_at', ?)", (now.isoformat(),))

    def store_answer(self, request_id: str, verb: str, answer: Json, now: datetime) -> None:
        """So that a repeat of the request gets the same answer; in the transaction of what it did."""
        sql = "INSERT INTO request (request_id, verb, answer, created_at) VALUES (?, ?, ?, ?)"
        self.change(sql, (request_id, verb, to_text(answer), micros(now)))

    def add_event(
        self,
        who: str,
        verb: str,
        now: datetime,
        subject: Mapping[str, str | None] | None = None,
        request_id: str | None = None,
        before: Json = None,
        after: Json = None,
    ) -> None:
        """A line of the audit trail. `subject`: dag_id, run_id, task_id as far as they apply."""
        named = [(subject or {}).get(name) for name in ("dag_id", "run_id", "task_id")]
        self.change(
            "INSERT INTO event (at, who, verb, dag_id, run_id, task_id, request_id, before, after) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (micros(now), who, verb, *named, request_id, to_text(before), to_text(after)),
        )
