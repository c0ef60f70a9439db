"""When the scheduler wakes up for deadlines, and which it finds missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, cast

from tests.unit.planner.dsl import NOW, dag_of, run_of
from tui_flow.planner.decisions import MissDeadline
from tui_flow.records import DagRun, MissedDeadline
from tui_flow.scheduler.deadlines import Deadlines
from tui_flow.spec import DagSpec
from tui_flow.state import RunState
from tui_flow.store.reader import Reads

HOUR = timedelta(hours=1)
ALERTS = tuple({"reference": {"kind": "queued_at"}, "interval_s": seconds} for seconds in (3600.0, 60.0))
SPEC = dag_of("a", deadlines=ALERTS)


@dataclass
class FakeReads:
    runs: dict[int, DagRun] = field(default_factory=dict)
    known: list[MissedDeadline] = field(default_factory=list)

    def run_by_id(self, run: int) -> DagRun | None:
        return self.runs.get(run)

    def spec(self, dag_id: str, version: str) -> DagSpec:
        return SPEC

    def missed_deadlines(self, run: int) -> list[MissedDeadline]:
        return self.known

    def runtimes_before(self, run: DagRun, limit: int) -> Sequence[timedelta]:
        raise AssertionError("no deadline looks back")


def watching(**change: Any) -> tuple[Deadlines, FakeReads, DagRun]:
    run = run_of(SPEC, **change)
    reads = FakeReads({run.id: run})
    deadlines = Deadlines(cast(Reads, reads))
    deadlines.watch(run, SPEC)
    deadlines.watch(run, SPEC)
    return deadlines, reads, run


def test_the_earliest_deadline_is_woken_up_for_and_missed_once() -> None:
    deadlines, _, run = watching()
    assert deadlines.next_due() == NOW + timedelta(minutes=1)
    assert list(deadlines.missed(NOW)) == []
    [missed] = deadlines.missed(NOW + timedelta(minutes=1))
    assert missed == MissDeadline(run.id, 1, 0, "deadline 2", NOW + timedelta(minutes=1))
    assert deadlines.next_due() == NOW + HOUR


def test_a_deadline_that_could_not_be_recorded_is_found_again() -> None:
    deadlines, _, _ = watching()
    next(deadlines.missed(NOW + HOUR))
    assert [missed.number for missed in deadlines.missed(NOW + HOUR)] == [1, 0]


def test_a_run_that_has_ended_misses_nothing() -> None:
    deadlines, reads, run = watching()
    reads.runs[run.id] = replace(run, state=RunState.SUCCESS)
    assert list(deadlines.missed(NOW + HOUR)) == []
    deadlines, _, run = watching()
    deadlines.forget(run)
    assert deadlines.next_due() is None


def test_what_is_recorded_is_not_missed_again_but_after_a_clear() -> None:
    deadlines, reads, run = watching()
    reads.known = [MissedDeadline(run.id, 1, 0, "deadline 2", NOW, NOW)]
    again = Deadlines(cast(Reads, reads))
    again.watch(run, SPEC)
    assert [missed.number for missed in again.missed(NOW + HOUR)] == [0]
    cleared = replace(run, clear_number=1)
    reads.runs[run.id] = cleared
    again.watch(cleared, SPEC)
    assert [(missed.clear_number, missed.number) for missed in again.missed(NOW + HOUR)] == [(1, 1), (1, 0)]


def test_a_dag_without_deadlines_is_not_watched() -> None:
    deadlines = Deadlines(cast(Reads, None))
    deadlines.watch(run_of(dag_of("a")), dag_of("a"))
    assert deadlines.next_due() is None
