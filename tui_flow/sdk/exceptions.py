"""What DAG authors raise and catch inside tasks, under Airflow's names; how each ends a try stands in its docstring.

Errors of a DAG file that cannot be scheduled come from `tui_flow.errors`; where Airflow has a name for one, it is both.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from tui_flow import errors


class AirflowException(Exception):
    """Base of everything below: the try fails and is retried."""


class AirflowSkipException(AirflowException):
    """The task instance is skipped; no retry."""


class AirflowFailException(AirflowException):
    """The task instance fails without a retry."""


class AirflowSensorTimeout(AirflowException):
    """A sensor waited longer than its `timeout`; fails without a retry."""


class AirflowPokeFailException(AirflowException):
    """A poke failed for reasons a sensor handles by its own rules."""


class AirflowTaskTimeout(BaseException):
    """`execution_timeout` passed: raised inside the task; retried. `except Exception` does not catch it."""


class AirflowTaskTerminated(BaseException):
    """The attempt was asked to end."""


class AirflowRescheduleException(AirflowException):
    """Ends the attempt without consuming a try; the task instance is run again at `reschedule_date`."""

    def __init__(self, reschedule_date: datetime) -> None:
        super().__init__(f"to be run again at {reschedule_date.isoformat()}")
        self.reschedule_date = reschedule_date


class TaskDeferred(BaseException):
    """Hands the wait over to a trigger; the attempt ends and `method_name` is called when the trigger fires."""

    def __init__(
        self,
        *,
        trigger: Any,
        method_name: str,
        kwargs: dict[str, Any] | None = None,
        timeout: timedelta | int | float | None = None,
    ) -> None:
        super().__init__(f"deferred to {type(trigger).__name__}")
        self.trigger = trigger
        self.method_name = method_name
        self.kwargs = kwargs
        self.timeout = timedelta(seconds=timeout) if isinstance(timeout, int | float) else timeout


class TaskDeferralError(AirflowException):
    """A trigger failed."""


class TaskDeferralTimeout(AirflowException):
    """A trigger did not fire in time."""


class DownstreamTasksSkipped(AirflowException):
    """The task succeeds and the named direct downstream tasks are skipped."""

    def __init__(self, *, tasks: Iterable[str]) -> None:
        super().__init__("downstream tasks skipped")
        self.tasks = list(tasks)


class AirflowRuntimeError(AirflowException):
    """Airflow's error of a call to its API; nothing raises it here."""


class AirflowBadRequest(AirflowException):
    """What was asked for cannot be meant."""


class AirflowNotFoundException(AirflowException):
    """Something named (a connection, a DAG) does not exist."""


class AirflowConfigException(AirflowException):
    """A setting is missing or cannot be read."""


class AirflowOptionalProviderFeatureException(AirflowException):
    """A feature needs a package that is not installed."""


class DagNotFound(AirflowNotFoundException):
    pass


class DagRunNotFound(AirflowNotFoundException):
    pass


class TaskNotFound(AirflowNotFoundException):
    pass


class TaskInstanceNotFound(AirflowNotFoundException):
    pass


class DagRunAlreadyExists(AirflowBadRequest):
    pass


class ParamValidationError(AirflowException, ValueError):
    """A param's value fails its JSON schema."""


class XComNotFound(AirflowException):
    def __init__(self, dag_id: str, task_id: str, key: str) -> None:
        super().__init__(f"XCom {key!r} of task {task_id!r} in DAG {dag_id!r} not found; did the task push it?")
        self.dag_id, self.task_id, self.key = dag_id, task_id, key


class XComNotSerializable(AirflowException, TypeError):
    """A value that would not come back from the XCom store as it went in."""


class UnmappableXComTypePushed(AirflowException):
    """A task that others expand over returned something that is neither a list nor a dict."""

    def __init__(self, value: Any) -> None:
        super().__init__(f"cannot expand over a {type(value).__name__}; return a list or a dict")


class UnmappableXComLengthPushed(AirflowException):
    """A task that others expand over returned more than they may expand over."""

    def __init__(self, length: int, longest: int) -> None:
        super().__init__(
            f"other tasks expand over this task's result, but it has {length} elements and they expand over {longest} "
            "at most ([core] max_map_length); return fewer, or raise the setting"
        )


class XComForMappingNotPushed(AirflowException):
    """A task that others expand over returned nothing."""

    def __init__(self) -> None:
        super().__init__("other tasks expand over this task's result, but it returned nothing; return a list or a dict")


class DuplicateTaskIdFound(AirflowException, errors.DuplicateTaskId):
    """Two tasks or groups of one DAG have the same id."""


class AirflowDagCycleException(AirflowException, errors.DagCycle):
    """The dependencies of a DAG run in a circle."""


class AirflowInactiveAssetInInletOrOutletException(AirflowException):
    pass


class FailFastDagInvalidTriggerRule(AirflowException, errors.BadDag):
    """A DAG with `fail_fast` may only use the trigger rule `all_success`."""


class RemovedInAirflow3Warning(DeprecationWarning):
    """Names and arguments that Airflow 3 dropped and that still work here."""


class AirflowProviderDeprecationWarning(DeprecationWarning):
    """Names and arguments that a provider will drop."""
