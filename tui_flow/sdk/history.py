"""What a task may ask about runs and task instances: `ti.get_ti_count(...)`, `dag_run.get_task_instances()`..."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tui_flow.sdk.backend import current_backend
from tui_flow.sdk.moments import moment
from tui_flow.spec import Json

Dates = Iterable[datetime] | None
Names = Iterable[str] | None


@dataclass(frozen=True, slots=True)
class TaskInstanceView:
    """A task instance that somebody asked about."""

    dag_id: str
    task_id: str
    run_id: str
    map_index: int
    state: str | None
    try_number: int
    max_tries: int
    start_date: Any
    end_date: Any
    logical_date: Any
    note: str | None = None

    @property
    def execution_date(self) -> Any:
        """Airflow 2's name of the logical date."""
        return self.logical_date

    @property
    def duration(self) -> float | None:
        return seconds_between(self.start_date, self.end_date)

    def current_state(self) -> str | None:
        return self.state


def seconds_between(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else (end - start).total_seconds()


def find_tis(
    dag_id: str,
    *,
    map_index: int | None = None,
    task_ids: Names = None,
    task_group_id: str | None = None,
    logical_dates: Dates = None,
    run_ids: Names = None,
    states: Iterable[str | None] | None = None,
) -> list[TaskInstanceView]:
    """Of the DAG's last thousand runs, unless `run_ids` or `logical_dates` name some."""
    which = {**_runs_named(dag_id, logical_dates, run_ids, states), "task_ids": _texts(task_ids)}
    rows = current_backend("task instances").find_tis({**which, "task_group_id": task_group_id, "map_index": map_index})
    return [_view(dag_id, row) for row in rows]


def get_ti_count(
    dag_id: str,
    map_index: int | None = None,
    task_ids: Names = None,
    task_group_id: str | None = None,
    logical_dates: Dates = None,
    run_ids: Names = None,
    states: Iterable[str | None] | None = None,
) -> int:
    """How many task instances there are."""
    found = find_tis(
        dag_id,
        map_index=map_index,
        task_ids=task_ids,
        task_group_id=task_group_id,
        logical_dates=logical_dates,
        run_ids=run_ids,
        states=states,
    )
    return len(found)


def get_task_states(
    dag_id: str,
    map_index: int | None = None,
    task_ids: Names = None,
    task_group_id: str | None = None,
    logical_dates: Dates = None,
    run_ids: Names = None,
) -> dict[str, dict[str, str | None]]:
    """The states by run id, then by task id (`task_3` for an instance of a mapped task)."""
    states: dict[str, dict[str, str | None]] = {}
    for ti in find_tis(
        dag_id,
        map_index=map_index,
        task_ids=task_ids,
        task_group_id=task_group_id,
        logical_dates=logical_dates,
        run_ids=run_ids,
    ):
        name = ti.task_id if ti.map_index < 0 else f"{ti.task_id}_{ti.map_index}"
        states.setdefault(ti.run_id, {})[name] = ti.state
    return states


def get_dr_count(
    dag_id: str, logical_dates: Dates = None, run_ids: Names = None, states: Iterable[str] | None = None
) -> int:
    """How many runs there are."""
    return len(find_runs(dag_id, logical_dates, run_ids, states))


def get_dagrun_state(dag_id: str, run_id: str) -> str | None:
    """The state of a run; None where there is none."""
    found = find_runs(dag_id, run_ids=[run_id])
    return str(found[0]["state"]) if found else None


def find_runs(
    dag_id: str, logical_dates: Dates = None, run_ids: Names = None, states: Iterable[str | None] | None = None
) -> Sequence[Mapping[str, Json]]:
    return current_backend("DAG runs").find_runs(_runs_named(dag_id, logical_dates, run_ids, states))


def get_task_breadcrumbs(dag_id: str, run_id: str) -> list[dict[str, Any]]:
    """How the tasks of a run have ended, as far as they have."""
    ended = (ti for ti in find_tis(dag_id, run_ids=[run_id]) if ti.end_date is not None)
    return [
        {"task_id": ti.task_id, "map_index": ti.map_index, "state": ti.state, "duration": ti.duration} for ti in ended
    ]


def _runs_named(
    dag_id: str, logical_dates: Dates, run_ids: Names, states: Iterable[str | None] | None
) -> dict[str, Json]:
    dates = None if logical_dates is None else [date.astimezone(UTC).isoformat() for date in logical_dates]
    return {"dag_id": dag_id, "logical_dates": dates, "run_ids": _texts(run_ids), "states": _texts(states)}


def _texts(names: Iterable[str | None] | None) -> list[str | None] | None:
    """Members of state enumerations become their texts."""
    return None if names is None else [None if name is None else str(name) for name in names]


def _view(dag_id: str, row: Mapping[str, Json]) -> TaskInstanceView:
    dates = {name: moment(row[name]) for name in ("start_date", "end_date", "logical_date")}
    return TaskInstanceView(**{**row, **dates, "dag_id": dag_id})
