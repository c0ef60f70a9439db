"""`retry_policy=`: what the exception that ended a try means for the next one. Asked in the attempt."""

from __future__ import annotations

import importlib
import logging
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any, Self

from tui_flow.sdk.exceptions import AirflowException

_log = logging.getLogger("tui_flow.task")
ExceptionSpec = type[BaseException] | str


class RetryAction(Enum):
    RETRY = "retry"
    """Try again, as long as the task has retries left."""
    FAIL = "fail"
    """Fail at once, whatever retries are left."""
    DEFAULT = "default"
    """As without a policy."""


@dataclass(frozen=True)
class RetryDecision:
    """What a policy says of one failure."""

    action: RetryAction = RetryAction.DEFAULT
    retry_delay: timedelta | None = None
    """None: the task's own."""
    reason: str | None = None

    @classmethod
    def fail(cls, reason: str | None = None) -> Self:
        return cls(RetryAction.FAIL, reason=reason)

    @classmethod
    def retry(cls, delay: timedelta | None = None, reason: str | None = None) -> Self:
        return cls(RetryAction.RETRY, delay, reason)

    @classmethod
    def default(cls) -> Self:
        return cls()


class RetryPolicy(ABC):
    """Subclasses implement `evaluate`. Not asked for AirflowFailException and a sensor's time-out, which are final."""

    @abstractmethod
    def evaluate(
        self,
        exception: BaseException,
        try_number: int,
        max_tries: int,
        context: Mapping[str, Any] | None = None,
    ) -> RetryDecision:
        """Whether and when to try again after `exception` ended try `try_number` (1, 2, ...)."""


@dataclass
class RetryRule:
    """What exceptions of some kinds mean: classes, their dotted paths, or a list of these."""

    exception: ExceptionSpec | Sequence[ExceptionSpec]
    action: RetryAction = RetryAction.RETRY
    retry_delay: timedelta | None = None
    reason: str | None = None
    match_subclasses: bool = True

    def __post_init__(self) -> None:
        """Raises AirflowException for what can be no exception."""
        for spec in self._specs:
            is_class = isinstance(spec, type) and issubclass(spec, BaseException)
            if not is_class and not (isinstance(spec, str) and "." in spec):
                raise AirflowException(
                    f"RetryRule: exception must be an exception class or its dotted path, "
                    f"like 'requests.exceptions.HTTPError', not {spec!r}"
                )

    @property
    def _specs(self) -> list[Any]:
        given = self.exception
        return list(given) if isinstance(given, Sequence) and not isinstance(given, str) else [given]

    def matches(self, exc: BaseException) -> bool:
        classes = tuple(self._classes())
        return isinstance(exc, classes) if self.match_subclasses else type(exc) in classes

    def _classes(self) -> Iterator[type[BaseException]]:
        for spec in self._specs:
            if isinstance(spec, type):
                yield spec
                continue
            module, _, name = spec.rpartition(".")
            try:
                yield getattr(importlib.import_module(module), name)
            except (ImportError, AttributeError):
                _log.warning("retry_policy: there is no exception %r, so no failure is taken for it", spec)


class ExceptionRetryPolicy(RetryPolicy):
    """The first rule that matches decides; `default` where none does."""

    def __init__(self, rules: Sequence[RetryRule], default: RetryAction = RetryAction.DEFAULT) -> None:
        self.rules, self.default = list(rules), default

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,
        max_tries: int,
        context: Mapping[str, Any] | None = None,
    ) -> RetryDecision:
        for rule in self.rules:
            if rule.matches(exception):
                reason = rule.reason or f"the retry policy has a rule for {type(exception).__name__}"
                return RetryDecision(rule.action, rule.retry_delay, reason)
        return RetryDecision(self.default)
