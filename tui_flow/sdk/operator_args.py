"""The arguments of an operator, checked and brought into one form."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable
from datetime import timedelta
from typing import Any

from tui_flow.errors import did_you_mean
from tui_flow.sdk.exceptions import AirflowException
from tui_flow.sdk.retry_policy import RetryPolicy
from tui_flow.state import TriggerRule

TRIGGER_RULE_ALIASES = {
    "dummy": TriggerRule.ALWAYS,
    "none_failed_or_skipped": TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS,
}

Callback = Callable[..., Any]

IGNORED_ARGUMENTS = (
    "queue",
    "executor",
    "executor_config",
    "run_as_user",
    "resources",
    "sla",
    "allow_nested_operators",
)
"""Accepted so that Airflow's files load; without meaning on one machine."""
CALLBACK_ARGUMENTS = (
    "on_execute_callback",
    "on_failure_callback",
    "on_success_callback",
    "on_retry_callback",
    "on_skipped_callback",
)
KEPT_AS_GIVEN = [
    "owner",
    "ignore_first_depends_on_past",
    "wait_for_past_depends_before_skipping",
    "email",
    "email_on_retry",
    "email_on_failure",
    "map_index_template",
    "do_xcom_push",
    "multiple_outputs",
    "doc",
    "doc_md",
    "doc_json",
    "doc_yaml",
    "doc_rst",
    "task_display_name",
    "logger_name",
    "render_template_as_native_obj",
] + list(IGNORED_ARGUMENTS)
"""Set on the operator under their own names."""
KEPT_ONCE_CHECKED = (
    "retries",
    "retry_delay",
    "max_retry_delay",
    "retry_policy",
    "execution_timeout",
    "trigger_rule",
    "wait_for_downstream",
    "depends_on_past",
    "start_date",
    "end_date",
    "priority_weight",
    "weight_rule",
    "pool_slots",
    "max_active_tis_per_dag",
    "max_active_tis_per_dagrun",
)
"""Likewise; of these two lists the defaults are attributes of the class."""


def trigger_rule_of(value: object) -> TriggerRule:
    """Also under the names that Airflow 2 had. Raises AirflowException for an unknown one."""
    text = str(value)
    try:
        return TRIGGER_RULE_ALIASES.get(text) or TriggerRule(text)
    except ValueError:
        known = [rule.value for rule in TriggerRule]
        raise AirflowException(
            f"trigger_rule {text!r} is unknown{did_you_mean(text, known)}; known are {', '.join(known)}"
        ) from None


def seconds_or_span(name: str, value: object) -> timedelta:
    """A timedelta, or a number of seconds."""
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return timedelta(seconds=value)
    raise TypeError(f"{name} must be a timedelta or a number of seconds, not {value!r}")


def span_only(name: str, value: object) -> timedelta | None:
    """A timedelta or None. Airflow takes no numbers here, so that seconds are not mistaken for minutes."""
    if value is None or isinstance(value, timedelta):
        return value
    raise TypeError(
        f"{name} must be a timedelta, not {type(value).__name__} {value!r}; write timedelta(seconds={value!r})"
    )


def retries_of(value: object) -> int:
    """A count of retries; None means none."""
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise AirflowException(f"retries must be a whole number, not {value!r}")
    try:
        retries = int(value)
    except ValueError:
        raise AirflowException(f"retries must be a whole number, not {value!r}") from None
    if retries < 0:
        raise AirflowException(f"retries must be 0 or more, not {retries}")
    return retries


def backoff_of(value: object) -> float:
    """0 for none; Airflow 2's True is the multiplier 2."""
    if isinstance(value, bool):
        return 2.0 if value else 0.0
    if isinstance(value, int | float) and math.isfinite(value) and value >= 0:
        return float(value)
    raise AirflowException(f"retry_exponential_backoff must be a number of 0 or more, not {value!r}")


def priority_of(value: object) -> int:
    """A 32-bit whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise AirflowException(f"priority_weight must be a whole number, not {value!r}")
    return max(-(2**31), min(2**31 - 1, value))


def positive(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"{name} must be a whole number of 1 or more, not {value!r}")
    return value


def retry_policy_of(value: object) -> RetryPolicy | None:
    """Raises TypeError for what is no policy."""
    if value is None or isinstance(value, RetryPolicy):
        return value
    raise TypeError(f"retry_policy must be a RetryPolicy such as ExceptionRetryPolicy, not {value!r}")


def callbacks_of(name: str, value: object) -> list[Callback]:
    """None, one callable or several as a list. Raises TypeError for what cannot be called."""
    if value is None:
        return []
    are_several = isinstance(value, Iterable) and not isinstance(value, str) and not callable(value)
    found: list[Any] = list(value) if are_several else [value]  # type: ignore[call-overload]
    for callback in found:
        if not callable(callback):
            raise TypeError(f"{name} must be a function, a notifier or a list of them, not {callback!r}")
    return found


def unknown_arguments(class_name: str, task_id: object, given: Collection[str], known: Iterable[str]) -> TypeError:
    """The error for arguments that an operator does not take."""
    names = sorted(given)
    hint = did_you_mean(names[0], known)
    return TypeError(
        f"{class_name} (task {task_id!r}) does not take the argument{'s' * (len(names) > 1)} "
        f"{', '.join(map(repr, names))}{hint}"
    )
