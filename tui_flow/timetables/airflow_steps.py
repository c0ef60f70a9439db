"""How Airflow steps along a schedule, clock changes included: what `interval` and `trigger` build on.

A cron match becomes an instant in one of two ways. Where the hour field is `*`, the wall-clock distance to the match is
added as elapsed time, so that a repeated hour runs twice. Otherwise a skipped match moves forward by the gap, and a
repeated one means the second pass. Where Airflow 3.3.2 steps back into the future, or nowhere, this steps on, as later
versions do.
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Protocol

from croniter import CroniterBadDateError, croniter

from tui_flow.timetables.base import InvalidSchedule
from tui_flow.timetables.cron_fields import CronFields
from tui_flow.timetables.cron_syntax import fields_of, refuse_if_it_never_fires, unpreset
from tui_flow.timetables.spans import Span
from tui_flow.timetables.zones import readings, wall_at, zone_of

_RANDOM = re.compile(r"(?:^|[\s,])r(?:$|[\s,(/])")


class Steps(Protocol):
    """Moves between the instants of a schedule. `align_*` stay where they are if that is one of them."""

    def after(self, instant: datetime) -> datetime: ...

    def before(self, instant: datetime) -> datetime: ...

    def align_after(self, instant: datetime) -> datetime: ...

    def align_before(self, instant: datetime) -> datetime: ...


class WallPattern(Protocol):
    """Matches of an expression on a clock that never changes."""

    @property
    def is_wild(self) -> bool: ...

    def wall_after(self, wall: datetime) -> datetime: ...

    def wall_before(self, wall: datetime) -> datetime: ...


@dataclass(frozen=True, slots=True)
class CroniterPattern:
    """What only croniter itself answers as croniter does: seconds, `W`, `#` beside a day of the month."""

    schedule: croniter
    is_wild: bool

    def wall_after(self, wall: datetime) -> datetime:
        step: datetime = copy.copy(self.schedule).get_next(datetime, start_time=wall)
        return step

    def wall_before(self, wall: datetime) -> datetime:
        step: datetime = copy.copy(self.schedule).get_prev(datetime, start_time=wall)
        return step


@lru_cache(maxsize=4096)
def parse_airflow_cron(expression: str) -> WallPattern:
    """croniter's dialect, except `R` (random at each parse) and years (croniter fails once they have passed)."""
    text = unpreset(expression)
    if len(text.split()) > 6:
        raise InvalidSchedule(f"Cron expression {expression!r} has a field for years; use start_date and end_date")
    if _RANDOM.search(text.lower()):
        raise InvalidSchedule(f"Cron expression {expression!r} has a random field ('R'); write a number")
    try:
        schedule = croniter(text, datetime(2000, 1, 1))
        pattern = _fields(schedule) or CroniterPattern(schedule, schedule.expanded[1] == ["*"])
        if isinstance(pattern, CronFields):
            refuse_if_it_never_fires(expression, pattern)
        else:
            pattern.wall_after(datetime(2000, 1, 1))
    except CroniterBadDateError as err:
        raise InvalidSchedule(f"Cron expression {expression!r} never fires; {err}") from err
    except InvalidSchedule:
        raise
    except ValueError as err:
        raise InvalidSchedule(f"Cron expression {expression!r} cannot be read: {err}") from err
    return pattern


def _fields(schedule: croniter) -> CronFields | None:
    """The same as CronFields, which are several times faster; None where these cannot say it."""
    expanded, nths = schedule.expanded, schedule.nth_weekday_of_month
    either_day = expanded[2][0] != "*" and expanded[4][0] != "*"
    if len(expanded) > 5 or schedule.nearest_weekday or (nths and either_day):
        return None
    return fields_of(expanded, nths, either_day=either_day, is_wild=expanded[1] == ["*"])


@dataclass(frozen=True, slots=True)
class CronSteps:
    cron: str
    timezone: str

    def after(self, instant: datetime) -> datetime:
        zone, pattern = zone_of(self.timezone), parse_airflow_cron(self.cron)
        here = wall_at(instant, zone)
        wall = pattern.wall_after(here)
        return instant + (wall - here) if pattern.is_wild else max(readings(wall, zone))

    def before(self, instant: datetime) -> datetime:
        zone, pattern = zone_of(self.timezone), parse_airflow_cron(self.cron)
        here = wall = wall_at(instant, zone)
        step = instant
        while step >= instant:
            wall = pattern.wall_before(wall)
            step = instant + (wall - here) if pattern.is_wild else max(readings(wall, zone))
        return step

    def align_after(self, instant: datetime) -> datetime:
        step = self.after(instant)
        return instant if self.before(step) == instant else step

    def align_before(self, instant: datetime) -> datetime:
        step = self.before(instant)
        return instant if self.after(step) == instant else step


@dataclass(frozen=True, slots=True)
class DeltaSteps:
    """Counted from wherever the last step ended, so that every instant is aligned."""

    delta: Span

    def after(self, instant: datetime) -> datetime:
        step: datetime = instant + self.delta
        return step

    def before(self, instant: datetime) -> datetime:
        step: datetime = instant - self.delta
        return step

    def align_after(self, instant: datetime) -> datetime:
        return instant

    def align_before(self, instant: datetime) -> datetime:
        return instant
