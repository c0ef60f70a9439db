"""What each exception that leaves a task means for its attempt."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tui_flow import ExceptionRetryPolicy, RetryAction, RetryDecision, RetryPolicy, RetryRule
from tui_flow.runtime.outcome import Outcome, ask_retry_policy, outcome_of
from tui_flow.sdk import exceptions
from tui_flow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowRescheduleException,
    AirflowSensorTimeout,
    AirflowSkipException,
    AirflowTaskTerminated,
    AirflowTaskTimeout,
    DownstreamTasksSkipped,
)
from tui_flow.state import AttemptState, CallbackKind

A = AttemptState
AT = datetime(2026, 1, 1, tzinfo=UTC)
SPECIAL = {
    "AirflowSkipException": A.SKIPPED,
    "DownstreamTasksSkipped": A.SUCCESS,
    "AirflowRescheduleException": A.RESCHEDULED,
    "AirflowTaskTerminated": A.KILLED,
}
FINAL = {"AirflowFailException", "AirflowSensorTimeout"}


class Unprintable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no")


def made(cls: type[BaseException]) -> BaseException:
    err = cls.__new__(cls)
    Exception.__init__(err, "why") if isinstance(err, Exception) else BaseException.__init__(err, "why")
    for name, value in (("tasks", ["x"]), ("reschedule_date", AT)):
        setattr(err, name, value)
    return err


OURS = [
    cls
    for _, cls in inspect.getmembers(exceptions, inspect.isclass)
    if issubclass(cls, BaseException) and not issubclass(cls, Warning)
]


@pytest.mark.parametrize("cls", OURS, ids=lambda cls: cls.__name__)
def test_every_exception_that_authors_can_raise(cls: type[BaseException]) -> None:
    outcome = outcome_of(made(cls))
    assert outcome.state is SPECIAL.get(cls.__name__, A.FAILED)
    assert outcome.is_retryable is (cls.__name__ not in FINAL)
    assert (outcome.error is None) == (outcome.state in (A.SKIPPED, A.SUCCESS, A.RESCHEDULED))


@pytest.mark.parametrize(
    ("err", "reason"),
    [
        (ValueError("bad row"), "ValueError: bad row"),
        (ValueError(), "ValueError"),
        (AirflowException("  spaces \n"), "AirflowException: spaces"),
        (AirflowSkipException("nothing new"), "nothing new"),
        (AirflowSkipException(), "skipped by the task"),
        (AirflowFailException("never again"), "AirflowFailException: never again"),
        (AirflowSensorTimeout("waited 7 d"), "AirflowSensorTimeout: waited 7 d"),
        (AirflowTaskTimeout("it ran longer than 3 s"), "execution_timeout: it ran longer than 3 s"),
        (AirflowTaskTerminated(), "asked to end"),
        (SystemExit(0), "the task called sys.exit(0)"),
        (SystemExit("bye"), "the task called sys.exit('bye')"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
        (Unprintable(), "Unprintable: (its message cannot be shown: RuntimeError)"),
    ],
)
def test_reasons(err: BaseException, reason: str) -> None:
    assert outcome_of(err).reason == reason


def test_a_long_reason_is_cut() -> None:
    reason = outcome_of(ValueError("x" * 100_000)).reason
    assert reason is not None and len(reason) < 900 and reason.endswith("...")


def test_what_travels_with_an_outcome() -> None:
    assert outcome_of(AirflowRescheduleException(AT)).due_at == AT
    branch = outcome_of(DownstreamTasksSkipped(tasks=("b", "c")))
    assert branch.skips == ["b", "c"] and branch.is_branch


@pytest.mark.parametrize(
    ("outcome", "tried", "kind"),
    [
        (Outcome(A.SUCCESS), 1, CallbackKind.TASK_SUCCESS),
        (Outcome(A.SKIPPED), 1, CallbackKind.TASK_SKIPPED),
        (Outcome(A.FAILED), 1, CallbackKind.TASK_RETRY),
        (Outcome(A.FAILED), 2, CallbackKind.TASK_RETRY),
        (Outcome(A.FAILED), 3, CallbackKind.TASK_FAILURE),
        (Outcome(A.FAILED, is_retryable=False), 1, CallbackKind.TASK_FAILURE),
        (Outcome(A.KILLED), 1, None),
        (Outcome(A.RESCHEDULED), 1, None),
        (Outcome(A.DEFERRED), 1, None),
    ],
)
def test_which_callback_an_end_calls(outcome: Outcome, tried: int, kind: CallbackKind | None) -> None:
    assert outcome.callback(try_number=tried, max_tries=2) is kind


class Broken(RetryPolicy):
    def evaluate(self, *_: Any, **__: Any) -> RetryDecision:
        raise RuntimeError("the policy itself")


def asked(err: BaseException, policy: RetryPolicy) -> Outcome:
    outcome = outcome_of(err)
    ask_retry_policy(outcome, policy, 1, 3, None)
    return outcome


def test_a_policy_ends_the_tries() -> None:
    outcome = asked(
        ValueError("bad"), ExceptionRetryPolicy([RetryRule(ValueError, RetryAction.FAIL, reason="hopeless")])
    )
    assert (outcome.is_retryable, outcome.due_at) == (False, None)
    assert outcome.reason == "ValueError: bad (retry policy: fail, hopeless)"
    assert outcome.callback(1, 3) is CallbackKind.TASK_FAILURE


def test_a_policy_chooses_when_to_try_again() -> None:
    delay = timedelta(days=3)
    before = datetime.now(UTC)
    outcome = asked(AirflowTaskTimeout("1 s"), ExceptionRetryPolicy([RetryRule(AirflowTaskTimeout, retry_delay=delay)]))
    assert outcome.is_retryable and outcome.due_at is not None and outcome.due_at >= before + delay


@pytest.mark.parametrize("err", [AirflowFailException("x"), AirflowSensorTimeout("x"), AirflowSkipException("x")])
def test_what_is_final_is_no_question_for_a_policy(err: BaseException) -> None:
    assert asked(err, ExceptionRetryPolicy([RetryRule(Exception)])) == outcome_of(err)


def test_a_policy_that_fails_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    outcome = asked(err := ValueError("bad"), Broken())
    assert outcome == outcome_of(err)
    assert "the policy itself" in caplog.text
