"""What waits for deferred tasks: `BaseTrigger` and the events that it yields.

A trigger is stored as the name of its class and its arguments, and made anew in the triggerer's process: after a crash
another triggerer makes it again, so `run` must be able to begin from its arguments alone.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tui_flow.state import TaskState


class TriggerEvent:
    """What a trigger has waited for; `payload` reaches the task's method as `event`."""

    def __init__(self, payload: Any) -> None:
        self.payload = payload

    def __repr__(self) -> str:
        return f"{type(self).__name__}<{self.payload!r}>"

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and isinstance(other, TriggerEvent) and self.payload == other.payload

    __hash__ = None  # type: ignore[assignment]


class BaseTaskEndEvent(TriggerEvent):
    """Ends the task without a further attempt; `xcoms` are pushed as its own."""

    task_instance_state: TaskState

    def __init__(self, *, xcoms: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(payload=self.task_instance_state)
        self.xcoms = dict(xcoms or {})


class TaskSuccessEvent(BaseTaskEndEvent):
    task_instance_state = TaskState.SUCCESS


class TaskFailedEvent(BaseTaskEndEvent):
    """The task fails without a retry."""

    task_instance_state = TaskState.FAILED


class TaskSkippedEvent(BaseTaskEndEvent):
    task_instance_state = TaskState.SKIPPED


@dataclass
class StartTriggerArgs:
    """Of an operator with `start_from_trigger`: which trigger it begins with, and where it goes on afterwards."""

    trigger_cls: str
    next_method: str
    trigger_kwargs: dict[str, Any] | None = None
    next_kwargs: dict[str, Any] | None = None
    timeout: timedelta | None = None


class BaseTrigger:
    """Subclasses implement `serialize` and the coroutine `run`, which yields a `TriggerEvent` when the wait is over."""

    task_instance: Any = None
    """Facts of the task instance that waits: dag_id, task_id, run_id, map_index, try_number."""
    trigger_id: int | None = None
    timeout_after: datetime | None = None

    def __init__(self, **kwargs: Any) -> None:
        """`kwargs` are for subclasses that pass theirs on."""

    @property
    def log(self) -> logging.Logger:
        return logging.getLogger("tui_flow.task.trigger")

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """The class by its full name, and the arguments that make an equal trigger."""
        raise NotImplementedError(f"{type(self).__name__} has no serialize()")

    def run(self) -> AsyncIterator[TriggerEvent]:
        """An asynchronous generator; only its first event counts."""
        raise NotImplementedError(f"{type(self).__name__} has no run()")

    async def cleanup(self) -> None:
        """Called when the trigger ends, whether it fired, failed or is no longer waited for."""

    async def on_kill(self) -> None:
        """Called when somebody cleared, marked or killed the task: stop what runs elsewhere on its behalf."""

    def __repr__(self) -> str:
        try:
            classpath, kwargs = self.serialize()
        except NotImplementedError:
            return f"<{type(self).__name__}>"
        return f"<{classpath} {', '.join(f'{name}={value!r}' for name, value in kwargs.items())}>"


class BaseEventTrigger(BaseTrigger):
    """One that may also watch an asset."""
