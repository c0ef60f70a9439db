"""`BaseSensorOperator`: waits until `poke` says so, in one attempt (`mode="poke"`) or in many (`mode="reschedule"`)."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeVar

from tui_flow.sdk.backend import RuntimeTaskInstance
from tui_flow.sdk.context import Context
from tui_flow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowPokeFailException,
    AirflowRescheduleException,
    AirflowSensorTimeout,
    AirflowSkipException,
    AirflowTaskTimeout,
    TaskDeferralError,
    TaskDeferralTimeout,
)
from tui_flow.sdk.operator import BaseOperator

DEFAULT_TIMEOUT_S = 7 * 24 * 60 * 60.0
_FINAL = (AirflowSensorTimeout, AirflowTaskTimeout, AirflowFailException, AirflowPokeFailException, TaskDeferralError)


@dataclass(frozen=True)
class PokeReturnValue:
    """What a poke found: whether the wait is over, and what to push as XCom."""

    is_done: bool
    xcom_value: Any = None

    def __bool__(self) -> bool:
        return self.is_done


class BaseSensorOperator(BaseOperator):
    """Subclasses implement `poke(context)`, which returns whether the wait is over."""

    ui_color = "#e6f1f2"
    valid_modes: tuple[str, ...] = ("poke", "reschedule")

    def __init__(
        self,
        *,
        poke_interval: timedelta | float = 60,
        timeout: timedelta | float = DEFAULT_TIMEOUT_S,
        soft_fail: bool = False,
        mode: Literal["poke", "reschedule"] = "poke",
        exponential_backoff: bool = False,
        max_wait: timedelta | float | None = None,
        silent_fail: bool = False,
        never_fail: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.poke_interval = self._seconds("poke_interval", poke_interval)
        self.timeout = self._seconds("timeout", timeout)
        self.max_wait = None if max_wait is None else timedelta(seconds=self._seconds("max_wait", max_wait))
        self.soft_fail, self.silent_fail, self.never_fail = soft_fail, silent_fail, never_fail
        self.mode, self.exponential_backoff = mode, exponential_backoff
        self._check()

    def _seconds(self, name: str, value: Any) -> float:
        seconds = value.total_seconds() if isinstance(value, timedelta) else value
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds >= 0:
            raise AirflowException(
                f"{name} of {self.task_id!r} must be a number of seconds of 0 or more, not {value!r}"
            )
        return float(seconds)

    def _check(self) -> None:
        if self.mode not in self.valid_modes:
            raise AirflowException(f"mode of sensor {self.task_id!r} must be 'poke' or 'reschedule', not {self.mode!r}")
        if self.soft_fail and self.never_fail:
            raise AirflowException(f"sensor {self.task_id!r}: soft_fail and never_fail cannot both be set")

    @property
    def reschedule(self) -> bool:
        return self.mode == "reschedule"

    def poke(self, context: Context) -> bool | PokeReturnValue:
        """Whether the wait is over."""
        raise NotImplementedError(f"{type(self).__name__} has no poke(context)")

    def execute(self, context: Context) -> Any:
        ti: RuntimeTaskInstance = context["ti"]
        elapsed = _stopwatch(ti.first_started_at if self.reschedule else None)
        pokes = ti.poke_count if self.reschedule else 0
        while True:
            pokes += 1
            found = self._poke_by_the_rules(context)
            if found:
                self.log.info("Success criteria met. Exiting.")
                return found.xcom_value if isinstance(found, PokeReturnValue) else None
            waited = elapsed()
            if waited > self.timeout:
                self._time_out(waited)
            pause = self._get_next_poke_interval(ti, waited, pokes)
            if self.reschedule:
                raise AirflowRescheduleException(datetime.now(UTC) + timedelta(seconds=pause))
            time.sleep(pause)

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Context) -> Any:
        """Go on after a trigger; a trigger that is too late is the sensor's own time-out."""
        try:
            return super().resume_execution(next_method, next_kwargs, context)
        except TaskDeferralTimeout as err:
            if self.soft_fail:
                raise AirflowSkipException(str(err)) from err
            raise AirflowSensorTimeout(*err.args) from err
        except (AirflowSkipException, AirflowRescheduleException):
            raise
        except AirflowException as err:
            if self.soft_fail or (self.never_fail and isinstance(err, _FINAL)):
                raise AirflowSkipException(str(err)) from err
            raise

    def _poke_by_the_rules(self, context: Context) -> bool | PokeReturnValue:
        """One poke; what it raises ends the wait as `soft_fail`, `silent_fail` and `never_fail` say."""
        try:
            return self.poke(context)
        except (AirflowSkipException, AirflowRescheduleException):
            raise
        except _FINAL as err:
            if self.soft_fail:
                raise AirflowSkipException("Skipping due to soft_fail is set to True.") from err
            if self.never_fail:
                raise AirflowSkipException("Skipping due to never_fail is set to True.") from err
            raise
        except Exception as err:
            if self.silent_fail:
                self.log.exception("Sensor poke failed; it is tried again because silent_fail is set")
                return False
            if self.never_fail:
                raise AirflowSkipException("Skipping due to never_fail is set to True.") from err
            raise

    def _time_out(self, waited: float) -> None:
        message = f"Sensor has timed out: it waited {waited:.1f} seconds, longer than its timeout of {self.timeout:g}."
        if self.soft_fail:
            raise AirflowSkipException(message)
        raise AirflowSensorTimeout(message)

    def _get_next_poke_interval(self, ti: RuntimeTaskInstance, waited: float, pokes: int) -> float:
        """Seconds until the next poke."""
        if not self.exponential_backoff:
            return self.poke_interval
        pause = self._backed_off(ti, waited, pokes)
        self.log.info("new exponential interval is %s", pause)
        return pause

    def _backed_off(self, ti: RuntimeTaskInstance, waited: float, pokes: int) -> float:
        """Doubling with each poke, spread by a hash so that sensors do not poke in step; Airflow's formula."""
        least = int(self.poke_interval * (2 ** min(pokes - 1, 40)))
        seed = f"{ti.dag_id}#{ti.task_id}#{ti.first_started_at.isoformat()}#{round(waited)}"
        spread = int(hashlib.sha1(seed.encode(), usedforsecurity=False).hexdigest(), 16)
        pause = min(least + spread % max(least, 1), self.timeout - 1)
        if self.max_wait is not None:
            pause = min(pause, self.max_wait.total_seconds())
        return max(pause, self.poke_interval)


def _stopwatch(since: datetime | None) -> Callable[[], float]:
    """Seconds since now, awake time; or since an instant that another process saw."""
    if since is None:
        begin = time.monotonic()
        return lambda: time.monotonic() - begin
    return lambda: (datetime.now(UTC) - since).total_seconds()


Class = TypeVar("Class", bound=type)


def poke_mode_only(cls: Class) -> Class:
    """Class decorator: the sensor keeps state between pokes and cannot be rescheduled."""
    if not issubclass(cls, BaseSensorOperator):
        raise ValueError(f"poke_mode_only is for sensors, not for {cls.__name__}")
    cls.valid_modes = ("poke",)
    return cls
