"""Reads of DAG runs and backfills."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from tui_flow.records import Backfill, DagRun, MissedDeadline, PlannedRun, RunsBeside
from tui_flow.state import RunState, RunType
from tui_flow.store import rows
from tui_flow.store.connect import Row
from tui_flow.store.read_base import ReadBase, marks
from tui_flow.store.schema import ACTIVE_ATTEMPTS, ACTIVE_RUNS, OPEN_BACKFILLS

_NEWEST = "ORDER BY run_after DESC, id DESC"


class RunReads(ReadBase):
    def _runs(self, rest: str, values: Row = ()) -> list[DagRun]:
        return [rows.dag_run(row) for row in self._all(f"SELECT {rows.RUN} FROM dag_run {rest}", values)]

    def runs(
        self,
        dag_id: str | None = None,
        states: Collection[RunState] = (),
        types: Collection[RunType] = (),
        since: datetime | None = None,
        until: datetime | None = None,
        backfill_id: int | None = None,
        before: tuple[datetime, int] | None = None,
        limit: int = 100,
    ) -> list[DagRun]:
        """Newest first by (run_after, id). `since` and `until` bound run_after, both inclusive; `before` is the last
        run's (run_after, id) of the page above. Empty collections do not filter."""
        terms: list[tuple[str, Row]] = [
            *([("dag_id = ?", (dag_id,))] if dag_id is not None else []),
            *([(f"state IN ({marks(len(states))})", tuple(states))] if states else []),
            *([(f"run_type IN ({marks(len(types))})", tuple(types))] if types else []),
            *([("run_after >= ?", (rows.micros(since),))] if since else []),
            *([("run_after <= ?", (rows.micros(until),))] if until else []),
            *([("backfill_id = ?", (backfill_id,))] if backfill_id is not None else []),
            *([("(run_after, id) < (?, ?)", (rows.micros(before[0]), before[1]))] if before else []),
        ]
        where = f"WHERE {' AND '.join(term for term, _ in terms)}" if terms else ""
        values = tuple(value for _, values in terms for value in values)
        return self._runs(f"{where} {_NEWEST} LIMIT ?", (*values, limit))

    def runs_oldest_first(self, after: tuple[datetime, int] | None, limit: int) -> list[DagRun]:
        """A page of all runs by (run_after, id); `after` is the last run's of the page before."""
        where, values = (
            ("", ()) if after is None else ("WHERE (run_after, id) > (?, ?)", (rows.micros(after[0]), after[1]))
        )
        return self._runs(f"{where} ORDER BY run_after, id LIMIT ?", (*values, limit))

    def newest_run_but(self, dag_id: str, number: int) -> tuple[datetime, int] | None:
        """(run_after, id) of the DAG's newest run but so many."""
        sql = f"SELECT run_after, id FROM dag_run WHERE dag_id = ? {_NEWEST} LIMIT 1 OFFSET ?"
        row = self._one(sql, (dag_id, number))
        return (rows.moment(row[0]), row[1]) if row else None

    def run(self, dag_id: str, run_id: str | None = None) -> DagRun | None:
        """The named run, or the newest."""
        if run_id is None:
            found = self._runs(f"WHERE dag_id = ? {_NEWEST} LIMIT 1", (dag_id,))
        else:
            found = self._runs("WHERE dag_id = ? AND run_id = ?", (dag_id, run_id))
        return found[0] if found else None

    def run_by_id(self, run: int) -> DagRun | None:
        found = self._runs("WHERE id = ?", (run,))
        return found[0] if found else None

    def missed_deadlines(self, run: int) -> list[MissedDeadline]:
        """Those of the run, the earliest first."""
        sql = """SELECT run, number, clear_number, name, due_at, missed_at FROM missed_deadline WHERE run = ?
            ORDER BY clear_number, due_at, number"""
        found = self._all(sql, (run,))
        return [_missed_deadline(row) for row in found]

    def runtimes_before(self, run: DagRun, limit: int) -> list[timedelta]:
        """How long the DAG's successful runs took that had ended when this one was queued, the newest first."""
        sql = """SELECT ended_at - started_at FROM dag_run WHERE dag_id = ? AND state = 'success' AND ended_at <= ?
            AND started_at IS NOT NULL ORDER BY run_after DESC, id DESC LIMIT ?"""
        found = self._all(sql, (run.dag_id, rows.micros(run.queued_at), limit))
        return [timedelta(microseconds=span) for (span,) in found]

    def run_at(self, dag_id: str, logical_date: datetime) -> DagRun | None:
        found = self._runs("WHERE dag_id = ? AND logical_date = ?", (dag_id, rows.micros(logical_date)))
        return found[0] if found else None

    def runs_between(self, dag_id: str, start: datetime | None, end: datetime | None) -> list[DagRun]:
        """Runs by logical date, both bounds inclusive and None for open, the oldest first."""
        low, high = rows.micros(start), rows.micros(end)
        return self._runs(
            "WHERE dag_id = ? AND logical_date >= ? AND logical_date <= ? ORDER BY logical_date",
            (dag_id, -(2**63) if low is None else low, 2**63 - 1 if high is None else high),
        )

    def runs_beside(self, dag_id: str, run_ids: Collection[str]) -> RunsBeside:
        """How many runs `past` and `future` of a verb would add to these."""
        chosen = f"SELECT {{}} FROM dag_run WHERE dag_id = ? AND run_id IN ({marks(len(run_ids))})"
        newest, oldest, ids = (chosen.format(what) for what in ("max(logical_date)", "min(logical_date)", "id"))
        sql = f"""SELECT total(logical_date < newest), total(logical_date > oldest),
            total(logical_date < newest OR logical_date > oldest)
            FROM dag_run, (SELECT ({newest}) AS newest, ({oldest}) AS oldest)
            WHERE dag_id = ? AND logical_date IS NOT NULL AND id NOT IN ({ids})"""
        (found,) = self._all(sql, (*(dag_id, *run_ids) * 2, dag_id, dag_id, *run_ids))
        return RunsBeside(*map(int, found))

    def run_ids(self, dag_id: str, limit: int = 1000) -> list[str]:
        sql = f"SELECT run_id FROM dag_run WHERE dag_id = ? {_NEWEST} LIMIT ?"
        return [run_id for (run_id,) in self._all(sql, (dag_id, limit))]

    def unfinished_runs(self, dag_id: str | None = None) -> list[DagRun]:
        """Queued and running, the oldest first."""
        # the unary plus keeps SQLite from walking all runs of the DAG: few runs are active, many are finished
        where, values = ("", ()) if dag_id is None else ("AND +dag_id = ?", (dag_id,))
        return self._runs(f"WHERE {ACTIVE_RUNS} {where} ORDER BY +run_after, +id", values)

    def runs_being_stopped(self, dag_id: str) -> list[DagRun]:
        """Those that have ended although a task of them is still alive: it was told to end."""
        alive = f"SELECT run FROM task_attempt WHERE {ACTIVE_ATTEMPTS}"
        return self._runs(f"WHERE id IN ({alive}) AND dag_id = ? AND NOT ({ACTIVE_RUNS})", (dag_id,))

    def previous_run(self, run: DagRun, without_manual: bool = False) -> DagRun | None:
        """The run of the DAG with the next earlier logical date; `without_manual` passes over manual runs."""
        where = "AND run_type != 'manual'" if without_manual else ""
        found = self._runs(
            f"WHERE dag_id = ? AND logical_date < ? {where} ORDER BY logical_date DESC LIMIT 1",
            (run.dag_id, rows.micros(run.logical_date)),
        )
        return found[0] if found else None

    def next_run(self, run: DagRun, without_manual: bool = False) -> DagRun | None:
        """The run with the next later logical date: the one that `run` is the previous run of."""
        where = "AND run_type != 'manual'" if without_manual else ""
        found = self._runs(
            f"WHERE dag_id = ? AND logical_date > ? {where} ORDER BY logical_date LIMIT 1",
            (run.dag_id, rows.micros(run.logical_date)),
        )
        return found[0] if found else None

    def run_counts(self) -> dict[RunState, int]:
        """How many runs are queued and running."""
        found = self._all(f"SELECT state, count(*) FROM dag_run WHERE {ACTIVE_RUNS} GROUP BY state")
        return {RunState(state): count for state, count in found}

    def backfill_counts(self, backfill_id: int) -> dict[RunState, int]:
        """Runs of a backfill by state."""
        found = self._all("SELECT state, count(*) FROM dag_run WHERE backfill_id = ? GROUP BY state", (backfill_id,))
        return {RunState(state): count for state, count in found}

    def backfills(self, dag_id: str | None = None, only_open: bool = False) -> list[Backfill]:
        """Newest first."""
        where, values = ("1", ()) if dag_id is None else ("dag_id = ?", (dag_id,))
        still = f"AND {OPEN_BACKFILLS}" if only_open else ""
        found = self._all(f"SELECT {rows.BACKFILL} FROM backfill WHERE {where} {still} ORDER BY id DESC", values)
        return [rows.backfill(row) for row in found]

    def backfill_dates(self, backfill_id: int, backwards: bool, limit: int) -> list[PlannedRun]:
        """Runs that the DAG's file told and that are still to be made: the next ones, oldest first."""
        order = "DESC" if backwards else "ASC"
        sql = f"""SELECT run_after, data_interval_start, data_interval_end FROM backfill_date WHERE backfill_id = ?
            ORDER BY data_interval_start {order} LIMIT ?"""
        found = [PlannedRun(*map(rows.moment, row)) for row in self._all(sql, (backfill_id, limit))]
        return sorted(found, key=lambda run: run.data_interval_start)

    def backfill(self, backfill_id: int) -> Backfill | None:
        row = self._one(f"SELECT {rows.BACKFILL} FROM backfill WHERE id = ?", (backfill_id,))
        return rows.backfill(row) if row else None


def _missed_deadline(row: Row) -> MissedDeadline:
    run, number, clear_number, name, due_at, missed_at = row
    return MissedDeadline(run, number, clear_number, name, rows.moment(due_at), rows.moment(missed_at))
