"""Timetables without a calendar: once, all the time, never."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from tui_flow.timetables.base import DagRunInfo, DataInterval, TimeRestriction, Timetable, registered


class TrivialTimetable(Timetable):
    __slots__ = ()

    periodic: ClassVar[bool] = False

    def infer_manual_data_interval(self, *, run_after: datetime) -> DataInterval:
        return DataInterval.exact(run_after)


class ClocklessTimetable(TrivialTimetable):
    """Never by the clock: runs come from users or events only."""

    __slots__ = ()

    can_be_scheduled: ClassVar[bool] = False

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction, now: datetime
    ) -> DagRunInfo | None:
        return None


@registered
@dataclass(frozen=True, slots=True)
class NullTimetable(ClocklessTimetable):
    """`schedule=None`."""

    @property
    def summary(self) -> str:
        return "None"

    @property
    def description(self) -> str:
        return "never, only when triggered"


@registered
@dataclass(frozen=True, slots=True)
class OnceTimetable(TrivialTimetable):
    """`@once`: at the start_date, or now without one; catchup or not."""

    @property
    def summary(self) -> str:
        return "@once"

    @property
    def description(self) -> str:
        return "once, as soon as possible"

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction, now: datetime
    ) -> DagRunInfo | None:
        run_after = restriction.earliest or now
        is_over = restriction.latest is not None and run_after > restriction.latest
        return None if is_over or last_automated_data_interval is not None else DagRunInfo.exact(run_after)


@registered
@dataclass(frozen=True, slots=True)
class ContinuousTimetable(TrivialTimetable):
    """`@continuous`: the next run begins when the last one has ended, for the time since."""

    active_runs_limit: ClassVar[int | None] = 1

    @property
    def summary(self) -> str:
        return "@continuous"

    @property
    def description(self) -> str:
        return "again as soon as the last run has ended"

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction, now: datetime
    ) -> DagRunInfo | None:
        interval = _continuous(last_automated_data_interval, restriction.earliest or now, now)
        if restriction.latest is not None and interval.end > restriction.latest:
            return None
        return DagRunInfo.interval(interval.start, interval.end)


def _continuous(last: DataInterval | None, start: datetime, now: datetime) -> DataInterval:
    if last is None:
        return DataInterval(start, max(start, now))
    if last.end > now:
        return DataInterval(start, start + (last.end - last.start))
    return DataInterval(last.end, now)
