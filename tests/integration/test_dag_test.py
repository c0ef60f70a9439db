"""`dag.test()` and `dag.cli()` from a DAG file that is run as a program; what files may ask for while they are read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.integration.cli_home import ENVIRON, tuiflow
from tui_flow.settings import Home

FILE = """
from datetime import datetime, timezone
from tui_flow import DAG, Connection, Variable, task

with DAG("mine", params={"n": 1}) as dag:
    @task
    def double(params=None):
        print("doubling", params["n"])
        return params["n"] * 2
    @task
    def check(value):
        print("greeting", Variable.get("greeting", default="none"))
        assert value < 10
    check(double())

if __name__ == "__main__":
    BODY
"""


def program(folder: Path, body: str) -> subprocess.CompletedProcess[str]:
    path = folder / "mine.py"
    path.write_text(FILE.replace("BODY", body))
    path.chmod(0o600)
    return subprocess.run(
        [sys.executable, str(path)], capture_output=True, text=True, timeout=100, env=os.environ | ENVIRON
    )


def test_the_run_is_given_back_as_it_ended(tmp_path: Path) -> None:
    variables = tmp_path / "variables.json"
    variables.write_text('{"greeting": "hello from a file"}')
    body = f"""
    run = dag.test(run_conf={{"n": 3}}, variable_file_path={str(variables)!r})
    print("RUN", run.state, run.conf, run.task_states, run.end_date >= run.start_date)
    print("TASKS", run.get_state(), [(ti.task_id, ti.state, ti.try_number) for ti in run.get_task_instances()])
    double, none = run.get_task_instance("double"), run.get_task_instance("nope")
    print("PULLED", double.xcom_pull(), double.xcom_pull(["double", "check"]), none, run.get_task_instances("failed"))
    """
    done = program(tmp_path, body.strip())
    assert done.returncode == 0, done.stderr
    assert "RUN success {'n': 3} {'check': 'success', 'double': 'success'} True" in done.stdout
    assert "TASKS success [('check', 'success', 1), ('double', 'success', 1)]" in done.stdout
    assert "PULLED 6 [6, None] None []" in done.stdout
    assert "doubling 3" in done.stdout and "greeting hello from a file" in done.stdout


def test_a_failed_run_is_the_programs_exit_code_though_it_goes_on(tmp_path: Path) -> None:
    done = program(tmp_path, 'print("RUN", dag.test(run_conf={"n": 30}).state, flush=True)')
    assert done.returncode == 1
    assert "RUN failed" in done.stdout


def test_a_date_that_has_a_run_is_run_again(tmp_path: Path) -> None:
    body = "print('AT', [dag.test(logical_date=datetime(2026, 1, 1, tzinfo=timezone.utc)).run_id for _ in 'ab'])"
    done = program(tmp_path, body)
    assert done.returncode == 0, done.stderr
    runs = json.loads(tuiflow("runs", "list", "mine", "--json").stdout)
    assert [(run["clear_number"], run["state"]) for run in runs] == [(1, "success")]


def test_tasks_may_count_as_done(tmp_path: Path) -> None:
    done = program(tmp_path, "print('RUN', dag.test(mark_success_pattern='dou').task_states)")
    assert "RUN {'check': 'failed', 'double': 'success'}" in done.stdout, done.stderr
    assert "doubling" not in done.stdout


def test_the_command_line_of_one_dag(tmp_path: Path) -> None:
    done = program(tmp_path, "import sys; sys.argv[1:] = ['run', '-p', 'n=4']; dag.cli()")
    assert done.returncode == 0, done.stderr
    shown = program(tmp_path, "import sys; sys.argv[1:] = ['runs', 'list', '--json']; dag.cli()")
    assert [run["conf"] for run in json.loads(shown.stdout)] == [{"n": 4}]


def test_a_file_cannot_test_itself_while_it_is_imported(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(FILE.replace('if __name__ == "__main__":', "if True:").replace("BODY", "dag.test()"))
    checked = tuiflow("check", str(path))
    assert checked.returncode == 1
    assert "put dag.test() below" in checked.stdout + checked.stderr


ASKS = """
from tui_flow import DAG, BashOperator, Connection, Variable
with DAG("asks_" + Variable.get("name", default="nobody")):
    BashOperator(task_id="a", bash_command="true", doc_md=Connection.get("db").host)
"""


def test_files_read_the_home_although_no_scheduler_runs(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    (home.root / "dags").mkdir(parents=True)
    file = home.root / "dags" / "asks.py"
    file.write_text(ASKS)
    file.chmod(0o600)
    assert "connection 'db'" in tuiflow("check").stdout + tuiflow("check").stderr
    assert tuiflow("variables", "set", "name", "me").returncode == 0
    assert tuiflow("connections", "add", "db", "--conn-uri", "postgres://host.example/x").returncode == 0
    checked = json.loads(tuiflow("check", "--json").stdout)
    assert "asks_me" in json.dumps(checked)
    assert tuiflow("run", "asks_me").returncode == 0
