"""Reads of what one run left behind: who touched it, its newest attempts, its callbacks, its first XComs."""

from __future__ import annotations

from tui_flow.records import CallbackRow, DagRun, Event, TaskAttempt, XCom
from tui_flow.store import rows
from tui_flow.store.read_base import ReadBase


class HistoryReads(ReadBase):
    def events_about(self, run: DagRun, limit: int) -> list[Event]:
        """The audit trail of a run, newest first."""
        sql = f"SELECT {rows.EVENT} FROM event WHERE dag_id = ? AND run_id = ? ORDER BY id DESC LIMIT ?"
        return [rows.event(row) for row in self._all(sql, (run.dag_id, run.run_id, limit))]

    def newest_attempts(self, run: int, limit: int) -> list[TaskAttempt]:
        """Of a run, newest first."""
        sql = f"SELECT {rows.ATTEMPT} FROM task_attempt WHERE run = ? ORDER BY id DESC LIMIT ?"
        return [rows.task_attempt(row) for row in self._all(sql, (run, limit))]

    def callbacks_of(self, run: int, limit: int) -> list[CallbackRow]:
        """Of a run and its task instances, newest first."""
        sql = f"SELECT {rows.CALLBACK} FROM callback WHERE run = ? ORDER BY id DESC LIMIT ?"
        return [rows.callback(row) for row in self._all(sql, (run, limit))]

    def first_xcoms(self, run: int, limit: int) -> list[XCom]:
        """Of a run, by task, map index and key."""
        sql = f"SELECT {rows.XCOM} FROM xcom WHERE run = ? ORDER BY task_id, map_index, key LIMIT ?"
        return [rows.xcom(row) for row in self._all(sql, (run, limit))]
