"""`TimeDeltaSensor` waits for a span after the run's data interval, `WaitSensor` for a span from its own start."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from tui_flow.sdk.context import Context
from tui_flow.sdk.exceptions import AirflowException
from tui_flow.sdk.sensor import BaseSensorOperator


class TimeDeltaSensor(BaseSensorOperator):
    """`delta` after the end of the data interval (or after `run_after` where there is none)."""

    template_fields: Collection[str] = ()

    def __init__(self, *, delta: timedelta, deferrable: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.delta = delta
        self.deferrable = deferrable

    def poke(self, context: Context) -> bool:
        dag_run = context["dag_run"]
        since = dag_run.data_interval_end or dag_run.run_after
        if since is None:
            raise AirflowException(f"sensor {self.task_id!r}: the run has no date to count from")
        target = since + self.delta
        self.log.info("Checking if the delta has elapsed base=%s, target=%s", since, target)
        return bool(datetime.now(UTC) > target)


class WaitSensor(BaseSensorOperator):
    """`time_to_wait` (a timedelta, or minutes) from the start of the try."""

    template_fields: Collection[str] = ()

    def __init__(self, *, time_to_wait: timedelta | int, deferrable: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.time_to_wait = time_to_wait if isinstance(time_to_wait, timedelta) else timedelta(minutes=time_to_wait)
        self.deferrable = deferrable

    def poke(self, context: Context) -> bool:
        return bool(datetime.now(UTC) >= context["ti"].first_started_at + self.time_to_wait)
