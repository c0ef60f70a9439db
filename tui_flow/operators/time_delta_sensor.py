"""`TimeDeltaSensor` waits for a span after the run's data interval, `WaitSensor` for a span from its own start."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from tui_flow.operators.until_sensor import UntilSensor
from tui_flow.sdk.context import Context
from tui_flow.sdk.exceptions import AirflowException


class TimeDeltaSensor(UntilSensor):
    """`delta` after the end of the data interval (or after `run_after` where there is none)."""

    template_fields: Collection[str] = ()

    def __init__(self, *, delta: timedelta, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.delta = delta

    def wait_until(self, context: Context) -> datetime:
        dag_run = context["dag_run"]
        since = dag_run.data_interval_end or dag_run.run_after
        if since is None:
            raise AirflowException(f"sensor {self.task_id!r}: the run has no date to count from")
        until: datetime = since + self.delta
        return until

    def poke(self, context: Context) -> bool:
        target = self.wait_until(context)
        self.log.info("Checking if the delta has elapsed target=%s", target)
        return datetime.now(UTC) > target


class TimeDeltaSensorAsync(TimeDeltaSensor):
    """Waits in a trigger."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "deferrable": True})


class WaitSensor(UntilSensor):
    """`time_to_wait` (a timedelta, or minutes) from the start of the try."""

    template_fields: Collection[str] = ()

    def __init__(self, *, time_to_wait: timedelta | int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.time_to_wait = time_to_wait if isinstance(time_to_wait, timedelta) else timedelta(minutes=time_to_wait)

    def wait_until(self, context: Context) -> datetime:
        until: datetime = context["ti"].first_started_at + self.time_to_wait
        return until

    def poke(self, context: Context) -> bool:
        return datetime.now(UTC) >= self.wait_until(context)
