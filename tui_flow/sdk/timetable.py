"""`Timetable` for authors to subclass, with Airflow's interface; asked only in processes that have the DAG's file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, NamedTuple, Self

from tui_flow.errors import BadDag, BadInput
from tui_flow.records import PlannedRun
from tui_flow.spec import DagSpec
from tui_flow.timetables.assets import AssetOrTimeSchedule
from tui_flow.timetables.author import AuthorTimetable

MOST_PLANNED = 100
"""Runs that are asked for ahead."""
PLANNED_AHEAD_S = 86_400.0
"""Beyond this only the next run is asked for."""
MOST_BACKFILLED = 20_000
"""Dates of one backfill that are asked for."""


class DataInterval(NamedTuple):
    """The span of data that a run is for; pendulum DateTimes."""

    start: Any
    end: Any

    @classmethod
    def exact(cls, at: datetime) -> Self:
        return cls(at, at)


class TimeRestriction(NamedTuple):
    """What the DAG adds: both bounds inclusive, None = unbounded."""

    earliest: Any
    latest: Any
    catchup: bool


class DagRunInfo(NamedTuple):
    """A run that a timetable proposes."""

    run_after: Any
    data_interval: DataInterval

    @classmethod
    def exact(cls, at: datetime) -> Self:
        return cls(at, DataInterval.exact(at))

    @classmethod
    def interval(cls, start: datetime, end: datetime) -> Self:
        return cls(end, DataInterval(start, end))

    @property
    def logical_date(self) -> Any:
        return self.data_interval.start


class Timetable:
    """Subclasses implement `next_dagrun_info` and `infer_manual_data_interval`."""

    description: str = ""
    periodic: bool = True
    can_be_scheduled: bool = True
    run_ordering: ClassVar[Sequence[str]] = ("data_interval_end", "logical_date")
    active_runs_limit: int | None = None

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Timetable:
        return cls()

    def serialize(self) -> dict[str, Any]:
        """What it was made of, as JSON: a change of it is a change of the schedule."""
        return {}

    def validate(self) -> None:
        """Raises for a timetable that cannot be meant."""

    @property
    def summary(self) -> str:
        return type(self).__name__

    def infer_manual_data_interval(self, *, run_after: Any) -> DataInterval:
        raise NotImplementedError(f"{type(self).__name__} has no infer_manual_data_interval(run_after=...)")

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        raise NotImplementedError(
            f"{type(self).__name__} has no next_dagrun_info(last_automated_data_interval=..., restriction=...)"
        )

    def told(self) -> AuthorTimetable:
        """What the rest of the program needs to know of it. Raises BadDag where `serialize` gives what is no JSON."""
        self.validate()
        try:
            data = json.dumps(self.serialize(), sort_keys=True)
        except TypeError as err:
            raise BadDag(f"{type(self).__name__}.serialize() must give JSON: {err}") from err
        return AuthorTimetable(
            class_name=type(self).__name__,
            text=str(self.summary),
            words=str(self.description or ""),
            is_periodic=bool(self.periodic),
            is_scheduled=bool(self.can_be_scheduled),
            runs_at_once=self.active_runs_limit,
            data=data,
        )


def authors_timetable(schedule: Any) -> Timetable | None:
    """The timetable of a class in the DAG's file that a schedule is, or goes by; None for all others."""
    found = schedule.authors if isinstance(schedule, AssetOrTimeSchedule) else schedule
    return found if isinstance(found, Timetable) else None


def planned_runs(
    timetable: Timetable, spec: DagSpec, last: tuple[datetime, datetime] | None, now: datetime
) -> tuple[PlannedRun, ...]:
    """The next runs after the one with the data interval `last`, those that are overdue included. Raises BadDag for
    answers that are no runs."""
    restriction = TimeRestriction(_shown(spec.start_date), _shown(spec.end_date), spec.catchup)
    interval = DataInterval(_shown(last[0]), _shown(last[1])) if last else None
    found: list[PlannedRun] = []
    for info in _following(timetable, interval, restriction):
        found.append(_checked(timetable, info))
        if (found[-1].run_after - now).total_seconds() > PLANNED_AHEAD_S or len(found) >= MOST_PLANNED:
            break
    return tuple(found)


def runs_between(timetable: Timetable, earliest: datetime, latest: datetime) -> tuple[PlannedRun, ...]:
    """The runs with a logical date in [earliest, latest], the oldest first. Raises BadDag for answers that are no runs,
    and BadInput for more than MOST_BACKFILLED."""
    found: list[PlannedRun] = []
    for info in _following(timetable, None, TimeRestriction(_shown(earliest), _shown(latest), catchup=True)):
        run = _checked(timetable, info)
        if run.data_interval_start > latest:
            break
        if run.data_interval_start >= earliest:
            found.append(run)
        if len(found) > MOST_BACKFILLED:
            raise BadInput(f"{type(timetable).__name__} tells more than {MOST_BACKFILLED} dates; give a shorter span")
    return tuple(found)


def _following(timetable: Timetable, last: DataInterval | None, restriction: TimeRestriction) -> Iterator[DagRunInfo]:
    """Until it says that there is none, or the same again."""
    while info := timetable.next_dagrun_info(last_automated_data_interval=last, restriction=restriction):
        if last is not None and tuple(info.data_interval) <= tuple(last):
            return
        yield info
        last = info.data_interval


def _checked(timetable: Timetable, info: Any) -> PlannedRun:
    try:
        moments = [_as_utc(at) for at in (info.run_after, *info.data_interval)]
        return PlannedRun(*moments)
    except (AttributeError, TypeError, ValueError) as err:
        raise BadDag(
            f"{type(timetable).__name__}.next_dagrun_info must give a DagRunInfo with aware datetimes, not {info!r}"
        ) from err


def manual_interval(timetable: Timetable, run_after: datetime) -> tuple[datetime, datetime]:
    """The data interval of a run that somebody asks for."""
    interval = timetable.infer_manual_data_interval(run_after=_shown(run_after))
    return _as_utc(interval.start), _as_utc(interval.end)


def _shown(at: datetime | None) -> Any:
    import pendulum  # 70 ms, for authors' code only

    return None if at is None else pendulum.instance(at)


def _as_utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"{at} has no zone")
    return datetime.fromtimestamp(at.timestamp(), UTC)
