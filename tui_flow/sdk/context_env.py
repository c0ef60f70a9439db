"""A task's context as environment variables, for the processes that it starts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MAX_VALUE_BYTES = 128 * 1024


def context_to_env(context: Mapping[str, Any]) -> dict[str, str]:
    """`AIRFLOW_CTX_*`, and the same as `TUIFLOW_CTX_*`."""
    ti, dag_run = context.get("ti"), context.get("dag_run")
    logical_date = context.get("logical_date")
    facts = {
        "DAG_OWNER": getattr(getattr(ti, "task", None), "owner", None),
        "DAG_ID": getattr(ti, "dag_id", None),
        "TASK_ID": getattr(ti, "task_id", None),
        "LOGICAL_DATE": logical_date.isoformat() if logical_date is not None else None,
        "EXECUTION_DATE": logical_date.isoformat() if logical_date is not None else None,
        "TRY_NUMBER": getattr(ti, "try_number", None),
        "DAG_RUN_ID": getattr(dag_run, "run_id", None) or getattr(ti, "run_id", None),
    }
    known = {name: str(value) for name, value in facts.items() if value is not None}
    return {f"{prefix}_CTX_{name}": value for prefix in ("AIRFLOW", "TUIFLOW") for name, value in known.items()}
