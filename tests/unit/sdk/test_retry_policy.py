from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest

from tui_flow import DAG, EmptyOperator, ExceptionRetryPolicy, RetryAction, RetryDecision, RetryRule
from tui_flow.sdk.exceptions import AirflowException


@pytest.mark.parametrize(
    ("rule", "err", "matches"),
    [
        (RetryRule(OSError), ConnectionError(), True),
        (RetryRule(OSError, match_subclasses=False), ConnectionError(), False),
        (RetryRule([ValueError, "json.decoder.JSONDecodeError"]), ValueError(), True),
        (RetryRule("builtins.KeyError"), KeyError(), True),
        (RetryRule("builtins.KeyError"), IndexError(), False),
    ],
)
def test_a_rule_is_for_some_exceptions(rule: RetryRule, err: Exception, matches: bool) -> None:
    assert rule.matches(err) is matches


def test_the_first_rule_that_matches_decides() -> None:
    minute = timedelta(minutes=1)
    policy = ExceptionRetryPolicy(
        [RetryRule(KeyError, RetryAction.FAIL, reason="no such key"), RetryRule(LookupError, retry_delay=minute)],
        default=RetryAction.FAIL,
    )
    assert policy.evaluate(KeyError(), 1, 3) == RetryDecision.fail("no such key")
    decision = policy.evaluate(IndexError(), 1, 3)
    assert (decision.action, decision.retry_delay) == (RetryAction.RETRY, minute)
    assert policy.evaluate(OSError(), 1, 3) == RetryDecision(RetryAction.FAIL)


def test_a_path_that_leads_nowhere_matches_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert not RetryRule("no.such.Exception").matches(ValueError())
    assert "no exception 'no.such.Exception'" in caplog.text


@pytest.mark.parametrize("bad", ["ValueError", 3, str, [ValueError, "x"]])
def test_what_is_no_exception_is_refused(bad: Any) -> None:
    with pytest.raises(AirflowException, match="dotted path"):
        RetryRule(bad)


def test_what_is_no_policy_is_refused() -> None:
    with DAG("d"), pytest.raises(TypeError, match="retry_policy must be a RetryPolicy"):
        EmptyOperator(task_id="a", retry_policy=lambda err: True)
