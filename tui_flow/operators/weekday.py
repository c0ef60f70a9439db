"""`WeekDay` and `DayOfWeekSensor`'s and the branch operator's rule: which day of the week it is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import IntEnum


class WeekDay(IntEnum):
    MONDAY = 1
    TUESDAY = 2
    WEDNESDAY = 3
    THURSDAY = 4
    FRIDAY = 5
    SATURDAY = 6
    SUNDAY = 7

    @classmethod
    def get_weekday_number(cls, week_day_str: str) -> WeekDay:
        """By its English name. Raises AttributeError for any other text."""
        try:
            return cls[week_day_str.strip().upper()]
        except KeyError:
            raise AttributeError(f"there is no weekday {week_day_str!r}; write for example 'Monday'") from None

    @classmethod
    def validate_week_day(cls, week_day: str | WeekDay | Iterable[str | WeekDay]) -> set[WeekDay]:
        """One day or several, by name or member, as a set. Raises TypeError for anything else."""
        days = [week_day] if isinstance(week_day, str | WeekDay) else week_day
        if not isinstance(days, Iterable):
            raise TypeError(f"week_day must be a weekday or a set of them, not {week_day!r}")
        return {day if isinstance(day, WeekDay) else cls.get_weekday_number(day) for day in days}


def is_on(day: date, wanted: set[WeekDay]) -> bool:
    return WeekDay(day.isoweekday()) in wanted
