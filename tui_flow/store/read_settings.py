"""Reads of variables, connections, answers to requests, queued callbacks and the audit trail."""

from __future__ import annotations

import json
from datetime import datetime

from tui_flow.records import CallbackRow, ConnectionRow, Event, VariableRow
from tui_flow.spec import Json
from tui_flow.store import rows
from tui_flow.store.connect import Row
from tui_flow.store.read_base import ReadBase
from tui_flow.store.schema import OPEN_CALLBACKS


class SettingsReads(ReadBase):
    def meta(self) -> dict[str, str]:
        """instance_id, machine_id, hostname, created_by, written_by."""
        return dict(self._all("SELECT key, value FROM meta"))

    def clock_seen_at(self) -> datetime | None:
        """When a scheduler last believed the clock, to a day."""
        text = self.meta().get("clock_seen_at")
        return datetime.fromisoformat(text) if text else None

    def variable_keys(self) -> list[str]:
        return [key for (key,) in self._all("SELECT key FROM variable ORDER BY key")]

    def variable_names(self) -> list[tuple[str, str]]:
        """Key and description of each, by key; no secrets key is needed."""
        return [(key, text) for key, text in self._all("SELECT key, description FROM variable ORDER BY key")]

    def variables(self) -> list[VariableRow]:
        """Decrypted, by key. Raises HomeError when the secrets key does not fit."""
        return [self._variable(row) for row in self._all("SELECT key, value, description FROM variable ORDER BY key")]

    def variable(self, key: str) -> VariableRow | None:
        row = self._one("SELECT key, value, description FROM variable WHERE key = ?", (key,))
        return self._variable(row) if row else None

    def _variable(self, row: Row) -> VariableRow:
        return VariableRow(row[0], self._secrets.open("variable", row[0], row[1]), row[2])

    def connection_ids(self) -> list[str]:
        return [conn_id for (conn_id,) in self._all("SELECT conn_id FROM connection ORDER BY conn_id")]

    def connection_names(self) -> list[tuple[str, str, str]]:
        """Id, type and description of each, by id; no secrets key is needed."""
        found = self._all("SELECT conn_id, conn_type, description FROM connection ORDER BY conn_id")
        return [(conn_id, conn_type, text) for conn_id, conn_type, text in found]

    def connections(self) -> list[ConnectionRow]:
        """Decrypted, by id. Raises HomeError when the secrets key does not fit."""
        found = self._all("SELECT conn_id, conn_type, value, description FROM connection ORDER BY conn_id")
        return [self._connection_row(row) for row in found]

    def connection(self, conn_id: str) -> ConnectionRow | None:
        sql = "SELECT conn_id, conn_type, value, description FROM connection WHERE conn_id = ?"
        row = self._one(sql, (conn_id,))
        return self._connection_row(row) if row else None

    def _connection_row(self, row: Row) -> ConnectionRow:
        sealed = json.loads(self._secrets.open("connection", row[0], row[2]))
        return ConnectionRow(row[0], row[1], description=row[3], **sealed)

    def sealed_values(self) -> list[str]:
        """Of variables and connections, as they are stored; no secrets key is needed."""
        return [token for (token,) in self._all("SELECT value FROM variable UNION ALL SELECT value FROM connection")]

    def has_secrets(self) -> bool:
        sql = "SELECT EXISTS (SELECT 1 FROM variable) OR EXISTS (SELECT 1 FROM connection)"
        return self._all(sql) == [(1,)]

    def answer(self, request_id: str) -> tuple[str, Json] | None:
        """(verb, answer) of a request that was performed already."""
        row = self._one("SELECT verb, answer FROM request WHERE request_id = ?", (request_id,))
        return (row[0], json.loads(row[1])) if row else None

    def open_callbacks(self) -> list[CallbackRow]:
        """Pending and running ones, the oldest first."""
        found = self._all(f"SELECT {rows.CALLBACK} FROM callback WHERE {OPEN_CALLBACKS} ORDER BY +id")
        return [rows.callback(row) for row in found]

    def old_events(self, before: datetime) -> int:
        """How many lines of the audit trail `clean_events` would remove."""
        row = self._one("SELECT count(*) FROM event WHERE at < ?", (rows.micros(before),))
        assert row is not None, "a count is one row"
        return int(row[0])

    def events(self, dag_id: str | None = None, limit: int = 100) -> list[Event]:
        """The audit trail, newest first."""
        where, values = ("", ()) if dag_id is None else ("WHERE dag_id = ?", (dag_id,))
        found = self._all(f"SELECT {rows.EVENT} FROM event {where} ORDER BY id DESC LIMIT ?", (*values, limit))
        return [rows.event(row) for row in found]
