"""What every timetable is: data that says when runs happen, and the pure functions over it.

Theory of operation. A timetable answers one question: given the data interval of the last scheduled run, which run
comes next? It holds no state and reads no clock (`now` is an argument): the same question always has the same answer.
`due` asks it repeatedly. For scheduled runs `run_after == data_interval.end`, so that the last interval alone tells
where to go on.

All datetimes are aware UTC.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, ClassVar, Self, TypeVar

from tui_flow.timetables.codec import Json, from_json, to_json


class InvalidSchedule(ValueError):
    """A schedule that cannot be meant; the message says what is wrong, with which one, and what to write instead."""


@dataclass(frozen=True, slots=True)
class DataInterval:
    """The half-open span [start, end) of data that a run is for."""

    start: datetime
    end: datetime

    @classmethod
    def exact(cls, at: datetime) -> Self:
        """An empty interval, of runs that stand for an instant."""
        return cls(at, at)


@dataclass(frozen=True, slots=True)
class DagRunInfo:
    """A run that a timetable proposes."""

    logical_date: datetime
    data_interval: DataInterval
    run_after: datetime
    """The slot: the run may start from this instant on."""

    @classmethod
    def interval(cls, start: datetime, end: datetime) -> Self:
        """Airflow's usual run: named after its start, run at its end."""
        return cls(start, DataInterval(start, end), end)

    @classmethod
    def exact(cls, at: datetime) -> Self:
        return cls(at, DataInterval.exact(at), at)


@dataclass(frozen=True, slots=True)
class TimeRestriction:
    """What a DAG adds to its timetable. Both bounds are inclusive; None = unbounded."""

    earliest: datetime | None
    latest: datetime | None
    catchup: bool
    """False: of the slots that have passed, only the latest is run."""


class Timetable(ABC):
    """Subclasses are frozen, slotted dataclasses whose fields `codec` can write."""

    __slots__ = ()

    periodic: ClassVar[bool] = True
    """Whether runs recur: False for `@once`, `@continuous` and no schedule."""
    can_be_scheduled: ClassVar[bool] = True
    """False: runs come from users or events only."""
    active_runs_limit: ClassVar[int | None] = None
    """The most runs that may be active at once, whatever the DAG says."""
    counts_from_last: ClassVar[bool] = False
    """Slots are a distance from the last run, not points of a fixed grid."""
    is_told: ClassVar[bool] = False
    """Only the DAG's file knows its runs, and tells the next few of them: nothing can be asked of it here."""

    @property
    @abstractmethod
    def summary(self) -> str:
        """What was written, for a table's cell: `0 2 * * *`, `@daily`, `every 6:00:00`."""

    @property
    @abstractmethod
    def description(self) -> str:
        """The same in words."""

    @abstractmethod
    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction, now: datetime
    ) -> DagRunInfo | None:
        """The run that follows the last scheduled one (None = there was none); None if there will never be one.

        It may lie in the past (it is due) or in the future.
        """

    @abstractmethod
    def infer_manual_data_interval(self, *, run_after: datetime) -> DataInterval:
        """The data interval of a run that a user triggers at `run_after`."""

    def latest_due(
        self, *, last: DataInterval | None, restriction: TimeRestriction, now: datetime
    ) -> DagRunInfo | None:
        """The latest slot after `last` that has passed; what a DAG without catchup owes."""
        info = self.next_dagrun_info(last_automated_data_interval=last, restriction=restriction, now=now)
        return info if info is not None and info.run_after <= now else None

    def restart_before(self, instant: datetime, *, first: datetime) -> datetime:
        """An instant no later than `instant` from which on there are the slots that there are from `first` on."""
        return instant

    def to_dict(self) -> dict[str, Json]:
        """JSON-safe; `timetable_from_dict` gives an equal timetable back."""
        values = {field.name: to_json(getattr(self, field.name)) for field in fields(self)}  # type: ignore[arg-type]
        return {"kind": type(self).__name__, **values}


KINDS: dict[str, type[Timetable]] = {}
"""Our own timetables by class name; users' classes cannot be rebuilt outside the process that loaded their file."""

TimetableClass = TypeVar("TimetableClass", bound=type[Timetable])


def registered(kind: TimetableClass) -> TimetableClass:
    """Class decorator: `timetable_from_dict` knows this class."""
    KINDS[kind.__name__] = kind
    return kind


def timetable_from_dict(data: Mapping[str, Any]) -> Timetable:
    """The inverse of `Timetable.to_dict`; InvalidSchedule for a kind that is not ours, or data that no longer holds."""
    values = dict(data)
    kind = str(values.pop("kind", None))
    if kind not in KINDS:
        raise InvalidSchedule(f"Timetable of kind {kind!r} is unknown; known are {', '.join(sorted(KINDS))}")
    try:
        return KINDS[kind](**{name: from_json(value) for name, value in values.items()})
    except TypeError as err:
        raise InvalidSchedule(f"Timetable {kind} cannot be read from {values!r}: {err}") from err
