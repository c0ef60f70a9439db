"""Which runs are owed after any kind of pause, and which come next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tui_flow.timetables import (
    ContinuousTimetable,
    CronDataIntervalTimetable,
    CronTimetable,
    CronTriggerTimetable,
    DagRunInfo,
    DataInterval,
    DeltaDataIntervalTimetable,
    DeltaTriggerTimetable,
    EventsTimetable,
    MultipleCronTriggerTimetable,
    NullTimetable,
    OnceTimetable,
    TimeRestriction,
    Timetable,
    due_runs,
    every,
    upcoming,
)

START = datetime(2024, 1, 1, tzinfo=UTC)
NOW = datetime(2024, 5, 10, 13, 37, 30, tzinfo=UTC)
CATCHUP = TimeRestriction(START, None, catchup=True)
LATEST = TimeRestriction(START, None, catchup=False)
UNBOUNDED = TimeRestriction(None, None, catchup=False)
HOUR = timedelta(hours=1)

PERIODIC: list[Timetable] = [
    CronTimetable("* * * * *", "Europe/Zurich"),
    every("1m"),
    CronTriggerTimetable("* * * * *", "UTC"),
    CronDataIntervalTimetable("* * * * *", "UTC"),
    MultipleCronTriggerTimetable("* * * * *", "0 * * * *", timezone="UTC"),
    DeltaDataIntervalTimetable(timedelta(minutes=1)),
    EventsTimetable(tuple(NOW.replace(second=0) - timedelta(minutes=n - 60) for n in range(10_000))),
]


def ended(end: datetime) -> DataInterval:
    return DataInterval(end - HOUR, end)


def times(infos: tuple[DagRunInfo, ...]) -> list[str]:
    return [f"{info.run_after:%d %H:%M}" for info in infos]


@pytest.mark.parametrize("timetable", PERIODIC, ids=lambda timetable: type(timetable).__name__)
def test_three_days_down_without_catchup_is_one_run(timetable: Timetable) -> None:
    last = ended(NOW.replace(second=0) - timedelta(days=3))
    runs = due_runs(timetable, last=last, restriction=LATEST, now=NOW, limit=100)
    assert times(runs) == ["10 13:37"]
    assert due_runs(timetable, last=runs[0].data_interval, restriction=LATEST, now=NOW, limit=100) == ()


@pytest.mark.parametrize("timetable", PERIODIC, ids=lambda timetable: type(timetable).__name__)
def test_three_days_down_with_catchup_is_every_run_in_order(timetable: Timetable) -> None:
    last = ended(NOW.replace(second=0) - timedelta(days=3))
    runs = due_runs(timetable, last=last, restriction=CATCHUP, now=NOW, limit=3)
    assert times(runs) == ["07 13:38", "07 13:39", "07 13:40"]
    rest = due_runs(
        timetable, last=ended(NOW.replace(second=0) - 2 * timedelta(minutes=1)), restriction=CATCHUP, now=NOW, limit=9
    )
    assert times(rest) == ["10 13:36", "10 13:37"]


@pytest.mark.parametrize("timetable", PERIODIC, ids=lambda timetable: type(timetable).__name__)
@pytest.mark.parametrize("restriction", [LATEST, CATCHUP])
def test_clock_set_back_waits(timetable: Timetable, restriction: TimeRestriction) -> None:
    assert due_runs(timetable, last=ended(NOW + HOUR), restriction=restriction, now=NOW, limit=9) == ()


@pytest.mark.parametrize("timetable", PERIODIC, ids=lambda timetable: type(timetable).__name__)
@pytest.mark.parametrize("restriction", [LATEST, CATCHUP])
@pytest.mark.parametrize("lag", [timedelta(), timedelta(days=3)])
def test_upcoming(timetable: Timetable, restriction: TimeRestriction, lag: timedelta) -> None:
    last = ended(NOW.replace(second=0) - lag)
    assert times(upcoming(timetable, last=last, restriction=restriction, now=NOW, count=2)) == ["10 13:38", "10 13:39"]


def test_upcoming_begins_after_now() -> None:
    noon = datetime(2024, 5, 10, 12, tzinfo=UTC)
    hourly = CronTimetable("@hourly", "UTC")
    assert times(upcoming(hourly, last=None, restriction=LATEST, now=noon, count=1)) == ["10 13:00"]


def test_upcoming_of_airflow_deltas_goes_on_from_the_last_run() -> None:
    last = ended(datetime(2024, 5, 9, 1, 17, tzinfo=UTC))
    delta = timedelta(hours=6)
    for timetable in (DeltaDataIntervalTimetable(delta), DeltaTriggerTimetable(delta)):
        assert times(upcoming(timetable, last=last, restriction=CATCHUP, now=NOW, count=2)) == ["10 19:17", "11 01:17"]


def test_slots_before_the_schedule_came_into_force_are_not_owed() -> None:
    daily = CronTimetable("0 2 * * *", "UTC")
    edited = datetime(2024, 5, 10, 12, tzinfo=UTC)
    a_week_ago = ended(datetime(2024, 5, 3, 2, tzinfo=UTC))
    for restriction in (LATEST, CATCHUP):
        assert due_runs(daily, last=a_week_ago, restriction=restriction, now=NOW, limit=9, since=edited) == ()
    tomorrow = NOW + timedelta(hours=13)
    assert times(due_runs(daily, last=a_week_ago, restriction=CATCHUP, now=tomorrow, limit=9, since=edited)) == [
        "11 02:00"
    ]


def test_a_new_dag_without_start_date_begins_with_its_next_slot() -> None:
    events = EventsTimetable((NOW - HOUR, NOW + HOUR))
    for timetable, first in (
        (every("1h"), "10 14:00"),
        (CronTimetable("@hourly", "UTC"), "10 14:00"),
        (events, "10 14:37"),
    ):
        assert due_runs(timetable, last=None, restriction=UNBOUNDED, now=NOW, limit=9, since=NOW) == ()
        late = NOW + HOUR + timedelta(seconds=5)
        assert times(due_runs(timetable, last=None, restriction=UNBOUNDED, now=late, limit=9, since=NOW)) == [first]


def test_nothing_is_due_or_upcoming_without_a_schedule() -> None:
    assert due_runs(NullTimetable(), last=None, restriction=LATEST, now=NOW, limit=9) == ()
    assert upcoming(NullTimetable(), last=None, restriction=LATEST, now=NOW, count=9) == ()


def test_once() -> None:
    (run,) = due_runs(OnceTimetable(), last=None, restriction=LATEST, now=NOW, limit=9)
    assert run.run_after == START
    assert due_runs(OnceTimetable(), last=run.data_interval, restriction=LATEST, now=NOW, limit=9) == ()
    later = TimeRestriction(NOW + HOUR, None, catchup=False)
    assert due_runs(OnceTimetable(), last=None, restriction=later, now=NOW, limit=9) == ()
    assert times(upcoming(OnceTimetable(), last=None, restriction=later, now=NOW, count=9)) == ["10 14:37"]


def test_continuous_is_due_once_the_clock_has_moved() -> None:
    last = DataInterval(NOW - 2 * HOUR, NOW - HOUR)
    for restriction in (LATEST, CATCHUP):
        (run,) = due_runs(ContinuousTimetable(), last=last, restriction=restriction, now=NOW, limit=9)
        assert run.data_interval == DataInterval(NOW - HOUR, NOW)
        assert due_runs(ContinuousTimetable(), last=run.data_interval, restriction=restriction, now=NOW, limit=9) == ()


def test_bounds_are_inclusive() -> None:
    at_two = datetime(2024, 5, 10, 2, tzinfo=UTC)
    yesterday = ended(at_two - timedelta(days=1))
    for timetable in (CronTimetable("0 2 * * *", "UTC"), EventsTimetable((at_two,))):
        for catchup in (False, True):
            exact = TimeRestriction(at_two, at_two, catchup)
            assert len(due_runs(timetable, last=yesterday, restriction=exact, now=at_two, limit=9, since=at_two)) == 1
            assert due_runs(timetable, last=ended(at_two), restriction=exact, now=NOW, limit=9) == ()
    assert EventsTimetable((at_two,)).latest_due(last=ended(at_two), restriction=LATEST, now=NOW) is None


def test_continuous_at_its_bounds() -> None:
    last = DataInterval(NOW - HOUR, NOW + HOUR)
    until_now = TimeRestriction(START, NOW, catchup=False)
    ended_run = ContinuousTimetable().next_dagrun_info(
        last_automated_data_interval=DataInterval(START, NOW - HOUR), restriction=until_now, now=NOW
    )
    assert ended_run == DagRunInfo.interval(NOW - HOUR, NOW)
    ahead = ContinuousTimetable().next_dagrun_info(last_automated_data_interval=last, restriction=until_now, now=NOW)
    assert ahead == DagRunInfo.interval(START, START + 2 * HOUR)


def test_end_date_bounds_what_is_owed() -> None:
    ended_yesterday = TimeRestriction(START, NOW - timedelta(days=1), catchup=False)
    last = ended(NOW - timedelta(days=3))
    for timetable in (CronTimetable("@hourly", "UTC"), EventsTimetable((NOW - 26 * HOUR, NOW - HOUR))):
        (run,) = due_runs(timetable, last=last, restriction=ended_yesterday, now=NOW, limit=9)
        assert NOW - timedelta(days=2) < run.run_after <= NOW - timedelta(days=1)
        assert upcoming(timetable, last=run.data_interval, restriction=ended_yesterday, now=NOW, count=3) == ()
