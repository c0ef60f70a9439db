"""The slots of a span of dates, in either direction, computed no further than somebody asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from tui_flow.spec import DagSpec
from tui_flow.timetables import DagRunInfo, TimeRestriction, Timetable, timetable_from_dict

_INSTANT = timedelta(microseconds=1)
_FIRST_WINDOW = timedelta(minutes=1)


def backfill_slots(
    spec: DagSpec,
    from_date: datetime,
    to_date: datetime,
    now: datetime,
    *,
    cursor: datetime | None = None,
    run_backwards: bool = False,
) -> Iterator[DagRunInfo]:
    """The slots with a logical date in [from_date, to_date] whose interval has ended, oldest first unless backwards.

    `cursor` is the logical date of the last slot that was dealt with: only what follows it is given.
    """
    timetable = timetable_from_dict(spec.timetable)
    if run_backwards:
        return _backwards(timetable, from_date, to_date if cursor is None else min(to_date, cursor - _INSTANT), now)
    # From the cursor on, not from behind it: a schedule of equal spans is counted from where it begins.
    slots = _forwards(timetable, from_date if cursor is None else max(from_date, cursor), to_date, now)
    return (slot for slot in slots if cursor is None or slot.logical_date > cursor)


def _forwards(timetable: Timetable, from_date: datetime, to_date: datetime, now: datetime) -> Iterator[DagRunInfo]:
    bounds = TimeRestriction(earliest=from_date, latest=to_date, catchup=True)
    last = None
    while info := timetable.next_dagrun_info(last_automated_data_interval=last, restriction=bounds, now=now):
        ends = info.logical_date > to_date or info.run_after > now
        if ends or (last is not None and info.data_interval.end <= last.end):
            return
        yield info
        last = info.data_interval


def _backwards(timetable: Timetable, from_date: datetime, to_date: datetime, now: datetime) -> Iterator[DagRunInfo]:
    """Timetables only go forwards, so the span is gone through in windows, the latest first, as long as they must be
    to hold a slot."""
    end, length = min(to_date, now), _FIRST_WINDOW
    while end >= from_date:
        is_first = end - from_date <= length
        start = from_date if is_first else timetable.restart_before(end - length, first=from_date)
        slots = list(_forwards(timetable, start, end, now))
        yield from reversed(slots)
        end = start - _INSTANT
        if not slots:
            length *= 2
