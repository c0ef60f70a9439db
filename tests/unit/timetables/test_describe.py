"""Schedules in few words."""

from __future__ import annotations

import pytest

from tui_flow.timetables.describe import brief_schedule


@pytest.mark.parametrize(
    ("written", "brief"),
    [
        ("* * * * *", "every minute"),
        ("*/10 * * * *", "every 10 min"),
        ("0 * * * *", "hourly"),
        ("0 2 * * *", "daily 02:00"),
        ("10 4 * * 1", "weekly Mon 04:10"),
        ("5 5 * * sun", "weekly Sun 05:05"),
        ("5 5 * * 7", "weekly Sun 05:05"),
        ("0 8 * * mon-fri", "Mon-Fri 08:00"),
        ("0 1 1 * *", "every 1st 01:00"),
        ("0 1 12 * *", "every 12th 01:00"),
        ("0 1 22 * *", "every 22nd 01:00"),
    ],
)
def test_a_simple_cron_expression_is_told_in_words(written: str, brief: str) -> None:
    assert brief_schedule(written) == brief


@pytest.mark.parametrize(
    "written",
    [
        "@daily",
        "every 6:00:00",
        "orders & items",
        "a | b | c",
        "*/7 * * * *",  # not every 7 minutes: the hour's end is between
        "*/5 9-17 * * *",
        "5 * * * *",
        "0 2 1 1 *",
        "0 2 1 * 1",
        "0 6,18 * * *",
        "0 0 L * *",
        "0 0 * * mon#1",
        "0 2 * * * 30",
    ],
)
def test_any_other_schedule_stays_as_it_was_written(written: str) -> None:
    assert brief_schedule(written) == written
