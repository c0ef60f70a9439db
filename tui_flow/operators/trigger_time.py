"""Triggers of the clock: `DateTimeTrigger` and `TimeDeltaTrigger`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

from tui_flow.sdk.timezone import coerce_datetime
from tui_flow.sdk.trigger import BaseTrigger, TaskSuccessEvent, TriggerEvent

_LONGEST_SLEEP_S = 60.0
"""The clock may be set, or the machine suspended, meanwhile."""


class DateTimeTrigger(BaseTrigger):
    """Fires at an instant; with `end_from_trigger` the task is a success then, without a further attempt."""

    def __init__(self, moment: datetime, *, end_from_trigger: bool = False) -> None:
        super().__init__()
        if not isinstance(moment, datetime):
            raise TypeError(f"moment must be a datetime, not {type(moment).__name__} {moment!r}")
        if moment.tzinfo is None:
            raise ValueError("moment must have a time zone: a naive datetime names no instant")
        self.moment = coerce_datetime(moment).astimezone(UTC)
        self.end_from_trigger = end_from_trigger

    def serialize(self) -> tuple[str, dict[str, Any]]:
        kwargs = {"moment": self.moment, "end_from_trigger": self.end_from_trigger}
        return "tui_flow.operators.trigger_time.DateTimeTrigger", kwargs

    async def run(self) -> AsyncIterator[TriggerEvent]:
        while (left := (self.moment - datetime.now(UTC)).total_seconds()) > 0:
            await asyncio.sleep(min(left, _LONGEST_SLEEP_S))
        if self.end_from_trigger:
            self.log.info("Sensor time condition reached, marking task successful and exiting")
            yield TaskSuccessEvent()
        else:
            self.log.info("Sensor time condition reached: %s", self.moment.isoformat())
            yield TriggerEvent(self.moment)


class TimeDeltaTrigger(DateTimeTrigger):
    """Fires a span of time after it was made."""

    def __init__(self, delta: timedelta, *, end_from_trigger: bool = False) -> None:
        super().__init__(datetime.now(UTC) + delta, end_from_trigger=end_from_trigger)
