"""A DAG file as a host serves it: imported once, at one exact source version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tui_flow import masking
from tui_flow.loader.load import LoadRequest, import_dags, is_fork_safe, lift_parse_limits
from tui_flow.logs import Masker
from tui_flow.messages import Message
from tui_flow.sdk.exceptions import AirflowFailException
from tui_flow.sdk.moments import moment
from tui_flow.sdk.operator import BaseOperator
from tui_flow.sdk.schedule import timetable_for
from tui_flow.sdk.timetable import Timetable as AuthorsTimetable
from tui_flow.spec import Dialect


class ServeFailed(Exception):
    """The file cannot be served: it no longer imports, or not as the version that was asked for."""


@dataclass(frozen=True, slots=True)
class ServedFile:
    file: str
    source_version: str
    dialect: Dialect
    dags: dict[str, Any]
    """The authors' DAG objects by id."""
    fork_unsafe: str | None
    """Why attempts must not be forked from this process; None: they may."""
    load: Message
    """The order it was loaded by, for fresh interpreters."""

    @property
    def masker(self) -> Masker:
        return masking.MASKER

    def task(self, dag_id: str, task_id: str) -> Any:
        """The operator. Raises AirflowFailException where this version of the file has no such task."""
        dag = self.dags.get(dag_id)
        if dag is None or task_id not in dag.task_dict:
            raise AirflowFailException(
                f"task {task_id!r} of DAG {dag_id!r} is not in this version of {self.file}; "
                "clear it to run the newest version"
            )
        return dag.task_dict[task_id]


def serve_file(load: Message) -> ServedFile:
    """Import the file at the source version that `load` (a `LoadRequest`) names. Raises ServeFailed."""
    request = LoadRequest.from_dict(load)
    imported = import_dags(request)
    lift_parse_limits()
    if imported.failure is not None:
        raise ServeFailed(f"{request.file} cannot be imported: {imported.failure.message}")
    for dag in imported.dags:
        dag.relative_fileloc = request.file
        is_authors = isinstance(dag.schedule, AuthorsTimetable)
        dag.timetable = dag.schedule if is_authors else timetable_for(dag, imported.dialect)
        if imported.dialect != "tui_flow":
            _use_pendulum(dag)
    return ServedFile(
        file=request.file,
        source_version=imported.source_version,
        dialect=imported.dialect,
        dags={dag.dag_id: dag for dag in imported.dags},
        fork_unsafe=is_fork_safe(),
        load=load,
    )


def _use_pendulum(dag: Any) -> None:
    """Airflow's DAGs and tasks have their dates as pendulum's, in UTC; a task starts and ends within its DAG."""
    dag.start_date, dag.end_date = moment(dag.start_date), moment(dag.end_date)
    for task in dag.task_dict.values():
        if isinstance(task, BaseOperator):
            starts = [date for date in (moment(task.start_date), dag.start_date) if date is not None]
            ends = [date for date in (moment(task.end_date), dag.end_date) if date is not None]
            task.start_date, task.end_date = max(starts, default=None), min(ends, default=None)
