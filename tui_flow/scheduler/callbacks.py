"""User callbacks that run in processes of their own, after the state they tell of is committed: at least once each."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from tui_flow import journal
from tui_flow.executors.local import LocalExecutor
from tui_flow.messages import Report, Workload
from tui_flow.planner.instances import lengths_of
from tui_flow.records import CallbackRow, DagRun, TaskInstance, TaskInstanceKey
from tui_flow.scheduler.workloads import NOT_MAPPED, callback_workload
from tui_flow.settings import Home
from tui_flow.spec import Json
from tui_flow.state import AttemptState, CallbackKind, CallbackState, TaskState
from tui_flow.store.reader import Reads
from tui_flow.store.writer import Writer

_log = logging.getLogger("tui_flow.scheduler")


class Callbacks:
    """Their ids are the negatives of the rows' ids, so that reports of attempts and of callbacks cannot be confused."""

    def __init__(
        self,
        home: Home,
        writer: Writer,
        executor: LocalExecutor,
        timeout_s: float,
        allows: Callable[[DagRun], bool] = lambda _run: True,
    ) -> None:
        self._home = home
        self._writer = writer
        self._executor = executor
        self._timeout_s = timeout_s
        self._allows = allows
        self._running: set[int] = set()
        self._heard: list[Report] = []
        """Reports that are not recorded yet."""

    def recover(self) -> None:
        """Take over callbacks that an earlier scheduler started, live or ended; start again what nobody knows of."""
        for row in self._writer.reads.open_callbacks():
            if row.state is not CallbackState.RUNNING or not self._is_ours(row):
                continue
            liveness, _ = journal.look(self._home.journal / str(-row.id))
            if liveness in (journal.Liveness.ALIVE, journal.Liveness.ENDED):
                self._running.add(row.id)
                self._executor.watch(-row.id, Path(self._workload(row).log), same_boot=True)
            else:
                self._start(row)

    def start_pending(self, now: datetime) -> None:
        for row in self._writer.reads.open_callbacks():
            if row.state is not CallbackState.PENDING or not self._is_ours(row):
                continue
            if self._writer.move_callback(row.id, CallbackState.PENDING, CallbackState.RUNNING, now):
                self._start(row)

    def hear(self, report: Report) -> None:
        """Keep a report until it is recorded."""
        if -report.attempt_id in self._running and report.state != AttemptState.RUNNING:
            self._heard.append(report)

    def record(self, now: datetime) -> None:
        """The ends of callbacks, whose outcomes change no state. Raises WriteRefused with nothing forgotten."""
        for report in tuple(self._heard):
            if report.state == AttemptState.VOID:
                if self._executor.slots() <= 0:
                    continue  # the machine had no room for it: later
                self._start_again(-report.attempt_id)
            else:
                self._end(-report.attempt_id, report, now)
            self._heard.remove(report)

    def _end(self, callback_id: int, report: Report, now: datetime) -> None:
        new = CallbackState.DONE if report.state == AttemptState.SUCCESS else CallbackState.FAILED
        row = find_callback(self._writer.reads, callback_id)
        with self._writer.transaction():
            if row is not None:
                for effect in report.effects:
                    self._writer.record_callback_effect(row.id, key_of(row), effect["seq"], effect, now)
            self._writer.move_callback(callback_id, CallbackState.RUNNING, new, now)
        if new is CallbackState.FAILED:
            _log.warning("callback %d failed: %s", callback_id, report.reason)
        self._running.discard(callback_id)
        self._forget_journal(callback_id)

    def _start_again(self, callback_id: int) -> None:
        row = find_callback(self._writer.reads, callback_id)
        if row is not None:
            self._start(row)

    def is_idle(self) -> bool:
        return not self._running

    def _is_ours(self, row: CallbackRow) -> bool:
        run = self._writer.reads.run_by_id(row.run)
        return run is not None and self._allows(run)

    def _start(self, row: CallbackRow) -> None:
        self._running.add(row.id)
        self._forget_journal(row.id)
        self._executor.submit(self._workload(row))

    def _workload(self, row: CallbackRow) -> Workload:
        reads = self._writer.reads
        run = reads.run_by_id(row.run)
        assert run is not None, "callbacks go with their run"
        spec = reads.spec(run.dag_id, run.spec_version)
        ti = reads.task_instance(key_of(row)) if row.task_id is not None else _last_word(reads, row)
        is_mapped = ti is not None and ti.map_index >= 0
        lengths = lengths_of(spec, reads.task_instances(run.id)) if is_mapped else NOT_MAPPED
        work = callback_workload(row, run, spec, ti, self._home, self._timeout_s, lengths)
        if row.kind is not CallbackKind.RUN_DEADLINE:
            return work
        return replace(work, callback={**work.callback, "deadline": _deadline(reads, run, row.try_number)})

    def _forget_journal(self, callback_id: int) -> None:
        with contextlib.suppress(OSError):
            (self._home.journal / str(-callback_id)).unlink()


def _last_word(reads: Reads, row: CallbackRow) -> TaskInstance | None:
    """The task instance that ended last with the state that the run's callback tells of."""
    has_failed = row.kind is CallbackKind.RUN_FAILURE
    return reads.last_ended(row.run, TaskState.FAILED if has_failed else TaskState.SUCCESS)


def _deadline(reads: Reads, run: DagRun, number: int) -> Json:
    """What the callback's context says of the deadline that was missed."""
    for missed in reads.missed_deadlines(run.id):
        if (missed.number, missed.clear_number) == (number, run.clear_number):
            which = f"{run.id}-{number}-{missed.clear_number}"
            return {"id": which, "name": missed.name, "deadline_time": missed.due_at.isoformat()}
    return None


def find_callback(reads: Reads, callback_id: int) -> CallbackRow | None:
    """The callback, None once it has ended."""
    return next((row for row in reads.open_callbacks() if row.id == callback_id), None)


def key_of(row: CallbackRow) -> TaskInstanceKey:
    """The task instance that the callback tells of; for a DAG run's callback one without a task."""
    return TaskInstanceKey(row.run, row.task_id or "", -1 if row.map_index is None else row.map_index)
