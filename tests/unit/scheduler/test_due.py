"""Which DAGs are looked at when: due ones, blocked ones, and hosts that shall be warm in time."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from tui_flow.planner.decisions import AdvanceSchedule, CreateRun, Decision, MoveRun
from tui_flow.records import Dag, DagRun, PlannedRun, TaskAttempt, TaskInstance
from tui_flow.scheduler.due import DueRuns
from tui_flow.spec import DagSpec, TaskSpec
from tui_flow.state import RunState, RunType
from tui_flow.timetables import AuthorTimetable, CronTriggerTimetable

HOUR = timedelta(hours=1)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOURLY = DagSpec(
    "d",
    "d.py",
    timetable=CronTriggerTimetable("0 * * * *", "UTC").to_dict(),
    start_date=NOON - HOUR,
    catchup=True,
    tasks=(TaskSpec("a"),),
)


def dag(dag_id: str = "d", due: datetime | None = NOON, **more: object) -> Dag:
    known = Dag(dag_id, f"{dag_id}.py", False, False, "v", 1, "src", due, None, None)
    return replace(known, **more)  # type: ignore[arg-type]


@dataclass
class FakeReads:
    known: dict[str, Dag]
    specs: dict[str, DagSpec] = field(default_factory=dict)
    runs: list[DagRun] = field(default_factory=list)
    looks: int = 0

    def next_due(self, except_for: Collection[str] = ()) -> datetime | None:
        self.looks += 1
        dues = [dag.next_run_after for dag in self.known.values() if dag.dag_id not in except_for]
        return min((due for due in dues if due is not None), default=None)

    def dags_due(self, now: datetime) -> list[Dag]:
        return [dag for dag in self.known.values() if dag.next_run_after is not None and dag.next_run_after <= now]

    def unfinished_runs(self, dag_id: str | None = None) -> list[DagRun]:
        return [run for run in self.runs if run.dag_id == dag_id]

    def task_instances(self, run: int) -> list[TaskInstance]:
        return []

    def active_attempts(self, run: int | None = None) -> list[TaskAttempt]:
        return []

    def planned_runs(self, dag_id: str) -> list[PlannedRun]:
        return [PlannedRun(NOON, NOON - HOUR, NOON)]

    def spec(self, dag_id: str, version: str) -> DagSpec:
        return self.specs.get(dag_id, replace(HOURLY, dag_id=dag_id))


def reads_of(*dags: Dag, **more: DagSpec) -> FakeReads:
    return FakeReads({dag.dag_id: dag for dag in dags}, more)


def planned(due: DueRuns, now: datetime) -> list[Decision]:
    return [decision for decisions in due.plan(now) for decision in decisions]


def created(decisions: list[Decision]) -> list[str]:
    return [decision.dag_id for decision in decisions if isinstance(decision, CreateRun)]


def run_of(dag_id: str, run_type: RunType = RunType.SCHEDULED) -> DagRun:
    return DagRun(1, dag_id, "r", run_type, RunState.RUNNING, NOON, NOON, NOON, NOON, NOON, NOON, None, "v", "src")


def test_nothing_is_due_before_its_time_and_the_database_is_asked_once() -> None:
    reads = reads_of(dag())
    due = DueRuns(reads)
    for seconds in (60, 30, 1):
        assert planned(due, NOON - timedelta(seconds=seconds)) == []
    assert reads.looks == 1


def test_how_late_a_slot_is_that_was_waited_for() -> None:
    due = DueRuns(reads_of(dag()))
    assert due.late_s(NOON + HOUR) is None, "nobody waited for it: the scheduler is news"
    assert not due.is_due(NOON - HOUR)
    assert due.late_s(NOON - HOUR) is None
    assert due.late_s(NOON + timedelta(seconds=2)) == 2.0
    due.forget("d")
    assert due.late_s(NOON + HOUR) is None, "its schedule is news"


def test_what_is_due_becomes_a_run_and_moves_the_schedule() -> None:
    due = DueRuns(reads_of(dag(), dag("later", NOON + HOUR)))
    decisions = planned(due, NOON)
    assert set(created(decisions)) == {"d"}
    assert AdvanceSchedule("d", NOON, NOON + HOUR, (NOON, NOON)) in decisions


def test_a_file_with_a_timetable_of_its_own_is_asked_again_once_a_run_is_made() -> None:
    due = DueRuns(
        reads_of(dag(), dag("mine"), mine=replace(HOURLY, timetable=AuthorTimetable("Mine", "mine").to_dict()))
    )
    assert set(created(planned(due, NOON))) == {"d", "mine"}
    assert due.take_to_ask() == {"mine.py"}
    assert due.take_to_ask() == set()


def test_no_dag_at_all() -> None:
    due = DueRuns(reads_of())
    assert due.next_wake() is None and planned(due, NOON) == [] and list(due.soon(NOON)) == []


def test_a_dag_at_its_limit_is_not_looked_at_until_one_of_its_runs_has_ended() -> None:
    reads = reads_of(dag(), d=replace(HOURLY, max_active_runs=1))
    reads.runs = [run_of("d")]
    due = DueRuns(reads)
    assert planned(due, NOON) == []
    assert due.next_wake() is None  # blocked: the loop does not spin on it
    reads.runs = []
    due.forget("d")
    assert set(created(planned(due, NOON))) == {"d"}


def test_an_old_run_makes_way_for_the_new_one() -> None:
    reads = reads_of(dag(), d=replace(HOURLY, max_active_runs=1, overlap="cancel_old"))
    reads.runs = [run_of("d")]
    decisions = planned(DueRuns(reads), NOON)
    why = "a later run takes its place (overlap=cancel_old)"
    assert decisions[0] == MoveRun(1, RunState.RUNNING, RunState.FAILED, why)
    assert set(created(decisions)) == {"d"}


def test_backfills_do_not_count_against_the_limit() -> None:
    reads = reads_of(dag(), d=replace(HOURLY, max_active_runs=1))
    reads.runs = [run_of("d", RunType.BACKFILL)]
    assert set(created(planned(DueRuns(reads), NOON))) == {"d"}


def test_a_schedule_that_cannot_be_evaluated_stops_nobody_else(caplog: pytest.LogCaptureFixture) -> None:
    reads = reads_of(dag("bad"), dag(), bad=replace(HOURLY, timetable={"kind": "of a later version"}))
    due = DueRuns(reads)
    with caplog.at_level(logging.ERROR):
        assert set(created(planned(due, NOON))) == {"d"}
    assert "DAG 'bad' is not scheduled until it changes" in caplog.text
    reads.known["d"] = dag(due=NOON + HOUR)
    assert due.next_wake() == NOON + HOUR - timedelta(seconds=2)


def test_hosts_are_warmed_once_a_moment_before() -> None:
    due = DueRuns(reads_of(dag()))
    moment = timedelta(seconds=2)
    assert due.next_wake() == NOON - moment
    assert list(due.soon(NOON - 2 * moment)) == []
    assert list(due.soon(NOON - moment)) == [("d.py", "src")]
    assert list(due.soon(NOON - moment / 2)) == []
    assert due.next_wake() == NOON
    assert list(due.soon(NOON)) == []  # too late for warming: it is due


def test_what_changes_is_asked_for_again() -> None:
    reads = reads_of(dag())
    due = DueRuns(reads)
    due.next_wake()
    reads.known["d"] = dag(due=NOON - HOUR)
    assert due.next_wake() == NOON - timedelta(seconds=2)
    due.forget("d")
    assert due.next_wake() == NOON - HOUR - timedelta(seconds=2)
