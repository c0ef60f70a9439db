"""Examples that one machine without the internet cannot run, and what each needs. By file."""

from __future__ import annotations

import re
from pathlib import Path

PARTITIONS = "asset partitions, which tuiflow does not have"
INTERNET = "the internet"
KUBERNETES = "a Kubernetes cluster"

CLOCK = "another day of the week: it looks at the clock"
LUCK = "luck: its branches are random"
RETRIES = "minutes, for its retries"
PERSON = "a person who answers"
PACKAGE = "a provider's package"

NEEDS = {
    "business_day_window.py": PARTITIONS,
    "custom_partition_mapper.py": PARTITIONS,
    "custom_partition_timetable.py": PARTITIONS,
    "example_asset_partition.py": PARTITIONS,
    "example_branch_day_of_week_operator.py": CLOCK,
    "example_branch_operator.py": LUCK,
    "example_branch_operator_decorator.py": LUCK,
    "example_dag_decorator.py": INTERNET,
    "example_hitl_operator.py": PERSON,
    "example_http_operator.py": INTERNET,
    "example_kubernetes_executor.py": KUBERNETES,
    "example_kubernetes_executor_config.py": KUBERNETES,
    "example_local_kubernetes_executor.py": KUBERNETES,
    "example_params_ui_tutorial.py": "a value of a required param",
    "example_pig_operator.py": PACKAGE,
    "example_retry_policy.py": RETRIES,
    "example_subdag_operator.py": "SubDagOperator, which Airflow 3 dropped too",
    "tutorial_objectstorage.py": f"S3 and {INTERNET}",
    "tutorial_taskflow_api_virtualenv.py": INTERNET,
}
"""What is not as it should be in these files is told with this, and does not count."""

_PACKAGES = re.compile(r"needs? the package apache-|moved to the package|No module named '(?:future|google|libcloud)")


def lack_of(file: str, problem: str | None) -> str:
    """What an example lacks here; empty where it should run. `problem`: why it cannot be imported."""
    return NEEDS.get(Path(file).name, "") or (PACKAGE if _PACKAGES.search(problem or "") else "")


FAILS = {
    "example_bash_decorator": "it reads the sources of Airflow in the working folder",
    "example_complex": "a function of it takes an argument that nobody gives",
    "example_external_task_marker_child": "it waits for a task group that the other DAG does not have",
    "example_passing_params_via_test_command": "it is for `dags test`",
    "example_trigger_target_dag": "it needs the conf that its controller gives",
    "read_asset_event": "nothing has updated the asset yet",
    "read_asset_event_from_classic": "nothing has updated the asset yet",
    "read_dataset_event_from_classic": "nothing has updated the dataset yet",
    "tutorial_objectstorage": f"it needs S3 and {INTERNET}",
    "tutorial_taskflow_templates": "the wheel lacks one of its SQL files",
}
"""By DAG: why a run of its own fails with Airflow too, where there is no recorded answer."""
