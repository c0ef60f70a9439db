"""A cron expression as sets of numbers, and the wall-clock minutes that match it.

How an expression is read is in `cron_syntax`; which instants the matches become, in `cron_fires`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from tui_flow.timetables.base import InvalidSchedule

WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

LAST = -1
"""The `n` of the last such weekday of a month."""

_ONE_DAY = timedelta(days=1)
_YEARS_BETWEEN_MATCHES = 40
"""29 February falls on a given weekday every 28 years, or 40 around a century that is no leap year."""


@dataclass(frozen=True, slots=True)
class CronFields:
    """Matches a wall-clock minute if its time is in `times` and its date passes `matches_date`."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    """Of the month."""
    last_day: bool
    """Also the last day of the month."""
    months: frozenset[int]
    weekdays: frozenset[int]
    """0 = Sunday."""
    nth_weekdays: frozenset[tuple[int, int]]
    """(weekday, n): also the nth such weekday of the month; n may be LAST."""
    either_day: bool
    """Both day fields are restricted, so that one of them is enough."""
    is_wild: bool
    """Follows elapsed time when the clock changes; which expressions do is up to the dialect."""
    times: tuple[int, ...] = field(init=False, repr=False, compare=False)
    """Minutes since midnight, ascending."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "times", tuple(h * 60 + m for h in self.hours for m in self.minutes))

    def matches_date(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        by_month = day.day in self.days or (self.last_day and day.day == monthrange(day.year, day.month)[1])
        by_week = day.isoweekday() % 7 in self.weekdays or (bool(self.nth_weekdays) and self._is_nth_weekday(day))
        return by_month or by_week if self.either_day else by_month and by_week

    def _is_nth_weekday(self, day: date) -> bool:
        weekday = day.isoweekday() % 7
        is_last = (day + 7 * _ONE_DAY).month != day.month
        return (weekday, (day.day + 6) // 7) in self.nth_weekdays or (is_last and (weekday, LAST) in self.nth_weekdays)

    def wall_after(self, wall: datetime) -> datetime:
        """The first match later than `wall`."""
        day = wall.date()
        if self.matches_date(day):
            index = bisect_right(self.times, wall.hour * 60 + wall.minute)
            if index < len(self.times):
                return _at(day, self.times[index])
        return _at(self._date_after(day), self.times[0])

    def wall_before(self, wall: datetime) -> datetime:
        """The last match earlier than `wall`."""
        day = wall.date()
        if self.matches_date(day):
            minute = wall.hour * 60 + wall.minute
            is_whole = not (wall.second or wall.microsecond)
            index = (bisect_left if is_whole else bisect_right)(self.times, minute) - 1
            if index >= 0:
                return _at(day, self.times[index])
        return _at(self._date_before(day), self.times[-1])

    def _date_after(self, day: date) -> date:
        limit = day.year + _YEARS_BETWEEN_MATCHES
        day += _ONE_DAY
        while not self.matches_date(day):
            if day.year > limit:
                raise InvalidSchedule(f"no date matches after {limit - _YEARS_BETWEEN_MATCHES}")
            is_month_out = day.month not in self.months
            day = day.replace(day=monthrange(day.year, day.month)[1]) + _ONE_DAY if is_month_out else day + _ONE_DAY
        return day

    def _date_before(self, day: date) -> date:
        limit = day.year - _YEARS_BETWEEN_MATCHES
        day -= _ONE_DAY
        while not self.matches_date(day):
            if day.year < limit:
                raise InvalidSchedule(f"no date matches before {limit + _YEARS_BETWEEN_MATCHES}")
            day = (day.replace(day=1) if day.month not in self.months else day) - _ONE_DAY
        return day


def _at(day: date, minute: int) -> datetime:
    return datetime.combine(day, time(minute // 60, minute % 60))
