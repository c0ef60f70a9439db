"""`@task.run_if` and `@task.skip_if`: decide just before a task would run whether it is skipped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tui_flow.sdk.context import Context
from tui_flow.sdk.exceptions import AirflowSkipException

Condition = Callable[[Context], "bool | tuple[bool, str | None]"]


def run_if(condition: Condition, skip_message: str | None = None) -> Callable[[Any], Any]:
    """Skip the task unless `condition(context)`; it may return (bool, message)."""
    return _decorator(condition, skip_message, wanted=True)


def skip_if(condition: Condition, skip_message: str | None = None) -> Callable[[Any], Any]:
    """Skip the task if `condition(context)`; it may return (bool, message)."""
    return _decorator(condition, skip_message, wanted=False)


def _decorator(condition: Condition, skip_message: str | None, *, wanted: bool) -> Callable[[Any], Any]:
    def decorate(task: Any) -> Any:
        if not getattr(task, "is_task_decorator", False):
            raise TypeError("run_if and skip_if go above @task, not below it")
        before = task.kwargs.get("pre_execute")

        def pre_execute(context: Context) -> None:
            answer = condition(context)
            is_met, message = answer if isinstance(answer, tuple) else (answer, None)
            if bool(is_met) is not wanted:
                raise AirflowSkipException(message or skip_message or "the condition of run_if or skip_if says so")
            if before is not None:
                before(context)

        task.kwargs["pre_execute"] = pre_execute
        return task

    return decorate
