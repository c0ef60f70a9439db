"""Airflow 1.10's way to trigger a DAG: a function decides whether, and with what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tui_flow.operators.trigger_dagrun import TriggerDagRunOperator
from tui_flow.sdk.context import Context


class DagRunOrder:
    """What the function is handed, and hands back where a run is to be made."""

    def __init__(self, run_id: str | None = None, payload: Any = None) -> None:
        self.run_id, self.payload = run_id, payload


class ConditionalTriggerDagRunOperator(TriggerDagRunOperator):
    """`python_callable(context, dag_run_order)` answers with the order, its payload the run's conf, or with None."""

    def __init__(
        self, *, python_callable: Callable[[Context, DagRunOrder], DagRunOrder | None] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.python_callable = python_callable

    def execute(self, context: Context) -> None:
        if self.python_callable is not None:
            order = self.python_callable(context, DagRunOrder(self.trigger_run_id))
            if not order:
                self.log.info("Criteria not met, moving on")
                return
            self.trigger_run_id, self.conf = order.run_id, order.payload or {}
        super().execute(context)
