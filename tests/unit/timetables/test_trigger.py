"""Airflow's trigger timetables, where its golden cases are silent."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tui_flow.timetables import (
    CronDataIntervalTimetable,
    CronTriggerTimetable,
    DataInterval,
    DeltaTriggerTimetable,
    InvalidSchedule,
    MultipleCronTriggerTimetable,
    TimeRestriction,
)

NOON, HOUR = datetime(2024, 5, 10, 12, tzinfo=UTC), timedelta(hours=1)


@pytest.mark.parametrize("catchup", [True, False])
@pytest.mark.parametrize(
    ("run_immediately", "ago", "is_passed_slot"),
    [
        (True, timedelta(minutes=40), True),
        (timedelta(minutes=40), timedelta(minutes=40), True),
        (timedelta(minutes=40), timedelta(minutes=41), False),
        (timedelta(0), timedelta(minutes=1), False),
        (False, timedelta(minutes=6), True),
        (None, timedelta(minutes=6), True),
        (False, timedelta(minutes=7), False),
    ],
)
def test_first_run_without_start_date(
    run_immediately: bool | timedelta | None, ago: timedelta, is_passed_slot: bool, catchup: bool
) -> None:
    hourly = CronTriggerTimetable("0 * * * *", "UTC", run_immediately=run_immediately)
    restriction = TimeRestriction(None, None, catchup)
    info = hourly.next_dagrun_info(last_automated_data_interval=None, restriction=restriction, now=NOON + ago)
    assert info is not None
    assert info.run_after == (NOON if is_passed_slot else NOON + HOUR)


def test_multiple_crons() -> None:
    with pytest.raises(InvalidSchedule, match="at least one"):
        MultipleCronTriggerTimetable(timezone="UTC")
    both = MultipleCronTriggerTimetable("0 2 * * *", "0 14 * * *", timezone="UTC", interval=HOUR)
    assert both.infer_manual_data_interval(run_after=NOON) == DataInterval(NOON - HOUR, NOON)
    info = both.next_dagrun_info(
        last_automated_data_interval=DataInterval(NOON, NOON),
        restriction=TimeRestriction(None, NOON + HOUR, catchup=True),
        now=NOON,
    )
    assert info is None


def test_a_slot_at_this_instant_has_passed() -> None:
    both = MultipleCronTriggerTimetable("0 * * * *", "30 * * * *", timezone="UTC")
    last = DataInterval(NOON - 2 * HOUR, NOON - 2 * HOUR)
    info = both.next_dagrun_info(
        last_automated_data_interval=last, restriction=TimeRestriction(None, None, catchup=False), now=NOON
    )
    assert info is not None
    assert info.run_after == NOON


def test_a_later_start_date_holds_without_catchup_only() -> None:
    hourly = CronTriggerTimetable("0 * * * *", "UTC")
    for catchup, first in ((False, NOON + 5 * HOUR), (True, NOON + HOUR)):
        restriction = TimeRestriction(NOON + 5 * HOUR, None, catchup)
        info = hourly.next_dagrun_info(
            last_automated_data_interval=DataInterval(NOON, NOON), restriction=restriction, now=NOON
        )
        assert info is not None
        assert info.run_after == first


def test_delta_begins_at_the_start_date_or_now() -> None:
    for start_date, catchup, first in (
        (NOON - 3 * HOUR, True, NOON - 3 * HOUR),
        (None, True, NOON),
        (None, False, NOON),
    ):
        restriction = TimeRestriction(start_date, None, catchup)
        info = DeltaTriggerTimetable(HOUR, interval=2 * HOUR).next_dagrun_info(
            last_automated_data_interval=None, restriction=restriction, now=NOON
        )
        assert info is not None
        assert (info.data_interval.start, info.run_after) == (first - 2 * HOUR, first)


def test_a_zone_may_be_given_as_an_object() -> None:
    zone = ZoneInfo("Europe/Berlin")
    for made in (
        CronTriggerTimetable("0 6 * * *", timezone=zone),  # type: ignore[arg-type]
        MultipleCronTriggerTimetable("0 6 * * *", timezone=zone),  # type: ignore[arg-type]
        CronDataIntervalTimetable("0 6 * * *", timezone=zone),  # type: ignore[arg-type]
    ):
        assert made.timezone == "Europe/Berlin"
        assert json.loads(json.dumps(made.to_dict()))["timezone"] == "Europe/Berlin"
