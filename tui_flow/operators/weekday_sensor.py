"""`DayOfWeekSensor`: waits for a day of the week."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from tui_flow.operators.weekday import WeekDay, is_on
from tui_flow.sdk.context import Context
from tui_flow.sdk.sensor import BaseSensorOperator


class DayOfWeekSensor(BaseSensorOperator):
    """Today (in UTC), or with `use_task_logical_date` the day of the run's logical date, is one of `week_day`."""

    def __init__(
        self,
        *,
        week_day: str | WeekDay | Iterable[str | WeekDay],
        use_task_logical_date: bool = False,
        use_task_execution_day: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.week_day = week_day
        self.use_task_logical_date = use_task_logical_date or use_task_execution_day
        self._wanted = WeekDay.validate_week_day(week_day)

    def poke(self, context: Context) -> bool:
        at = context["logical_date"] if self.use_task_logical_date else datetime.now(UTC)
        self.log.info(
            "Poking until weekday is in %s, today is %s", sorted(d.name for d in self._wanted), at.strftime("%A")
        )
        return is_on(at, self._wanted)
