"""How a task's end becomes its attempt's result: one place that reads the exceptions of `sdk.exceptions`."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tui_flow.sdk import exceptions as errors
from tui_flow.sdk.retry_policy import RetryAction, RetryPolicy
from tui_flow.spec import Json
from tui_flow.state import AttemptState, CallbackKind

_log = logging.getLogger("tui_flow.task")
_MAX_REASON_CHARS = 800


@dataclass(slots=True)
class Outcome:
    state: AttemptState
    reason: str | None = None
    is_retryable: bool = True
    due_at: datetime | None = None
    skips: list[str] = field(default_factory=list)
    is_branch: bool = False
    resume: Json = None
    error: BaseException | None = None

    def callback(self, try_number: int, max_tries: int) -> CallbackKind | None:
        """Which of the task's callbacks this end calls."""
        match self.state:
            case AttemptState.SUCCESS:
                return CallbackKind.TASK_SUCCESS
            case AttemptState.SKIPPED:
                return CallbackKind.TASK_SKIPPED
            case AttemptState.FAILED:
                will_retry = self.is_retryable and try_number <= max_tries
                return CallbackKind.TASK_RETRY if will_retry else CallbackKind.TASK_FAILURE
            case _:  # of a killed one only the scheduler knows what it becomes: failed, marked as success, cleared
                return None


def outcome_of(err: BaseException) -> Outcome:
    """What an exception that left the task means."""
    match err:
        case errors.AirflowSkipException():
            return Outcome(AttemptState.SKIPPED, _text(err) or "skipped by the task")
        case errors.DownstreamTasksSkipped():
            return Outcome(AttemptState.SUCCESS, skips=list(err.tasks), is_branch=True)
        case errors.AirflowRescheduleException():
            return Outcome(AttemptState.RESCHEDULED, due_at=err.reschedule_date)
        case errors.AirflowTaskTerminated():
            return Outcome(AttemptState.KILLED, _text(err) or "asked to end", error=err)
        case errors.AirflowTaskTimeout():
            return Outcome(AttemptState.FAILED, f"execution_timeout: {_text(err)}", error=err)
        case errors.AirflowFailException() | errors.AirflowSensorTimeout():
            return Outcome(AttemptState.FAILED, _named(err), is_retryable=False, error=err)
        case SystemExit():
            return Outcome(AttemptState.FAILED, f"the task called sys.exit({err.code!r})", error=err)
        case _:
            return Outcome(AttemptState.FAILED, _named(err), error=err)


def ask_retry_policy(
    outcome: Outcome, policy: RetryPolicy | None, try_number: int, max_tries: int, context: Mapping[str, Any] | None
) -> None:
    """Has the task's policy change what a failure means: that it is final, or when the next try starts."""
    if policy is None or outcome.state is not AttemptState.FAILED or not outcome.is_retryable:
        return
    assert outcome.error is not None, "failures have their exception"
    try:
        decision = policy.evaluate(outcome.error, try_number, max_tries, context)
        action, delay, reason = decision.action, decision.retry_delay, decision.reason
    except Exception:  # user code; the task is retried as without it
        _log.exception("the retry policy failed")
        return
    if action is RetryAction.DEFAULT:
        return
    if action is RetryAction.FAIL:
        outcome.is_retryable = False
    elif delay is not None:
        outcome.due_at = datetime.now(UTC) + delay
    outcome.reason = f"{outcome.reason} (retry policy: {action.value}{f', {reason}' if reason else ''})"


def _named(err: BaseException) -> str:
    text = _text(err)
    return f"{type(err).__name__}: {text}" if text else type(err).__name__


def _text(err: BaseException) -> str:
    try:
        text = str(err).strip()
    except Exception as broken:  # user code: an exception whose __str__ fails
        text = f"(its message cannot be shown: {type(broken).__name__})"
    return text if len(text) <= _MAX_REASON_CHARS else text[:_MAX_REASON_CHARS] + " ..."
