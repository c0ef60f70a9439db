"""Dates and durations between people and the program: read from words, shown in the local zone with its offset."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

from tui_flow.errors import BadInput

_AGO = re.compile(r"-?(\d{1,6}) ?(s|m|h|d|w|second|minute|hour|day|week)s?( ago)?")
_AHEAD = re.compile(r"(?:\+|in )(\d{1,6}) ?(s|m|h|d|w|second|minute|hour|day|week)s?")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DAY = re.compile(r"\d{4}-?\d\d-?\d\d|\d{4}-?W\d\d-?\d")
_DAYS = {"today": 0, "yesterday": -1, "tomorrow": 1}


def now() -> datetime:
    return datetime.now(UTC)


def zone(utc: bool) -> tzinfo | None:
    """The zone that times are shown in; None is the machine's local zone."""
    return UTC if utc else None


def parse_date(text: str, at: datetime, utc: bool = False) -> datetime:
    """An instant from ISO 8601 (local time without an offset), `now`, `today`, `yesterday`, `-3d`, `3 days ago`,
    `+3d` or `in 3 days`."""
    word = text.strip().lower()
    if word == "now":
        return at
    try:
        if word in _DAYS:
            day = at.astimezone(zone(utc)) + timedelta(days=_DAYS[word])
            return _as_utc(day.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None), utc)
        if (ago := _AGO.fullmatch(word)) and (word.startswith("-") or ago[3]):
            return at - timedelta(**{_UNITS[ago[2][0]]: int(ago[1])})
        if ahead := _AHEAD.fullmatch(word):
            return at + timedelta(**{_UNITS[ahead[2][0]]: int(ahead[1])})
        return _as_utc(datetime.fromisoformat(text.strip()), utc)
    except (ValueError, OverflowError) as err:
        raise BadInput(
            f"{text!r} is not a date; write 2026-05-31, 2026-05-31T06:00+02:00, now, today, -3d, +3d or '3 days ago'"
        ) from err


def parse_end(text: str, at: datetime, utc: bool = False) -> datetime:
    """The last instant of a span that is said to end then: as `parse_date`, but a day without a time is a whole day."""
    start = parse_date(text, at, utc)
    if text.strip().lower() not in _DAYS and not _DAY.fullmatch(text.strip()):
        return start
    last = start.astimezone(zone(utc)).replace(hour=23, minute=59, second=59, microsecond=999999, tzinfo=None)
    return _as_utc(last, utc)


def _as_utc(date: datetime, utc: bool) -> datetime:
    if date.tzinfo is None and utc:
        date = date.replace(tzinfo=UTC)
    return date.astimezone(UTC)


def shown(date: datetime, utc: bool = False) -> str:
    """`2026-05-31 06:00:00+02:00`."""
    return date.astimezone(zone(utc)).isoformat(sep=" ", timespec="seconds")


def lasting(span: timedelta) -> str:
    """A duration in at most two units: `0.31s`, `12.4s`, `3m 05s`, `2h 07m`, `4d 03h`."""
    seconds = span.total_seconds()
    if round(seconds, 2) < 10:
        return f"{seconds:.2f}s"
    if round(seconds, 1) < 60:
        return f"{seconds:.1f}s"
    minutes, second = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}m {second:02}s"
    hours, minute = divmod(minutes, 60)
    return f"{hours}h {minute:02}m" if hours < 24 else f"{hours // 24}d {hours % 24:02}h"


def away(date: datetime, at: datetime) -> str:
    """How far an instant is: `in 3h 10m`, `12.4s ago`."""
    return f"in {lasting(date - at)}" if date >= at else f"{lasting(at - date)} ago"
