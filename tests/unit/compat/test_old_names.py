"""Names of Airflow 1.10 and of its own processes: served, or refused with what to use instead."""

from __future__ import annotations

import importlib

import pytest

from tests.airflow_dags import airflow_importable
from tui_flow.compat.airflow.refusals import AirflowImportError

SERVED = """
airflow.operators: BashOperator PythonOperator DummyOperator BranchPythonOperator BaseOperator ExternalTaskSensor
airflow.operators.sensors: ExternalTaskSensor HttpSensor SqlSensor TimeDeltaSensor
airflow.sensors: ExternalTaskSensor BaseSensorOperator
airflow.hooks: BaseHook HttpHook SqliteHook
airflow.contrib.sensors.file_sensor: FileSensor
airflow.contrib.sensors.python_sensor: PythonSensor
airflow.contrib.operators.ssh_operator: SSHOperator
airflow.contrib.hooks.ssh_hook: SSHHook
airflow.operators.python: PythonOperator get_current_context task
airflow.settings: _ENABLE_AIP_52
airflow.operators.dagrun_operator: TriggerDagRunOperator DagRunOrder
airflow.configuration: conf get getboolean has_option AIRFLOW_HOME get_airflow_home
airflow.exceptions: AirflowClusterPolicyViolation AirflowTimetableInvalid AirflowRuntimeError RemovedInAirflow4Warning
airflow.template.templater: Templater
airflow.utils.net: get_hostname
airflow.utils.operator_helpers: make_kwargs_callable
"""
REFUSED = {
    "airflow.contrib.operators.kubernetes_pod_operator": "needs a Kubernetes cluster",
    "airflow.providers.cncf.kubernetes.operators.pod": "needs a Kubernetes cluster",
    "airflow.contrib.operators.bigquery_operator": "apache-airflow-providers-google",
    "airflow.contrib.hooks.aws_hook": "apache-airflow-providers-amazon",
    "airflow.contrib.operators.slack_webhook_operator": "apache-airflow-providers-slack",
    "airflow.contrib.operators.azure_container_instances_operator": "apache-airflow-providers-microsoft-azure",
    "airflow.contrib.operators.winrm_operator": "apache-airflow-providers-microsoft-winrm",
    "airflow.contrib.nonsense": "import from airflow.providers instead",
    "airflow.operators.mysql_to_hive": "apache-airflow-providers-apache-hive",
    "airflow.operators.s3_file_transform_operator": "apache-airflow-providers-amazon",
    "airflow.sensors.web_hdfs_sensor": "apache-airflow-providers-apache-hdfs",
    "airflow.macros.hive": "apache-airflow-providers-apache-hive",
    "airflow.hooks.presto_hook": "apache-airflow-providers-presto",
    "airflow.operators.subdag_operator": "TaskGroup",
    "airflow.executors.celery_executor": "tuiflow runs them itself",
    "airflow.www.security": "there is no web server",
    "airflow.api.common.experimental.trigger_dag": "use the tuiflow command line",
    "airflow.providers.fab.auth_manager.models": "there are no users",
    "airflow.models.serialized_dag": "row of Airflow's database",
    "airflow.ti_deps.deps.base_ti_dep": "`tuiflow why`",
    "airflow.secrets.metastore": "tuiflow import airflow",
    "airflow.utils.log.file_task_handler": "logs are files of the home",
    "airflow.timetables.trigger.CronPartitionTimetable": "asset partitions are not supported",
}


@pytest.mark.parametrize("line", SERVED.strip().splitlines())
def test_old_names_are_served(line: str) -> None:
    module, _, names = line.partition(": ")
    with airflow_importable():
        found = importlib.import_module(module)
        assert [name for name in names.split() if getattr(found, name, None) is None] == []


@pytest.mark.parametrize(("name", "advice"), REFUSED.items())
def test_what_is_not_served_says_what_to_use(name: str, advice: str) -> None:
    with airflow_importable(), pytest.raises(AirflowImportError) as refused:
        importlib.import_module(name)
    assert str(refused.value).startswith("airflow.") and advice in str(refused.value)


def test_modules_are_reached_as_attributes_of_airflow() -> None:
    with airflow_importable():
        airflow = importlib.import_module("airflow")
        assert callable(airflow.utils.dates.days_ago)
        assert not hasattr(airflow.utils, "nonsense") and not hasattr(airflow, "jobs")


def test_the_old_trigger_operator_is_a_trigger_operator() -> None:
    with airflow_importable():
        old = importlib.import_module("airflow.operators.dagrun_operator").TriggerDagRunOperator
        new = importlib.import_module("airflow.operators.trigger_dagrun").TriggerDagRunOperator
        assert issubclass(old, new)


def test_a_star_hides_none_of_pythons_names() -> None:
    """`airflow.models` has an ImportError of its own; a file that takes all of it goes on to catch Python's."""
    with airflow_importable():
        models = importlib.import_module("airflow.models")
        assert "DAG" in models.__all__ and "ImportError" not in models.__all__
        assert models.ImportError is not ImportError
