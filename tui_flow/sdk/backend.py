"""What the process around a task must provide, and where it puts it. Outside an attempt nothing is set.

An attempt's runtime calls `use_backend` with an object that speaks the channel, sets `runtime_fds` to the descriptors
that every child process must inherit, and passes a `RuntimeTaskInstance` in the context as `ti`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from tui_flow.errors import NotPossible
from tui_flow.spec import Json

runtime_fds: tuple[int, ...] = ()
"""Descriptors that child processes of operators keep open: they hold the attempt's lock."""


class RuntimeTaskInstance(Protocol):
    """`context["ti"]`: the task instance as its own attempt sees it."""

    task: Any
    task_id: str
    dag_id: str
    run_id: str
    try_number: int
    max_tries: int
    map_index: int
    start_date: datetime
    """When this attempt began."""
    first_started_at: datetime
    """When the first attempt of this try began: earlier than `start_date` after a reschedule."""
    poke_count: int
    """How often this try was rescheduled."""

    def place_in(self, level: str) -> int:
        """Its index in a mapped task group, or in a mapped task."""

    def xcom_of_mapped(self, task_id: str, levels: tuple[str, ...], key: str) -> Any:
        """The one value of a mapped task that belongs to this task instance, or all those that do as a sequence."""

    def xcom_push(self, key: str, value: Any) -> None: ...

    def xcom_pull(
        self,
        task_ids: str | Iterable[str] | None = None,
        dag_id: str | None = None,
        key: str | None = "return_value",
        include_prior_dates: bool = False,
        *,
        map_indexes: int | Iterable[int] | None = None,
        default: Any = None,
        run_id: str | None = None,
    ) -> Any: ...

    def skip_tasks(self, task_ids: Iterable[str]) -> None:
        """Have these tasks of the run skipped with this attempt's success, and remember it for a later clear."""


@dataclass(frozen=True, slots=True)
class RunStateRow:
    """A DAG run that somebody asked about."""

    run_id: str
    logical_date: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class TaskStateRow:
    """A task instance that somebody asked about."""

    run_id: str
    logical_date: datetime | None
    task_id: str
    map_index: int
    state: str


@dataclass(frozen=True, slots=True)
class DagInfo:
    """A DAG that somebody asked about."""

    is_paused: bool
    task_ids: tuple[str, ...]
    group_tasks: Mapping[str, tuple[str, ...]]
    """Task ids in each task group, by group id."""


class Backend(Protocol):
    """What tasks ask of the home, over the channel. Reads wait while no scheduler answers."""

    def get_variable(self, key: str) -> str | None: ...
    def set_variable(self, key: str, value: str, description: str | None) -> None: ...
    def delete_variable(self, key: str) -> None: ...
    def variable_keys(self, prefix: str) -> Sequence[str]: ...

    def get_connection(self, conn_id: str) -> Mapping[str, Json] | None:
        """Keyword arguments for `Connection` (without `conn_id`); None when there is no such connection."""

    def trigger_run(
        self,
        dag_id: str,
        *,
        run_id: str | None,
        conf: Mapping[str, Json],
        logical_date: datetime | None,
        reset: bool,
        note: str | None,
    ) -> str:
        """Create a run, or with `reset` clear it; its id. Raises `sdk.exceptions` DagNotFound, DagRunAlreadyExists."""

    def run_states(
        self, dag_id: str, *, run_ids: Sequence[str] = (), logical_dates: Sequence[datetime] = ()
    ) -> Sequence[RunStateRow]: ...

    def task_states(
        self, dag_id: str, *, logical_dates: Sequence[datetime], task_ids: Sequence[str]
    ) -> Sequence[TaskStateRow]: ...

    def dag_info(self, dag_id: str) -> DagInfo | None: ...

    def find_runs(self, which: Mapping[str, Json]) -> Sequence[Mapping[str, Json]]:
        """`RunFacts` of the runs of `dag_id` with `run_ids`, `logical_dates`, `states` (each None for any), the newest
        first."""

    def find_previous_run(self, which: Mapping[str, Json]) -> Mapping[str, Json] | None:
        """`RunFacts` of the newest run before `run_id` of `dag_id` that ended in `state` (None: any)."""

    def find_tis(self, which: Mapping[str, Json]) -> Sequence[Mapping[str, Json]]:
        """Fields of `sdk.history.TaskInstanceView`, of such runs: of `task_ids`, `task_group_id`, `map_index`."""

    def previous_success(self, what: str) -> datetime | None:
        """A date of the last successful run before this one: `data_interval_start`, `data_interval_end`, `start_date`,
        `end_date` or `logical_date`."""

    def asset_events(self, which: Mapping[str, Json]) -> Sequence[Mapping[str, Json]]:
        """Events of the asset (`name`, `uri` or both) or `alias` that `which` names, within its `after`, `before`,
        `with_extra` and `limit`; the oldest first unless `ascending` is False. Rows as `sdk.asset_events` reads them.
        """

    def triggering_asset_events(self) -> Sequence[Mapping[str, Json]]:
        """The events that made this run."""

    def find_asset(self, name: str | None, uri: str | None) -> Mapping[str, Json] | None:
        """Name, uri, group and extra of an asset that some DAG makes or waits for; None when there is none."""

    def state_store(self, args: Mapping[str, Json]) -> Json:
        """`do` (get, set, delete) with a `key` (None: all) of the task instance, or of `asset` (its `name`, `uri`)."""


_backend: Backend | None = None


def current_backend(wanted: str = "this") -> Backend:
    """The backend of the running attempt. Raises NotPossible outside one; `wanted` says what was asked for."""
    if _backend is None:
        raise NotPossible(f"{wanted} can only be had inside a running task (or from the environment)")
    return _backend


def has_backend() -> bool:
    return _backend is not None


def use_backend(backend: Backend | None) -> None:
    """Set, once per attempt, who answers; None takes it away."""
    global _backend
    _backend = backend


@contextmanager
def backend_in_use(backend: Backend) -> Iterator[None]:
    """`use_backend` for the length of a `with` block."""
    before = _backend
    use_backend(backend)
    try:
        yield
    finally:
        use_backend(before)
