"""Reads of what tasks keep for themselves and on assets."""

from __future__ import annotations

import json
from datetime import datetime

from tui_flow.records import TaskInstanceKey
from tui_flow.spec import Json
from tui_flow.store import rows
from tui_flow.store.read_base import ReadBase


class StateStoreReads(ReadBase):
    def task_state(self, ti: TaskInstanceKey, key: str, now: datetime) -> Json:
        """None where there is nothing, or what there is has expired."""
        sql = """SELECT value FROM task_state_store WHERE run = ? AND task_id = ? AND map_index = ? AND key = ?
            AND coalesce(expires_at > ?, 1)"""
        row = self._one(sql, (*ti, key, rows.micros(now)))
        return json.loads(row[0]) if row else None

    def asset_state(self, asset: int, key: str) -> Json:
        """None where there is nothing."""
        row = self._one("SELECT value FROM asset_state_store WHERE asset = ? AND key = ?", (asset, key))
        return json.loads(row[0]) if row else None
