"""User callbacks that run in processes of their own, after the state they tell of is committed: at least once each."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from datetime import datetime

from tui_flow import journal
from tui_flow.executors.local import LocalExecutor
from tui_flow.messages import Report
from tui_flow.records import CallbackRow, DagRun, TaskInstanceKey
from tui_flow.scheduler.workloads import callback_workload
from tui_flow.settings import Home
from tui_flow.state import AttemptState, CallbackState
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

    def recover(self) -> None:
        """Wait for callbacks that an earlier scheduler started and that live; start the others again."""
        for row in self._writer.reads.open_callbacks():
            path = self._home.journal / str(-row.id)
            if row.state is not CallbackState.RUNNING or not self._is_ours(row):
                continue
            if journal.look(path)[0] is journal.Liveness.ALIVE:
                self._running.add(row.id)
                self._executor.watch(-row.id, path, same_boot=True)
            else:
                self._forget_journal(row.id)
                self._start(row)

    def start_pending(self, now: datetime) -> None:
        for row in self._writer.reads.open_callbacks():
            if row.state is not CallbackState.PENDING or not self._is_ours(row):
                continue
            if self._writer.move_callback(row.id, CallbackState.PENDING, CallbackState.RUNNING, now):
                self._start(row)

    def take(self, report: Report, now: datetime) -> None:
        """The end of a callback; its outcome changes no state."""
        callback_id = -report.attempt_id
        if callback_id not in self._running or report.state == AttemptState.RUNNING:
            return
        self._running.discard(callback_id)
        new = CallbackState.DONE if report.state == AttemptState.SUCCESS else CallbackState.FAILED
        if new is CallbackState.FAILED:
            _log.warning("callback %d failed: %s", callback_id, report.reason)
        self._writer.move_callback(callback_id, CallbackState.RUNNING, new, now)
        self._forget_journal(callback_id)

    def is_idle(self) -> bool:
        return not self._running

    def _is_ours(self, row: CallbackRow) -> bool:
        run = self._writer.reads.run_by_id(row.run)
        return run is not None and self._allows(run)

    def _start(self, row: CallbackRow) -> None:
        reads = self._writer.reads
        run = reads.run_by_id(row.run)
        assert run is not None, "callbacks go with their run"
        spec = reads.spec(run.dag_id, run.spec_version)
        ti = None
        if row.task_id is not None:
            ti = reads.task_instance(
                TaskInstanceKey(row.run, row.task_id, -1 if row.map_index is None else row.map_index)
            )
        self._running.add(row.id)
        self._forget_journal(row.id)
        self._executor.submit(callback_workload(row, run, spec, ti.max_tries if ti else 0, self._home, self._timeout_s))

    def _forget_journal(self, callback_id: int) -> None:
        with contextlib.suppress(OSError):
            (self._home.journal / str(-callback_id)).unlink()
