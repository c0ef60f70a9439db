"""Names of Airflow 1.10 and of its own processes: served, or refused with what to use instead."""

from __future__ import annotations

import ast
import bz2
import gzip
import importlib
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from zipfile import ZipFile

import pytest

from tests.airflow_dags import airflow_importable
from tui_flow.compat.airflow.compression import correct_maybe_zipped, open_maybe_zipped, uncompress_file
from tui_flow.compat.airflow.missing import missing_imports
from tui_flow.compat.airflow.names import moved_names, served_by
from tui_flow.compat.airflow.refusals import AirflowImportError, refusal_of
from tui_flow.errors import BadInput

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
airflow.models.dag: DagContext
airflow.utils.task_group: TaskGroupContext MappedTaskGroup
airflow.settings: _ENABLE_AIP_52 TIMEZONE
airflow.operators.dagrun_operator: TriggerDagRunOperator DagRunOrder
airflow.configuration: conf get getboolean has_option AIRFLOW_HOME get_airflow_home
airflow.exceptions: AirflowClusterPolicyViolation AirflowTimetableInvalid AirflowRuntimeError RemovedInAirflow4Warning
airflow.template.templater: Templater
airflow.utils.net: get_hostname
airflow.exceptions: NodeNotFound TaskAlreadyInTaskGroup FailStopDagInvalidTriggerRule UnmappableOperator DagCodeNotFound
airflow.sdk.exceptions: AirflowTimetableInvalid RemovedInAirflow4Warning TaskAlreadyInTaskGroup NodeNotFound
airflow.utils.task_group: TaskGroupContext TaskGroup
airflow.models.dag: DagContext DAG
airflow.utils.decorators: remove_task_decorator apply_defaults
airflow.utils.dag_parsing_context: AirflowParsingContext
airflow.utils.operator_helpers: make_kwargs_callable
"""
REFUSED = {
    "airflow.providers.cncf.kubernetes.operators.pod": "needs a Kubernetes cluster",
    "airflow.contrib.nonsense": "import from airflow.providers instead",
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
MOVED = {
    "airflow.contrib.operators.kubernetes_pod_operator.KubernetesPodOperator": "needs a Kubernetes cluster",
    "airflow.contrib.operators.bigquery_operator.BigQueryOperator": "apache-airflow-providers-google",
    "airflow.contrib.hooks.aws_hook.AwsHook": "apache-airflow-providers-amazon",
    "airflow.contrib.operators.slack_webhook_operator.SlackWebhookOperator": "apache-airflow-providers-slack",
    "airflow.contrib.hooks.wasb_hook.WasbHook": "apache-airflow-providers-microsoft-azure",
    "airflow.contrib.operators.winrm_operator.WinRMOperator": "apache-airflow-providers-microsoft-winrm",
    "airflow.operators.mysql_to_hive.MySqlToHiveTransfer": "apache-airflow-providers-apache-hive",
    "airflow.operators.s3_file_transform_operator.S3FileTransformOperator": "apache-airflow-providers-amazon",
    "airflow.sensors.web_hdfs_sensor.WebHdfsSensor": "apache-airflow-providers-apache-hdfs",
    "airflow.macros.hive.max_partition": "apache-airflow-providers-apache-hive",
    "airflow.hooks.presto_hook.PrestoHook": "apache-airflow-providers-presto",
}
"""Names that providers have now: their modules can be imported, they as soon as the provider is installed."""


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


@pytest.mark.parametrize(("name", "advice"), MOVED.items())
def test_what_moved_to_a_provider_says_where_it_is(name: str, advice: str) -> None:
    module, _, attribute = name.rpartition(".")
    with airflow_importable(), pytest.raises(AirflowImportError) as refused:
        getattr(importlib.import_module(module), attribute)
    assert str(refused.value).startswith(f"{name} is ") and advice in str(refused.value)
    assert "airflow.providers." in str(refused.value).partition(" now: ")[0]
    tree = ast.parse(f"from {module} import {attribute}\nimport airflow.operators.docker_operator")
    [found] = missing_imports(tree)
    assert found.name == name and found.advice.startswith(f"{module} is airflow.providers.") and advice in found.advice


def test_what_moved_to_a_provider_that_is_here_is_served() -> None:
    with airflow_importable():
        old = importlib.import_module("airflow.operators.docker_operator")
        assert old.DockerOperator is importlib.import_module("airflow.providers.docker.operators.docker").DockerOperator
        assert importlib.import_module("airflow.contrib").__name__ == "airflow.contrib"


def test_names_that_moved_together_are_told_once_whether_they_are_known_or_not() -> None:
    source = "from airflow.contrib.hooks.gcp_transfer_hook import GCPTransferServiceHook, SCHEDULE, STATUS"
    [found] = missing_imports(ast.parse(source))
    assert "apache-airflow-providers-google" in found.advice
    with airflow_importable(), pytest.raises(AirflowImportError, match="SCHEDULE is SCHEDULE of airflow.providers.goo"):
        _ = importlib.import_module("airflow.contrib.hooks.gcp_transfer_hook").SCHEDULE


def test_what_a_provider_dropped_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    place = "airflow.providers.amazon.aws.hooks.base_aws"
    with airflow_importable():
        monkeypatch.setitem(sys.modules, place, ModuleType(place))
        old = importlib.import_module("airflow.contrib.hooks.aws_hook")
        with pytest.raises(
            AirflowImportError, match="AwsHook is AwsBaseHook of .*, but the installed package does not"
        ):
            _ = old.AwsHook
        monkeypatch.setattr(sys.modules[place], "AwsBaseHook", 1, raising=False)
        assert old.AwsHook == 1


def test_every_line_of_moved_names_is_whole() -> None:
    for module, places in moved_names().items():
        assert module.startswith("airflow.") and served_by(module) is not None
        for place, text in places.items():
            assert place.startswith("airflow.providers.") and text.split()
            assert all(word.replace("=", "").isidentifier() for word in text.split())


INNER = """
airflow.triggers.shared_stream airflow.sdk._shared.secrets_masker airflow.utils.jwt_signer airflow.models.hitl
airflow.sdk.serde.serializers.pandas airflow.timetables._cron airflow.listeners.spec.dagrun airflow.www_rbac.views
airflow.example_dags.tutorial airflow.contrib.auth.backends.ldap_auth airflow.providers.standard.example_dags.sql
airflow.contrib.operators.hipchat_operator airflow.traces.tracer airflow.bin.cli airflow.sdk.coordinators.java
"""


@pytest.mark.parametrize("module", INNER.split())
def test_inner_parts_have_a_reason_of_their_own(module: str) -> None:
    said = refusal_of(module)
    assert said.startswith(f"{module} is not served: ") and "airflow.md" not in said


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


def test_compressed_files_are_unpacked(tmp_path: Path) -> None:
    for ending, packed in ((".gz", gzip.compress(b"text")), (".bz2", bz2.compress(b"text"))):
        (tmp_path / f"a{ending}").write_bytes(packed)
        assert Path(uncompress_file(str(tmp_path / f"a{ending}"), ending, str(tmp_path))).read_bytes() == b"text"
    with pytest.raises(BadInput, match="it must be .gz or .bz2"):
        uncompress_file(str(tmp_path / "a.gz"), ".zip", str(tmp_path))


def test_files_in_zip_files_are_opened(tmp_path: Path) -> None:
    archive = tmp_path / "team.zip"
    with ZipFile(archive, "w") as opened:
        opened.writestr("sql/a.sql", "select 1")
    (tmp_path / "b.sql").write_text("select 2")
    with open_maybe_zipped(f"{archive}/sql/a.sql") as file, open_maybe_zipped(f"{archive}/sql/a.sql", "rb") as raw:
        assert (file.read(), raw.read()) == ("select 1", b"select 1")
    with open_maybe_zipped(str(tmp_path / "b.sql")) as file:
        assert file.read() == "select 2"
    assert correct_maybe_zipped(f"{archive}/sql/a.sql") == str(archive)
    assert correct_maybe_zipped("/none.zip/a.sql") == "/none.zip/a.sql" and correct_maybe_zipped(None) is None


def test_moments_and_zones_are_pendulums() -> None:
    with airflow_importable():
        timezone = importlib.import_module("airflow.utils.timezone")
    assert timezone.from_timestamp(0) == timezone.utc_epoch() == datetime(1970, 1, 1, tzinfo=UTC)
    assert timezone.from_timestamp(0, "Europe/Paris").hour == 1
    assert timezone.from_timestamp(0, "local").timezone == timezone.local_timezone()
    assert str(timezone.parse_timezone("Europe/Paris")) == "Europe/Paris"
