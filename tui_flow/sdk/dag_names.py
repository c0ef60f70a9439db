"""Names by which authors ask a DAG about itself, of Airflow 2 and 3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui_flow.messages import RunFacts
from tui_flow.sdk.backend import current_backend
from tui_flow.sdk.dag_run import DagRunView, dag_run_of
from tui_flow.sdk.history import find_runs
from tui_flow.sdk.neighbours import schedule_beside
from tui_flow.sdk.node import in_topological_order

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from tui_flow.sdk.node import AbstractOperator


class DagNames:
    dag_id: str
    schedule: Any
    fail_fast: bool
    fileloc: str
    max_active_tasks: int | None
    on_success_callback: list[Any]
    on_failure_callback: list[Any]
    task_dict: dict[str, AbstractOperator]
    zone: tzinfo

    @property
    def timezone(self) -> Any:
        """The zone of its schedule, of pendulum's kind: with a `name`, and what `pendulum.now(...)` takes."""
        import pendulum  # 70 ms; few files ask

        from tui_flow.timetables.zones import zone_name  # with the above: authors' own imports stay light

        name = zone_name(self.zone)
        offset = self.zone.utcoffset(None) if name[0] in "+-" else None
        return pendulum.timezone(name if offset is None else int(offset.total_seconds()))

    @property
    def schedule_interval(self) -> Any:
        """Airflow 2's name of what was given as `schedule`."""
        return self.schedule

    @property
    def safe_dag_id(self) -> str:
        return self.dag_id.replace(".", "__dot__")

    @property
    def filepath(self) -> str:
        return self.fileloc

    @property
    def fail_stop(self) -> bool:
        return self.fail_fast

    @property
    def concurrency(self) -> int | None:
        return self.max_active_tasks

    @property
    def is_paused(self) -> bool:
        """At this moment: only a running task can ask."""
        found = current_backend(f"whether DAG {self.dag_id!r} is paused").dag_info(self.dag_id)
        return found is not None and found.is_paused

    def get_is_paused(self) -> bool:
        return self.is_paused

    @property
    def owner(self) -> str:
        """The owners of its tasks."""
        return ", ".join(sorted({str(getattr(task, "owner", "")) for task in self.task_dict.values()} - {""}))

    @property
    def has_on_success_callback(self) -> bool:
        return bool(self.on_success_callback)

    @property
    def has_on_failure_callback(self) -> bool:
        return bool(self.on_failure_callback)

    @property
    def teardowns(self) -> list[AbstractOperator]:
        return [task for task in self.task_dict.values() if getattr(task, "is_teardown", False)]

    @property
    def tasks_upstream_of_teardowns(self) -> list[AbstractOperator]:
        upstream = (task for teardown in self.teardowns for task in teardown.upstream_list)
        return [task for task in dict.fromkeys(upstream) if not getattr(task, "is_teardown", False)]

    def topological_sort(self) -> tuple[AbstractOperator, ...]:
        """Each task behind those upstream of it, otherwise in the order of the file."""
        known = self.task_dict
        before = {task_id: task.upstream_task_ids & known.keys() for task_id, task in known.items()}
        return tuple(known[task_id] for task_id in in_topological_order(before))

    def get_last_dagrun(self, session: Any = None, include_manually_triggered: bool = False) -> DagRunView | None:
        """The run with the latest logical date, those made by hand only if asked for; only a running task can ask."""
        rows = (RunFacts(**row) for row in find_runs(self.dag_id))
        runs = [run for run in rows if run.logical_date and (include_manually_triggered or run.run_type != "manual")]
        return dag_run_of(self.dag_id, max(runs, key=lambda run: str(run.logical_date))) if runs else None

    def following_schedule(self, dttm: datetime) -> Any:
        """The next logical date after `dttm`; None where the DAG has no such schedule. Only a running task can ask."""
        return schedule_beside(self, dttm, "after")

    def previous_schedule(self, dttm: datetime) -> Any:
        """The last logical date before `dttm`; None where the DAG has no such schedule. Only a running task can ask."""
        return schedule_beside(self, dttm, "before")
