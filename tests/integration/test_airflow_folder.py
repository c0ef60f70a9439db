"""A folder of Airflow's as it lies on a machine: `dags/` and `plugins/` side by side, taken with `--dags`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.cli_home import tuiflow
from tests.integration.engine_kit import Engine
from tui_flow.settings import Home
from tui_flow.store.lock import is_held

ETL = """
from airflow import DAG
from airflow.operators.python import PythonOperator
from hooks.shop import ShopHook

with DAG("etl", schedule_interval="@daily", start_date=None) as dag:
    PythonOperator(task_id="count", python_callable=lambda: print("counted", ShopHook().orders()))
"""
HOOK = """
from airflow.hooks.base import BaseHook

class ShopHook(BaseHook):
    def orders(self):
        return {orders}
"""


@pytest.fixture
def airflow(tmp_path: Path) -> Path:
    """The folder; its `dags/` is what is pointed at."""
    folder = tmp_path / "airflow"
    for name, text in (("dags/etl.py", ETL), ("plugins/hooks/shop.py", HOOK.format(orders=3))):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def home() -> Iterator[Home]:
    found = Home(Path(os.environ["TUIFLOW_HOME"]))
    yield found
    tuiflow("down", "--kill-tasks")
    assert not is_held(found), "nothing schedules it any more"


def test_a_folder_is_taken_paused_kept_and_run(airflow: Path, home: Home) -> None:
    dags = str(airflow / "dags")
    ran = tuiflow("run", "etl", "--dags", dags, "--logs")
    assert ran.returncode == 0 and "counted 3" in ran.stdout, ran.stderr
    assert not home.settings_file.exists() or "dags_folder" not in home.settings_file.read_text()
    (airflow / "dags" / "second.py").write_text(ETL.replace('"etl"', '"second"'))
    up = tuiflow("up", "--dags", dags)
    assert up.returncode == 0, up.stderr
    assert "1 DAG of Airflow's files" in up.stderr and "paused, since a live Airflow may still run them" in up.stderr
    assert f'dags_folder = "{dags}"' in home.settings_file.read_text()
    assert "paused" in tuiflow("dags", "list").stdout
    assert tuiflow("dags", "show", "etl", "--source").stdout == ETL
    assert "airflow2 (imports airflow and not airflow.sdk" in tuiflow("dags", "show", "etl").stdout
    other = tuiflow("--dags", str(airflow), "up")
    assert other.returncode == 2 and f"takes its DAGs from {dags}" in other.stderr
    assert tuiflow("--dags", dags, "up").returncode == 0
    assert tuiflow("down").returncode == 0
    again = tuiflow("up")
    assert again.returncode == 0 and f"DAGs  {dags}" in again.stderr and "live Airflow" not in again.stderr


def test_a_folder_that_is_none_is_refused_in_a_line(tmp_path: Path) -> None:
    done = tuiflow("--dags", str(tmp_path / "none"), "dags", "list")
    assert done.returncode == 2 and "there is no such folder" in done.stderr and done.stderr.count("\n") == 1


def test_a_home_with_files_of_its_own_goes_on_naming_its_folder(airflow: Path, home: Home) -> None:
    (home.root / "dags").mkdir(parents=True)
    (home.root / "dags" / "mine.py").write_text("from tui_flow import DAG\nd = DAG('mine')\n")
    assert tuiflow("up", "--dags", str(airflow / "dags")).returncode == 0
    assert "etl" in tuiflow("dags", "list").stdout
    assert "dags_folder" not in home.settings_file.read_text()


def test_a_change_of_a_plugin_is_a_change_of_the_file(airflow: Path, tmp_path: Path) -> None:
    with Engine(tmp_path / "engine", TUIFLOW_CORE_DAGS_FOLDER=str(airflow / "dags")) as engine:
        engine.start()
        engine.until(lambda: engine.reads(lambda reader: reader.dag("etl")), "the DAG is there")
        engine.wait_run("etl", engine.trigger("etl"))
        assert "counted 3" in engine.said("etl", "count")
        before = _source(engine)
        (airflow / "plugins" / "hooks" / "shop.py").write_text(HOOK.format(orders=4))
        engine.until(lambda: _source(engine) != before, "it is parsed again")
        engine.wait_run("etl", engine.trigger("etl"))
        assert "counted 4" in engine.said("etl", "count")


def _source(engine: Engine) -> str:
    dag = engine.reads(lambda reader: reader.dag("etl"))
    return dag.source_version if dag else ""
