"""Airflow's home as it lies on a machine: what DAG files get from `plugins/` and `config/` beside their folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.integration.cli_home import tuiflow
from tests.integration.loading import Dags, task_ids
from tui_flow.loader.sources import SourceView

PLUGIN = """
import marks
from airflow.hooks.base_hook import BaseHook
from airflow.models import BaseOperator
from airflow.plugins_manager import AirflowPlugin
from airflow.sensors.base_sensor_operator import BaseSensorOperator

def shout(text):
    return text.upper() + marks.MARK

class ShoutOperator(BaseOperator):
    template_fields = ("text",)
    def __init__(self, text, **kwargs):
        super().__init__(**kwargs)
        self.text = text
    def execute(self, context):
        print("said", self.text)

class ShoutHook(BaseHook):
    pass

class ShoutSensor(BaseSensorOperator):
    def poke(self, context):
        return True

class Shouting(AirflowPlugin):
    name = "shouting"
    operators, sensors, hooks = [ShoutOperator], [ShoutSensor], [ShoutHook]
    macros = [shout]
    listeners = [object()]
    flask_blueprints = []
"""
ETL = """
import shouts.plugin
from airflow import DAG
from airflow.hooks.shouting import ShoutHook
from airflow.macros.shouting import shout
from airflow.operators import ShoutOperator as Bare
from airflow.operators.shouting import ShoutOperator
from airflow.sensors.shouting import ShoutSensor

assert Bare is ShoutOperator is shouts.plugin.ShoutOperator and shout("a") == "A!"
with DAG("etl", schedule_interval=None):
    ShoutOperator(task_id="say", text="{{ macros.shouting.shout(ti.task_id) }}") >> ShoutSensor(task_id="wait")
"""
TEMPLATED = """
from airflow import DAG
from airflow.operators.bash_operator import BashOperator
with DAG("templated", schedule_interval=None):
    BashOperator(task_id="say", bash_command="echo {{ macros.shouting.shout('bash') }}")
"""


@pytest.fixture
def dags(tmp_path: Path) -> Dags:
    found = Dags(tmp_path)
    found.write("../plugins/shouts/plugin.py", PLUGIN)
    found.write("../config/marks.py", "MARK = '!'")
    found.write("etl.py", ETL)
    found.write("templated.py", TEMPLATED)
    return found


def test_what_plugins_add_has_names_in_airflow(dags: Dags) -> None:
    assert task_ids(dags.load("etl.py")) == ["say", "wait"]


def test_a_plugin_belongs_to_the_version_of_a_file_that_names_its_macro(dags: Dags) -> None:
    dags.write("../plugins/idle.py", "from airflow.plugins_manager import AirflowPlugin\n1 / 0")
    loaded = dags.load("templated.py")
    assert loaded.failure is None
    manifest = SourceView(dags.sources, loaded.source_version).manifest
    assert {"../plugins/shouts/plugin.py", "../config/marks.py"} <= manifest.keys()
    assert "../plugins/" in loaded.dependencies
    dags.write("plain.py", TEMPLATED.replace("macros.shouting.shout", "macros.ds_add"))
    manifest = SourceView(dags.sources, dags.load("plain.py").source_version).manifest
    assert manifest.keys() == {"plain.py"}


def test_a_stored_version_has_its_plugin_though_that_is_gone(dags: Dags) -> None:
    version = dags.load("etl.py").source_version
    (dags.folder.parent / "plugins/shouts/plugin.py").unlink()
    assert task_ids(dags.load("etl.py", version)) == ["say", "wait"]


def test_plugins_of_installed_packages_count_too(dags: Dags, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site"
    (site / "shop-1.dist-info").mkdir(parents=True)
    (site / "shop-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: shop\nVersion: 1\n")
    (site / "shop-1.dist-info" / "entry_points.txt").write_text("[airflow.plugins]\nshop = shop_plugin:Shop\n")
    (site / "shop_plugin.py").write_text(
        "from airflow.plugins_manager import AirflowPlugin\ndef price(): return 3\n"
        "class Shop(AirflowPlugin):\n    name, macros = 'shop', [price]\n"
    )
    monkeypatch.syspath_prepend(str(site))
    dags.write("etl.py", "from airflow import DAG\nfrom airflow.macros.shop import price\nd = DAG(f'etl_{price()}')")
    loaded = dags.load("etl.py")
    assert loaded.failure is None and [spec.dag_id for spec in loaded.specs] == ["etl_3"]


def test_the_plugins_folder_can_be_asked_for(dags: Dags, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUIFLOW_CORE_DAGS_FOLDER", str(dags.folder))
    dags.write(
        "etl.py",
        """
        from airflow import DAG
        from airflow.configuration import conf
        from airflow.settings import PLUGINS_FOLDER
        assert conf.get("core", "plugins_folder") == PLUGINS_FOLDER
        d = DAG("etl", description=PLUGINS_FOLDER)
        """,
    )
    for folder in (tmp_path / "plugins", tmp_path / "other"):
        assert [spec.description for spec in dags.load("etl.py").specs] == [str(folder)]
        monkeypatch.setenv("AIRFLOW__CORE__PLUGINS_FOLDER", str(tmp_path / "other"))


def test_a_broken_plugin_is_named_where_a_name_is_not_found(dags: Dags) -> None:
    dags.write("../plugins/web.py", "import flask_of_airflow\nclass Web(__import__('x').AirflowPlugin): name = 'web'")
    dags.write("../plugins/page.py", "import nothing_there\nclass Page(x.AirflowPlugin):\n    name = 'page'\n")
    dags.write("etl.py", "from airflow import DAG\nfrom airflow.operators.page import A")
    failure = dags.load("etl.py").failure
    assert failure is not None and failure.message.startswith("etl.py:2: AirflowImportError: airflow.operators.page")
    assert "no plugin in the plugins folder is called 'page'" in failure.message
    assert "plugin page cannot be imported: ModuleNotFoundError: No module named 'nothing_there'" in failure.message


def test_the_config_folder_lies_in_airflows_home_where_that_is_named(
    dags: Dags, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dags.write("etl.py", "from airflow import DAG\nimport marks\nassert marks.MARK == '?'\nDAG('etl')")
    assert "AssertionError" in str(dags.load("etl.py").failure)
    (tmp_path / "home" / "config").mkdir(parents=True)
    (tmp_path / "home" / "config" / "marks.py").write_text("MARK = '?'")
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / "home"))
    assert dags.load("etl.py").failure is None
    (tmp_path / "home" / "config").chmod(0o777)
    loaded = dags.load("etl.py")
    assert loaded.failure is not None and "No module named 'marks'" in loaded.failure.message


def test_the_tasks_run_and_the_check_says_what_is_ignored(dags: Dags) -> None:
    dags.write(
        "later.py", "from airflow import DAG\nDAG('x')\ndef f():\n    from airflow.operators.shouting import A\n"
    )
    checked = tuiflow("check", str(dags.folder))
    assert checked.returncode == 0, checked.stdout
    assert "! ../plugins/shouts/plugin.py: line 30: plugin 'shouting' gives listeners, without effect" in checked.stdout
    assert "flask_blueprints" not in checked.stdout
    [plugin] = json.loads(tuiflow("check", str(dags.folder), "--json").stdout)["plugins"]
    assert (plugin["file"], plugin["name"]) == ("../plugins/shouts/plugin.py", "shouting")
    assert [each["name"] for each in plugin["ignored"]] == ["listeners"]
    for dag_id, said in (("etl", "said SAY!"), ("templated", "BASH!")):
        ran = tuiflow("--dags", str(dags.folder), "run", dag_id, "--logs")
        assert ran.returncode == 0 and said in ran.stdout, ran.stderr
    assert not os.path.exists(dags.folder / "__pycache__")
