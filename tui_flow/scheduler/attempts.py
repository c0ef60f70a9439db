"""The attempts that are active: handed over to the executor, and what was heard of them until a commit has taken it."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from tui_flow.executors.local import LocalExecutor
from tui_flow.logs import log_path
from tui_flow.messages import Report
from tui_flow.planner.cells import BoardRun
from tui_flow.planner.decisions import LaunchAttempt
from tui_flow.records import DagRun, TaskAttempt, TaskInstanceKey
from tui_flow.scheduler.set_aside import DEFECTS
from tui_flow.scheduler.workloads import RunReads, workload_of
from tui_flow.settings import Home
from tui_flow.state import AttemptState

_log = logging.getLogger("tui_flow.scheduler")


class ActiveAttempts:
    def __init__(self, home: Home, executor: LocalExecutor) -> None:
        self._home = home
        self._executor = executor
        self.keys: dict[int, TaskInstanceKey] = {}
        """By attempt id."""
        self._unrecorded: list[Report] = []

    def watch(self, attempt: TaskAttempt, run: DagRun, boot_id: str) -> None:
        """Answer for an attempt that an earlier scheduler started."""
        self.keys[attempt.id] = attempt.key
        path = log_path(self._home.logs, run.dag_id, run.run_id, attempt.task_id, attempt.map_index, attempt.try_number)
        self._executor.watch(attempt.id, path, same_boot=attempt.boot_id == boot_id)

    def submit(self, launch: LaunchAttempt, attempt_id: int, run: BoardRun, reads: RunReads, now: datetime) -> None:
        """Hand over an attempt that has its row; one that cannot be handed over has failed."""
        self.keys[attempt_id] = launch.key
        cell = run.by_key[launch.key]
        try:
            self._executor.submit(
                workload_of(launch, attempt_id, cell.max_tries, run.run, run.shape.spec, reads, self._home, run.lengths)
            )
        except DEFECTS as err:
            _log.exception("attempt %d of %s cannot be handed over", attempt_id, launch.key)
            reason = f"it could not be started: {type(err).__name__}: {err}"
            self.hear(Report(attempt_id, AttemptState.FAILED, now.isoformat(), reason=reason, callbacks_done=False))

    def stop(self, attempt_id: int, reason: str) -> None:
        self._executor.stop(attempt_id, reason)

    def stop_asked(self, attempts: Iterable[TaskAttempt]) -> None:
        """Stop those of them that the database wants stopped."""
        for attempt in attempts:
            if attempt.kill_reason is not None and attempt.id in self.keys:
                self.stop(attempt.id, attempt.kill_reason)

    def hear(self, report: Report) -> None:
        """Keep a report until a commit has taken it."""
        self._unrecorded.append(report)

    def take(self) -> list[Report]:
        """What was heard."""
        heard, self._unrecorded = self._unrecorded, []
        return heard

    def put_back(self, reports: list[Report]) -> None:
        """No commit has taken these: they come before what is heard from now on."""
        self._unrecorded[:0] = reports

    @property
    def has_heard(self) -> bool:
        return bool(self._unrecorded)

    def has_heard_other(self, is_held: Callable[[Report], bool]) -> bool:
        """Whether anything was heard that may be recorded now."""
        return not all(map(is_held, self._unrecorded))

    def forget(self, attempt_id: int) -> None:
        """A commit has taken its end."""
        self.keys.pop(attempt_id, None)
        with contextlib.suppress(OSError):
            (self._home.journal / str(attempt_id)).unlink()

    def is_idle(self) -> bool:
        return not self.keys and not self._unrecorded
