"""`TriggerDagRunOperator`: starts a run of another DAG, and waits for its end if asked to."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from tui_flow.operators.external_states import DagStateTrigger
from tui_flow.sdk.backend import current_backend
from tui_flow.sdk.context import Context
from tui_flow.sdk.deferrable import is_deferrable
from tui_flow.sdk.exceptions import AirflowException, AirflowSkipException, DagNotFound, DagRunAlreadyExists
from tui_flow.sdk.operator import BaseOperator
from tui_flow.sdk.timezone import coerce_datetime
from tui_flow.state import FINISHED_RUN, RunState

XCOM_RUN_ID = "trigger_run_id"


class TriggerDagRunOperator(BaseOperator):
    """The run's id is pushed as XCom `trigger_run_id`."""

    template_fields: Collection[str] = (
        "trigger_dag_id",
        "trigger_run_id",
        "logical_date",
        "conf",
        "wait_for_completion",
    )
    ui_color = "#ffefeb"

    def __init__(
        self,
        *,
        trigger_dag_id: str,
        trigger_run_id: str | None = None,
        conf: Mapping[str, Any] | str | None = None,
        logical_date: str | datetime | None = None,
        execution_date: str | datetime | None = None,
        reset_dag_run: bool = False,
        wait_for_completion: bool = False,
        poke_interval: float = 60,
        allowed_states: Collection[str] | None = None,
        failed_states: Collection[str] | None = None,
        skip_when_already_exists: bool = False,
        fail_when_dag_is_paused: bool = False,
        note: str | None = None,
        deferrable: bool | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.trigger_dag_id, self.trigger_run_id = trigger_dag_id, trigger_run_id
        self.conf = conf
        when = logical_date if logical_date is not None else execution_date
        self.logical_date = when.isoformat() if isinstance(when, datetime) else when
        self.reset_dag_run, self.skip_when_already_exists = reset_dag_run, skip_when_already_exists
        self.wait_for_completion, self.poke_interval = wait_for_completion, poke_interval
        self.allowed_states = self._states(allowed_states or (RunState.SUCCESS,))
        self.failed_states = self._states((RunState.FAILED,) if failed_states is None else failed_states)
        self.fail_when_dag_is_paused, self.note, self.deferrable = (
            fail_when_dag_is_paused,
            note,
            is_deferrable(deferrable),
        )

    def _states(self, given: Collection[str]) -> list[str]:
        states = [str(state) for state in given]
        if unknown := next((state for state in states if state not in {*RunState}), None):
            raise ValueError(f"task {self.task_id!r}: {unknown!r} is no state of a DAG run")
        return states

    def execute(self, context: Context) -> None:
        if self.fail_when_dag_is_paused:
            self._check_not_paused()
        run_id = self._trigger()
        context["ti"].xcom_push(key=XCOM_RUN_ID, value=run_id)
        self.log.info("Triggered run %s of DAG %s", run_id, self.trigger_dag_id)
        if not self.wait_for_completion:
            return
        self._tell_if_paused()
        if self.deferrable:
            self._defer_until_end(run_id)
        while not self._is_over(run_id):
            time.sleep(self.poke_interval)

    def execute_complete(self, context: Context, event: Any = None, run_id: str = "") -> None:
        self._is_over(run_id)

    def _defer_until_end(self, run_id: str) -> None:
        states = {*self.allowed_states, *self.failed_states, *FINISHED_RUN}
        trigger = DagStateTrigger(
            self.trigger_dag_id, sorted(states), run_ids=[run_id], poll_interval=self.poke_interval, gone_counts=True
        )
        self.defer(trigger=trigger, method_name="execute_complete", kwargs={"run_id": run_id})

    def _check_not_paused(self) -> None:
        info = current_backend("a DAG").dag_info(self.trigger_dag_id)
        if info is None:
            raise DagNotFound(f"DAG {self.trigger_dag_id!r} not found")
        if info.is_paused:
            raise AirflowException(f"DAG {self.trigger_dag_id!r} is paused, and fail_when_dag_is_paused is set")

    def _tell_if_paused(self) -> None:
        info = current_backend("a DAG").dag_info(self.trigger_dag_id)
        if info is not None and info.is_paused:
            self.log.warning(
                "DAG %r is paused; if its run does not start, `tuiflow unpause %s`", *[self.trigger_dag_id] * 2
            )

    def _trigger(self) -> str:
        when = coerce_datetime(datetime.fromisoformat(self.logical_date)) if self.logical_date else None
        try:
            return current_backend("another DAG").trigger_run(
                self.trigger_dag_id,
                run_id=self.trigger_run_id or None,
                conf=self._checked_conf(),
                logical_date=when,
                reset=self.reset_dag_run,
                note=self.note,
            )
        except DagRunAlreadyExists as err:
            if self.skip_when_already_exists:
                raise AirflowSkipException(f"skipped: {err}") from err
            raise

    def _checked_conf(self) -> dict[str, Any]:
        try:
            conf = json.loads(self.conf or "{}") if isinstance(self.conf, str) else dict(self.conf or {})
            json.dumps(conf)
        except (TypeError, ValueError) as err:
            raise ValueError(f"conf of {self.task_id!r} must be JSON, not {self.conf!r:.60}: {err}") from err
        if not isinstance(conf, dict):
            raise ValueError(f"conf of {self.task_id!r} must be a dict, not {conf!r:.60}")
        return conf

    def _is_over(self, run_id: str) -> bool:
        """Whether the run is in an allowed state. Raises AirflowException for one that it cannot come from."""
        rows = current_backend("a run").run_states(self.trigger_dag_id, run_ids=[run_id])
        state = rows[0].state if rows else None
        if state in self.failed_states:
            raise AirflowException(f"run {run_id!r} of DAG {self.trigger_dag_id!r} ended {state}")
        if state in self.allowed_states:
            self.log.info("Run %s of DAG %s is %s", run_id, self.trigger_dag_id, state)
            return True
        if state is None or state in FINISHED_RUN:
            raise AirflowException(
                f"run {run_id!r} of DAG {self.trigger_dag_id!r} is {state or 'gone'}, neither allowed nor failed"
            )
        return False
