"""Which dates a backfill has, wherever it goes on and whichever way it goes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from dateutil.relativedelta import relativedelta  # type: ignore[import-untyped, unused-ignore]
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.unit.planner.dsl import dag_of
from tui_flow.planner.backfill_slots import backfill_slots
from tui_flow.spec import DagSpec
from tui_flow.timetables import (
    CronDataIntervalTimetable,
    CronTimetable,
    CronTriggerTimetable,
    DeltaDataIntervalTimetable,
    DeltaTriggerTimetable,
    EventsTimetable,
    MultipleCronTriggerTimetable,
    Timetable,
    every,
)

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
START = datetime(2024, 1, 1, tzinfo=UTC)
NEW_YORK = "America/New_York"
TIMETABLES: list[Timetable] = [
    CronTimetable("*/15 * * * *", NEW_YORK),
    CronTimetable("30 2 * * *", NEW_YORK),
    every("7h"),
    CronDataIntervalTimetable("0 * * * *", NEW_YORK),
    CronDataIntervalTimetable("30 1,2 * * *", NEW_YORK),
    CronTriggerTimetable("*/20 1-3 * * *", NEW_YORK, interval=timedelta(hours=3)),
    MultipleCronTriggerTimetable("0 3 * * *", "30 * * * 5", timezone="UTC"),
    DeltaDataIntervalTimetable(timedelta(hours=5)),
    DeltaDataIntervalTimetable(relativedelta(months=1)),
    DeltaTriggerTimetable(relativedelta(days=1, hours=1), timedelta(days=1)),
    EventsTimetable(tuple(START + number * number * DAY for number in range(30))),
]


def scheduled(timetable: Timetable) -> DagSpec:
    return dag_of("a", timetable=timetable.to_dict())


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(TIMETABLES),
    st.integers(0, 400 * 24 * 60).map(lambda minutes: START + minutes * MINUTE),
    st.integers(0, 40 * 24 * 60).map(lambda minutes: minutes * MINUTE),
    st.integers(0, 200),
)
@example(DeltaDataIntervalTimetable(timedelta(hours=5)), START, 2 * DAY, 3)
@example(CronDataIntervalTimetable("0 * * * *", NEW_YORK), datetime(2024, 3, 9, tzinfo=UTC), 3 * DAY, 30)
@example(CronDataIntervalTimetable("30 1,2 * * *", NEW_YORK), datetime(2024, 11, 2, tzinfo=UTC), 3 * DAY, 3)
@example(DeltaTriggerTimetable(relativedelta(days=1, hours=1), DAY), START, 1560 * MINUTE, 1)
@example(CronTriggerTimetable("*/20 1-3 * * *", NEW_YORK, interval=3 * HOUR), START, 380 * MINUTE, 1)
def test_dates_are_the_same_from_both_ends_and_from_any_of_them_on(
    timetable: Timetable, start: datetime, length: timedelta, number: int
) -> None:
    spec, now = scheduled(timetable), start + length
    span = spec, start, start + 2 * length, now
    forwards = list(backfill_slots(*span))
    assert list(backfill_slots(*span, run_backwards=True)) == forwards[::-1]
    if number < len(forwards):
        cursor = forwards[number].logical_date
        assert list(backfill_slots(*span, cursor=cursor)) == forwards[number + 1 :]
        assert list(backfill_slots(*span, cursor=cursor, run_backwards=True)) == forwards[:number][::-1]


@pytest.mark.parametrize("timetable", [every("1m"), CronDataIntervalTimetable("* * * * *", "UTC")])
@pytest.mark.parametrize("run_backwards", [False, True])
def test_of_a_thousand_years_of_minutes_only_what_is_asked_for_is_computed(
    timetable: Timetable, run_backwards: bool
) -> None:
    ages = datetime(1200, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
    slots = backfill_slots(scheduled(timetable), *ages, ages[1], run_backwards=run_backwards)
    first, second = islice(slots, 2)
    assert abs(second.logical_date - first.logical_date) == MINUTE
    assert abs(first.logical_date - ages[run_backwards]) <= MINUTE
