"""Airflow's dialect is croniter's, and its clock changes are its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from croniter import croniter
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_flow.timetables import (
    CronDataIntervalTimetable,
    CronTriggerTimetable,
    DataInterval,
    InvalidSchedule,
    TimeRestriction,
)
from tui_flow.timetables.airflow_steps import CroniterPattern, CronSteps, parse_airflow_cron

EXPRESSIONS = (
    "1-1 * * * *",
    "0 22-2 * * fri-mon",
    "0 0 26-29 1 */1",
    "0 0 */8 * */1",
    "0 0 */2 * 1",
    "0 0 1-31 * 1",
    "0 0 13 * 5",
    "0 0 L * 5",
    "0 0 * * L5",
    "0 0 * * 5#2",
    "0 0 13 * 5#2",
    "0 0 15W * *",
    "0 0 * nov-feb *",
    "*/7 */5 * * *",
    "59/15 23/1 * * *",
    "0 0 ? * 7",
    "30 2 * * * 15",
    "0 *,5 * * *",
    "@hourly",
    "@midnight",
)
walls = st.datetimes(datetime(2021, 1, 1), datetime(2030, 1, 1))


@settings(max_examples=200, deadline=None, database=None)
@given(st.sampled_from(EXPRESSIONS), walls)
def test_matches_are_croniters(expression: str, wall: datetime) -> None:
    pattern = parse_airflow_cron(expression)
    assert pattern.wall_after(wall) == croniter(expression, wall).get_next(datetime)
    assert pattern.wall_before(wall) == croniter(expression, wall).get_prev(datetime)


def test_ordinary_expressions_do_without_croniter() -> None:
    slow = [text for text in EXPRESSIONS if isinstance(parse_airflow_cron(text), CroniterPattern)]
    assert slow == ["0 0 13 * 5#2", "0 0 15W * *", "30 2 * * * 15"]


@pytest.mark.parametrize(
    "expression",
    ["R * * * *", "0 R(1-5) * * *", "0 0 31 4 *", "0 0 0 0", "@reboot", "0 0 1 1 * 0 2030", f"{'9' * 5000} * * * *"],
)
def test_refused(expression: str) -> None:
    with pytest.raises(InvalidSchedule, match="never fires|random|years|cannot be read|not supported"):
        parse_airflow_cron(expression)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def steps_after(expression: str, zone: str, start: str, count: int) -> list[datetime]:
    steps, instants = CronSteps(expression, zone), [at(start)]
    while len(instants) <= count:
        instants.append(steps.after(instants[-1]))
    return instants[1:]


@pytest.mark.parametrize(
    ("expression", "start", "fires"),
    [
        ("30 2 * * *", "2026-03-08T00:30-05:00", ["2026-03-08T03:30-04:00", "2026-03-09T02:30-04:00"]),
        (
            "15,45 1-2 * * *",
            "2026-03-08T00:30-05:00",
            ["2026-03-08T01:15-05:00", "2026-03-08T01:45-05:00", "2026-03-08T03:15-04:00", "2026-03-09T01:15-04:00"],
        ),
        (
            "0 */2 * * *",
            "2026-03-07T23:30-05:00",
            ["2026-03-08T00:00-05:00", "2026-03-08T03:00-04:00", "2026-03-08T04:00-04:00"],
        ),
        ("30 1 * * *", "2026-11-01T00:30-04:00", ["2026-11-01T01:30-05:00", "2026-11-02T01:30-05:00"]),
        ("*/30 1 * * *", "2026-11-01T00:30-04:00", ["2026-11-01T01:00-05:00", "2026-11-01T01:30-05:00"]),
        (
            "0 * * * *",
            "2026-11-01T00:30-04:00",
            ["2026-11-01T01:00-04:00", "2026-11-01T01:00-05:00", "2026-11-01T02:00-05:00"],
        ),
    ],
)
def test_clock_changes_as_in_airflow(expression: str, start: str, fires: list[str]) -> None:
    assert steps_after(expression, "America/New_York", start, len(fires)) == [at(fire) for fire in fires]


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Zurich", "Australia/Lord_Howe", "America/Santiago"])
@pytest.mark.parametrize(
    "expression", ["0 1 * * *", "30 2 * * *", "*/15 1-2 * * *", "0 * * * *", "20 */4 * * *", "0 0 * * *"]
)
def test_near_clock_changes_nothing_is_empty_ahead_or_a_crash(zone: str, expression: str) -> None:
    interval, trigger = CronDataIntervalTimetable(expression, zone), CronTriggerTimetable(expression, zone)
    restriction = TimeRestriction(at("2023-01-01T00:00+00:00"), None, catchup=False)
    for day in ("2024-03-10", "2024-11-03", "2024-03-31", "2024-10-27", "2024-04-07", "2024-10-06", "2024-09-08"):
        for step in range(-2, 23):
            now = at(f"{day}T00:00+00:00") + timedelta(minutes=55 * step, seconds=1)
            manual = interval.infer_manual_data_interval(run_after=now)
            assert manual.start < manual.end <= now
            for timetable in (interval, trigger):
                info = timetable.next_dagrun_info(last_automated_data_interval=None, restriction=restriction, now=now)
                assert info is not None
                assert CronSteps(expression, zone).after(info.run_after) > now, "not the latest"
                assert info.run_after <= now or timetable is interval, (
                    "an interval may end where the gap swallowed a step"
                )


def test_wild_is_an_hour_field_that_croniter_reads_as_a_star() -> None:
    wild = ["0 * * * *", "0 0-23 * * *", "0 */1 * * *", "* * * * mon", "0 * * * * 30"]
    assert all(parse_airflow_cron(text).is_wild for text in wild)
    assert not any(parse_airflow_cron(text).is_wild for text in ("* 1 * * *", "0 */2 * * *", "0 *,5 * * *"))


def test_a_step_forward_need_not_undo_a_step_back() -> None:
    """Airflow raises `next schedule shouldn't be earlier` here."""
    now = at("2024-03-31T01:00:01+00:00")
    info = CronDataIntervalTimetable("0 * * * mon", "Antarctica/Troll").next_dagrun_info(
        last_automated_data_interval=None, restriction=TimeRestriction(None, None, catchup=False), now=now
    )
    assert info is not None
    assert info.data_interval == DataInterval(at("2024-03-25T22:00+00:00"), at("2024-03-25T23:00+00:00"))


def test_manual_run_when_the_last_step_lies_in_a_gap() -> None:
    timetable = CronDataIntervalTimetable("0 2 * * *", "America/New_York")
    interval = timetable.infer_manual_data_interval(run_after=at("2024-03-10T07:30+00:00"))
    assert interval == DataInterval(at("2024-03-09T07:00+00:00"), at("2024-03-10T07:00+00:00"))
