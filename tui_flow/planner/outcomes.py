"""What the end of an attempt means for its task instance: the next state, when to try again, which callback runs."""

from __future__ import annotations

import hashlib
import math
from datetime import datetime, timedelta
from typing import assert_never

from tui_flow.messages import Report
from tui_flow.spec import TaskSpec
from tui_flow.state import WAITING_TASK, AttemptState, CallbackKind, TaskState

A = AttemptState
T = TaskState
_LONGEST_BACKOFF_S = 86_400
_LONGEST_DELAY_S = 30 * 86_400.0

_CALLBACK_OF = {
    T.SUCCESS: CallbackKind.TASK_SUCCESS,
    T.FAILED: CallbackKind.TASK_FAILURE,
    T.UP_FOR_RETRY: CallbackKind.TASK_RETRY,
    T.SKIPPED: CallbackKind.TASK_SKIPPED,
}


def next_state(report: Report, *, try_number: int, max_tries: int, after_kill: TaskState | None) -> TaskState:
    """Where a task instance goes when its attempt has ended. A clear or mark that waited for this end comes first."""
    if after_kill is not None:
        return after_kill
    ended = A(report.state)
    match ended:
        case A.SUCCESS:
            return T.SUCCESS
        case A.SKIPPED:
            return T.SKIPPED
        case A.FAILED | A.LOST:
            return after_failure(try_number, max_tries, is_retryable=report.is_retryable)
        case A.KILLED:
            return T.FAILED
        case A.RESCHEDULED:
            return T.UP_FOR_RESCHEDULE
        case A.DEFERRED:
            return T.AWAITING_INPUT if report.resume and report.resume.get("asks") else T.DEFERRED
        case A.VOID:
            return T.SCHEDULED
        case A.LAUNCHING | A.RUNNING:
            raise ValueError(f"attempt {report.attempt_id} has not ended: it is {ended}")
        case _:
            assert_never(ended)


def after_failure(try_number: int, max_tries: int, *, is_retryable: bool) -> TaskState:
    return T.UP_FOR_RETRY if is_retryable and try_number <= max_tries else T.FAILED


def due_after(
    report: Report, new: TaskState, task: TaskSpec, *, dag_id: str, logical_date: datetime | None, try_number: int
) -> datetime | None:
    """When the wait that `new` is will be over: next try, next poke, time-out; None for a state that is no wait."""
    if report.due_at is not None and new in WAITING_TASK:
        return datetime.fromisoformat(report.due_at)
    ended_at = datetime.fromisoformat(report.at)
    if new is T.UP_FOR_RETRY:
        return ended_at + retry_delay(task, dag_id=dag_id, logical_date=logical_date, try_number=try_number)
    return ended_at if new is T.UP_FOR_RESCHEDULE else None


def retry_delay(task: TaskSpec, *, dag_id: str, logical_date: datetime | None, try_number: int) -> timedelta:
    """How long after the end of try `try_number` (1, 2, ...) the next one starts.

    Airflow's formula: constant, or growing by the multiplier with a spread that the names decide, so that it is the
    same for everybody who asks.
    """
    delay_s, multiplier = task.retry_delay_s, task.retry_exponential_backoff
    if multiplier in (0, 1):
        return timedelta(seconds=min(delay_s, _LONGEST_DELAY_S))
    try:
        grown = delay_s * multiplier ** (try_number - 1)
    except OverflowError:
        grown = math.inf
    base = max(1, math.ceil(min(grown, _LONGEST_BACKOFF_S)))
    seed = f"{dag_id}#{task.task_id}#{logical_date}#{try_number}"
    spread = int(hashlib.sha1(seed.encode(), usedforsecurity=False).hexdigest(), 16) % base
    seconds: float = min(base + spread, _LONGEST_BACKOFF_S)
    if task.max_retry_delay_s is not None:
        seconds = min(seconds, task.max_retry_delay_s)
    return timedelta(seconds=seconds)


def missing_callback(report: Report, new: TaskState, task: TaskSpec, *, was_marked: bool) -> CallbackKind | None:
    """The callback of the outcome, where the attempt could not run it itself: by a signal, or as nobody saw its end."""
    if not task.callbacks or report.state == A.VOID:
        return None
    kind = _CALLBACK_OF.get(new)
    if was_marked and new is not T.FAILED:
        return None
    could_not = not report.callbacks_done or report.signal is not None or report.state in (A.LOST, A.KILLED)
    return kind if could_not and kind in task.callbacks else None
