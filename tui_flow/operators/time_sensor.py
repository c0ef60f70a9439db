"""`TimeSensor`: waits until a time of the day; `TimeSensorAsync` in a trigger."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from tui_flow.operators.until_sensor import UntilSensor
from tui_flow.sdk.context import Context


class TimeSensor(UntilSensor):
    """`target_time` today, in the zone of the DAG."""

    def __init__(self, *, target_time: time, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.target_time = target_time

    def wait_until(self, context: Context) -> datetime:
        zone = self.target_time.tzinfo or self.dag.zone
        today = datetime.now(UTC).astimezone(zone).date()
        return datetime.combine(today, self.target_time.replace(tzinfo=None), tzinfo=zone)

    def poke(self, context: Context) -> bool:
        self.log.info("Checking if the time (%s) has come", self.target_time)
        return datetime.now(UTC) > self.wait_until(context)


class TimeSensorAsync(TimeSensor):
    """Waits in a trigger. `start_from_trigger` and `trigger_kwargs` are accepted: an attempt begins the wait."""

    def __init__(
        self, *, start_from_trigger: bool = False, trigger_kwargs: dict[str, Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**{**kwargs, "deferrable": True})
