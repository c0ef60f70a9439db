"""`dag_run` in a task's context."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from tui_flow.messages import RunFacts


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

    @property
    def execution_date(self) -> Any:
        """Airflow 2's name of the logical date."""
        return self.logical_date

    @property
    def external_trigger(self) -> bool:
        """Whether somebody asked for the run."""
        return self.run_type != "scheduled"


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
    )


def moment(value: Any) -> Any:
    """ISO text or a datetime as a pendulum DateTime in UTC; None stays None."""
    return None if value is None else _moment(value)


@lru_cache(maxsize=256)
def _moment(value: str | datetime) -> Any:
    import pendulum  # preloaded where tasks run; not wanted where DAGs are only defined

    parsed = datetime.fromisoformat(value) if isinstance(value, str) else value
    return pendulum.instance(parsed).in_timezone("UTC")
