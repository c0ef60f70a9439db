"""Dates that people type and read."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from tui_flow.errors import BadInput
from tui_flow.times import away, lasting, parse_date, parse_end, shown

NOW = datetime(2026, 5, 31, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", NOW),
        ("today", datetime(2026, 5, 31, tzinfo=UTC)),
        ("yesterday", datetime(2026, 5, 30, tzinfo=UTC)),
        ("Tomorrow", datetime(2026, 6, 1, tzinfo=UTC)),
        ("-3d", NOW - timedelta(days=3)),
        ("-90m", NOW - timedelta(minutes=90)),
        ("2 days ago", NOW - timedelta(days=2)),
        ("1 hour ago", NOW - timedelta(hours=1)),
        ("2026-05-01", datetime(2026, 5, 1, tzinfo=UTC)),
        ("2026-05-01T06:00+02:00", datetime(2026, 5, 1, 4, tzinfo=UTC)),
        (" 2026-05-01 06:00Z ", datetime(2026, 5, 1, 6, tzinfo=UTC)),
    ],
)
def test_a_date_in_words_or_iso(text: str, expected: datetime) -> None:
    assert parse_date(text, NOW, utc=True) == expected


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-13-01", "3d", "--3d", "31.5.2026", "999999w ago", "9999-12-31T23:59-23:00"]
)
def test_what_is_no_date_is_refused_with_the_forms_that_are(text: str) -> None:
    with pytest.raises(BadInput, match="is not a date; write 2026-05-31"):
        parse_date(text, NOW, utc=True)


def test_a_date_without_offset_is_local_time() -> None:
    assert parse_date("2026-05-01T06:00", NOW) == datetime(2026, 5, 1, 6).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-01", datetime(2026, 5, 1, 23, 59, 59, 999999, UTC)),
        (" 20260501 ", datetime(2026, 5, 1, 23, 59, 59, 999999, UTC)),
        ("yesterday", datetime(2026, 5, 30, 23, 59, 59, 999999, UTC)),
        ("2026-05-01T00:00", datetime(2026, 5, 1, tzinfo=UTC)),
        ("-3d", NOW - timedelta(days=3)),
        ("now", NOW),
        ("9999-12-31", datetime(9999, 12, 31, 23, 59, 59, 999999, UTC)),
    ],
)
def test_a_span_that_ends_with_a_day_has_all_of_it(text: str, expected: datetime) -> None:
    assert parse_end(text, NOW, utc=True) == expected


def test_a_day_of_25_hours_ends_with_the_last_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        assert parse_end("2026-10-25", NOW) - parse_date("2026-10-25", NOW) > timedelta(hours=24, minutes=59)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_times_are_shown_with_their_offset() -> None:
    assert shown(NOW, utc=True) == "2026-05-31 12:30:00+00:00"
    assert parse_date(shown(NOW), NOW) == NOW


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0.00s"),
        (0.314, "0.31s"),
        (12.44, "12.4s"),
        (59.99, "1m 00s"),
        (185, "3m 05s"),
        (7620, "2h 07m"),
        (86369, "23h 59m"),
        (356400, "4d 03h"),
        (86400 * 4000, "4000d 00h"),
    ],
)
def test_a_duration_has_at_most_two_units(seconds: float, expected: str) -> None:
    assert lasting(timedelta(seconds=seconds)) == expected


def test_distance_from_now() -> None:
    assert away(NOW + timedelta(hours=3), NOW) == "in 3h 00m"
    assert away(NOW - timedelta(seconds=12), NOW) == "12.0s ago"
