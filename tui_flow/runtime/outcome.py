"""How a task's end becomes its attempt's result: one place that reads the exceptions of `sdk.exceptions`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from tui_flow.sdk import exceptions as errors
from tui_flow.spec import Json
from tui_flow.state import AttemptState, CallbackKind

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
            case AttemptState.KILLED:
                return CallbackKind.TASK_FAILURE
            case _:
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


def _named(err: BaseException) -> str:
    text = _text(err)
    return f"{type(err).__name__}: {text}" if text else type(err).__name__


def _text(err: BaseException) -> str:
    try:
        text = str(err).strip()
    except Exception as broken:  # user code: an exception whose __str__ fails
        text = f"(its message cannot be shown: {type(broken).__name__})"
    return text if len(text) <= _MAX_REASON_CHARS else text[:_MAX_REASON_CHARS] + " ..."
