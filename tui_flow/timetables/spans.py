"""Spans between runs: `timedelta`, elapsed time, or `relativedelta`, calendar time (months, years)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from dateutil.relativedelta import relativedelta  # type: ignore[import-untyped, unused-ignore]

from tui_flow.timetables.base import InvalidSchedule

Span: TypeAlias = timedelta | relativedelta

_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_PROBE = datetime(2001, 1, 1, tzinfo=UTC)
_LONGEST = timedelta(days=36525)
_RELATIVE_PARTS = ("years", "months", "days", "hours", "minutes", "seconds", "microseconds")


def parse_span(text: str) -> timedelta:
    """`15m`, `1h30m`, `2d`: numbers with w, d, h, m or s."""
    parts = re.findall(r"(\d{1,6})([wdhms])", text.replace(" ", ""), re.ASCII)
    if not parts or "".join(n + unit for n, unit in parts) != text.replace(" ", ""):
        raise InvalidSchedule(
            f'Interval {text!r} cannot be read; write numbers with w, d, h, m, s, such as "15m" or "1h30m"'
        )
    return sum((timedelta(**{_UNITS[unit]: int(n)}) for n, unit in parts), timedelta())


def refuse_unless_positive(span: Span) -> None:
    refuse_if_endless(span)
    if _PROBE + span <= _PROBE:
        raise InvalidSchedule(f"Interval {span_words(span)!r} is not positive; runs need a distance greater than zero")


def refuse_if_endless(span: Span) -> None:
    """Longer spans would lead out of the calendar, where stepping crashes."""
    try:
        is_endless = abs(rough_length(span)) > _LONGEST
    except OverflowError:
        is_endless = True
    if is_endless:
        raise InvalidSchedule(f"Interval {span_words(span)!r} is longer than a hundred years; write a shorter one")


def refuse_unless_repeatable(span: Span) -> None:
    """Only spans that can be multiplied make a grid: `relativedelta(day=1)` or `weekday=FR` cannot."""
    refuse_unless_positive(span)
    if isinstance(span, timedelta):
        is_plain = span >= timedelta(seconds=1)
    else:
        counts = {name: getattr(span, name) for name in _RELATIVE_PARTS if getattr(span, name)}
        is_plain = relativedelta(**counts) == span and all(n >= 0 and n == int(n) for n in counts.values())
    if not is_plain:
        raise InvalidSchedule(
            f"Interval {span_words(span)!r} cannot be repeated from an anchor; use a span of at least a second, "
            "or a cron expression for days of the month or week"
        )


def rough_length(span: Span) -> timedelta:
    """The span's mean length: exact without months and years."""
    if isinstance(span, timedelta):
        return span
    rest = timedelta(days=span.days, hours=span.hours, minutes=span.minutes, seconds=span.seconds)
    return (
        timedelta(days=(span.years * 12 + span.months) * 30.436875) + rest + timedelta(microseconds=span.microseconds)
    )


def span_words(span: Span) -> str:
    """`6:00:00`, `1 month`, `2 years 1 day`."""
    if isinstance(span, timedelta):
        return str(span)
    counts = {name: getattr(span, name) for name in _RELATIVE_PARTS if getattr(span, name)}
    if relativedelta(**counts) != span:
        return repr(span)
    return " ".join(f"{n} {name if n != 1 else name[:-1]}" for name, n in counts.items()) or "0:00:00"


def is_calendar(span: Span) -> bool:
    """Its length depends on where it starts: it has months, years or fixed parts such as a weekday."""
    if isinstance(span, timedelta):
        return False
    return bool(_PROBE + span != _PROBE + rough_length(span) or span.years or span.months)


def repeated_until(span: Span, first: datetime, instant: datetime) -> datetime:
    """`first` plus as many spans as fit before `instant`; `first` itself for spans that cannot be counted at once."""
    if is_calendar(span):
        return first
    return first + (instant - first) // rough_length(span) * rough_length(span)
