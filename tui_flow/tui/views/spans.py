"""Times and durations as short as a column wants them."""

from __future__ import annotations

from datetime import datetime, timedelta

from tui_flow import times

TENTHS_BELOW_S = 10


def short(span: timedelta, is_over: bool = True) -> str:
    """`0s`, `0.5s`, `52s`, `18m 02s`, `11h 58m`, `4d 14h`; of what goes on (not `is_over`) no tenths, which would
    change faster than they are read."""
    return short_s(span.total_seconds(), is_over)


def short_s(seconds: float, is_over: bool = True) -> str:
    """As `short`."""
    whole = max(int(seconds), 0)
    if is_over and 0 < seconds < TENTHS_BELOW_S:
        return f"{int(seconds * 10) / 10}s" if seconds >= 0.1 else "<0.1s"
    if whole < 60:
        return f"{whole}s"
    minutes, second = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}m {second:02}s"
    hours, minute = divmod(minutes, 60)
    return f"{hours}h {minute:02}m" if hours < 24 else f"{hours // 24}d {hours % 24:02}h"


def until(date: datetime, at: datetime) -> str:
    """How long it is to an instant, in minutes: `now`, `28m`, `11h 58m`, `4d 14h`."""
    return "now" if date <= at else in_minutes((date - at).total_seconds())


def coarse(seconds: float) -> str:
    """`<1m`, `28m`, `11h`, `4d`."""
    return in_minutes(seconds).split()[0]


def in_minutes(seconds: float) -> str:
    """`<1m`, `28m`, `11h 58m`, `4d 14h`."""
    minutes = int(seconds) // 60
    if minutes < 1:
        return "<1m"
    if minutes < 60:
        return f"{minutes}m"
    hours, minute = divmod(minutes, 60)
    return f"{hours}h {minute:02}m" if hours < 24 else f"{hours // 24}d {hours % 24:02}h"


def ago(date: datetime, at: datetime) -> str:
    """How long an instant is past, in minutes: `<1m ago`, `28m ago`, `4d 14h ago`."""
    span = until(at, date)
    return f"{'<1m' if span == 'now' else span} ago"


def clock(date: datetime, at: datetime, is_utc: bool) -> str:
    """An instant as people say it: `14:00`, `02:00 today` (from another part of the day), `Sun 05:00`, `3 Oct`."""
    zone = times.zone(is_utc)
    local, now = date.astimezone(zone), at.astimezone(zone)
    days = (now.date() - local.date()).days
    if days == 0:
        return f"{local:%H:%M}" if abs(now - local) < timedelta(hours=6) else f"{local:%H:%M} today"
    if 0 < days < 7:
        return f"{local:%a %H:%M}"
    if -7 < days < 0:
        return f"{local:%a %H:%M}"
    return f"{local.day} {local:%b}" if local.year == now.year else f"{local.day} {local:%b %Y}"


def second(date: datetime, at: datetime, is_utc: bool) -> str:
    """As `clock`, to the second on the same day: `14:00:05`."""
    zone = times.zone(is_utc)
    local = date.astimezone(zone)
    return f"{local:%H:%M:%S}" if local.date() == at.astimezone(zone).date() else clock(date, at, is_utc)


def stamp(date: datetime, is_utc: bool) -> str:
    """`2026-11-20 02:00:05`."""
    return date.astimezone(times.zone(is_utc)).strftime("%Y-%m-%d %H:%M:%S")


def minute(date: datetime, is_utc: bool) -> str:
    """`2026-11-20 02:00`."""
    return date.astimezone(times.zone(is_utc)).strftime("%Y-%m-%d %H:%M")
