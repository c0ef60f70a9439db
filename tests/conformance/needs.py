"""Examples that one machine without the internet cannot run, and what each needs. By file."""

from __future__ import annotations

PARTITIONS = "asset partitions, which tuiflow does not have"
INTERNET = "the internet"
KUBERNETES = "a Kubernetes cluster"

CLOCK = "another day of the week: it looks at the clock"
LUCK = "luck: its branches are random"
RETRIES = "minutes, for its retries"

NEEDS = {
    "business_day_window.py": PARTITIONS,
    "custom_partition_mapper.py": PARTITIONS,
    "custom_partition_timetable.py": PARTITIONS,
    "example_asset_partition.py": PARTITIONS,
    "example_asset_allow_teams.py": "teams, which one machine does not have",
    "example_branch_day_of_week_operator.py": CLOCK,
    "example_branch_operator.py": LUCK,
    "example_branch_operator_decorator.py": LUCK,
    "example_dag_decorator.py": INTERNET,
    "example_kubernetes_executor.py": KUBERNETES,
    "example_local_kubernetes_executor.py": KUBERNETES,
    "example_params_ui_tutorial.py": "a value of a required param",
    "example_retry_policy.py": RETRIES,
    "example_subdag_operator.py": "SubDagOperator, which Airflow 3 dropped too",
    "tutorial_objectstorage.py": f"S3 and {INTERNET}",
    "tutorial_taskflow_api_virtualenv.py": INTERNET,
}
