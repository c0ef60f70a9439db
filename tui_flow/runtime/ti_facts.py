"""What `ti` knows of itself and may be asked about other runs: the part that has nothing to do with XComs."""

from __future__ import annotations

import getpass
import logging
import os
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from tui_flow.messages import Workload
from tui_flow.sdk import history
from tui_flow.sdk.context import Context
from tui_flow.sdk.dag_run import DagRunView, dag_run_of
from tui_flow.sdk.history import seconds_between
from tui_flow.sdk.moments import moment


class TaskInstanceFacts:
    """Airflow's names, of 2 and 3."""

    task: Any
    task_id: str
    dag_id: str
    run_id: str
    try_number: int
    max_tries: int
    map_index: int
    start_date: datetime
    first_started_at: datetime
    poke_count: int
    state: str
    log_url: str
    _workload: Workload

    end_date: datetime | None = None
    """When it ended: known in callbacks that tell of its end."""
    context: Context | None = None
    """Its template context, once there is one."""
    rendered_map_index: str | None = None
    queue = "default"
    job_id: int | None = None
    test_mode = False

    get_ti_count = staticmethod(history.get_ti_count)
    get_task_states = staticmethod(history.get_task_states)
    get_dr_count = staticmethod(history.get_dr_count)
    get_dagrun_state = staticmethod(history.get_dagrun_state)
    get_task_breadcrumbs = staticmethod(history.get_task_breadcrumbs)

    @property
    def key(self) -> tuple[str, str, str, int, int]:
        return (self.dag_id, self.task_id, self.run_id, self.try_number, self.map_index)

    @property
    def id(self) -> UUID:
        """The same for every look at this attempt, another one for each other attempt."""
        return uuid5(NAMESPACE_URL, "/".join(map(str, self.key)))

    @property
    def unixname(self) -> str:
        return getpass.getuser()

    @property
    def pid(self) -> int:
        return os.getpid()

    @property
    def duration(self) -> float:
        """Seconds from its start to its end, or until now."""
        return seconds_between(self.start_date, self.end_date or datetime.now(UTC)) or 0.0

    @property
    def is_mapped(self) -> bool:
        return self.map_index >= 0

    @property
    def operator(self) -> str:
        return str(self.task.task_type)

    @property
    def pool(self) -> str:
        return str(self.task.pool)

    @property
    def pool_slots(self) -> int:
        return int(self.task.pool_slots)

    @property
    def executor_config(self) -> dict[str, Any]:
        return dict(self.task.executor_config or {})

    @property
    def task_display_name(self) -> str:
        return str(self.task.task_display_name)

    @property
    def priority_weight(self) -> int:
        return int(self.task.priority_weight)

    @property
    def note(self) -> str | None:
        """What somebody has noted on it."""
        found = history.find_tis(self.dag_id, run_ids=[self.run_id], task_ids=[self.task_id], map_index=self.map_index)
        return found[0].note if found else None

    @property
    def next_try_number(self) -> int:
        return self.try_number + 1

    @property
    def prev_attempted_tries(self) -> int:
        return self.try_number

    @property
    def mark_success_url(self) -> str:
        return self.log_url

    @property
    def log(self) -> logging.Logger:
        return logging.getLogger("tui_flow.task")

    @property
    def logical_date(self) -> Any:
        return moment(self._workload.run.logical_date)

    execution_date = logical_date

    @property
    def dag_run(self) -> DagRunView:
        return self.get_dagrun()

    def get_dagrun(self) -> DagRunView:
        return dag_run_of(self.dag_id, self._workload.run)

    def get_previous_dagrun(self, state: str | None = None) -> DagRunView | None:
        """The run before, or the newest one before that ended in `state`; None where there is none."""
        return self.get_dagrun().get_previous_dagrun(state)

    def get_previous_execution_date(self, state: str | None = None) -> Any:
        """The logical date of the run before, or of the newest one before that ended in `state`."""
        before = self.get_previous_dagrun(state)
        return before and before.logical_date

    def is_eligible_to_retry(self) -> bool:
        """Whether another try may follow this one."""
        return self.try_number <= self.max_tries

    def refresh_from_db(self, session: object = None, **more: object) -> None:
        """Nothing is kept in a session: methods ask for what holds at that moment."""

    def get_first_reschedule_date(self, context: Any = None) -> datetime | None:
        """When a sensor that was rescheduled first looked; None where it was not."""
        return moment(self.first_started_at) if self.poke_count else None

    def get_template_context(self) -> Context:
        assert self.context is not None, "whoever has the task instance has it from its context"
        return self.context

    def current_state(self) -> str:
        return self.state
