"""How a task's wait is written down when it defers, and how the task goes on with what ended the wait.

The record (`resume` of a task instance): `id` of the attempt that deferred, `trigger` and `kwargs` (the class by name,
its arguments), `asks` where a person is waited for, `method` and `method_kwargs` (where to go on), and once the wait is
over `over`: `value` (the event), `error` with `traceback`, or `timeout`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from tui_flow.sdk import xcom
from tui_flow.sdk.context import Context
from tui_flow.sdk.exceptions import TaskDeferred
from tui_flow.sdk.operator_hooks import TRIGGER_FAILED, TRIGGER_TIMED_OUT
from tui_flow.sdk.trigger import StartTriggerArgs
from tui_flow.spec import Json


def resume_of(deferred: TaskDeferred, attempt_id: int) -> Json:
    """Raises TypeError for what is no trigger, XComNotSerializable for arguments that cannot be stored."""
    if not hasattr(deferred.trigger, "serialize"):
        raise TypeError(f"a task defers to a trigger, not to {deferred.trigger!r:.80}")
    classpath, kwargs = deferred.trigger.serialize()
    asks = {"asks": True} if request_of(deferred) is not None else {}
    return {
        **asks,
        "id": attempt_id,
        "trigger": classpath,
        "kwargs": encode(dict(kwargs)),
        "method": deferred.method_name,
        "method_kwargs": encode(dict(deferred.kwargs or {})),
    }


def request_of(deferred: TaskDeferred) -> Json:
    """What the wait asks of a person; None: it is for a trigger."""
    return getattr(deferred.trigger, "input_request", None)


def encode(value: Any) -> str:
    """Typed JSON. Pendulum's dates and spans, which the context is full of, become plain ones of the same meaning, and
    what only is a text by its class (a header's name of aiohttp) becomes text."""
    return xcom.encode(_with_plain_leaves(value))


def _with_plain_leaves(value: Any) -> Any:
    if type(value) in (dict, list, tuple):
        if isinstance(value, dict):
            return {_with_plain_leaves(key): _with_plain_leaves(item) for key, item in value.items()}
        return type(value)(_with_plain_leaves(item) for item in value)
    if isinstance(value, str) and not isinstance(value, Enum):
        return str(value)
    if isinstance(value, datetime) and type(value) is not datetime and value.tzinfo is not None:
        in_utc = value.astimezone(UTC)
        return datetime.combine(in_utc.date(), in_utc.time(), tzinfo=UTC)
    if isinstance(value, timedelta) and type(value) is not timedelta:
        return timedelta(seconds=value.total_seconds())
    return value


def go_on(task: Any, resume: Mapping[str, Json], context: Context) -> Any:
    """Call the method that the wait was for, or have the task hear that its trigger failed."""
    over = resume["over"]
    if "value" in over:
        kwargs = {**xcom.decode(resume["method_kwargs"]), "event": xcom.decode(over["value"])}
        return task.resume_execution(resume["method"], kwargs, context)
    error = TRIGGER_TIMED_OUT if over.get("timeout") else over["error"]
    return task.resume_execution(TRIGGER_FAILED, {"error": error, "traceback": over.get("traceback")}, context)


def begin_with_trigger(args: StartTriggerArgs) -> TaskDeferred:
    """What an operator with `start_from_trigger` does in the place of `execute`."""
    trigger = _Named(args.trigger_cls, dict(args.trigger_kwargs or {}))
    return TaskDeferred(trigger=trigger, method_name=args.next_method, kwargs=args.next_kwargs, timeout=args.timeout)


class _Named:
    """A trigger that is only known by name so far."""

    def __init__(self, classpath: str, kwargs: dict[str, Any]) -> None:
        self._classpath, self._kwargs = classpath, kwargs

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return self._classpath, self._kwargs
