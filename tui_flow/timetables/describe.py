"""Cron fields in words."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from tui_flow.timetables.airflow_steps import parse_airflow_cron
from tui_flow.timetables.cron_fields import LAST, MONTHS, WEEKDAYS, CronFields

_EVERY_FEW = re.compile(r"\*/([1-9]\d?)")
_BRIEF = {"* * * * *": "every minute", "0 * * * *": "hourly"}
_DAY_NAMES = {word: name[:3] for number, name in enumerate(WEEKDAYS) for word in (str(number), name[:3].upper())} | {
    "7": WEEKDAYS[0][:3]
}
_ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", LAST: "last"}
_MOST_TIMES = 4
"""More times of day than this are told by hour and minute."""


def describe_cron(cron: CronFields) -> str:
    """`at 02:00 every day`, `every 15 minutes from Monday to Friday`; without the zone."""
    return f"{_times(cron)} {_days(cron)}{_months(cron)}"


def brief_schedule(summary: str) -> str:
    """A timetable's `summary` for a table's cell: `daily 02:00`, `Mon-Fri 08:00`, `every 15 min`; what is not as simple
    as those stays as it was written."""
    fields = summary.split()
    if len(fields) != 5:
        return summary
    minute, hour, day, month, weekday = fields
    if step := _EVERY_FEW.fullmatch(minute):
        is_even = not 60 % int(step[1]) and (hour, day, month, weekday) == ("*",) * 4
        return f"every {step[1]} min" if is_even else summary
    if month != "*" or not (minute.isdigit() and hour.isdigit()):
        return _BRIEF.get(summary, summary)
    at = f"{int(hour):02}:{int(minute):02}"
    match day, weekday.upper():
        case "*", "*":
            return f"daily {at}"
        case "*", on if on in _DAY_NAMES:
            return f"weekly {_DAY_NAMES[on]} {at}"
        case "*", "MON-FRI" | "1-5":
            return f"Mon-Fri {at}"
        case on, "*" if on.isdigit():
            return f"every {_ordinal(int(on))} {at}"
    return summary


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number // 10 == 1 else ending}"


def describe_airflow_cron(expression: str) -> str:
    pattern = parse_airflow_cron(expression)
    return describe_cron(pattern) if isinstance(pattern, CronFields) else f"cron {expression}"


def _times(cron: CronFields) -> str:
    if len(cron.times) <= _MOST_TIMES:
        return "at " + _listed([f"{minute // 60:02}:{minute % 60:02}" for minute in cron.times])
    return _minutes(cron.minutes) + _hours(cron.hours)


def _minutes(minutes: Sequence[int]) -> str:
    if len(minutes) == 60:
        return "every minute"
    if step := _step(minutes, 60):
        return f"every {step} minutes"
    if minutes == (0,):
        return "on the hour"
    return f"at minute{'s' if len(minutes) > 1 else ''} {_numbers(minutes)}"


def _hours(hours: Sequence[int]) -> str:
    if len(hours) == 24:
        return ","
    if step := _step(hours, 24):
        return f" of every {step} hours,"
    return f" of hour{'s' if len(hours) > 1 else ''} {_numbers(hours)},"


def _days(cron: CronFields) -> str:
    by_month = [f"day {_numbers(sorted(cron.days))} of the month"] if 0 < len(cron.days) < 31 else []
    by_month += ["the last day of the month"] if cron.last_day and len(cron.days) < 31 else []
    by_week = [_weekday_words(cron.weekdays)] if 0 < len(cron.weekdays) < 7 else []
    by_week += [f"the {_ORDINALS[n]} {WEEKDAYS[day]} of the month" for day, n in sorted(cron.nth_weekdays)]
    if cron.either_day and not (by_month and by_week):
        return "every day"
    link = " or on " if cron.either_day else " if that is "
    return (
        f"on {link.join(_listed(words) for words in (by_month, by_week) if words)}"
        if by_month or by_week
        else "every day"
    )


def _weekday_words(weekdays: Collection[int]) -> str:
    from_monday = sorted((day + 6) % 7 for day in weekdays)
    names = [WEEKDAYS[(day + 1) % 7] for day in from_monday]
    is_run = len(names) > 2 and from_monday[-1] - from_monday[0] == len(names) - 1
    return f"{names[0]} to {names[-1]}" if is_run else _listed(names)


def _months(cron: CronFields) -> str:
    return "" if len(cron.months) == 12 else f" in {_listed([MONTHS[month - 1] for month in sorted(cron.months)])}"


def _step(values: Sequence[int], size: int) -> int | None:
    """n, if `values` is what `*/n` means and n divides the field."""
    step = size // len(values)
    return step if 1 < len(values) < size and list(values) == list(range(0, size, step)) else None


def _numbers(values: Sequence[int]) -> str:
    is_run = len(values) > 2 and values[-1] - values[0] == len(values) - 1
    return f"{values[0]}-{values[-1]}" if is_run else _listed([str(value) for value in values])


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
