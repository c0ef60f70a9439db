"""Deadlines of unfinished runs: the next one to wake up for, and what is decided when it has passed. The rules are
`planner.deadlines`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from heapq import heappop, heappush

from tui_flow.planner.deadlines import deadline_name, deadline_of, most_averaged_runs
from tui_flow.planner.decisions import MissDeadline
from tui_flow.records import DagRun
from tui_flow.spec import DagSpec
from tui_flow.state import FINISHED_RUN
from tui_flow.store.reader import Reads

_Entry = tuple[datetime, int, int, int]
"""(due, run, clear_number, number of the deadline)."""


class Deadlines:
    """Costs nothing for DAGs without deadlines."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads
        self._waiting: list[_Entry] = []
        self._watched: set[tuple[int, int]] = set()

    def watch(self, run: DagRun, spec: DagSpec) -> None:
        """Take a run in that has not ended; once is enough, each time that it runs."""
        key = (run.id, run.clear_number)
        if not spec.deadlines or key in self._watched:
            return
        self._watched.add(key)
        looks_back = most_averaged_runs(spec)
        runtimes = self._reads.runtimes_before(run, looks_back) if looks_back else ()
        missed = {row.number for row in self._reads.missed_deadlines(run.id) if row.clear_number == run.clear_number}
        for number, alert in enumerate(spec.deadlines):
            due = deadline_of(alert, run, runtimes)
            if due is not None and number not in missed:
                heappush(self._waiting, (due, run.id, run.clear_number, number))

    def forget(self, run: DagRun) -> None:
        """The run has ended."""
        self._watched.discard((run.id, run.clear_number))

    def next_due(self) -> datetime | None:
        waiting = self._waiting
        while waiting and waiting[0][1:3] not in self._watched:
            heappop(waiting)
        return waiting[0][0] if waiting else None

    def missed(self, now: datetime) -> Iterator[MissDeadline]:
        """Each deadline that has passed while its run was going on; forgotten when the next one is asked for."""
        while (due := self.next_due()) is not None and due <= now:
            _, run_id, clear_number, number = self._waiting[0]
            run = self._reads.run_by_id(run_id)
            if run is not None and run.state not in FINISHED_RUN and run.clear_number == clear_number:
                alert = self._reads.spec(run.dag_id, run.spec_version).deadlines[number]
                yield MissDeadline(run_id, number, clear_number, deadline_name(alert, number), due)
            heappop(self._waiting)
