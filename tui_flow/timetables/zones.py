"""Between instants (aware UTC) and what the clock on the wall shows (naive) in a zone, at clock changes too."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from datetime import timezone as fixed_offset
from zoneinfo import ZoneInfo

from tui_flow.timetables.base import InvalidSchedule

_OFFSET = re.compile(r"([+-])([01]\d|2[0-3]):?([0-5]\d)")


def zone_of(name: str) -> tzinfo:
    """The zone called `name` (`Europe/Zurich`, `UTC`, `+02:00`).

    Not cached here: `ZoneInfo` has a cache of its own, which the scheduler clears when the zone data changes.
    """
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as err:
        if match := _OFFSET.fullmatch(name):
            sign, hours, minutes = match.groups()
            offset = timedelta(hours=int(hours), minutes=int(minutes))
            return fixed_offset(-offset if sign == "-" else offset)
        raise InvalidSchedule(
            f"Time zone {name!r} is unknown; use a name of the IANA list such as 'Europe/Zurich', or 'UTC'"
        ) from err


def zone_name(zone: str | tzinfo) -> str:
    """`Europe/Zurich`, `UTC` or `+02:00`: what a schedule can be given as its zone."""
    if isinstance(zone, str):
        return zone
    name = getattr(zone, "key", None) or getattr(zone, "zone", None) or getattr(zone, "name", None)
    if isinstance(name, str) and name:
        return name
    offset = zone.utcoffset(None) or timedelta()
    if not offset:
        return "UTC"
    sign, minutes = ("-", -offset) if offset < timedelta() else ("+", offset)
    hours, rest = divmod(int(minutes.total_seconds()) // 60, 60)
    return f"{sign}{hours:02}:{rest:02}"


def known_zone_name(zone: str | tzinfo) -> str:
    """As `zone_name`; InvalidSchedule if there is no such zone."""
    name = zone_name(zone)
    zone_of(name)
    return name


def as_utc(instant: datetime) -> datetime:
    """`instant` in UTC; InvalidSchedule if it has no zone."""
    if instant.tzinfo is None:
        raise InvalidSchedule(f"{instant.isoformat()} has no time zone; write datetime(..., tzinfo=...)")
    return instant.astimezone(UTC)


def offset_at(instant: datetime, zone: tzinfo) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta()


def wall_at(instant: datetime, zone: tzinfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)


def readings(wall: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """`wall` read with the offset before, and with the offset after, a clock change; equal away from changes.

    Where the clock skips `wall` (a gap) the first is the later one, where it shows it twice (an overlap) the earlier.
    """
    before = wall.replace(tzinfo=zone, fold=0).utcoffset() or timedelta()
    after = wall.replace(tzinfo=zone, fold=1).utcoffset() or timedelta()
    first = (wall - before).replace(tzinfo=UTC)
    return first, first if after == before else (wall - after).replace(tzinfo=UTC)


def end_of_gap(wall: datetime, zone: tzinfo) -> datetime:
    """The instant at which the clock jumps over `wall`, which it never shows."""
    after, before = readings(wall, zone)
    old_offset = offset_at(before, zone)
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if offset_at(middle, zone) == old_offset:
            before = middle
        else:
            after = middle
    return after
