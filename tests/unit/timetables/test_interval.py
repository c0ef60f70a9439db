"""Airflow's data-interval timetables, where its golden cases are silent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from dateutil.relativedelta import FR, relativedelta  # type: ignore[import-untyped, unused-ignore]

from tui_flow.timetables import CronDataIntervalTimetable, DataInterval, DeltaDataIntervalTimetable, TimeRestriction


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("delta", "start_date", "now", "start", "end"),
    [
        (timedelta(hours=6), "2024-01-01T01:17", "2024-05-10T13:37", "2024-05-10T06:00", "2024-05-10T12:00"),
        (timedelta(hours=6), "2024-05-10T11:00", "2024-05-10T13:37", "2024-05-10T11:00", "2024-05-10T17:00"),
        (relativedelta(hours=6), None, "2024-05-10T13:37", "2024-05-10T06:00", "2024-05-10T12:00"),
        (relativedelta(months=1), "2025-06-01", "2026-06-29", "2026-05-01", "2026-06-01"),
        (relativedelta(months=1), "2025-06-01", "2026-06-01", "2026-05-01", "2026-06-01"),
        (relativedelta(months=1), "2026-01-31", "2026-06-29", "2026-05-28", "2026-06-28"),
        (relativedelta(months=1), None, "2026-06-29T12:00", "2026-05-29T12:00", "2026-06-29T12:00"),
        (relativedelta(months=1), "2026-06-15", "2026-06-29", "2026-06-15", "2026-07-15"),
        (relativedelta(years=1), "2020-02-29", "2026-06-29", "2025-02-28", "2026-02-28"),
        (relativedelta(weekday=FR(2)), "2026-06-01", "2026-06-29", "2026-06-19", "2026-06-26"),
        (relativedelta(months=1, days=-30), "2026-02-01", "2026-06-29", "2026-02-01", "2026-01-30"),
        (relativedelta(months=1), "2030-01-01", "2026-06-29", "2030-01-01", "2030-02-01"),
    ],
)
def test_first_run_of_a_delta_without_catchup(
    delta: timedelta, start_date: str | None, now: str, start: str, end: str
) -> None:
    restriction = TimeRestriction(at(start_date) if start_date else None, None, catchup=False)
    info = DeltaDataIntervalTimetable(delta).next_dagrun_info(
        last_automated_data_interval=None, restriction=restriction, now=at(now)
    )
    assert info is not None
    assert info.data_interval == DataInterval(at(start), at(end))


def test_a_cron_interval_that_ends_right_now_is_complete() -> None:
    info = CronDataIntervalTimetable("@daily", "UTC").next_dagrun_info(
        last_automated_data_interval=None, restriction=TimeRestriction(None, None, catchup=False), now=at("2024-05-10")
    )
    assert info is not None
    assert info.data_interval == DataInterval(at("2024-05-09"), at("2024-05-10"))


def test_no_first_run_without_start_date_and_with_catchup() -> None:
    unbounded = TimeRestriction(None, None, catchup=True)
    timetable = DeltaDataIntervalTimetable(timedelta(days=1))
    assert (
        timetable.next_dagrun_info(last_automated_data_interval=None, restriction=unbounded, now=at("2024-05-10"))
        is None
    )
