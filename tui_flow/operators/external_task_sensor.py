"""`ExternalTaskSensor`: waits for a DAG, for tasks or for a task group of another DAG at a logical date."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from tui_flow.operators.empty import EmptyOperator
from tui_flow.operators.external_states import WorkflowTrigger, found_states
from tui_flow.sdk.backend import Backend, current_backend
from tui_flow.sdk.callables import determine_kwargs
from tui_flow.sdk.context import Context
from tui_flow.sdk.deferrable import is_deferrable
from tui_flow.sdk.exceptions import AirflowException, AirflowPokeFailException, AirflowSkipException
from tui_flow.sdk.sensor import BaseSensorOperator
from tui_flow.state import RunState, TaskState


class ExternalTaskSensor(BaseSensorOperator):
    """The other run has the same logical date, or one that `execution_delta` or `execution_date_fn` gives."""

    template_fields: Collection[str] = (
        "external_dag_id",
        "external_task_id",
        "external_task_ids",
        "external_task_group_id",
    )
    ui_color = "#4db7db"

    def __init__(
        self,
        *,
        external_dag_id: str,
        external_task_id: str | None = None,
        external_task_ids: Collection[str] | None = None,
        external_task_group_id: str | None = None,
        allowed_states: Iterable[str] | None = None,
        skipped_states: Iterable[str] | None = None,
        failed_states: Iterable[str] | None = None,
        execution_delta: timedelta | None = None,
        execution_date_fn: Callable[..., Any] | None = None,
        check_existence: bool = False,
        deferrable: bool | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.external_dag_id = external_dag_id
        self.external_task_id, self.external_task_group_id = external_task_id, external_task_group_id
        self.external_task_ids = external_task_ids if external_task_id is None else [external_task_id]
        self.allowed_states = _states(allowed_states, default=(TaskState.SUCCESS,))
        self.skipped_states = _states(skipped_states)
        self.failed_states = _states(failed_states)
        self.execution_delta, self.execution_date_fn = execution_delta, execution_date_fn
        self.check_existence, self.deferrable = check_existence, is_deferrable(deferrable)
        self._check_arguments(both_ids=external_task_id is not None and external_task_ids is not None)

    def _check_arguments(self, both_ids: bool) -> None:
        what = f"sensor {self.task_id!r}"
        if both_ids:
            raise ValueError(f"{what}: give external_task_id or external_task_ids, not both")
        if self.external_task_group_id is not None and self.external_task_ids is not None:
            raise ValueError(f"{what}: give task ids or external_task_group_id, not both")
        if self.execution_delta is not None and self.execution_date_fn is not None:
            raise ValueError(f"{what}: give execution_delta or execution_date_fn, not both")
        if not isinstance(self.external_task_ids, str | None) and self._has_duplicates():
            raise ValueError(f"{what}: external_task_ids has duplicates: {self.external_task_ids}")
        states = (*self.allowed_states, *self.skipped_states, *self.failed_states)
        if len(set(states)) != len(states):
            raise AirflowException(f"{what}: allowed_states, skipped_states and failed_states must not overlap")
        for_tasks = self.external_task_ids is not None or self.external_task_group_id is not None
        known: set[str] = {state.value for state in (TaskState if for_tasks else RunState)}
        if unknown := sorted(set(states) - known):
            raise ValueError(f"{what}: {unknown[0]!r} is no state of a {'task' if for_tasks else 'DAG run'}")

    def _has_duplicates(self) -> bool:
        ids = self.external_task_ids
        return isinstance(ids, Sequence) and len(set(ids)) != len(ids)

    def poke(self, context: Context) -> bool:
        dates = self._dates(context)
        backend = current_backend("another DAG")
        task_ids = self._task_ids(backend)
        self.log.info("Poking for %s%s on %s", self.external_dag_id, f" {task_ids}" if task_ids else "", _isos(dates))
        states = found_states(backend, self.external_dag_id, dates, task_ids, self.allowed_states)
        wanted = len(dates) * max(len(task_ids), 1)
        if failed := [state for state in states if state in self.failed_states]:
            raise AirflowPokeFailException(self._message(task_ids, f"ended {failed[0]}"))
        if any(state in self.skipped_states for state in states):
            raise AirflowSkipException(self._message(task_ids, "is skipped"))
        return sum(state in self.allowed_states for state in states) >= wanted

    def execute(self, context: Context) -> Any:
        if not self.deferrable:
            return super().execute(context)
        task_ids = self._task_ids(current_backend("another DAG"))
        trigger = WorkflowTrigger(
            self.external_dag_id,
            logical_dates=self._dates(context),
            external_task_ids=task_ids,
            allowed_states=self.allowed_states,
            skipped_states=self.skipped_states,
            failed_states=self.failed_states,
            poke_interval=self.poke_interval,
        )
        kwargs = {"task_ids": task_ids}
        return self.defer(
            trigger=trigger, method_name="execute_complete", kwargs=kwargs, timeout=timedelta(seconds=self.timeout)
        )

    def execute_complete(self, context: Context, event: Any = None, task_ids: Sequence[str] = ()) -> None:
        status = (event or {}).get("status")
        if status == "skipped":
            raise AirflowSkipException(self._message(task_ids, "is skipped"))
        if status != "success":
            raise AirflowPokeFailException(self._message(task_ids, "has failed"))
        self.log.info("%s", self._message(task_ids, "is there"))

    def _message(self, task_ids: Sequence[str], what: str) -> str:
        tasks = f", task {', '.join(task_ids)}" if task_ids else ""
        return f"The external DAG {self.external_dag_id}{tasks} {what}"

    def _dates(self, context: Context) -> list[datetime]:
        """The logical dates of the runs to look at."""
        at = context.get("logical_date")
        if at is None:
            raise AirflowException(f"sensor {self.task_id!r}: this run has no logical date to compare with")
        if self.execution_delta is not None:
            return [at - self.execution_delta]
        if self.execution_date_fn is None:
            return [at]
        result = self.execution_date_fn(at, **determine_kwargs(self.execution_date_fn, (at,), _without_date(context)))
        return list(result) if isinstance(result, list | tuple) else [result]

    def _task_ids(self, backend: Backend) -> list[str]:
        group = self.external_task_group_id
        if group is None and not self.check_existence:
            return list(self.external_task_ids or ())
        info = backend.dag_info(self.external_dag_id)
        if info is None:
            raise AirflowException(f"The external DAG {self.external_dag_id} does not exist.")
        if group is not None:
            if group not in info.group_tasks:
                raise AirflowException(f"The external task group {group} in DAG {self.external_dag_id} does not exist.")
            return list(info.group_tasks[group])
        task_ids = list(self.external_task_ids or ())
        if missing := sorted(set(task_ids) - set(info.task_ids)):
            raise AirflowException(f"The external task {missing[0]} in DAG {self.external_dag_id} does not exist.")
        return task_ids


class ExternalTaskMarker(EmptyOperator):
    """Says that a task of another DAG depends on this one."""

    template_fields: Collection[str] = ("external_dag_id", "external_task_id", "logical_date")

    def __init__(
        self,
        *,
        external_dag_id: str,
        external_task_id: str,
        logical_date: str | datetime | None = "{{ logical_date.isoformat() }}",
        recursion_depth: int = 10,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if recursion_depth <= 0:
            raise ValueError("recursion_depth should be a positive integer")
        self.external_dag_id, self.external_task_id = external_dag_id, external_task_id
        self.logical_date = logical_date.isoformat() if isinstance(logical_date, datetime) else logical_date
        self.recursion_depth = recursion_depth


def _states(states: Iterable[str] | None, default: tuple[str, ...] = ()) -> tuple[str, ...]:
    return tuple(str(state) for state in states) if states else default


def _without_date(context: Context) -> Context:
    available = context.copied()
    available.pop("logical_date", None)
    return available


def _isos(dates: list[datetime]) -> str:
    return ", ".join(date.isoformat() for date in dates)
