"""`tuiflow check`: every way in which a file can be wrong, in one pass, without touching the home."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.cli_home import tuiflow

GOOD = 'from tui_flow import DAG\nwith DAG("good"):\n    pass\n'
FILES = {
    "good.py": GOOD,
    "twin.py": GOOD,
    "broken.py": "from tui_flow import DAG\nx = 1 / 0\n",
    "syntax.py": "from tui_flow import DAG\ndef x(:\n",
    "leaves.py": "# tui_flow DAG\nimport os\nos._exit(3)\n",
    "crashes.py": "# tui_flow DAG\nimport os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n",
    "hangs.py": "# tui_flow DAG\nimport time\ntime.sleep(600)\n",
    "empty.py": "# tui_flow DAG\n",
    "prints.py": "from tui_flow import DAG\nprint('\\x1b]0;PWN\\x07')\nDAG('pri[nt]s'[:3])\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "dags"
    found.mkdir(mode=0o755)
    for name, text in FILES.items():
        (found / name).write_text(text)
    return found


def test_each_file_gets_its_verdict(folder: Path) -> None:
    found = tuiflow("check", str(folder), "--json", TUIFLOW_SCHEDULER_PARSE_TIMEOUT_S="2")
    assert found.returncode == 1
    report = json.loads(found.stdout)
    errors = {each["file"]: each["error"] for each in report["files"]}
    assert errors.keys() == FILES.keys()
    assert "broken.py:2: ZeroDivisionError" in errors["broken.py"]
    assert "syntax.py:2" in errors["syntax.py"]
    assert "exited 3" in errors["leaves.py"]
    assert "SIGSEGV" in errors["crashes.py"]
    assert "still running after 2 s" in errors["hangs.py"]
    assert [errors[name] for name in ("good.py", "empty.py", "prints.py")] == [None, None, None]
    assert report["duplicates"] == [{"dag_id": "good", "files": ["good.py", "twin.py"]}]
    hints = {each["file"]: each["hints"] for each in report["files"]}
    assert "no DAG found" in hints["empty.py"][0]


def test_one_good_file_passes_and_nothing_is_stored(folder: Path) -> None:
    found = tuiflow("check", str(folder / "good.py"))
    assert found.returncode == 0
    assert "good.py: 1 DAG, 0 tasks" in found.stdout
    assert not Path(os.environ["TUIFLOW_HOME"]).exists()


def test_airflows_files_get_a_migration_report(folder: Path) -> None:
    (folder / "old.py").write_text(
        "from airflow import DAG\nfrom airflow.operators.dummy import DummyOperator\n"
        "with DAG('old', access_control={}, schedule_interval=None):\n    DummyOperator(task_id='a', queue='fast')\n"
    )
    found = tuiflow("check", str(folder / "old.py"))
    assert found.returncode == 0
    assert "Airflow 2's defaults" in found.stdout and "access_control has no effect (DAG 'old')" in found.stdout
    assert "queue has no effect (1 task of DAG 'old'): there is one queue" in found.stdout
    assert "1 can run (1 with something ignored), 0 cannot" in found.stderr


def test_what_is_legal_and_still_a_mistake_is_remarked_on(folder: Path) -> None:
    source = (
        "from {module} import DAG\nfrom {bash} import BashOperator\nfrom datetime import datetime\n"
        "with DAG('remarked', start_date=datetime.now()):\n"
        "    BashOperator(task_id='a', bash_command='echo {{{{ params.x }}}}')\n"
    )
    (folder / "good.py").write_text(source.format(module="tui_flow", bash="tui_flow"))
    (folder / "twin.py").write_text(source.format(module="airflow", bash="airflow.operators.bash"))
    ours = tuiflow("check", str(folder / "good.py"))
    assert ours.returncode == 0 and "! line 4: start_date=now() is another date at every parse" in ours.stdout
    assert "! line 5: {{ params.x }} in a shell command can run as code" in ours.stdout
    [theirs] = json.loads(tuiflow("check", str(folder / "twin.py"), "--json").stdout)["files"]
    assert [(each["rule"], each["line"]) for each in theirs["remarks"]] == [("moving-start-date", 4)]


def test_an_import_that_a_task_would_fail_at_is_an_error(folder: Path) -> None:
    (folder / "old.py").write_text(
        "from airflow import DAG\nwith DAG('old', default_view='graph'):\n    pass\n"
        "def later():\n    from airflow.api.client.local_client import Client\n"
    )
    found = tuiflow("check", str(folder / "old.py"), "--json")
    report = json.loads(found.stdout)
    assert found.returncode == 1 and report["ok"] is False
    [cannot] = report["files"][0]["cannot"]
    assert (cannot["feature"], cannot["line"]) == ("airflow.api.client.local_client", 5)
    [ignored] = report["files"][0]["ignored"]
    assert (ignored["name"], ignored["line"]) == ("default_view", 2)
    assert (report["airflow"]["run"], report["airflow"]["cannot"]) == (0, 1)
    assert "✗ line 5: airflow.api" in tuiflow("check", str(folder / "old.py")).stdout


def test_what_a_file_prints_is_shown_inert(folder: Path) -> None:
    found = tuiflow("check", str(folder / "prints.py"), "--verbose")
    assert "␛]0;PWN␇" in found.stdout
    assert "\x1b" not in found.stdout


def test_a_module_in_the_present_folder_cannot_stand_in_for_the_library(tmp_path: Path) -> None:
    (tmp_path / "calendar.py").write_text("raise SystemExit('the wrong calendar')\n")
    code = (
        "import os, sys\n"
        f"os.chdir({str(tmp_path)!r})\nsys.path[0] = '/nowhere'\n"
        "from tui_flow.runtime.processes import python_module\nprint(*python_module('calendar'))"
    )

    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert out[1] == "-P"
    bare = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    assert subprocess.run([*out, "2026"], cwd=tmp_path, capture_output=True, env=bare).returncode == 0
