"""Provider packages, installed without Airflow: what of them imports, who answers for them, and real ones at work."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.integration.cli_home import ENVIRON, tuiflow
from tests.integration.engine_kit import ROOT, Engine
from tests.integration.loopback import http_server
from tests.providers import slice_folder

ACME = {
    "operators/good.py": "from airflow.models import BaseOperator\nclass Acme(BaseOperator):\n    pass\n",
    "operators/loud.py": "import sys\nprint('{not an answer', flush=True)\nprint('loud', file=sys.stderr)\n",
    "operators/deadly.py": "import os\nos._exit(3)\n",
    "hooks/driver.py": "from ._inner import x\n",
    "hooks/_inner.py": "import acme_driver.deep as x\n",
    "hooks/sqlite.py": "from airflow.hooks.base import BaseHook\nclass AcmeHook(BaseHook):\n"
    "    conn_name_attr = 'acme_conn_id'\n    def __init__(self, acme_conn_id):\n        self.name = acme_conn_id\n",
    "sensors/odd.py": "from airflow.utils.nonsense import x\n",
    "sensors/broken.py": "raise ValueError('not today')\n",
    "triggers/wrapped.py": "from airflow.exceptions import AirflowOptionalProviderFeatureException as Missing\n"
    "try:\n    import acme_extra\nexcept ImportError as err:\n    raise Missing(err)\n",
    "cli/ignored.py": "raise ValueError('nobody imports this')\n",
    "get_provider_info.py": "def get_provider_info():\n"
    "    hook = 'airflow.providers.acme.hooks.sqlite.AcmeHook'\n"
    "    return {'connection-types': [{'connection-type': 'sqlite', 'hook-class-name': hook}]}\n",
}
DAG_FILE = """
from airflow import DAG
from airflow.providers.acme.operators.good import Acme
with DAG("acme", schedule=None, start_date=None):
    Acme(task_id="a")
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with one provider package in it, as pip leaves it."""
    root = tmp_path / "site"
    package = root / "airflow" / "providers" / "acme"
    for name, text in ACME.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text)
        (package / name).with_name("__init__.py").touch()
    info = root / "apache_airflow_providers_acme-1.2.dist-info"
    info.mkdir()
    requires = ["apache-airflow>=2.11", "acme-driver>=3; python_version>'3'", "acme-extra ; extra == 'more'", "pytest"]
    lines = [f"Requires-Dist: {text}" for text in requires]
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: apache-airflow-providers-acme\nVersion: 1.2\n" + "\n".join(lines) + "\n"
    )
    (info / "entry_points.txt").write_text(
        "[apache_airflow_provider]\nprovider_info=airflow.providers.acme.get_provider_info:get_provider_info\n"
    )
    files = [*ACME, "__init__.py", "hooks/__init__.py"]
    (info / "RECORD").write_text("".join(f"airflow/providers/acme/{name},,\n" for name in files))
    return root


def with_site(site: Path) -> dict[str, str]:
    return {"PYTHONPATH": f"{ENVIRON['PYTHONPATH']}:{site}"}


def test_what_is_installed(site: Path) -> None:
    [row] = json.loads(tuiflow("providers", "--json", **with_site(site)).stdout)
    assert (row["provider"], row["version"], row["modules"]) == ("acme", "1.2", 8)
    assert row["not_installed"] == ["acme-driver>=3"] and row["answered_by"] == "the package"
    nothing = tuiflow("providers")
    assert nothing.returncode == 0 and "pip install --no-deps" in nothing.stderr
    unknown = tuiflow("providers", "acne", **with_site(site))
    assert unknown.returncode == 2 and "did you mean 'acme'?" in unknown.stderr


def test_every_module_is_tried_and_what_it_lacks_is_named(site: Path) -> None:
    done = tuiflow("providers", "apache-airflow-providers-acme", "--json", **with_site(site))
    missing = {row["module"].removeprefix("airflow.providers.acme."): row["missing"] for row in json.loads(done.stdout)}
    served = missing.pop("sensors.odd")
    assert served.startswith("airflow.utils.nonsense is not served")
    assert missing == {
        "hooks.driver": "the Python module acme_driver",
        "hooks.sqlite": None,
        "operators.deadly": "its import ended the process with exit code 3",
        "operators.good": None,
        "operators.loud": None,
        "sensors.broken": "ValueError: not today",
        "triggers.wrapped": "the Python module acme_extra",
    }
    assert done.returncode == 1
    table = tuiflow("providers", "acme", **with_site(site))
    assert "acme 1.2: 3 of 8 modules can be imported" in table.stderr
    assert "not installed of what it requires: acme-driver>=3" in table.stderr


def test_check_says_who_answers(site: Path, tmp_path: Path) -> None:
    file = tmp_path / "acme.py"
    file.write_text(DAG_FILE)
    done = tuiflow("check", str(file), **with_site(site))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "installed providers (acme 1.2) are answered by those packages" in done.stderr
    ours = tuiflow("check", str(file), TUIFLOW_CORE_AIRFLOW_PROVIDERS="tuiflow", **with_site(site))
    assert "answered by tuiflow where it has the module" in ours.stderr


HOOKS = """
import sys
from tui_flow.compat.airflow import finder
from tui_flow.sdk.connection import Connection
connection = Connection("c", conn_type="sqlite")
print(type(connection.get_hook()).__name__)
finder.install()
import airflow.providers.acme
print(type(connection.get_hook()).__name__, connection.get_hook().name)
from airflow.providers_manager import ProvidersManager
manager = ProvidersManager()
print(manager.hooks["sqlite"].package_name, manager.providers["apache-airflow-providers-acme"].version)
print(sorted(manager.hooks), dict(manager.dialects), "x" in manager.hooks)
"""


def test_files_that_import_providers_get_their_hooks(site: Path) -> None:
    command = [sys.executable, "-c", HOOKS]
    done = subprocess.run(command, env=with_site(site), capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [
        "SqliteHook",
        "AcmeHook c",
        "apache-airflow-providers-acme 1.2",
        "['sqlite'] {} False",
    ], done.stderr


REAL = """
from datetime import datetime
from airflow import DAG
from airflow.decorators import task
from airflow.providers.common.sql.operators.sql import (
    BranchSQLOperator, SQLColumnCheckOperator, SQLExecuteQueryOperator, SQLTableCheckOperator)
from airflow.providers.http.operators.http import HttpOperator
from airflow.providers.http.sensors.http import HttpSensor
from airflow.providers.sqlite.hooks.sqlite import SqliteHook
import airflow.providers.http, airflow.providers.common.sql, airflow.providers.sqlite

with DAG("real", schedule=None, start_date=datetime(2024, 1, 1)):
    wait = HttpSensor(task_id="wait", http_conn_id="web", endpoint="ready", poke_interval=0.05)
    wait_off = HttpSensor(task_id="wait_off", http_conn_id="web", endpoint="ready", poke_interval=0.05, deferrable=True)
    get = HttpOperator(task_id="get", http_conn_id="web", endpoint="/{{ dag.dag_id }}", method="GET",
                       response_filter=lambda response: response.json()["path"])
    get_off = HttpOperator(task_id="get_off", http_conn_id="web", endpoint="off", data="x", deferrable=True)
    make = SQLExecuteQueryOperator(task_id="make", conn_id="db", split_statements=True, sql='''
        create table t (a integer, b text); insert into t values (1, 'one'); insert into t values ({{ params.n }}, null)
    ''', params={"n": 2})
    rows = SQLExecuteQueryOperator(task_id="rows", conn_id="db", sql="select a, b from t order by a")
    columns = SQLColumnCheckOperator(task_id="columns", conn_id="db", table="t",
                                     column_mapping={"a": {"null_check": {"equal_to": 0}, "max": {"geq_to": 2}}})
    table = SQLTableCheckOperator(task_id="table", conn_id="db", table="t",
                                  checks={"few": {"check_statement": "COUNT(*) > 2"}})
    branch = BranchSQLOperator(task_id="branch", conn_id="db", sql="select count(*) = 2 from t",
                               follow_task_ids_if_true="insert", follow_task_ids_if_false="other")

    @task
    def insert():
        hook = SqliteHook(sqlite_conn_id="db")
        hook.insert_rows("t", [(3, "three")], target_fields=["a", "b"])
        return [list(row) for row in hook.get_records("select a, b from t where a = ?", (3,))]

    @task
    def other():
        raise RuntimeError

    [wait, wait_off] >> get >> get_off
    make >> rows >> [columns, table, branch]
    branch >> [insert(), other()]
"""


@pytest.mark.timeout(300)
def test_real_packages_at_work(tmp_path: Path) -> None:
    """http, sqlite and common-sql as they are on PyPI, without Airflow, in a scheduler's hosts and its triggerer."""
    try:
        site = slice_folder()
    except SystemExit as err:
        pytest.skip(str(err))
    done = tuiflow("providers", "http", "sqlite", "common-sql", "--json", **with_site(site))
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    assert len(rows) >= 15 and not [row for row in rows if row["missing"]]
    with http_server() as server, Engine(tmp_path) as engine:
        looks = iter([(404, "")])
        server.answers["/ready"] = lambda: next(looks, (200, ""))
        engine.dag_file("real.py", REAL)
        engine.start(
            PYTHONPATH=f"{ROOT}:{site}",
            AIRFLOW_CONN_WEB=f"http://me:secret@127.0.0.1:{server.port}",
            AIRFLOW_CONN_DB=json.dumps({"conn_type": "sqlite", "host": str(tmp_path / "a.db")}),
        )
        engine.trigger("real")
        engine.wait_run("real")
        states = engine.states("real")
        assert {task_id for task_id, state in states.items() if state == "failed"} == {"table"}, states
        assert {task_id for task_id, state in states.items() if state == "skipped"} == {"other"}, states
        assert engine.xcom("real", "get") == "/real" and json.loads(engine.xcom("real", "get_off"))["body"] == "x"
        assert engine.xcom("real", "insert") == [[3, "three"]]
        assert list(map(list, engine.xcom("real", "rows"))) == [[1, "one"], [2, None]]
        [told] = [line for line in engine.said("real", "table") if "Test failed" in line][-1:]
        assert "few" in "".join(engine.said("real", "table")) and told
