"""What the sensors of the clock share: they wait for one instant, in their process or in a trigger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tui_flow.operators.trigger_time import DateTimeTrigger
from tui_flow.sdk.context import Context
from tui_flow.sdk.deferrable import is_deferrable
from tui_flow.sdk.sensor import BaseSensorOperator

_BEYOND_S = 0.001
"""Behind the instant, for whoever asks whether it has passed."""


class UntilSensor(BaseSensorOperator):
    """Subclasses say until when (`wait_until`), and poke where they are not deferrable.

    With `end_from_trigger` the trigger makes the task a success, without a further attempt."""

    def __init__(self, *, deferrable: bool | None = None, end_from_trigger: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.deferrable, self.end_from_trigger = is_deferrable(deferrable), end_from_trigger

    def wait_until(self, context: Context) -> datetime:
        raise NotImplementedError(f"{type(self).__name__} has no wait_until(context)")

    def execute(self, context: Context) -> Any:
        if not self.deferrable:
            self._until = self.wait_until(context)
            return super().execute(context)
        trigger = DateTimeTrigger(self.wait_until(context), end_from_trigger=self.end_from_trigger)
        return self.defer(trigger=trigger, method_name="execute_complete", timeout=timedelta(seconds=self.timeout))

    def _get_next_poke_interval(self, ti: Any, waited: float, pokes: int) -> float:
        """No longer than until the instant, so that it is not missed by most of a poke interval."""
        left = (self._until - datetime.now(UTC)).total_seconds()
        pause = super()._get_next_poke_interval(ti, waited, pokes)
        return min(pause, left + _BEYOND_S) if left > 0 else pause

    def execute_complete(self, context: Context, event: Any = None) -> None:
        """The time has come; there is nothing left to do."""
