"""`TimeSensor`: waits until a time of the day."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from tui_flow.sdk.context import Context
from tui_flow.sdk.sensor import BaseSensorOperator


class TimeSensor(BaseSensorOperator):
    """`target_time` today, in the zone of the DAG."""

    def __init__(self, *, target_time: time, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.target_time = target_time

    def poke(self, context: Context) -> bool:
        self.log.info("Checking if the time (%s) has come", self.target_time)
        zone = self.target_time.tzinfo or self.dag.timezone
        today = datetime.now(UTC).astimezone(zone).date()
        return datetime.now(UTC) > datetime.combine(today, self.target_time.replace(tzinfo=None), tzinfo=zone)
