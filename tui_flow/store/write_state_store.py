"""Writes of what tasks keep for themselves and on assets."""

from __future__ import annotations

from datetime import datetime

from tui_flow.records import TaskInstanceKey
from tui_flow.spec import Json
from tui_flow.store.rows import micros, to_text
from tui_flow.store.write_base import WriteBase

_TI = "run = ? AND task_id = ? AND map_index = ?"


class StateStoreWrites(WriteBase):
    def set_task_state(
        self, ti: TaskInstanceKey, key: str, value: Json, expires_at: datetime | None, now: datetime
    ) -> None:
        """`expires_at` None: it stays for as long as the run."""
        sql = """INSERT OR REPLACE INTO task_state_store
            (run, task_id, map_index, key, value, updated_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)"""
        self.change(sql, (*ti, key, to_text(value), micros(now), micros(expires_at)))

    def delete_task_state(self, ti: TaskInstanceKey, key: str | None) -> None:
        """One key, or with None all of them."""
        self.change(f"DELETE FROM task_state_store WHERE {_TI} AND key = coalesce(?, key)", (*ti, key))

    def set_asset_state(self, asset: int, key: str, value: Json, now: datetime) -> None:
        sql = "INSERT OR REPLACE INTO asset_state_store (asset, key, value, updated_at) VALUES (?, ?, ?, ?)"
        self.change(sql, (asset, key, to_text(value), micros(now)))

    def delete_asset_state(self, asset: int, key: str | None) -> None:
        """One key, or with None all of them."""
        self.change("DELETE FROM asset_state_store WHERE asset = ? AND key = coalesce(?, key)", (asset, key))
