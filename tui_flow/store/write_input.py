"""Writes of what tasks ask of people, and of the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from tui_flow.records import TaskInstanceKey
from tui_flow.spec import Json
from tui_flow.store.moves import plain
from tui_flow.store.rows import micros, to_text
from tui_flow.store.write_base import WriteBase


class InputWrites(WriteBase):
    def ask_for_input(self, wait_id: int, key: TaskInstanceKey, request: Mapping[str, Json], now: datetime) -> None:
        """What the task instance asked before and nobody answered is not asked any more."""
        sql = """INSERT INTO input_request (id, run, task_id, map_index, subject, body, options, defaults, multiple,
            params, assigned_users, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
        defaults = request.get("defaults")
        values = (
            plain(str(request["subject"])),
            plain(request.get("body")),
            to_text(request["options"]),
            None if defaults is None else to_text(defaults),
            int(bool(request.get("multiple"))),
            to_text(request.get("params") or {}),
            to_text(request.get("assigned_users") or []),
        )
        with self.transaction() as connection:
            connection.execute(
                "DELETE FROM input_request WHERE run = ? AND task_id = ? AND map_index = ? AND responded_at IS NULL",
                key,
            )
            connection.execute(sql, (wait_id, *key, *values, micros(now)))

    def answer_input(
        self,
        wait_id: int,
        chosen_options: Sequence[str],
        params_input: Mapping[str, Json],
        note: str | None,
        who: str,
        now: datetime,
    ) -> bool:
        """False when it was answered before."""
        sql = """UPDATE input_request SET responded_at = ?, responded_by = ?, chosen_options = ?, params_input = ?,
            note = ? WHERE id = ? AND responded_at IS NULL"""
        values = (micros(now), plain(who), to_text(list(chosen_options)), to_text(dict(params_input)), plain(note))
        return self.change(sql, (*values, wait_id)) == 1
