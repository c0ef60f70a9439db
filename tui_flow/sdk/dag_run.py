"""`dag_run` in a task's context."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tui_flow.errors import NotPossible
from tui_flow.messages import RunFacts
from tui_flow.sdk.backend import current_backend
from tui_flow.sdk.history import TaskInstanceView, find_runs, find_tis, get_dagrun_state
from tui_flow.sdk.moments import moment
from tui_flow.spec import Json


@dataclass(frozen=True)
class DagRunView:
    """The DAG run as its tasks see it; dates are pendulum DateTimes in UTC."""

    dag_id: str
    run_id: str
    run_type: str
    logical_date: Any
    data_interval_start: Any
    data_interval_end: Any
    run_after: Any
    queued_at: Any
    start_date: Any
    conf: Mapping[str, Any] = field(default_factory=dict)
    clear_number: int = 0
    triggered_by: str = ""
    end_date: Any = None
    state: str = "running"
    note: str | None = None
    partition_key: str | None = None
    partition_date: Any = None

    @property
    def execution_date(self) -> Any:
        """Airflow 2's name of the logical date."""
        return self.logical_date

    @property
    def external_trigger(self) -> bool:
        """Whether somebody, or another DAG, asked for the run."""
        return self.run_type in ("manual", "operator_triggered")

    @property
    def is_backfill(self) -> bool:
        return self.run_type == "backfill"

    @property
    def triggering_user_name(self) -> str | None:
        return self.triggered_by or None

    @property
    def log(self) -> logging.Logger:
        return logging.getLogger("tui_flow.task")

    def refresh_from_db(self, session: object = None) -> None:
        """Nothing is kept in a session: methods ask for what holds at that moment."""

    @property
    def consumed_asset_events(self) -> Sequence[Mapping[str, Json]]:
        """The updates of assets that made the run."""
        return current_backend("asset events").triggering_asset_events()

    @classmethod
    def find(
        cls,
        dag_id: str | Iterable[str] | None = None,
        run_id: str | Iterable[str] | None = None,
        execution_date: datetime | Iterable[datetime] | None = None,
        state: str | None = None,
        external_trigger: bool | None = None,
        no_backfills: bool = False,
        run_type: str | None = None,
        *,
        logical_date: datetime | Iterable[datetime] | None = None,
        execution_start_date: datetime | None = None,
        execution_end_date: datetime | None = None,
        logical_start_date: datetime | None = None,
        logical_end_date: datetime | None = None,
        session: object = None,
    ) -> list[DagRunView]:
        """Runs at this moment, the oldest logical date first; of a DAG's last thousand, unless run ids or dates name
        some. Needs a DAG id. Only tasks may ask."""
        if dag_id is None:
            raise NotPossible("DagRun.find() needs a dag_id: the runs of all DAGs cannot be asked for")
        dates, states = _several(execution_date or logical_date), None if state is None else [state]
        rows = {name: find_runs(name, dates, _several(run_id), states) for name in _several(dag_id) or ()}
        runs = [dag_run_of(name, RunFacts(**row)) for name, found in rows.items() for row in found]
        wanted = {
            "external_trigger": external_trigger,
            "run_type": run_type,
            "is_backfill": False if no_backfills else None,
        }
        start, end = execution_start_date or logical_start_date, execution_end_date or logical_end_date
        chosen = [run for run in runs if _has(run, wanted) and _is_between(run.logical_date, start, end)]
        return sorted(chosen, key=lambda run: run.logical_date)

    def get_state(self) -> str | None:
        """The state at this moment."""
        return get_dagrun_state(self.dag_id, self.run_id)

    def get_task_instances(self, state: str | Iterable[str | None] | None = None) -> list[TaskInstanceView]:
        """Those of the run at this moment, in one of the states."""
        states = [state] if isinstance(state, str) else state
        return find_tis(self.dag_id, run_ids=[self.run_id], states=states)

    def get_task_instance(self, task_id: str, *, map_index: int = -1) -> TaskInstanceView | None:
        found = find_tis(self.dag_id, run_ids=[self.run_id], task_ids=[task_id], map_index=map_index)
        return found[0] if found else None

    def get_previous_dagrun(self, state: str | None = None) -> DagRunView | None:
        """The run before, or the newest one before that ended in `state`; None where there is none."""
        wanted = None if state is None else str(state)
        found = current_backend("DAG runs").find_previous_run(
            {"dag_id": self.dag_id, "run_id": self.run_id, "state": wanted}
        )
        return None if found is None else dag_run_of(self.dag_id, RunFacts(**found))


def _several(one_or_more: Any) -> list[Any] | None:
    if one_or_more is None or isinstance(one_or_more, list):
        return one_or_more
    if isinstance(one_or_more, str) or not isinstance(one_or_more, Iterable):
        return [one_or_more]
    return list(one_or_more)


def _has(run: DagRunView, wanted: Mapping[str, Any]) -> bool:
    return all(value is None or getattr(run, name) == value for name, value in wanted.items())


def _is_between(date: datetime, start: datetime | None, end: datetime | None) -> bool:
    return (start is None or date >= start) and (end is None or date <= end)


def dag_run_of(dag_id: str, run: RunFacts) -> DagRunView:
    return DagRunView(
        dag_id=dag_id,
        run_id=run.run_id,
        run_type=run.run_type,
        logical_date=moment(run.logical_date),
        data_interval_start=moment(run.data_interval_start),
        data_interval_end=moment(run.data_interval_end),
        run_after=moment(run.run_after),
        queued_at=moment(run.queued_at),
        start_date=moment(run.started_at),
        conf=dict(run.conf),
        clear_number=run.clear_number,
        triggered_by=run.triggered_by,
        end_date=moment(run.ended_at),
        state=run.state,
        note=run.note,
    )
