"""Airflow's DAG files, loaded in forked processes as hosts do."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.integration.loading import Dags, in_child
from tui_flow.loader.load import LoadRequest, load_file

CLASSIC = """
from airflow import DAG
from airflow.operators.bash_operator import BashOperator
from airflow.utils.dates import days_ago

dag = DAG("classic", start_date=days_ago(2), schedule_interval="@daily", default_args={"owner": "me"})
BashOperator(task_id="a", bash_command="date", dag=dag)
"""
MODERN = """
from airflow.sdk import dag, task

@dag(schedule="@daily")
def modern():
    @task
    def a():
        return 1
    a()

modern()
"""

FINDER_ALONE = ["tui_flow.compat", "tui_flow.compat.airflow", "tui_flow.compat.airflow.finder"]


@pytest.fixture
def dags(tmp_path: Path) -> Dags:
    return Dags(tmp_path)


def loaded(dags: Dags, file: str = "etl.py", path: list[Path] | None = None, **settings: str) -> dict[str, Any]:
    def work() -> dict[str, Any]:
        for name in [name for name in sys.modules if name.startswith("tui_flow.compat.airflow.")]:
            del sys.modules[name]  # an earlier test of this process may have loaded it
        sys.path[:0] = map(str, path or [])
        request = dags.request(file).to_dict() | settings
        result = load_file(LoadRequest.from_dict(request)).to_dict()
        return result | {"modules": [name for name in sys.modules if name.startswith("tui_flow.compat")]}

    answer, _ = in_child(work)
    assert isinstance(answer, dict)
    return answer


@pytest.mark.parametrize(
    ("source", "dialect", "catchup", "kind"),
    [
        (CLASSIC, "airflow2", True, "CronDataIntervalTimetable"),
        (MODERN, "airflow3", None, "CronTriggerTimetable"),
        ("# tuiflow: dialect=airflow3\n" + CLASSIC, "airflow3", None, "CronTriggerTimetable"),
    ],
)
def test_the_defaults_follow_the_file(dags: Dags, source: str, dialect: str, catchup: bool | None, kind: str) -> None:
    dags.write("etl.py", source)
    [spec] = loaded(dags)["specs"]
    assert (spec["dialect"], spec.get("catchup"), spec["timetable"]["kind"]) == (dialect, catchup, kind)


def test_a_setting_overrides_the_dialect_of_airflow_files_alone(dags: Dags) -> None:
    dags.write("etl.py", CLASSIC)
    dags.write("ours.py", 'from tui_flow import DAG\nDAG("ours")\nd = DAG("ours2")')
    [spec] = loaded(dags, airflow_dialect="airflow3")["specs"]
    assert spec["dialect"] == "airflow3" and "airflow_dialect" in spec["dialect_reason"]
    [ours] = loaded(dags, "ours.py", airflow_dialect="airflow3")["specs"]
    assert ours.get("dialect", "tui_flow") == "tui_flow"


@pytest.mark.parametrize("line", ["# tuiflow: dialect=airflow4\n", ""])
def test_an_unknown_dialect_is_an_import_error(dags: Dags, line: str) -> None:
    dags.write("etl.py", line + CLASSIC)
    failure = loaded(dags, airflow_dialect="airflow5")["failure"]
    assert "there are tui_flow, airflow2, airflow3" in failure["message"]


def test_an_import_that_is_not_served_names_the_line_and_what_to_use(dags: Dags) -> None:
    dags.write("etl.py", "from airflow import DAG\nfrom airflow.operators.subdag import SubDagOperator\n")
    failure = loaded(dags)["failure"]
    assert failure["line"] == 2
    assert failure["message"].startswith("etl.py:2: ") and "TaskGroup" in failure["message"]


def test_files_of_tuiflow_load_none_of_it(dags: Dags) -> None:
    dags.write("etl.py", 'from tui_flow import DAG\nd = DAG("d")')
    dags.write("theirs.py", "from airflow import DAG\nd = DAG('d')")
    assert "tui_flow.compat.airflow.names" in loaded(dags, "theirs.py")["modules"]
    assert loaded(dags)["modules"] in (["tui_flow.compat", "tui_flow.compat.airflow"], FINDER_ALONE)


def test_an_installed_airflow_is_not_hidden_silently(dags: Dags, tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "airflow").mkdir(parents=True)
    (site / "airflow" / "__init__.py").write_text("who = 'the real one'\n")
    dags.write("etl.py", CLASSIC)
    dags.write("real.py", "# airflow dag\nfrom airflow import who\n")
    [warning] = loaded(dags, path=[site])["warnings"]
    assert str(site / "airflow") in warning and "airflow_imports" in warning
    assert loaded(dags, path=[site], airflow_imports="tuiflow")["warnings"] == []
    assert loaded(dags, "real.py", [site], airflow_imports="installed")["failure"] is None
    assert loaded(dags, "real.py", [site])["failure"]["line"] == 2
    assert "airflow_imports" in loaded(dags, "real.py", airflow_imports="theirs")["failure"]["message"]


def test_an_installed_provider_is_imported_from_its_files(dags: Dags, tmp_path: Path) -> None:
    provider = tmp_path / "site" / "airflow" / "providers" / "acme"
    provider.mkdir(parents=True)
    (provider / "__init__.py").write_text("")
    (provider / "operators.py").write_text(
        "from airflow.models import BaseOperator\nclass Acme(BaseOperator):\n    template_fields = ('x',)\n"
        "    def __init__(self, x, **kwargs):\n        super().__init__(**kwargs)\n        self.x = x\n"
    )
    dags.write(
        "etl.py",
        "from airflow import DAG\nfrom airflow.providers.acme.operators import Acme\n"
        "with DAG('d') as d:\n    Acme(task_id='a', x='{{ ds }}')\n",
    )
    answer = loaded(dags, path=[tmp_path / "site"])
    assert answer["failure"] is None and answer["warnings"] == []
    assert answer["specs"][0]["tasks"][0]["operator"] == "Acme"
    assert "apache-airflow-providers-acme" in loaded(dags)["failure"]["message"]


@pytest.mark.parametrize(
    ("provider", "module", "settings", "is_ours"),
    [
        ("http", "http", {}, False),
        ("http", "http", {"airflow_providers": "tuiflow"}, True),
        ("http", "more", {"airflow_providers": "tuiflow"}, False),
        ("standard", "bash", {}, True),
    ],
)
def test_an_installed_provider_goes_before_ours_but_for_the_standard_one(
    dags: Dags, tmp_path: Path, provider: str, module: str, settings: dict[str, str], is_ours: bool
) -> None:
    folder = tmp_path / "site" / "airflow" / "providers" / provider / "operators"
    folder.mkdir(parents=True)
    for path in (folder.parent / "__init__.py", folder / "__init__.py"):
        path.write_text("")
    (folder / f"{module}.py").write_text("IS_INSTALLED = True\n")
    dags.write(
        "etl.py",
        f"import airflow.providers.{provider}.operators.{module} as found\nfrom airflow import DAG\n"
        "d = DAG('installed' if getattr(found, 'IS_INSTALLED', False) else 'ours')\n",
    )
    [spec] = loaded(dags, path=[tmp_path / "site"], **settings)["specs"]
    assert spec["dag_id"] == ("ours" if is_ours else "installed")
    dags.write("etl.py", f"from airflow.providers.{provider}.operators.{module} import Nonsense\n")
    failure = loaded(dags, path=[tmp_path / "site"], airflow_providers="tuiflow")["failure"]
    assert (" set [core] airflow_providers to 'installed'" in failure["message"]) is (module == "http")
    failure = loaded(dags, airflow_providers="theirs")["failure"]
    assert "airflow_providers: 'theirs' is not one of installed, tuiflow" in failure["message"]


def test_airflows_examples_find_their_own_modules(tmp_path: Path) -> None:
    dags = Dags(tmp_path)
    dags.folder = tmp_path / "airflow" / "example_dags"
    dags.write("libs/__init__.py", "")
    dags.write("libs/helper.py", "NAME = 'helped'\n")
    dags.write(
        "etl.py", "from airflow.example_dags.libs.helper import NAME\nfrom airflow.sdk import DAG\nd = DAG(NAME)\n"
    )
    answer = loaded(dags)
    assert [spec["dag_id"] for spec in answer["specs"]] == ["helped"]
    assert "libs/helper.py" in answer["dependencies"]
