"""What falls due by itself on the board: retries, pokes, the ends of deferrals, and the time-outs of runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from heapq import heappop, heappush
from itertools import count

from tui_flow.planner.cells import BoardRun, Cell
from tui_flow.state import WAITING_TASK


class Dues:
    """`is_running(run)` says whether the run is on the board (not an older copy of it) and tasks of it may start."""

    def __init__(self, is_running: Callable[[BoardRun], bool]) -> None:
        self._is_running = is_running
        self._waits: list[tuple[datetime, int, Cell]] = []
        self._timeouts: list[tuple[datetime, int, BoardRun]] = []
        self._serial = count()

    def add_wait(self, cell: Cell) -> None:
        """The task instance waits until its `due_at`, or for ever."""
        if cell.due_at is not None and cell.run.is_running:
            heappush(self._waits, (cell.due_at, next(self._serial), cell))

    def add_timeout(self, run: BoardRun) -> None:
        """The run has until its dagrun_timeout, if it has one."""
        timeout_at = run.timeout_at()
        if run.is_running and timeout_at is not None:
            heappush(self._timeouts, (timeout_at, next(self._serial), run))

    def next(self) -> datetime | None:
        """When the earliest falls due; None when nothing will."""
        self._forget_past()
        return min((heap[0][0] for heap in (self._waits, self._timeouts) if heap), default=None)

    def cells(self, now: datetime) -> Iterable[Cell]:
        """Task instances whose wait is over; each is given once."""
        while self._waits and self._waits[0][0] <= now:
            due_at, _, cell = heappop(self._waits)
            if self._is_waiting(cell, due_at):
                yield cell

    def timeouts(self, now: datetime) -> Iterable[BoardRun]:
        """Runs that have reached their dagrun_timeout; each is given once."""
        while self._timeouts and self._timeouts[0][0] <= now:
            run = heappop(self._timeouts)[2]
            if self._is_running(run):
                yield run

    def _is_waiting(self, cell: Cell, due_at: datetime) -> bool:
        return cell.state in WAITING_TASK and cell.due_at == due_at and self._is_running(cell.run)

    def _forget_past(self) -> None:
        """Drops what is not waited for any more."""
        while self._waits and not self._is_waiting(self._waits[0][2], self._waits[0][0]):
            heappop(self._waits)
        while self._timeouts and not self._is_running(self._timeouts[0][2]):
            heappop(self._timeouts)
