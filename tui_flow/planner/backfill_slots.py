"""The slots of a span of dates, in either direction, computed no further than somebody asks for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from tui_flow.records import PlannedRun
from tui_flow.spec import DagSpec
from tui_flow.timetables import DagRunInfo, DataInterval, TimeRestriction, Timetable, timetable_from_dict

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
    told: Sequence[PlannedRun] = (),
) -> Iterator[DagRunInfo]:
    """The slots with a logical date in [from_date, to_date] whose interval has ended, oldest first unless backwards.

    `cursor` is the logical date of the last slot that was dealt with: only what follows it is given. `told`: these
    slots, oldest first, where only the DAG's file knows them.
    """
    timetable = timetable_from_dict(spec.timetable)
    if timetable.is_told:
        runs = reversed(told) if run_backwards else told
        return (DagRunInfo(run[1], DataInterval(run[1], run[2]), run.run_after) for run in runs)
    if run_backwards:
        return _before(timetable, from_date, to_date, now, cursor)
    if cursor is None:
        return _forwards(timetable, from_date, to_date, now)
    return (slot for slot in _from(cursor, timetable, from_date, to_date, now) if slot.logical_date > cursor)


def _before(
    timetable: Timetable, from_date: datetime, to_date: datetime, now: datetime, cursor: datetime | None
) -> Iterator[DagRunInfo]:
    if cursor is None:
        return _backwards(timetable, from_date, to_date, now)
    # Some timetables hold a slot's run_after against the bounds, not its logical date.
    forwards = _from(cursor, timetable, from_date, to_date, now)
    last = next((slot.run_after for slot in forwards if slot.logical_date >= cursor), cursor)
    slots = _backwards(timetable, from_date, min(to_date, last - _INSTANT), now)
    return (slot for slot in slots if slot.logical_date < cursor)


def _from(
    cursor: datetime, timetable: Timetable, from_date: datetime, to_date: datetime, now: datetime
) -> Iterator[DagRunInfo]:
    """Those of `_forwards` from the cursor on, and perhaps some before it."""
    start = max(from_date, timetable.restart_before(cursor, first=from_date))
    return _forwards(timetable, start, to_date, now)


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
