"""`deadline=`: what is to be called when a run has not ended by some instant."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

from tui_flow.errors import BadDag
from tui_flow.sdk.exceptions import AirflowException
from tui_flow.sdk.timezone import coerce_datetime
from tui_flow.spec import Json

DEFAULT_AVERAGED_RUNS = 10


class BaseDeadlineReference:
    """The instant that a deadline counts from."""

    def describe(self) -> Json:
        raise NotImplementedError(
            f"{type(self).__name__}: references of one's own are not supported; use those of DeadlineReference"
        )


@dataclass(frozen=True)
class _Reference(BaseDeadlineReference):
    kind: str
    facts: Mapping[str, Json] = field(default_factory=dict)

    def describe(self) -> Json:
        return {"kind": self.kind, **self.facts}


class DeadlineReference:
    """The references that there are."""

    DAGRUN_LOGICAL_DATE: ClassVar[BaseDeadlineReference] = _Reference("logical_date")
    DAGRUN_QUEUED_AT: ClassVar[BaseDeadlineReference] = _Reference("queued_at")

    @staticmethod
    def FIXED_DATETIME(dt: datetime) -> BaseDeadlineReference:
        at = coerce_datetime(dt)
        assert at is not None
        return _Reference("fixed", {"at": at.isoformat()})

    @staticmethod
    def AVERAGE_RUNTIME(max_runs: int = 0, min_runs: int | None = None) -> BaseDeadlineReference:
        """The beginning of the run plus the average of the latest successful runs, once there are `min_runs`."""
        most = max_runs or DEFAULT_AVERAGED_RUNS
        fewest = most if min_runs is None else min_runs
        if fewest < 1:
            raise ValueError(f"min_runs must be 1 or more, not {fewest}")
        return _Reference("average", {"max_runs": most, "min_runs": fewest})


class Callback:
    """A function (or its dotted path), or a notifier's class, with arguments; it gets the context besides."""

    def __init__(self, callback_callable: Callable[..., Any] | str, kwargs: Mapping[str, Any] | None = None) -> None:
        if not callable(callback_callable) and not (isinstance(callback_callable, str) and "." in callback_callable):
            raise AirflowException(f"a callback is a function or its dotted path, not {callback_callable!r}")
        if kwargs and "context" in kwargs:
            raise ValueError("kwargs of a callback cannot have 'context': it gets that besides")
        self.callback_callable, self.kwargs = callback_callable, dict(kwargs or {})

    def run(self, context: Mapping[str, Any]) -> None:
        """Call it, and wait for what it awaits."""
        function: Any = self._resolved()
        result: Any
        if isinstance(function, type):  # a notifier
            notifier: Any = function(**self.kwargs)
            result = notifier(context)
        else:
            result = function(**self.kwargs, **({"context": context} if _takes_context(function) else {}))
        if inspect.isawaitable(result):
            import asyncio  # 15 ms that no DAG file needs

            asyncio.run(_awaited(result))

    def _resolved(self) -> Callable[..., Any]:
        if callable(self.callback_callable):
            return self.callback_callable
        module, _, name = self.callback_callable.rpartition(".")
        found: Callable[..., Any] = getattr(importlib.import_module(module), name)
        return found


class AsyncCallback(Callback):
    """A coroutine function; it runs in a process of its own as `SyncCallback` does."""


class SyncCallback(Callback):
    def __init__(
        self,
        callback_callable: Callable[..., Any] | str,
        kwargs: Mapping[str, Any] | None = None,
        executor: str | None = None,
    ) -> None:
        super().__init__(callback_callable, kwargs)
        self.executor = executor


async def _awaited(result: Any) -> Any:
    return await result


def _takes_context(function: Callable[..., Any]) -> bool:
    parameters = inspect.signature(function).parameters
    return "context" in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())


class DeadlineAlert:
    """`callback` is called when a run has not ended `interval` after `reference`."""

    def __init__(
        self, reference: BaseDeadlineReference, interval: timedelta, callback: Callback, name: str | None = None
    ) -> None:
        if not isinstance(reference, BaseDeadlineReference):
            raise AirflowException(f"a deadline's reference is one of DeadlineReference, not {reference!r}")
        if not isinstance(interval, timedelta):
            raise AirflowException(f"a deadline's interval is a timedelta, not {interval!r}")
        if not isinstance(callback, Callback):
            raise AirflowException(f"a deadline's callback is a SyncCallback or an AsyncCallback, not {callback!r}")
        self.reference, self.interval, self.callback, self.name = reference, interval, callback, name

    def describe(self) -> Json:
        return {
            "reference": self.reference.describe(),
            "interval_s": self.interval.total_seconds(),
            **({"name": self.name} if self.name else {}),
        }


def deadlines_of(dag_id: str, deadline: Any) -> list[DeadlineAlert]:
    """None, one or several. Raises BadDag for what is no DeadlineAlert."""
    given = list(deadline) if isinstance(deadline, list | tuple) else [] if deadline is None else [deadline]
    for alert in given:
        if not isinstance(alert, DeadlineAlert):
            raise BadDag(f"DAG {dag_id!r}: deadline must be a DeadlineAlert or a list of them, not {alert!r}")
    return given
