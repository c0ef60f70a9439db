"""Which runs are due, and which come next: one path for every timetable, late or in time.

Downtime, suspend, pause, an overloaded scheduler and a clock that jumped all look the same here: slots between the last
run and `now`. Without catchup the latest of them is run, with catchup all of them, oldest first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import dropwhile, islice, takewhile

from tui_flow.timetables.base import DagRunInfo, DataInterval, TimeRestriction, Timetable


def due_runs(
    timetable: Timetable,
    *,
    last: DataInterval | None,
    restriction: TimeRestriction,
    now: datetime,
    limit: int,
    since: datetime | None = None,
) -> tuple[DagRunInfo, ...]:
    """The runs to create now, at most `limit`, with strictly increasing `run_after`, all later than the last run's.

    `last` is the data interval of the latest scheduled run. `since` is when this schedule came into force (the DAG was
    first seen, or its schedule edited): slots before it are not owed.
    """
    if restriction.catchup:
        infos: Iterator[DagRunInfo] = takewhile(
            lambda info: info.run_after <= now, _following(timetable, last, restriction, now)
        )
    else:
        info = timetable.latest_due(last=last, restriction=restriction, now=now)
        infos = iter(() if info is None or _is_past(info, last) else (info,))
    owed = (info for info in infos if since is None or info.run_after >= since)
    return tuple(islice(owed, limit))


def upcoming(
    timetable: Timetable, *, last: DataInterval | None, restriction: TimeRestriction, now: datetime, count: int
) -> tuple[DagRunInfo, ...]:
    """The next `count` runs after `now`, as if all due ones had been created."""
    if not timetable.counts_from_last:
        # The grid is fixed, so that what a long downtime left behind need not be walked through.
        restriction = replace(restriction, catchup=False)
    coming = dropwhile(lambda info: info.run_after <= now, _following(timetable, last, restriction, now))
    return tuple(islice(coming, count))


def _following(
    timetable: Timetable, last: DataInterval | None, restriction: TimeRestriction, now: datetime
) -> Iterator[DagRunInfo]:
    while info := timetable.next_dagrun_info(last_automated_data_interval=last, restriction=restriction, now=now):
        if _is_past(info, last):
            return
        yield info
        last = info.data_interval


def _is_past(info: DagRunInfo, last: DataInterval | None) -> bool:
    """A slot is never used twice: not after the clock went back, nor when a timetable does not move on."""
    return last is not None and info.run_after <= last.end
