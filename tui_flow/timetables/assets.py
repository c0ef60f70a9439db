"""Schedules by data: the condition that a DAG waits for, as JSON, and the timetables that carry one.

A condition is one of `{"kind": "asset", "name", "uri", ...}`, `{"kind": "alias", "name"}`, `{"kind": "ref", "name" or
"uri"}`, and `{"kind": "all" or "any", "of": [...]}`. When one is met: `planner.assets`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from tui_flow.timetables.base import (
    DagRunInfo,
    DataInterval,
    InvalidSchedule,
    TimeRestriction,
    Timetable,
    registered,
    timetable_from_dict,
)
from tui_flow.timetables.codec import Json
from tui_flow.timetables.simple import ClocklessTimetable

Condition = Mapping[str, Json]
_COMBINED = ("all", "any")


def leaves(condition: Condition) -> Iterator[Condition]:
    """The assets, aliases and references in a condition, from left to right."""
    if condition["kind"] in _COMBINED:
        for part in condition["of"]:
            yield from leaves(part)
    else:
        yield condition


def label(leaf: Condition) -> str:
    """What people call an asset, an alias or a reference."""
    name = str(leaf.get("name") or leaf.get("uri"))
    return f"alias {name}" if leaf["kind"] == "alias" else name


def expression(condition: Condition) -> str:
    """`a & (b | c)`, for a table's cell."""
    return _joined(condition, {"all": " & ", "any": " | "})


def in_words(condition: Condition) -> str:
    """`a and (b or c)`."""
    return _joined(condition, {"all": " and ", "any": " or "})


def _joined(condition: Condition, signs: Mapping[str, str], is_inner: bool = False) -> str:
    if condition["kind"] not in _COMBINED:
        return label(condition)
    text = signs[condition["kind"]].join(_joined(part, signs, is_inner=True) for part in condition["of"])
    return f"({text})" if is_inner and len(condition["of"]) > 1 else text


def condition_of(schedule: Mapping[str, Json]) -> Condition | None:
    """The condition in a timetable's `to_dict`; None for schedules that wait for no asset."""
    found = schedule.get("assets")
    return cast(Condition, found) if isinstance(found, Mapping) else None


def _described(assets: Any) -> Condition:
    """Authors' objects (which describe themselves), or a condition already; a list means all of them."""
    if isinstance(assets, list | tuple | set | frozenset):
        if not assets:
            raise InvalidSchedule("a schedule by assets needs at least one asset")
        return {"kind": "all", "of": [_described(part) for part in assets]}
    describe = getattr(assets, "describe", None)
    found = describe() if describe is not None else assets
    if not isinstance(found, Mapping) or "kind" not in found:
        raise InvalidSchedule(f"{assets!r:.80} is not an asset; a schedule by assets takes assets, aliases, & and |")
    if not any(True for _ in leaves(found)):
        raise InvalidSchedule("a schedule by assets needs at least one asset")
    return found


@registered
@dataclass(frozen=True, slots=True)
class AssetTriggeredTimetable(ClocklessTimetable):
    """Runs when all or any of some assets were updated, and never by the clock."""

    assets: Condition = field(hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "assets", _described(self.assets))

    @property
    def summary(self) -> str:
        return expression(self.assets)

    @property
    def description(self) -> str:
        return f"when {in_words(self.assets)} {_were(self.assets)} updated"


@registered
@dataclass(frozen=True, slots=True)
class AssetOrTimeSchedule(Timetable):
    """Runs by another timetable, and whenever the assets' condition is met."""

    timetable: Timetable
    assets: Condition = field(hash=False)
    authors: object = field(default=None, init=False, repr=False, compare=False)
    """The timetable of a class in the DAG's file, in the processes that have it; `timetable` says what is known of it
    elsewhere."""

    def __post_init__(self) -> None:
        inner: Any = self.timetable
        if (told := getattr(inner, "told", None)) is not None:
            object.__setattr__(self, "authors", inner)
            inner = told()
        if isinstance(inner, Mapping):
            inner = timetable_from_dict(inner)
        if not isinstance(inner, Timetable):
            raise InvalidSchedule(f"AssetOrTimeSchedule(timetable={inner!r:.80}): give a timetable, as CronTimetable")
        object.__setattr__(self, "timetable", inner)
        object.__setattr__(self, "assets", _described(self.assets))

    @property
    def periodic(self) -> bool:  # type: ignore[override]
        return self.timetable.periodic

    @property
    def can_be_scheduled(self) -> bool:  # type: ignore[override]
        return self.timetable.can_be_scheduled

    @property
    def active_runs_limit(self) -> int | None:  # type: ignore[override]
        return self.timetable.active_runs_limit

    @property
    def counts_from_last(self) -> bool:  # type: ignore[override]
        return self.timetable.counts_from_last

    @property
    def is_told(self) -> bool:  # type: ignore[override]
        return self.timetable.is_told

    @property
    def summary(self) -> str:
        return f"{self.timetable.summary} or {expression(self.assets)}"

    @property
    def description(self) -> str:
        return f"{self.timetable.description}, and when {in_words(self.assets)} {_were(self.assets)} updated"

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction, now: datetime
    ) -> DagRunInfo | None:
        return self.timetable.next_dagrun_info(
            last_automated_data_interval=last_automated_data_interval, restriction=restriction, now=now
        )

    def infer_manual_data_interval(self, *, run_after: datetime) -> DataInterval:
        return self.timetable.infer_manual_data_interval(run_after=run_after)

    def latest_due(
        self, *, last: DataInterval | None, restriction: TimeRestriction, now: datetime
    ) -> DagRunInfo | None:
        return self.timetable.latest_due(last=last, restriction=restriction, now=now)

    def restart_before(self, instant: datetime, *, first: datetime) -> datetime:
        return self.timetable.restart_before(instant, first=first)

    def to_dict(self) -> dict[str, Json]:
        return {"kind": type(self).__name__, "timetable": self.timetable.to_dict(), "assets": self.assets}


def DatasetOrTimeSchedule(*, timetable: Timetable, datasets: Any) -> AssetOrTimeSchedule:
    """Airflow 2's name for it."""
    return AssetOrTimeSchedule(timetable=timetable, assets=datasets)


def _were(condition: Condition) -> str:
    several = condition["kind"] == "all" and len(condition["of"]) > 1
    return "were" if several else "was"
