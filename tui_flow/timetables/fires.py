"""tuiflow's own timetables have this in common: runs at fixed instants, each for the data since the fire before."""

from __future__ import annotations

from abc import abstractmethod
from datetime import datetime, timedelta

from tui_flow.timetables.base import DagRunInfo, DataInterval, TimeRestriction, Timetable

_TICK = timedelta(microseconds=1)


class FireTimetable(Timetable):
    """Logical date = the fire = run_after; data interval = [fire before, this fire): contiguous, never empty."""

    __slots__ = ()

    @abstractmethod
    def fire_after(self, instant: datetime) -> datetime:
        """The first fire later than `instant`."""

    @abstractmethod
    def fire_before(self, instant: datetime) -> datetime:
        """The last fire earlier than `instant`."""

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction, now: datetime
    ) -> DagRunInfo | None:
        """Without catchup this is the latest slot that has passed, however late, or else the next one.

        A DAG that never ran and has no start_date has no first slot to catch up from: it begins there too.
        """
        earliest, latest = restriction.earliest, restriction.latest
        last = last_automated_data_interval
        candidates = [] if last is None else [self.fire_after(last.end)]
        if earliest is not None:
            candidates.append(self.fire_after(earliest - _TICK))
        if not candidates or not restriction.catchup:
            candidates.append(self.fire_before((now if latest is None else min(now, latest)) + _TICK))
        fire = max(candidates)
        if latest is not None and fire > latest:
            return None
        return DagRunInfo(fire, DataInterval(self.fire_before(fire), fire), fire)

    def infer_manual_data_interval(self, *, run_after: datetime) -> DataInterval:
        """The last complete interval at `run_after`."""
        end = self.fire_before(run_after + _TICK)
        return DataInterval(self.fire_before(end), end)
