"""Airflow's data-interval timetables: a run stands for [start, end), is named after the start and runs at the end."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from datetime import UTC, datetime

from tui_flow.timetables.airflow_kinds import ByCron, ByDelta
from tui_flow.timetables.airflow_steps import Steps
from tui_flow.timetables.base import DagRunInfo, DataInterval, TimeRestriction, Timetable, registered
from tui_flow.timetables.spans import (
    Span,
    is_calendar,
    refuse_unless_positive,
    rough_length,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class DataIntervalTimetable(Timetable):
    """The rules that both kinds share; restrictions apply to an interval's start."""

    __slots__ = ()

    @property
    @abstractmethod
    def steps(self) -> Steps: ...

    @abstractmethod
    def skip_to_latest(self, earliest: datetime | None, now: datetime) -> datetime:
        """Start of the first interval that a DAG without catchup runs."""

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction, now: datetime
    ) -> DagRunInfo | None:
        earliest = restriction.earliest
        if not restriction.catchup:
            earliest = self.skip_to_latest(earliest, now)
        elif earliest is not None:
            earliest = self.steps.align_after(earliest)
        start = self._start(last_automated_data_interval, earliest)
        if start is None or (restriction.latest is not None and start > restriction.latest):
            return None
        return DagRunInfo.interval(start, self.steps.after(start))

    def _start(self, last: DataInterval | None, earliest: datetime | None) -> datetime | None:
        if last is None:
            return earliest
        # The schedule may have changed since the last run, which then ended between two of its steps.
        start = self.steps.align_before(last.end)
        if earliest is not None:
            start = max(start, earliest)
        # The last run stood for an instant (another kind of timetable made it) and has this logical date already.
        return self.steps.after(start) if last.start == last.end == start else start


@registered
@dataclass(frozen=True, slots=True)
class CronDataIntervalTimetable(ByCron, DataIntervalTimetable):
    """Each run covers the time between two fires, and runs at its end."""

    cron: str
    timezone: str

    def __post_init__(self) -> None:
        self.check_cron()

    @property
    def description(self) -> str:
        return f"{self.fires_in_words}, each run for the interval before it"

    def skip_to_latest(self, earliest: datetime | None, now: datetime) -> datetime:
        """The latest complete interval; exactly on a boundary, the one that ends there."""
        steps = self.steps
        start = steps.before(now)
        # Near a clock change a step forward need not undo a step back.
        while (end := steps.after(start)) < now:
            start = end
        if end > now:
            start = steps.before(start)
        return start if earliest is None else max(start, steps.align_after(earliest))

    def infer_manual_data_interval(self, *, run_after: datetime) -> DataInterval:
        end = self.steps.align_before(run_after)
        return DataInterval(self.steps.before(end), end)


@registered
@dataclass(frozen=True, slots=True)
class DeltaDataIntervalTimetable(ByDelta, DataIntervalTimetable):
    """Intervals follow each other from the start_date on, in elapsed time."""

    delta: Span

    def __post_init__(self) -> None:
        refuse_unless_positive(self.delta)

    @property
    def description(self) -> str:
        return f"{self.summary}, each run for the interval before it"

    def skip_to_latest(self, earliest: datetime | None, now: datetime) -> datetime:
        """The last interval that ends by now: on multiples since 1970; calendar spans are counted from `earliest`."""
        start: datetime
        if is_calendar(self.delta):
            start = self._latest_of_calendar(earliest or now, now)
        else:
            start = now - (now - _EPOCH) % rough_length(self.delta) - self.delta
        return start if earliest is None else max(start, earliest)

    def _latest_of_calendar(self, first: datetime, now: datetime) -> datetime:
        start: datetime = first - self.delta
        end = first
        # Step by step, since days clamp on the way: 31 January, 28 February, 28 March.
        while end < (after := end + self.delta) <= now:
            start, end = end, after
        return start

    def infer_manual_data_interval(self, *, run_after: datetime) -> DataInterval:
        return DataInterval(run_after - self.delta, run_after)
