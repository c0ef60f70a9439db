"""Airflow's trigger timetables: a run stands for the instant it runs at; a data interval before it is optional."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tui_flow.timetables.airflow_kinds import ByCron, ByDelta
from tui_flow.timetables.airflow_steps import Steps
from tui_flow.timetables.base import (
    DagRunInfo,
    DataInterval,
    InvalidSchedule,
    TimeRestriction,
    Timetable,
    registered,
)
from tui_flow.timetables.describe import describe_airflow_cron
from tui_flow.timetables.spans import Span, refuse_if_endless, refuse_unless_positive
from tui_flow.timetables.zones import zone_name

_NO_INTERVAL = timedelta()


class TriggerTimetable(Timetable):
    """The rules that all kinds share; restrictions apply to the instant of the run."""

    __slots__ = ()

    interval: Span
    """Length of each run's data interval."""

    @property
    @abstractmethod
    def steps(self) -> Steps: ...

    @abstractmethod
    def first_run(self, now: datetime) -> datetime:
        """Where a DAG without start_date begins."""

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction, now: datetime
    ) -> DagRunInfo | None:
        steps, last, earliest = self.steps, last_automated_data_interval, restriction.earliest
        candidates = []
        if last is not None:
            candidates.append(steps.after(last.end))
        elif earliest is None:
            candidates.append(self.first_run(now))
        if earliest is not None and (last is None or not restriction.catchup):
            candidates.append(steps.align_after(earliest))
        if not restriction.catchup:
            candidates.append(steps.align_before(now))
        run_after = max(candidates)
        if restriction.latest is not None and run_after > restriction.latest:
            return None
        return DagRunInfo.interval(run_after - self.interval, run_after)

    def infer_manual_data_interval(self, *, run_after: datetime) -> DataInterval:
        return DataInterval(run_after - self.interval, run_after)


@registered
@dataclass(frozen=True, slots=True)
class CronTriggerTimetable(ByCron, TriggerTimetable):
    """Runs at each fire, for the `interval` before it; without one, for that instant."""

    cron: str
    timezone: str
    interval: Span = _NO_INTERVAL
    run_immediately: bool | timedelta | None = False
    """For the first run of a DAG without start_date: True = the latest slot that passed; a timedelta = that slot if it
    passed no longer ago; False or None = if it passed within a tenth of the period, or five minutes."""

    def __post_init__(self) -> None:
        self.check_cron()
        refuse_if_endless(self.interval)

    @property
    def description(self) -> str:
        return self.fires_in_words

    def first_run(self, now: datetime) -> datetime:
        passed, coming = self.steps.align_before(now), self.steps.align_after(now)
        if self.run_immediately is True:
            return passed
        if isinstance(self.run_immediately, timedelta):
            grace = self.run_immediately
        else:
            grace = max((coming - passed) / 10, timedelta(minutes=5))
        return passed if now - passed <= grace else coming


@registered
@dataclass(frozen=True, slots=True, init=False)
class MultipleCronTriggerTimetable(Timetable):
    """Runs whenever one of the expressions fires, once where several do."""

    crons: tuple[str, ...]
    timezone: str
    interval: Span = _NO_INTERVAL
    run_immediately: bool | timedelta | None = False

    def __init__(
        self,
        *expressions: str,
        timezone: str,
        interval: Span = _NO_INTERVAL,
        run_immediately: bool | timedelta | None = False,
        crons: Iterable[str] = (),
    ) -> None:
        """Expressions as in Airflow, one after another; `crons` is for reading it back."""
        given = {"timezone": zone_name(timezone), "interval": interval, "run_immediately": run_immediately}
        for name, value in {"crons": (*expressions, *crons), **given}.items():
            object.__setattr__(self, name, value)
        if not self.crons:
            raise InvalidSchedule("MultipleCronTriggerTimetable needs at least one cron expression")
        self._members()

    def _members(self) -> list[CronTriggerTimetable]:
        return [CronTriggerTimetable(cron, self.timezone, self.interval, self.run_immediately) for cron in self.crons]

    @property
    def summary(self) -> str:
        return ", ".join(self.crons)

    @property
    def description(self) -> str:
        return f"{'; '.join(describe_airflow_cron(cron) for cron in self.crons)}, {self.timezone}"

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction, now: datetime
    ) -> DagRunInfo | None:
        """The earliest of the members' runs; without catchup the latest of those that have passed, if any."""
        proposed = [
            member.next_dagrun_info(
                last_automated_data_interval=last_automated_data_interval, restriction=restriction, now=now
            )
            for member in self._members()
        ]
        infos = [info for info in proposed if info is not None]
        passed = [] if restriction.catchup else [info for info in infos if info.logical_date <= now]
        if passed:
            return max(passed, key=_logical_date)
        return min(infos, key=_logical_date, default=None)

    def infer_manual_data_interval(self, *, run_after: datetime) -> DataInterval:
        return DataInterval(run_after - self.interval, run_after)


@registered
@dataclass(frozen=True, slots=True)
class DeltaTriggerTimetable(ByDelta, TriggerTimetable):
    """Runs at the start_date and then a span after each run."""

    delta: Span
    interval: Span = _NO_INTERVAL

    def __post_init__(self) -> None:
        refuse_unless_positive(self.delta)
        refuse_if_endless(self.interval)

    @property
    def description(self) -> str:
        return f"{self.summary}, counted from the last run"

    def first_run(self, now: datetime) -> datetime:
        return now


def _logical_date(info: DagRunInfo) -> datetime:
    return info.logical_date
