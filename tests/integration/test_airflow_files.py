"""Airflow's DAG files as people write them, for 1.10, 2 and 3, run unchanged: `tests/data/airflow_home`."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.airflow_dags import DATA
from tests.integration.engine_kit import Engine
from tests.integration.loopback import HttpServer, http_server

DATE = "2024-06-15T10:30:00+00:00"
ENDS = {
    "etl_classic": ("success", {"success": 7, "skipped": 1}),
    "taskflow_two": ("success", {"success": 11}),
    "sensing": ("success", {"success": 12, "skipped": 5}),
    "loop_1": ("success", {"success": 1}),
    "loop_2": ("success", {"success": 2}),
    "loop_3": ("success", {"success": 3}),
    "factory_orders": ("success", {"success": 3}),
    "factory_users": ("success", {"success": 1}),
    "own_operator": ("success", {"success": 2}),
    "sql_reports": ("success", {"success": 5}),
    "slack_alerts": ("failed", {"success": 1, "failed": 1}),
    "controller": ("success", {"success": 3}),
    "shell_jobs": ("success", {"success": 6}),
    "old_controller": ("success", {"success": 2}),
    "target": ("success", {"success": 2}),
    "consumer_three": ("success", {"success": 1}),
    "producer_three": ("success", {"success": 10, "skipped": 2}),
}

UNPAUSED = ("target", "consumer_three")
"""Others start their runs."""


@pytest.fixture(scope="module")
def slack() -> Iterator[HttpServer]:
    with http_server() as server:
        yield server


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory, slack: HttpServer) -> Iterator[Engine]:
    """All of them, each run once and over."""
    folder = tmp_path_factory.mktemp("airflow")
    shutil.copytree(DATA / "airflow_home", folder / "airflow")
    connections = {
        "DAGS_PATH": {"conn_type": "fs", "extra": {"path": str(folder / "airflow" / "dags")}},
        "WAREHOUSE": {"conn_type": "postgres", "host": "db", "port": 5432, "extra": {"sslmode": "require"}},
        "REPORTS": {"conn_type": "sqlite", "host": str(folder / "reports.db")},
        "SLACK_WEBHOOK": {"conn_type": "http", "host": "127.0.0.1", "port": slack.port, "password": "T/B/secret"},
        "SHOP_DEFAULT": {"conn_type": "shop", "host": "shop", "extra": {"api_key": "k"}},
    }
    environ = {f"AIRFLOW_CONN_{name}": json.dumps(fields) for name, fields in connections.items()}
    environ["AIRFLOW_VAR_TASKFLOW_CONFIG"] = '{"regions": ["eu", "us"], "owner": "data"}'
    environ["TUIFLOW_CORE_DAGS_FOLDER"] = str(folder / "airflow" / "dags")
    with Engine(folder / "engine", **environ) as engine:
        engine.start()
        for pool in ("etl", "shell"):
            engine.ask("set_pool", name=pool, slots=2)
        engine.until(lambda: engine.ask("settle")["is_busy"] is False, "all files are parsed")
        for dag_id in UNPAUSED:
            engine.ask("pause_dag", dag_id=dag_id, is_paused=False)
        started = {dag_id: engine.trigger(dag_id, logical_date=DATE) for dag_id in ENDS if dag_id not in UNPAUSED}
        for dag_id, run_id in started.items():
            engine.wait_run(dag_id, run_id)
        for dag_id in UNPAUSED:
            for run in engine.runs(dag_id):
                engine.wait_run(dag_id, run.run_id)
        yield engine


def test_all_but_the_subdag_are_imported_paused(engine: Engine) -> None:
    [error] = engine.reads(lambda reader: reader.import_errors()) or []
    assert error.file == "with_subdag.py" and error.message.startswith("with_subdag.py:3: ")
    assert "TaskGroup" in error.message
    dags = engine.reads(lambda reader: reader.dags()) or ()
    assert {dag.dag_id for dag in dags} == {*ENDS}
    assert {dag.dag_id for dag in dags if not dag.is_paused} == {*UNPAUSED}


@pytest.mark.parametrize("dag_id", ENDS)
def test_each_ends_as_with_airflow(engine: Engine, dag_id: str) -> None:
    run = engine.run(dag_id)
    tis = engine.reads(lambda reader: reader.task_instances(run.id)) or []
    states = [(ti.task_id, str(ti.state)) for ti in tis]
    assert (str(run.state), Counter(state for _, state in states)) == ENDS[dag_id], states


def test_templates_say_what_they_would(engine: Engine) -> None:
    said = engine.said("taskflow_two", "show")
    assert "data fallback db:5432 require 3 manual 20240615T103000 2024-06-13 10" in said
    said = engine.said("shell_jobs", "jobs.script")
    assert "job for 2024-06-15 by night with inherited shell_jobs.jobs.script" in said and "- b" in said
    assert {run.conf["message"] for run in engine.runs("target")} == {"Hello 2024-06-15", "from 1.10"}
    assert "came 3" in engine.said("consumer_three", "read")
    assert engine.xcom("own_operator", "count") == "2"


def test_callbacks_reach_the_webhook(engine: Engine, slack: HttpServer) -> None:
    engine.until(lambda: len(slack.requests) == 5, "all five were told")
    told = sorted(json.loads(request["body"])["text"] for request in slack.requests)
    failed = ":red_circle: Task Failed. *Task*: breaks *Dag*: slack_alerts *Try*: 2 *Date*: 2024-06-15 *Why*: Bash"
    assert told[0].startswith(failed) and told[0].endswith("*Log*: yes")
    assert told[1:] == ["ok went well", "retry: slack_alerts", "run failed: slack_alerts", "task: slack_alerts"]
