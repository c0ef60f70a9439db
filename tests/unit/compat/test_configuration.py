"""What a DAG file takes for granted: `conf` with the values that nobody has set, the packages that Airflow brings."""

from __future__ import annotations

import re
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

from tui_flow.compat.airflow.brought import BROUGHT
from tui_flow.compat.airflow.configuration import AirflowConfigParser
from tui_flow.compat.airflow.provider_trial import describe
from tui_flow.sdk.exceptions import AirflowConfigException


@pytest.fixture
def conf(monkeypatch: pytest.MonkeyPatch) -> AirflowConfigParser:
    monkeypatch.setenv("TUIFLOW_HOME", "/nowhere/home")
    monkeypatch.delenv("AIRFLOW_HOME", raising=False)
    return AirflowConfigParser()


def test_what_nobody_sets_has_airflows_value(conf: AirflowConfigParser) -> None:
    assert conf.get("email", "email_backend") == "airflow.utils.email.send_email_smtp"
    assert conf.getint("scheduler", "scheduler_heartbeat_sec") == 5
    assert conf.getfloat("core", "dagbag_import_timeout") == 30.0
    assert conf.getboolean("smtp", "smtp_starttls") is True
    assert conf.get("kubernetes_executor", "worker_container_tag") == ""
    assert conf.get("webserver", "config_file") == "/nowhere/home/webserver_config.py"
    assert conf.has_option("api", "port") and not conf.has_option("api", "nonsense")
    assert conf.has_section("smtp") and not conf.has_section("nonsense")
    assert (conf.getsection("sensors") or {})["default_timeout"] == "604800"


def test_what_is_tuiflows_own(conf: AirflowConfigParser) -> None:
    assert conf.get("logging", "base_log_folder") == "/nowhere/home/logs"
    assert conf.getboolean("core", "load_examples") is False
    assert (conf.getsection("core") or {})["load_examples"] == "False"


def test_names_of_older_versions(conf: AirflowConfigParser, monkeypatch: pytest.MonkeyPatch) -> None:
    assert conf.get("core", "base_log_folder") == "/nowhere/home/logs"
    assert conf.getint("core", "dag_concurrency") == 16
    assert conf.get("kubernetes", "NAMESPACE") == "default"
    monkeypatch.setenv("AIRFLOW__LOGGING__LOGGING_LEVEL", "DEBUG")
    assert conf.get("core", "logging_level") == "DEBUG"
    monkeypatch.setenv("AIRFLOW__CORE__LOGGING_LEVEL", "ERROR")
    assert conf.get("core", "logging_level") == "ERROR"


def test_an_empty_value_is_none(conf: AirflowConfigParser, monkeypatch: pytest.MonkeyPatch) -> None:
    assert conf.gettimedelta("core", "default_task_execution_timeout") is None
    assert conf.getjson("secrets", "backend_kwargs", fallback={}) == {}
    monkeypatch.setenv("AIRFLOW__CORE__DEFAULT_TASK_EXECUTION_TIMEOUT", "60")
    assert conf.gettimedelta("core", "default_task_execution_timeout") == timedelta(minutes=1)


def test_airflows_database_is_not_named(conf: AirflowConfigParser) -> None:
    for section in ("core", "database"):
        with pytest.raises(AirflowConfigException, match="database is not here"):
            conf.get(section, "sql_alchemy_conn")
    assert conf.get("core", "sql_alchemy_conn", fallback="x") == "x"
    with pytest.raises(AirflowConfigException, match="set AIRFLOW__CORE__NONSENSE"):
        conf.get("core", "nonsense")


def test_the_extra_brings_what_airflow_brings() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extra = {re.split("[<>=]", line)[0] for line in project["optional-dependencies"]["airflow"]}
    assert extra == set(BROUGHT.values())


def test_a_missing_package_is_told_with_the_extra_that_brings_it() -> None:
    assert describe(ModuleNotFoundError("No", name="pytz.tz")) == (
        "the Python module pytz.tz (pip install 'tuiflow[airflow]')"
    )
    assert describe(ModuleNotFoundError("No", name="docker")) == "the Python module docker"
