"""Reads of what runs left behind: who touched one, its newest attempts, its callbacks, its first XComs; of a DAG how
its tasks and its days went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from tui_flow.records import CallbackRow, DagRun, Event, FailedAttempt, TaskAttempt, XCom
from tui_flow.state import AttemptState
from tui_flow.store import rows
from tui_flow.store.read_base import ReadBase, marks


@dataclass(frozen=True, slots=True)
class TaskPast:
    """How a task, all its instances together, did in one run."""

    task_id: str
    took_s: float | None
    """From the first start to the last end; None where it did not run."""
    has_failed: bool
    tries: int


@dataclass(frozen=True, slots=True)
class RunDay:
    """How the runs of a DAG did that were due on one day."""

    runs: int
    failed: int
    going: int
    """That run or are queued."""
    longest_s: float | None
    """None where none has started."""


class HistoryReads(ReadBase):
    def run_days(self, dag_id: str, midnights: Sequence[datetime], at: datetime) -> list[RunDay]:
        """Of the days between one midnight and the next; what still runs has taken as long as it has at `at`."""
        sql = """SELECT count(*), coalesce(sum(state = 'failed'), 0), coalesce(sum(state IN ('running', 'queued')), 0),
                max(coalesce(ended_at, ?) - started_at)
            FROM dag_run WHERE dag_id = ? AND run_after >= ? AND run_after < ?"""
        found = []
        for first, last in pairwise(map(rows.micros, midnights)):
            ((runs, failed, going, longest),) = self._all(sql, (rows.micros(at), dag_id, first, last))
            found.append(RunDay(runs, failed, going, None if longest is None else longest / 1e6))
        return found

    def events_about(self, run: DagRun, limit: int) -> list[Event]:
        """The audit trail of a run, newest first."""
        sql = f"SELECT {rows.EVENT} FROM event WHERE dag_id = ? AND run_id = ? ORDER BY id DESC LIMIT ?"
        return [rows.event(row) for row in self._all(sql, (run.dag_id, run.run_id, limit))]

    def newest_attempts(self, run: int, limit: int) -> list[TaskAttempt]:
        """Of a run, newest first."""
        sql = f"SELECT {rows.ATTEMPT} FROM task_attempt WHERE run = ? ORDER BY id DESC LIMIT ?"
        return [rows.task_attempt(row) for row in self._all(sql, (run, limit))]

    def failed_attempts(self, limit: int, among: int = 2000) -> list[FailedAttempt]:
        """Of the newest `among` attempts those that failed, were killed or lost, newest first."""
        bad = (AttemptState.FAILED, AttemptState.KILLED, AttemptState.LOST)
        attempt, run = (
            ", ".join(f"{table}.{column}" for column in columns.split(", "))
            for table, columns in (("a", rows.ATTEMPT), ("dag_run", rows.RUN))
        )
        sql = f"""SELECT {attempt}, {run}, t.max_tries FROM (SELECT {rows.ATTEMPT} FROM task_attempt
                WHERE id > (SELECT max(id) FROM task_attempt) - ? AND state IN ({marks(len(bad))})
                ORDER BY id DESC LIMIT ?) a
            JOIN dag_run ON dag_run.id = a.run
            JOIN task_instance t ON t.run = a.run AND t.task_id = a.task_id AND t.map_index = a.map_index
            ORDER BY a.id DESC"""
        width = len(rows.ATTEMPT.split(", "))
        return [
            FailedAttempt(rows.dag_run(row[width:-1]), rows.task_attempt(row[:width]), row[-1])
            for row in self._all(sql, (among, *bad, limit))
        ]

    def task_spans(self, run: int) -> dict[str, tuple[datetime, datetime | None]]:
        """When each task of a run first started and, where all its instances have ended, when the last one did."""
        sql = """SELECT task_id, min(started_at), CASE WHEN count(started_at) = count(ended_at) THEN max(ended_at) END
            FROM task_instance WHERE run = ? AND started_at IS NOT NULL GROUP BY task_id"""
        return {
            task_id: (rows.moment(start), rows.moment(end) if end is not None else None)
            for task_id, start, end in self._all(sql, (run,))
        }

    def task_pasts(self, dag_id: str, runs: int) -> list[TaskPast]:
        """How each task did in each of the newest runs, the oldest run first."""
        sql = """SELECT task_id, max(ended_at) - min(started_at), max(state = 'failed'), max(try_number)
            FROM task_instance
            WHERE run IN (SELECT id FROM dag_run WHERE dag_id = ? ORDER BY run_after DESC, id DESC LIMIT ?)
              AND ended_at IS NOT NULL AND started_at IS NOT NULL
            GROUP BY run, task_id ORDER BY run, task_id"""
        return [
            TaskPast(task_id, None if micros is None else micros / 1e6, bool(failed), tries)
            for task_id, micros, failed, tries in self._all(sql, (dag_id, runs))
        ]

    def callbacks_of(self, run: int, limit: int) -> list[CallbackRow]:
        """Of a run and its task instances, newest first."""
        sql = f"SELECT {rows.CALLBACK} FROM callback WHERE run = ? ORDER BY id DESC LIMIT ?"
        return [rows.callback(row) for row in self._all(sql, (run, limit))]

    def first_xcoms(self, run: int, limit: int) -> list[XCom]:
        """Of a run, by task, map index and key."""
        sql = f"SELECT {rows.XCOM} FROM xcom WHERE run = ? ORDER BY task_id, map_index, key LIMIT ?"
        return [rows.xcom(row) for row in self._all(sql, (run, limit))]
