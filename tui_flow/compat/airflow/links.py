"""Links from a task's page of Airflow's web server to others."""

from __future__ import annotations

from typing import Any

from tui_flow.sdk.operator_link import BaseOperatorLink


class TriggerDagRunLink(BaseOperatorLink):
    """To the run that TriggerDagRunOperator made."""

    name = "Triggered DAG"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """As a command: there is no page to link to."""
        return f"tuiflow runs list {operator.trigger_dag_id}"
