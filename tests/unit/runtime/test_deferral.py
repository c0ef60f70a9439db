"""How a wait is written down, and what a task goes on with when it is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pendulum
import pytest

from tui_flow.operators.filesystem_sensor import FileSensor
from tui_flow.operators.trigger_time import DateTimeTrigger
from tui_flow.runtime.deferral import begin_with_trigger, go_on, resume_of
from tui_flow.sdk import xcom
from tui_flow.sdk.context import Context
from tui_flow.sdk.exceptions import (
    AirflowException,
    AirflowSensorTimeout,
    AirflowSkipException,
    TaskDeferralError,
    TaskDeferralTimeout,
    TaskDeferred,
    XComNotSerializable,
)
from tui_flow.sdk.operator import BaseOperator
from tui_flow.sdk.trigger import BaseTrigger, StartTriggerArgs
from tui_flow.state import TaskState

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Waits(BaseOperator):
    def go_on(self, context: Context, event: Any, more: Any = None) -> Any:
        return event, more


def deferred(kwargs: dict[str, Any] | None = None) -> TaskDeferred:
    return TaskDeferred(trigger=DateTimeTrigger(NOW), method_name="go_on", kwargs=kwargs)


def over(**facts: Any) -> dict[str, Any]:
    return {**resume_of(deferred({"more": timedelta(1)}), 7), "over": facts}


def test_a_wait_is_written_down_with_its_types() -> None:
    resume = resume_of(deferred({"more": {1, 2}}), 7)
    assert (resume["id"], resume["method"]) == (7, "go_on")
    assert resume["trigger"] == "tui_flow.operators.trigger_time.DateTimeTrigger"
    assert xcom.decode(resume["kwargs"]) == {"moment": NOW, "end_from_trigger": False}
    assert xcom.decode(resume["method_kwargs"]) == {"more": {1, 2}}


def test_dates_of_the_context_may_be_passed_on() -> None:
    given = {"at": pendulum.instance(NOW), "all": [pendulum.duration(hours=1)]}
    assert xcom.decode(resume_of(deferred(given), 7)["method_kwargs"]) == {"at": NOW, "all": [timedelta(hours=1)]}


def test_texts_of_other_classes_are_texts() -> None:
    class Name(str):
        pass

    given = {Name("a"): [Name("b")], "state": TaskState.FAILED}
    stored = xcom.decode(resume_of(deferred({"more": given}), 7)["method_kwargs"])["more"]
    assert stored == {"a": ["b"], "state": TaskState.FAILED} and type(stored["state"]) is TaskState
    assert {type(text) for text in (*stored, *stored["a"])} == {str}


def test_what_cannot_be_stored_is_refused() -> None:
    with pytest.raises(XComNotSerializable):
        resume_of(deferred({"more": object()}), 7)
    with pytest.raises(TypeError, match="defers to a trigger, not to 'x'"):
        resume_of(TaskDeferred(trigger="x", method_name="go_on"), 7)
    with pytest.raises(NotImplementedError, match="no serialize"):
        resume_of(TaskDeferred(trigger=BaseTrigger(), method_name="go_on"), 7)


def test_the_method_gets_the_event_and_its_own_arguments() -> None:
    assert go_on(Waits(task_id="a"), over(value=xcom.encode({"x": NOW})), Context()) == ({"x": NOW}, timedelta(1))


def test_a_task_hears_that_its_wait_came_to_nothing() -> None:
    with pytest.raises(TaskDeferralTimeout, match="Trigger timeout"):
        go_on(Waits(task_id="a"), over(timeout=True), Context())
    with pytest.raises(TaskDeferralError, match="boom"):
        go_on(Waits(task_id="a"), over(error="ValueError: boom", traceback=["x"]), Context())


@pytest.mark.parametrize(
    ("soft_fail", "facts", "error"),
    [
        (False, {"timeout": True}, AirflowSensorTimeout),
        (True, {"timeout": True}, AirflowSkipException),
        (False, {"error": "boom"}, TaskDeferralError),
        (True, {"error": "boom"}, AirflowSkipException),
    ],
)
def test_a_sensor_makes_its_own_of_it(soft_fail: bool, facts: dict[str, Any], error: type[AirflowException]) -> None:
    sensor = FileSensor(task_id="a", filepath="/x", deferrable=True, soft_fail=soft_fail)
    with pytest.raises(error) as caught:
        go_on(sensor, over(**facts), Context())
    assert type(caught.value) is error


def test_a_task_can_begin_with_its_trigger() -> None:
    args = StartTriggerArgs("own.Trigger", "go_on", {"x": 1}, {"y": 2}, timedelta(seconds=3))
    begun = begin_with_trigger(args)
    resume = resume_of(begun, 7)
    assert (resume["trigger"], resume["kwargs"], resume["method_kwargs"]) == ("own.Trigger", '{"x":1}', '{"y":2}')
    assert begun.timeout == timedelta(seconds=3)
