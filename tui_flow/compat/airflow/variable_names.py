"""The names of a context's values in a task's environment and in the sessions of databases."""

from __future__ import annotations

DEFAULT_FORMAT_PREFIX = "airflow.ctx."
ENV_VAR_FORMAT_PREFIX = "AIRFLOW_CTX_"
AIRFLOW_VAR_NAME_FORMAT_MAPPING = {
    f"AIRFLOW_CONTEXT_{name}": {
        "default": f"{DEFAULT_FORMAT_PREFIX}{name.lower()}",
        "env_var_format": f"{ENV_VAR_FORMAT_PREFIX}{name}",
    }
    for name in (
        "DAG_ID",
        "TASK_ID",
        "LOGICAL_DATE",
        "EXECUTION_DATE",
        "TRY_NUMBER",
        "DAG_RUN_ID",
        "DAG_OWNER",
        "DAG_EMAIL",
    )
}
