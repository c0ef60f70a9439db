"""Which instants a cron expression's wall-clock matches become: tuiflow's answer to clock changes.

A wild expression (`*` in minute or hour) follows elapsed time: it fires whenever the clock shows a match, so twice in
an overlap and not at all for what a gap skips. Any other fires exactly once for each match: in an overlap at the first
pass, in a gap at the first instant after it. Several matches in one gap become one fire: fires strictly increase.
"""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from tui_flow.timetables.cron_fields import CronFields
from tui_flow.timetables.zones import end_of_gap, offset_at, readings, wall_at

_DAY = timedelta(days=1)


def fire_after(cron: CronFields, zone: tzinfo, instant: datetime) -> datetime:
    """The first fire later than `instant`."""
    here = wall_at(instant, zone)
    # Where the clock is about to go back, matches that it has shown already come a second time.
    wall = here - _set_back(zone, instant, instant + _DAY)
    earliest: datetime | None = None
    while True:
        wall = cron.wall_after(wall)
        fires = [fire for fire in _instants(cron, wall, zone) if fire > instant]
        if fires:
            earliest = min(fires) if earliest is None else min(earliest, *fires)
            if wall > here:
                return earliest


def fire_before(cron: CronFields, zone: tzinfo, instant: datetime) -> datetime:
    """The last fire earlier than `instant`."""
    here = wall_at(instant, zone)
    # Where the clock has gone back, it showed later matches before.
    wall = here + _set_back(zone, instant - _DAY, instant)
    latest: datetime | None = None
    while True:
        wall = cron.wall_before(wall)
        fires = [fire for fire in _instants(cron, wall, zone) if fire < instant]
        if fires:
            latest = max(fires) if latest is None else max(latest, *fires)
            if wall < here:
                return latest


def _set_back(zone: tzinfo, start: datetime, end: datetime) -> timedelta:
    """By how much the clock goes back between two instants."""
    return max(timedelta(), offset_at(start, zone) - offset_at(end, zone))


def _instants(cron: CronFields, wall: datetime, zone: tzinfo) -> tuple[datetime, ...]:
    first, second = readings(wall, zone)
    if first == second:
        return (first,)
    if first < second:
        return (first, second) if cron.is_wild else (first,)
    return () if cron.is_wild else (end_of_gap(wall, zone),)
