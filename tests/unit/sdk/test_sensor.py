from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.sdk.fakes import Ran, context_for, run_task
from tui_flow import DAG, BaseSensorOperator, PokeReturnValue, PythonSensor
from tui_flow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowRescheduleException,
    AirflowSensorTimeout,
    AirflowSkipException,
)
from tui_flow.sdk.sensor import poke_mode_only


def sensor(poke: Callable[[], Any], **kwargs: Any) -> PythonSensor:
    with DAG("d"):
        return PythonSensor(task_id="s", python_callable=poke, **kwargs)


def boom() -> bool:
    raise ValueError("boom")


def fail() -> bool:
    raise AirflowFailException("final")


def test_a_true_poke_ends_the_wait() -> None:
    assert run_task(sensor(lambda: True)).result is None
    assert run_task(sensor(lambda: PokeReturnValue(True, xcom_value="v"))).result == "v"


def test_a_timeout_fails_without_retry_or_skips() -> None:
    with pytest.raises(AirflowSensorTimeout, match="longer than its timeout of 0"):
        run_task(sensor(lambda: False, timeout=0, poke_interval=0))
    with pytest.raises(AirflowSkipException, match="timed out"):
        run_task(sensor(lambda: False, timeout=0, poke_interval=0, soft_fail=True))
    with pytest.raises(AirflowSensorTimeout):
        run_task(sensor(lambda: False, timeout=0, poke_interval=0, never_fail=True))


def test_errors_end_the_wait_as_the_flags_say() -> None:
    with pytest.raises(ValueError, match="boom"):
        run_task(sensor(boom))
    with pytest.raises(ValueError, match="boom"):
        run_task(sensor(boom, soft_fail=True))
    with pytest.raises(AirflowSkipException, match="never_fail"):
        run_task(sensor(boom, never_fail=True))
    with pytest.raises(AirflowSensorTimeout):
        run_task(sensor(boom, silent_fail=True, timeout=0, poke_interval=0))
    with pytest.raises(AirflowFailException):
        run_task(sensor(fail))
    with pytest.raises(AirflowSkipException, match="soft_fail"):
        run_task(sensor(fail, soft_fail=True))


def rescheduled(first_start: datetime, pokes: int = 0, **kwargs: Any) -> Ran:
    task = sensor(lambda: False, mode="reschedule", **kwargs)
    context = context_for(task)
    context["ti"].first_started_at, context["ti"].poke_count = first_start, pokes
    return Ran(task.execute(context), context["ti"], context)


def test_reschedule_asks_to_be_run_again() -> None:
    now = datetime.now(UTC)
    with pytest.raises(AirflowRescheduleException) as caught:
        rescheduled(now, poke_interval=30)
    assert timedelta(seconds=29) < caught.value.reschedule_date - now < timedelta(seconds=40)


def test_the_timeout_of_a_rescheduled_sensor_counts_from_its_first_start() -> None:
    with pytest.raises(AirflowSensorTimeout):
        rescheduled(datetime.now(UTC) - timedelta(minutes=2), timeout=60)
    with pytest.raises(AirflowRescheduleException):
        rescheduled(datetime.now(UTC) - timedelta(minutes=2), timeout=600)


def test_backoff_doubles_within_bounds() -> None:
    now = datetime.now(UTC)
    pauses = []
    for pokes in range(6):
        with pytest.raises(AirflowRescheduleException) as caught:
            rescheduled(now, pokes, poke_interval=10, exponential_backoff=True, max_wait=timedelta(seconds=100))
        pauses.append((caught.value.reschedule_date - now).total_seconds())
    for pokes, pause in enumerate(pauses):
        assert min(10 * 2**pokes, 100) - 1 <= pause <= min(20 * 2**pokes, 100) + 5


@pytest.mark.parametrize(
    "kwargs", [{"mode": "sleep"}, {"poke_interval": -1}, {"timeout": "1h"}, {"soft_fail": True, "never_fail": True}]
)
def test_bad_arguments_are_refused(kwargs: dict[str, Any]) -> None:
    with pytest.raises(AirflowException, match="'s'"):
        sensor(bool, **kwargs)


def test_poke_mode_only_refuses_reschedule() -> None:
    @poke_mode_only
    class Stateful(BaseSensorOperator):
        pass

    with DAG("d"), pytest.raises(AirflowException, match="mode"):
        Stateful(task_id="s", mode="reschedule")
