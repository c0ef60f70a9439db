"""Reads tuiflow's cron expressions: five fields as in crontab(5), with names, lists, ranges, steps, `L`, `#n` and `nL`.

croniter expands the fields. What it would misread (`1-1` as every minute, `R` as a random number) or reads differently
from other crons (six fields, reversed ranges) is refused before it sees it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from croniter import CroniterError, croniter

from tui_flow.timetables.base import InvalidSchedule
from tui_flow.timetables.cron_fields import LAST, MONTHS, WEEKDAYS, CronFields

PRESETS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@quarterly": "0 0 1 */3 *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}

_FIELDS = ("minute", "hour", "day of month", "month", "day of week")
_DAY, _MONTH, _WEEKDAY = 2, 3, 4
_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_NAMES: Mapping[int, Mapping[str, int]] = {
    _MONTH: {name[:3].lower(): number for number, name in enumerate(MONTHS, 1)},
    _WEEKDAY: {name[:3].lower(): number for number, name in enumerate(WEEKDAYS)},
}
_RANGE = re.compile(
    r"(?:\*|(?P<low>\d{1,3}|[a-z]{3})(?:-(?P<high>\d{1,3}|[a-z]{3}))?)(?:/(?P<step>\d{1,3}))?", re.ASCII
)
_NTH_WEEKDAY = re.compile(r"(?P<weekday>\d|[a-z]{3})(?:#(?P<n>[1-5])|l)", re.ASCII)
_USUAL_FORMS = "'*', numbers, a-b, lists with commas, steps such as '*/5'"
_FORMS = {
    _DAY: f"{_USUAL_FORMS}, 'L' for the last",
    _WEEKDAY: f"{_USUAL_FORMS}, names, '5#2' or '5L' for one of a month",
}
_ANY_YEAR = datetime(2000, 1, 1)


@lru_cache(maxsize=4096)
def parse_cron(expression: str) -> CronFields:
    """The fields of `expression`, which may be a preset; InvalidSchedule for what is refused or never fires."""
    words = _split(expression)
    try:
        text = " ".join(_checked(index, word) for index, word in enumerate(words))
        fields = _expand(text, words)
    except CroniterError as err:
        raise InvalidSchedule(f"Cron expression {expression!r} cannot be read: {err}") from err
    except InvalidSchedule as err:
        raise InvalidSchedule(f"Cron expression {expression!r} is refused: {err}") from None
    refuse_if_it_never_fires(expression, fields)
    return fields


def refuse_if_it_never_fires(expression: str, fields: CronFields) -> None:
    try:
        fields.wall_after(_ANY_YEAR)
    except InvalidSchedule:
        is_by_week = len(fields.weekdays) < 7 or bool(fields.nth_weekdays)
        reason = (
            "no day passes both its day of the month and its weekday (a field that begins with '*' is no alternative)"
            if is_by_week
            else "its months have no such day; use 'L' for a month's last day"
        )
        raise InvalidSchedule(f"Cron expression {expression!r} never fires: {reason}") from None


def unpreset(expression: str) -> str:
    """The five fields that a preset stands for; any other expression as it is."""
    text = expression.strip()
    if not text.startswith("@"):
        return text
    if text not in PRESETS:
        every = re.match(r"@every\s+(\S+)", text)
        hint = f'write every("{every[1]}")' if every else f"known are {', '.join([*PRESETS, '@once', '@continuous'])}"
        raise InvalidSchedule(f"Preset {expression!r} is not supported; {hint}")
    return PRESETS[text]


def fields_of(
    expanded: list[list[Any]], nth_weekdays: Mapping[Any, set[Any]], *, either_day: bool, is_wild: bool
) -> CronFields:
    """CronFields from the first two results of `croniter.expand`."""
    minutes, hours, days, months, weekdays = (
        range(low, high + 1) if "*" in values else sorted(value for value in values if value != "l")
        for values, (low, high) in zip(expanded, _BOUNDS, strict=True)
    )
    return CronFields(
        minutes=tuple(minutes),
        hours=tuple(hours),
        days=frozenset(days),
        last_day="l" in expanded[_DAY],
        months=frozenset(months),
        weekdays=frozenset() if nth_weekdays else frozenset(day % 7 for day in weekdays),
        nth_weekdays=frozenset((day, LAST if n == "l" else n) for day, ns in nth_weekdays.items() for n in ns),
        either_day=either_day,
        is_wild=is_wild,
    )


def _split(expression: str) -> list[str]:
    words = unpreset(expression).lower().split()
    if len(words) != len(_FIELDS):
        hint = '; for seconds use every("30s")' if len(words) == 6 else ""
        raise InvalidSchedule(
            f"Cron expression {expression!r} has {len(words)} fields; five are needed: {', '.join(_FIELDS)}{hint}"
        )
    return words


def _expand(text: str, words: list[str]) -> CronFields:
    expanded, nth_weekdays = croniter.expand(text)
    is_starred = [word.startswith("*") for word in words]
    return fields_of(
        expanded,
        nth_weekdays,
        either_day=not (is_starred[_DAY] or is_starred[_WEEKDAY]),
        is_wild=is_starred[0] or is_starred[1],
    )


def _checked(index: int, word: str) -> str:
    """The field in croniter's spelling, if it means the same to croniter and to us."""
    items = word.split(",")
    nths = [match for item in items if index == _WEEKDAY and (match := _NTH_WEEKDAY.fullmatch(item))]
    if nths and len(nths) < len(items):
        raise InvalidSchedule(f"{word!r} mixes weekdays of every week with '#' or 'L' weekdays; write one kind")
    if nths:
        return ",".join(_nth_weekday(match) for match in nths)
    for item in items:
        if not (index == _DAY and item == "l"):
            _check_range(index, item)
    return word


def _nth_weekday(match: re.Match[str]) -> str:
    weekday = _number(_WEEKDAY, match["weekday"])
    return f"{weekday}#{match['n']}" if match["n"] else f"l{weekday}"


def _check_range(index: int, item: str) -> None:
    match = _RANGE.fullmatch(item)
    if match is None:
        raise InvalidSchedule(
            f"{item!r} is not understood as {_FIELDS[index]}; write {_FORMS.get(index, _USUAL_FORMS)}"
        )
    low, high, step = match["low"], match["high"], match["step"]
    if high is not None:
        _check_order(index, low, high)
    elif low is not None and _number(index, low) == 7 and index == _WEEKDAY and step:
        raise InvalidSchedule(f"{item!r} starts a step at Sunday's second number; write 0/{step}")
    elif low is not None:
        _number(index, low)
    if step is not None and not 1 <= int(step) <= _BOUNDS[index][1]:
        raise InvalidSchedule(
            f'step {step} does not fit in a {_FIELDS[index]} field; for longer spans use every("90m")'
        )


def _check_order(index: int, low: str, high: str) -> None:
    first, last = _number(index, low), _number(index, high)
    if index == _WEEKDAY and high == "sun":
        last = 7
    if low == high or first == last:
        raise InvalidSchedule(f"range {low}-{high} has one value; write {low}")
    if first > last:
        bottom, top = _BOUNDS[index]
        rest = bottom if last == bottom else f"{bottom}-{high}"
        raise InvalidSchedule(f"range {low}-{high} runs backwards; write {low}-{top},{rest}")


def _number(index: int, text: str) -> int:
    low, high = _BOUNDS[index]
    names = _NAMES.get(index, {})
    if text in names:
        return names[text]
    if not text.isdigit() or not low <= int(text) <= high:
        raise InvalidSchedule(f"{text!r} is not a {_FIELDS[index]} ({low}-{high})")
    return int(text)
