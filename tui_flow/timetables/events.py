"""EventsTimetable: a list of instants."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import datetime

from tui_flow.timetables.base import DagRunInfo, DataInterval, TimeRestriction, Timetable, registered
from tui_flow.timetables.zones import as_utc


@registered
@dataclass(frozen=True, slots=True)
class EventsTimetable(Timetable):
    """Runs once at each of the listed instants."""

    event_dates: tuple[datetime, ...]
    """Aware, in any order and zone; kept sorted, without doubles, in UTC."""
    restrict_to_events: bool = False
    """A manual run stands for the latest event (before any, the first) and not for its own instant."""
    name: str = ""
    """Shown in place of the number of events."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "event_dates", tuple(sorted({as_utc(date) for date in self.event_dates})))

    @property
    def summary(self) -> str:
        return self.name or f"{len(self.event_dates)} events"

    @property
    def description(self) -> str:
        if self.name or not self.event_dates:
            return self.name or "no events"
        first, last = self.event_dates[0], self.event_dates[-1]
        return f"{len(self.event_dates)} events between {first:%Y-%m-%d %H:%M} and {last:%Y-%m-%d %H:%M} UTC"

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction, now: datetime
    ) -> DagRunInfo | None:
        """The first event that is neither run nor out of bounds; without catchup also none that has passed."""
        index = (
            0
            if last_automated_data_interval is None
            else bisect_right(self.event_dates, last_automated_data_interval.end)
        )
        bounds = [restriction.earliest, None if restriction.catchup else now]
        index = max([index, *(bisect_left(self.event_dates, bound) for bound in bounds if bound is not None)])
        if index == len(self.event_dates):
            return None
        event = self.event_dates[index]
        return None if restriction.latest is not None and event > restriction.latest else DagRunInfo.exact(event)

    def latest_due(
        self, *, last: DataInterval | None, restriction: TimeRestriction, now: datetime
    ) -> DagRunInfo | None:
        end = now if restriction.latest is None else min(now, restriction.latest)
        index = bisect_right(self.event_dates, end) - 1
        if index < 0:
            return None
        event = self.event_dates[index]
        is_run = last is not None and event <= last.end
        is_early = restriction.earliest is not None and event < restriction.earliest
        return None if is_run or is_early else DagRunInfo.exact(event)

    def infer_manual_data_interval(self, *, run_after: datetime) -> DataInterval:
        if not (self.restrict_to_events and self.event_dates):
            return DataInterval.exact(run_after)
        return DataInterval.exact(self.event_dates[max(0, bisect_right(self.event_dates, run_after) - 1)])
