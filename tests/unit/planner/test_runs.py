"""How runs come about: due slots, manual runs, ids, max_active_runs, pause after failures."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.planner.dsl import NOW, dag_of, run_of
from tests.unit.planner.state_dags import DAILY, DAILY_TRIGGER
from tui_flow.errors import BadInput
from tui_flow.planner.backfill import check_backfill
from tui_flow.planner.backfill_slots import backfill_slots
from tui_flow.planner.decisions import AdvanceSchedule, CreateRun, MoveRun, PauseDag
from tui_flow.planner.runs import (
    check_run_id,
    manual_run,
    next_run_after,
    owed_runs,
    owed_since,
    plan_due_runs,
    plan_failure_pause,
    plan_run_starts,
    runs_in_the_way,
)
from tui_flow.records import Backfill, Dag, PlannedRun
from tui_flow.spec import DagSpec
from tui_flow.state import RunState, RunType
from tui_flow.timetables import AuthorTimetable

START = datetime(2025, 12, 28, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
DAG = Dag("d", "d.py", False, False, "spec", 1, "source", None, None, None)


def daily(**settings: object) -> DagSpec:
    return dag_of("a", **{"timetable": DAILY, "start_date": START, "catchup": True, **settings})  # type: ignore[arg-type]


def created(decisions: list) -> list[str]:  # type: ignore[type-arg]
    return [decision.run_id for decision in decisions if isinstance(decision, CreateRun)]


def test_with_catchup_all_slots_that_have_passed_become_runs_oldest_first() -> None:
    decisions = plan_due_runs(DAG, daily(), 0, NOW, 100)
    assert created(decisions) == [f"scheduled__{(START + n * DAY).isoformat()}" for n in range(1, 5)]
    assert decisions[0] == CreateRun(
        "d", created(decisions)[0], RunType.SCHEDULED, START, START, START + DAY, START + DAY, "spec", "source"
    )
    assert decisions[-1] == AdvanceSchedule("d", None, NOW + DAY, (NOW - DAY, NOW))


def test_slots_that_are_owed_are_counted_though_the_dag_is_paused() -> None:
    paused = replace(DAG, is_paused=True)
    assert [owed_runs(paused, daily(), NOW, limit) for limit in (100, 3)] == [4, 3]
    assert owed_runs(paused, daily(catchup=False), NOW, 100) == 1
    assert owed_runs(paused, daily(timetable={"kind": "NullTimetable"}), NOW, 100) == 0
    assert [owed_runs(paused, authored(catchup=all_), NOW, 9, PLANNED) for all_ in (True, False)] == [4, 1]


def test_without_catchup_only_the_latest_slot_becomes_a_run() -> None:
    assert created(plan_due_runs(DAG, daily(catchup=False), 0, NOW, 100)) == [f"scheduled__{NOW.isoformat()}"]


def test_slots_are_made_a_few_at_a_time_and_the_next_one_stays_due() -> None:
    decisions = plan_due_runs(DAG, daily(), 0, NOW, 2)
    assert len(created(decisions)) == 2
    assert decisions[-1] == AdvanceSchedule("d", None, START + 3 * DAY, (START + DAY, START + 2 * DAY))


def test_active_runs_leave_room_for_the_rest_only() -> None:
    assert len(created(plan_due_runs(DAG, daily(max_active_runs=3), 1, NOW, 100))) == 2
    assert plan_due_runs(DAG, daily(max_active_runs=3), 3, NOW, 100) == []


def test_the_plan_goes_on_after_the_last_interval() -> None:
    dag = replace(DAG, last_interval_start=NOW - DAY, last_interval_end=NOW, next_run_after=NOW + DAY)
    assert plan_due_runs(dag, daily(), 0, NOW, 100) == []
    assert created(plan_due_runs(dag, daily(), 0, NOW + DAY, 100)) == [f"scheduled__{(NOW + DAY).isoformat()}"]


@pytest.mark.parametrize("change", [{"is_paused": True}, {"is_missing": True}])
def test_a_paused_or_missing_dag_gets_no_runs(change: dict[str, bool]) -> None:
    assert plan_due_runs(replace(DAG, **change), daily(), 0, NOW, 100) == []  # type: ignore[arg-type]


def test_a_dag_that_may_have_no_scheduled_runs_has_no_slots() -> None:
    spec = daily(allowed_run_types=("manual",))
    assert plan_due_runs(DAG, spec, 0, NOW, 100) == []
    assert next_run_after(DAG, spec, NOW) is None
    assert next_run_after(DAG, daily(allowed_run_types=("scheduled",)), NOW) is not None


def test_a_dag_without_a_schedule_forgets_its_next_run() -> None:
    spec = dag_of("a")
    assert plan_due_runs(DAG, spec, 0, NOW, 100) == []
    dag = replace(DAG, next_run_after=NOW)
    assert plan_due_runs(dag, spec, 0, NOW, 100) == [AdvanceSchedule("d", NOW, None)]
    assert next_run_after(dag, spec, NOW) is None


def test_slots_before_the_schedule_came_into_force_are_not_owed() -> None:
    assert created(plan_due_runs(replace(DAG, schedule_since=NOW), daily(), 0, NOW, 100)) == [
        f"scheduled__{NOW.isoformat()}"
    ]


def test_the_next_run_is_in_the_past_while_one_is_due() -> None:
    assert next_run_after(DAG, daily(), NOW) == START + DAY
    assert next_run_after(DAG, daily(end_date=START), NOW + 9 * DAY) == START + DAY


def test_run_ids_of_airflow_2_files_have_the_logical_date() -> None:
    assert created(plan_due_runs(DAG, daily(dialect="airflow2"), 0, NOW, 1)) == [f"scheduled__{START.isoformat()}"]


def test_a_manual_run_has_the_present_as_its_logical_date() -> None:
    run = manual_run(DAG, daily(), NOW, conf={"x": 1})
    assert (run.run_id, run.logical_date, run.run_after) == (f"manual__{NOW.isoformat()}", NOW, NOW)
    assert (run.data_interval_start, run.data_interval_end) == (NOW - DAY, NOW)
    assert run.conf == {"x": 1}


def test_a_manual_run_may_have_another_date_id_and_type() -> None:
    run = manual_run(
        DAG, daily(timetable=DAILY_TRIGGER), NOW, run_type=RunType.OPERATOR_TRIGGERED, run_id="mine", logical_date=START
    )
    assert (run.run_id, run.logical_date, run.run_type) == ("mine", START, RunType.OPERATOR_TRIGGERED)
    assert (run.data_interval_start, run.run_after) == (START, NOW)


def test_a_manual_run_of_a_schedule_that_only_its_file_knows_covers_an_instant() -> None:
    run = manual_run(DAG, dag_of("a", timetable={"kind": "MyTimetable"}), NOW)
    assert run.data_interval_start == run.data_interval_end == NOW


@pytest.mark.parametrize(
    ("run_id", "words"),
    [
        ("a b", "letters"),
        ("", "letters"),
        ("x/y", "letters"),
        ("a..b", "letters"),
        (".", "letters"),
        ("x\n", "letters"),
        ("scheduled__x", "starts like a run of type scheduled"),
        ("x" * 201, "201 characters"),
    ],
)
def test_run_ids_that_may_not_be(run_id: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        check_run_id(run_id, RunType.MANUAL)


@pytest.mark.parametrize("run_id", ["manual__2024-01-01T00:00:00+00:00", "A.b_c-d~e", "x" * 200])
def test_run_ids_that_may_be(run_id: str) -> None:
    check_run_id(run_id, RunType.MANUAL)


def started(decisions: list) -> list[int]:  # type: ignore[type-arg]
    assert all(d.old is RunState.QUEUED and d.new is RunState.RUNNING for d in decisions if isinstance(d, MoveRun))
    return [decision.run for decision in decisions]


def test_the_oldest_queued_runs_start_up_to_max_active_runs() -> None:
    spec = dag_of("a", max_active_runs=3)
    queued = [run_of(spec, number, state=RunState.QUEUED) for number in (5, 3, 4)]
    assert started(plan_run_starts(spec, queued, [run_of(spec, 1)], is_paused=False)) == [3, 4]


def test_of_a_paused_dag_only_manual_runs_start() -> None:
    spec = dag_of("a")
    queued = [run_of(spec, 1), run_of(spec, 2, run_type=RunType.MANUAL)]
    assert started(plan_run_starts(spec, queued, [], is_paused=True)) == [2]


def backfill(**values: object) -> Backfill:
    facts = {"max_active_runs": 2, "run_backwards": False, "is_paused": False, "cancelled_at": None, **values}
    return Backfill(7, "d", START, NOW, "none", conf={}, created_at=NOW, completed_at=None, total=9, **facts)  # type: ignore[arg-type]


def test_backfill_runs_have_a_limit_of_their_own() -> None:
    spec = dag_of("a", max_active_runs=1)
    queued = [run_of(spec, n, run_type=RunType.BACKFILL, backfill_id=7) for n in (1, 2, 3)] + [run_of(spec, 9)]
    assert started(plan_run_starts(spec, queued, [], is_paused=False, backfills={7: backfill()})) == [9, 1, 2]


def test_a_backfill_that_runs_backwards_starts_in_the_order_of_making() -> None:
    spec = dag_of("a")
    queued = [run_of(spec, n, logical_date=NOW - n * DAY, backfill_id=7) for n in (2, 1, 3)]
    assert started(plan_run_starts(spec, queued, [], is_paused=False, backfills={7: backfill()})) == [1, 2]


@pytest.mark.parametrize("change", [{"is_paused": True}, {"cancelled_at": NOW}])
def test_a_paused_or_cancelled_backfill_starts_nothing(change: dict[str, object]) -> None:
    spec = dag_of("a")
    queued = [run_of(spec, 1, backfill_id=7)]
    assert plan_run_starts(spec, queued, [], is_paused=False, backfills={7: backfill(**change)}) == []


@pytest.mark.parametrize(
    ("limit", "latest", "pauses"),
    [(0, "FFFF", False), (2, "FF", True), (2, "FSF", False), (2, "F", False), (3, "FFFS", True)],
)
def test_a_dag_is_paused_after_so_many_failures_in_a_row(limit: int, latest: str, pauses: bool) -> None:
    spec = dag_of("a", max_consecutive_failed_dag_runs=limit)
    states = [RunState.FAILED if letter == "F" else RunState.SUCCESS for letter in latest]
    assert plan_failure_pause(spec, states) == ([PauseDag("d", True)] if pauses else [])


@pytest.mark.parametrize(
    ("change", "owes_from_now_on"),
    [
        ({}, True),
        ({"start_date": START}, True),
        ({"catchup": True, "start_date": START}, False),
        ({"dialect": "airflow3", "start_date": START}, False),
        ({"timetable": {"kind": "OnceTimetable"}}, False),
    ],
)
def test_a_new_dag_owes_its_past_only_with_catchup(change: dict[str, object], owes_from_now_on: bool) -> None:
    spec = daily(**{"start_date": None, "catchup": False, **change})
    assert owed_since(spec, NOW) == (NOW if owes_from_now_on else None)


PLANNED = [PlannedRun(START + n * DAY + HOUR, START + n * DAY, START + (n + 1) * DAY) for n in range(8)]
"""Of a timetable in the DAG's file: an hour after the day's begin."""


def authored(**settings: object) -> DagSpec:
    return daily(timetable=AuthorTimetable("Mine", "mine").to_dict(), **settings)


def test_with_catchup_all_planned_runs_that_have_fallen_due_are_made() -> None:
    decisions = plan_due_runs(DAG, authored(), 0, NOW, 100, PLANNED)
    dates = [d.logical_date for d in decisions if isinstance(d, CreateRun)]
    assert dates == [run.data_interval_start for run in PLANNED[:4]]
    assert decisions[-1] == AdvanceSchedule("d", None, PLANNED[4].run_after, PLANNED[3][1:])


def test_without_catchup_only_the_latest_planned_run_is_made() -> None:
    [run, advance] = plan_due_runs(DAG, authored(catchup=False), 0, NOW, 100, PLANNED)
    assert isinstance(run, CreateRun) and run.logical_date == PLANNED[3].data_interval_start
    assert isinstance(advance, AdvanceSchedule) and advance.new == PLANNED[4].run_after


def test_planned_runs_that_were_made_or_are_not_owed_are_passed_over() -> None:
    made = replace(DAG, last_interval_start=PLANNED[2][1], last_interval_end=PLANNED[2][2])
    assert next_run_after(made, authored(), NOW, PLANNED) == PLANNED[3].run_after
    since = replace(DAG, schedule_since=PLANNED[3].run_after + HOUR)
    assert next_run_after(since, authored(), NOW, PLANNED) == PLANNED[4].run_after


def test_a_plan_that_is_used_up_is_told_to_nobody() -> None:
    [run, advance] = plan_due_runs(DAG, authored(), 0, NOW, 100, PLANNED[:1])
    assert isinstance(advance, AdvanceSchedule) and advance.new is None


def test_planned_runs_leave_room_for_the_rest_only() -> None:
    decisions = plan_due_runs(DAG, authored(max_active_runs=2), 0, NOW, 100, PLANNED)
    assert len(created(decisions)) == 2 and decisions[-1].new == PLANNED[2].run_after  # type: ignore[union-attr]


def test_a_timetable_in_the_file_is_backfilled_with_what_it_told() -> None:
    check_backfill(authored(), START, NOW, NOW, told=PLANNED)
    with pytest.raises(BadInput, match="no slot that has ended"):
        check_backfill(authored(), START, NOW, NOW)
    assert [slot.run_after for slot in backfill_slots(authored(), START, NOW, NOW, told=PLANNED)] == [
        run.run_after for run in PLANNED
    ]


def test_late_slots_are_dropped_where_the_dag_says_so() -> None:
    spec = daily(catchup=False, misfire="skip")
    late = NOW + timedelta(hours=3)
    [advance] = plan_due_runs(replace(DAG, next_run_after=NOW), spec, 0, late, 100)
    assert isinstance(advance, AdvanceSchedule) and advance.new == NOW + DAY
    assert next_run_after(DAG, spec, late) == NOW + DAY
    in_time = NOW + timedelta(minutes=4)
    assert len(created(plan_due_runs(DAG, spec, 0, in_time, 100))) == 1
    assert len(created(plan_due_runs(DAG, daily(catchup=False), 0, late, 100))) == 1


def test_with_catchup_only_the_slots_that_are_hardly_late_are_left_by_skip() -> None:
    assert len(created(plan_due_runs(DAG, daily(misfire="skip"), 0, NOW + timedelta(minutes=1), 100))) == 1


def test_planned_runs_can_be_too_late_as_well() -> None:
    late = PLANNED[3].run_after + timedelta(minutes=6)
    assert created(plan_due_runs(DAG, authored(misfire="skip"), 0, late, 100, PLANNED)) == []
    assert next_run_after(DAG, authored(misfire="skip"), late, PLANNED) == PLANNED[4].run_after


@pytest.mark.parametrize("timetable", ["clock", "file"])
def test_a_slot_is_dropped_while_another_run_goes_on(timetable: str) -> None:
    spec = daily(max_active_runs=1, overlap="skip", catchup=False)
    if timetable == "file":
        spec = authored(max_active_runs=1, overlap="skip", catchup=False)
    planned = PLANNED if timetable == "file" else ()
    [advance] = plan_due_runs(DAG, spec, 1, NOW, 100, planned)
    assert isinstance(advance, AdvanceSchedule) and advance.last_interval is not None
    assert advance.new is not None and advance.new > NOW
    assert len(created(plan_due_runs(DAG, spec, 0, NOW, 100, planned))) == 1
    assert plan_due_runs(DAG, replace(spec, overlap="queue"), 1, NOW, 100, planned) == []


@pytest.mark.parametrize(
    ("overlap", "limit", "ended"), [("cancel_old", 2, [1, 2]), ("cancel_old", 4, []), ("queue", 1, [])]
)
def test_the_oldest_runs_make_way(overlap: str, limit: int, ended: list[int]) -> None:
    spec = daily(max_active_runs=limit, overlap=overlap)
    active = [run_of(spec, number) for number in (2, 1, 3)]
    assert [run.id for run in runs_in_the_way(spec, active)] == ended
