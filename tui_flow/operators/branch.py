"""Branches by the date: `BranchDateTimeOperator`, `BranchDayOfWeekOperator`; `BaseBranchOperator` for one's own."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time
from typing import Any

from tui_flow.operators.weekday import WeekDay, is_on
from tui_flow.sdk.branch import BaseBranchOperator
from tui_flow.sdk.context import Context
from tui_flow.sdk.exceptions import AirflowException

__all__ = ["BaseBranchOperator", "BranchDateTimeOperator", "BranchDayOfWeekOperator"]

Branches = str | Iterable[str]


class BranchDateTimeOperator(BaseBranchOperator):
    """Between `target_lower` and `target_upper` (datetimes, or times of today) or not."""

    def __init__(
        self,
        *,
        follow_task_ids_if_true: Branches,
        follow_task_ids_if_false: Branches,
        target_lower: datetime | time | None,
        target_upper: datetime | time | None,
        use_task_logical_date: bool = False,
        use_task_execution_date: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if target_lower is None and target_upper is None:
            raise AirflowException(f"branch {self.task_id!r} needs a target_lower, a target_upper or both")
        self.target_lower, self.target_upper = target_lower, target_upper
        self.follow_task_ids_if_true, self.follow_task_ids_if_false = follow_task_ids_if_true, follow_task_ids_if_false
        self.use_task_logical_date = use_task_logical_date or use_task_execution_date

    def choose_branch(self, context: Context) -> str | Collection[str] | None:
        now = context["logical_date"] if self.use_task_logical_date else datetime.now(UTC)
        lower, upper = target_times_as_dates(now, self.target_lower, self.target_upper)
        is_inside = not (upper is not None and upper < now) and not (lower is not None and lower > now)
        return _listed(self.follow_task_ids_if_true if is_inside else self.follow_task_ids_if_false)


class BranchDayOfWeekOperator(BaseBranchOperator):
    """Today (in UTC), or the run's logical date, is one of `week_day` or not."""

    def __init__(
        self,
        *,
        follow_task_ids_if_true: Branches,
        follow_task_ids_if_false: Branches,
        week_day: str | WeekDay | Iterable[str | WeekDay],
        use_task_logical_date: bool = False,
        use_task_execution_day: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.follow_task_ids_if_true, self.follow_task_ids_if_false = follow_task_ids_if_true, follow_task_ids_if_false
        self.week_day = week_day
        self.use_task_logical_date = use_task_logical_date or use_task_execution_day
        self._wanted = WeekDay.validate_week_day(week_day)

    def choose_branch(self, context: Context) -> str | Collection[str] | None:
        at = context["logical_date"] if self.use_task_logical_date else datetime.now(UTC)
        return _listed(self.follow_task_ids_if_true if is_on(at, self._wanted) else self.follow_task_ids_if_false)


def _listed(branches: Branches) -> str | list[str]:
    return branches if isinstance(branches, str) else list(branches)


def target_times_as_dates(
    base_date: datetime, lower: datetime | time | None, upper: datetime | time | None
) -> tuple[datetime | None, datetime | None]:
    """Times of the day on `base_date`; an upper time before the lower one is the next day's."""
    from datetime import timedelta

    low, high = _on(base_date.date(), lower), _on(base_date.date(), upper)
    if low is not None and high is not None and high < low and isinstance(upper, time):
        high += timedelta(days=1)
    return low, high


def _on(day: date, value: datetime | time | None) -> datetime | None:
    moment = datetime.combine(day, value) if isinstance(value, time) else value
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
