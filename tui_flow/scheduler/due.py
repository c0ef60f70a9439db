"""When the next scheduled run falls due, and which runs are due now. The rules are `planner.runs` and the
timetables."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Protocol

from tui_flow.planner.decisions import CreateRun, Decision
from tui_flow.planner.mark import plan_mark_run
from tui_flow.planner.runs import plan_due_runs, runs_in_the_way
from tui_flow.planner.selection import RunTasks
from tui_flow.records import Dag, DagRun, PlannedRun, TaskAttempt, TaskInstance
from tui_flow.spec import DagSpec
from tui_flow.state import RunState, RunType
from tui_flow.timetables import timetable_from_dict

_log = logging.getLogger("tui_flow.scheduler")
MOST_RUNS_A_ROUND = 100
"""Runs of one DAG created at once, so that a long catchup does not hold up others."""
_REPLACED = "a later run takes its place (overlap=cancel_old)"
_SOON = timedelta(seconds=2)


class DueReads(Protocol):
    """What is read of the database here."""

    def next_due(self, except_for: Collection[str] = ()) -> datetime | None: ...

    def dags_due(self, now: datetime) -> list[Dag]: ...

    def unfinished_runs(self, dag_id: str | None = None) -> list[DagRun]: ...

    def planned_runs(self, dag_id: str) -> list[PlannedRun]: ...

    def task_instances(self, run: int) -> list[TaskInstance]: ...

    def active_attempts(self, run: int | None = None) -> list[TaskAttempt]: ...

    def spec(self, dag_id: str, version: str) -> DagSpec: ...


class DueRuns:
    """Reads the DAGs that are due by an index; what is at its limit is asked again when one of its runs has ended."""

    def __init__(self, reads: DueReads) -> None:
        self._reads = reads
        self._next: datetime | None = None
        self._is_known = False
        self._blocked: set[str] = set()
        """Due, but with as many active runs as allowed."""
        self._prepared: set[tuple[str, datetime]] = set()
        self._to_ask: set[str] = set()

    def forget(self, dag_id: str) -> None:
        """Something about this DAG's schedule or runs has changed."""
        self._blocked.discard(dag_id)
        self._is_known = False

    def next_wake(self) -> datetime | None:
        """The next instant at which a DAG falls due, a little earlier where a host should be warm by then."""
        if not self._is_known:
            self._next = self._reads.next_due(self._blocked)
            self._is_known = True
        if self._next is None:
            return None
        is_prepared = any(due == self._next for _, due in self._prepared)
        return self._next if is_prepared else self._next - _SOON

    def is_due(self, now: datetime) -> bool:
        """Whether a slot has passed."""
        return self.next_wake() is not None and self._next is not None and self._next <= now

    def late_s(self, now: datetime) -> float | None:
        """How long ago the slot passed that was waited for; None where it has not, or was not waited for: the schedule
        or the scheduler is news."""
        if not self._is_known or self._next is None or self._next > now:
            return None
        return (now - self._next).total_seconds()

    def plan(self, now: datetime) -> Iterator[list[Decision]]:
        """Decisions for each DAG that is due."""
        if not self.is_due(now):
            return
        for dag in self._reads.dags_due(now):
            if dag.dag_id not in self._blocked:
                yield self._plan_one(dag, now)
        self._is_known = False
        self._prepared = {(dag_id, due) for dag_id, due in self._prepared if due > now}

    def _plan_one(self, dag: Dag, now: datetime) -> list[Decision]:
        active = [run for run in self._reads.unfinished_runs(dag.dag_id) if run.run_type is not RunType.BACKFILL]
        try:
            spec = self._reads.spec(dag.dag_id, dag.spec_version)
            is_authors = timetable_from_dict(spec.timetable).is_told
            planned = self._reads.planned_runs(dag.dag_id) if is_authors else ()
            in_the_way = runs_in_the_way(spec, active)
            decisions = plan_due_runs(dag, spec, len(active) - len(in_the_way), now, MOST_RUNS_A_ROUND, planned)
            if any(isinstance(decision, CreateRun) for decision in decisions):
                decisions = [*self._ends_of(in_the_way), *decisions]
            if is_authors and decisions:
                self._to_ask.add(dag.file)
        except (ArithmeticError, LookupError, TypeError, ValueError):
            _log.exception("DAG %r is not scheduled until it changes: its schedule cannot be evaluated", dag.dag_id)
            decisions = []
        if not decisions:
            self._blocked.add(dag.dag_id)
        return decisions

    def _ends_of(self, runs: Iterable[DagRun]) -> Iterator[Decision]:
        for run in runs:
            active = {attempt.key: attempt.id for attempt in self._reads.active_attempts(run.id)}
            view = RunTasks(run, tuple(self._reads.task_instances(run.id)), active)
            spec = self._reads.spec(run.dag_id, run.spec_version)
            yield from plan_mark_run(spec, view, RunState.FAILED, _REPLACED)

    def take_to_ask(self) -> set[str]:
        """Files whose own timetables are to tell the runs after those that were made since the last call."""
        files, self._to_ask = self._to_ask, set()
        return files

    def soon(self, now: datetime) -> Iterator[tuple[str, str]]:
        """(file, source version) of DAGs that fall due in a moment, each once: their hosts can be warm by then."""
        if self.next_wake() is None or self._next is None or self._next - _SOON > now:
            return
        for dag in self._reads.dags_due(now + _SOON):
            due = dag.next_run_after
            if due is not None and due > now and (dag.dag_id, due) not in self._prepared:
                self._prepared.add((dag.dag_id, due))
                yield dag.file, dag.source_version
