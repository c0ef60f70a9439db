"""Provider packages, installed without Airflow: what of them imports, who answers for them, and real ones at work."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.integration.cli_home import ENVIRON, tuiflow
from tests.integration.engine_kit import ROOT, Engine
from tests.integration.loopback import http_server, mail_server, ssh_server
from tests.integration.postgres import postgres_program, postgres_server
from tests.integration.provider_dags import FAR, HTTP, SQL, TOLD
from tests.providers import SLICE, slice_folder
from tui_flow.compat.airflow.python_script import write_python_script
from tui_flow.sdk.decorators import task

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
    "    task = {'name': 'acme', 'class-name': 'airflow.providers.acme.operators.good.Acme'}\n"
    "    types = [{'connection-type': 'sqlite', 'hook-class-name': hook}]\n"
    "    return {'connection-types': types, 'task-decorators': [task]}\n",
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
from airflow.decorators import task
print(task.acme.__name__, task.docker.__module__)
"""


def test_files_that_import_providers_get_their_hooks(site: Path) -> None:
    command = [sys.executable, "-c", HOOKS]
    done = subprocess.run(command, env=with_site(site), capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [
        "SqliteHook",
        "AcmeHook c",
        "apache-airflow-providers-acme 1.2",
        "['sqlite'] {} False",
        "Acme tui_flow.operators.docker_task",
    ], done.stderr


def test_a_function_as_a_script_of_another_python(tmp_path: Path) -> None:
    @task
    def doubled(x: int) -> int:
        return 2 * x

    script, given, result = (tmp_path / name for name in ("script.py", "in", "out"))
    given.write_bytes(pickle.dumps({"args": [21], "kwargs": {}}))
    promise: Any = doubled(21)
    operator = promise.operator
    write_python_script(
        {
            "op_args": operator.op_args,
            "op_kwargs": operator.op_kwargs,
            "pickling_library": "pickle",
            "python_callable": "doubled",
            "python_callable_source": operator.get_python_source(),
            "string_args_global": False,
        },
        str(script),
    )
    subprocess.run([sys.executable, "-I", script, given, result, "none", tmp_path / "error"], check=True)
    assert pickle.loads(result.read_bytes()) == 42


@pytest.fixture(scope="module")
def real_site() -> Path:
    """http, sqlite, postgres, common-sql, ssh, sftp, smtp and slack as they are on PyPI."""
    try:
        return slice_folder()
    except SystemExit as err:
        pytest.skip(str(err))


@pytest.mark.timeout(180)
def test_real_packages_import_whole(real_site: Path) -> None:
    names = [text.partition("==")[0] for text in SLICE if not text.startswith("common-compat")]
    rows = json.loads(tuiflow("providers", *names, "--json", **with_site(real_site)).stdout)
    assert {row["provider"] for row in rows} == set(names) and not [row for row in rows if row["missing"]]


@pytest.mark.timeout(180)
def test_real_packages_at_work(real_site: Path, tmp_path: Path) -> None:
    """Without Airflow, in a scheduler's hosts and its triggerer, against servers on the loopback."""
    with ExitStack() as stack:
        web = stack.enter_context(http_server())
        box = stack.enter_context(ssh_server())
        mail = stack.enter_context(mail_server())
        engine = stack.enter_context(Engine(tmp_path, TUIFLOW_SCHEDULER_PARSE_TIMEOUT_S=120))
        connections = {
            "web": web.connection | {"login": "me", "password": "secret"},
            "slack": {"conn_type": "slackwebhook", "host": f"http://127.0.0.1:{web.port}/slack", "password": "T/B/X"},
            "box": box.connection,
            "files": box.connection | {"conn_type": "sftp"},
            "mail": mail.connection,
            "lite": {"conn_type": "sqlite", "host": str(tmp_path / "a.db")},
        }
        dag_ids = ["http", "far", "told", "lite"]
        if postgres_program("initdb"):
            socket = stack.enter_context(postgres_server())
            login = {"conn_type": "postgres", "login": "postgres", "schema": "postgres"}
            connections["pg"] = login | {"extra": json.dumps({"host": str(socket)})}
            dag_ids.append("pg")
        for name, text in (("web", HTTP), ("sql", SQL), ("far", FAR), ("told", TOLD)):
            engine.dag_file(f"{name}.py", text)
        looks = iter([(404, "")])
        web.answers["/ready"] = lambda: next(looks, (200, ""))
        web.answers["/slack/T/B/X"] = lambda: (200, "ok")
        engine.start(
            PYTHONPATH=f"{ROOT}:{real_site}",
            **{f"AIRFLOW_CONN_{name.upper()}": json.dumps(fields) for name, fields in connections.items()},
        )
        for dag_id in dag_ids:
            engine.trigger(dag_id)
        for dag_id in dag_ids:
            engine.wait_run(dag_id)
        _check_http(engine)
        _check_far(engine)
        _check_told(engine, mail.mails, [told["body"] for told in web.requests if told["path"].startswith("/slack")])
        for dag_id in dag_ids[3:]:
            _check_sql(engine, dag_id)


def _check_http(engine: Engine) -> None:
    assert set(engine.states("http").values()) == {"success"}, engine.states("http")
    assert engine.xcom("http", "get") == "/http" and json.loads(engine.xcom("http", "get_off"))["body"] == "x"


def _check_far(engine: Engine) -> None:
    assert engine.states("far") == {"write": "success", "put": "success", "wait": "success", "fails": "failed"}
    said = engine.said("far", "fails")
    assert "me" in said and any("exit status = 7" in line for line in said)
    assert (engine.folder / "far" / "there").read_text() == "me\n"


def _check_told(engine: Engine, mails: list[Any], slack: list[str]) -> None:
    assert engine.states("told") == {"mail": "success", "slack": "success", "fails": "failed"}
    assert [mail.rcpt_tos for mail in mails] == [["a@x.y", "b@x.y"], ["ops@x.y"]]
    assert b"Subject: told" in mails[0].content and b"Subject: fails" in mails[1].content
    assert [json.loads(body)["text"] for body in slack] == ["slack", "fails failed"]


def _check_sql(engine: Engine, dag_id: str) -> None:
    states = engine.states(dag_id)
    assert {task_id for task_id, state in states.items() if state != "success"} == {"table", "other"}, states
    assert (states["table"], states["other"]) == ("failed", "skipped")
    assert list(map(list, engine.xcom(dag_id, "rows"))) == [[1, "one"], [2, None]]
    kind = {"lite": "sqlite", "pg": "postgres"}[dag_id]
    assert engine.xcom(dag_id, "insert") == [f"airflow.providers.{kind}.hooks.{kind}", [3, "three"]]
