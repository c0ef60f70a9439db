"""`DateTimeSensor`: waits until an instant; `DateTimeSensorAsync` in a trigger."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from tui_flow.operators.until_sensor import UntilSensor
from tui_flow.sdk.context import Context
from tui_flow.sdk.timezone import coerce_datetime


class DateTimeSensor(UntilSensor):
    """`target_time` is a datetime or, as a template, ISO 8601 text."""

    template_fields: Collection[str] = ("target_time",)

    def __init__(self, *, target_time: str | datetime, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(target_time, str | datetime):
            raise TypeError(f"target_time must be a datetime or text, not {type(target_time).__name__} {target_time!r}")
        self.target_time = target_time if isinstance(target_time, str) else target_time.isoformat()

    @property
    def moment(self) -> datetime:
        return coerce_datetime(datetime.fromisoformat(self.target_time))

    def wait_until(self, context: Context) -> datetime:
        return self.moment

    def poke(self, context: Context) -> bool:
        self.log.info("Checking if the time (%s) has come", self.target_time)
        return datetime.now(UTC) > self.moment


class DateTimeSensorAsync(DateTimeSensor):
    """Waits in a trigger. `start_from_trigger` and `trigger_kwargs` are accepted: an attempt begins the wait."""

    def __init__(
        self, *, start_from_trigger: bool = False, trigger_kwargs: dict[str, Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**{**kwargs, "deferrable": True})
