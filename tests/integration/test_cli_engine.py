"""Commands together with a real scheduler: up, run, trigger, follow, interrupt, down."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.integration.cli_home import ENVIRON, tuiflow
from tui_flow.settings import Home
from tui_flow.store.lock import is_held, read_holder

OLD_DATABASES = Path(__file__).parents[1] / "data" / "databases"
GOOD = """
from tui_flow import DAG, task
with DAG("good"):
    @task
    def make():
        print("made by make")
        return 7
    @task
    def use(number):
        print("used", number)
    use(make())
"""
BAD = """
from tui_flow import DAG, task
with DAG("bad"):
    @task
    def works():
        pass
    @task
    def breaks():
        raise ValueError("this is why")
    works() >> breaks()
"""
CALLS = """
from tui_flow import DAG, BashOperator, TriggerDagRunOperator
with DAG("called", is_paused_upon_creation=True):
    BashOperator(task_id="a", bash_command="true")
with DAG("calls"):
    TriggerDagRunOperator(task_id="t", trigger_dag_id="called", wait_for_completion=True, poke_interval=0.1)
"""
LONG = """
import time
from tui_flow import DAG, task
with DAG("long"):
    @task
    def sleeps():
        print("begun", flush=True)
        time.sleep(60)
    sleeps()
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """An empty home; whatever schedules it at the end is stopped with its tasks."""
    found = Home(Path(os.environ["TUIFLOW_HOME"]))
    (found.root / "dags").mkdir(parents=True)
    yield found
    tuiflow("down", "--kill-tasks")
    until(lambda: not is_held(found))


def until(is_true: Callable[[], Any], within_s: float = 20.0) -> None:
    deadline = time.monotonic() + within_s
    while not is_true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def write(home: Home, name: str, text: str) -> None:
    (home.root / "dags" / name).write_text(text)


def shown(*words: str) -> Any:
    found = tuiflow(*words, "--json")
    return json.loads(found.stdout) if found.returncode == 0 else None


def start(*words: str) -> subprocess.Popen[str]:
    """A command in the foreground of a session of its own, as a terminal has it."""
    return subprocess.Popen(
        [sys.executable, "-m", "tui_flow", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | ENVIRON,
        start_new_session=True,
    )


def test_run_on_a_fresh_home_needs_no_scheduler(home: Home) -> None:
    write(home, "good.py", GOOD)
    found = tuiflow("run", "good", "--logs")
    assert found.returncode == 0, found.stderr
    assert "used 7" in found.stdout
    assert "success after" in found.stderr
    assert str(home.logs / "good") in found.stderr
    until(lambda: not is_held(home))


def test_run_runs_what_it_triggers_though_that_is_paused(home: Home) -> None:
    write(home, "calls.py", CALLS)
    assert tuiflow("run", "calls").returncode == 0
    assert "DAG 'called' is paused; if its run does not start" in tuiflow("logs", "calls", "t").stdout


def test_a_run_that_fails_says_what_failed(home: Home, tmp_path: Path) -> None:
    elsewhere = tmp_path / "bad.py"
    elsewhere.write_text(BAD)
    found = tuiflow("run", "bad", "--file", str(elsewhere))
    assert found.returncode == 1
    assert "breaks failed: ValueError: this is why" in found.stderr
    assert "Traceback" not in found.stderr


def test_run_only_some_tasks(home: Home) -> None:
    write(home, "bad.py", BAD)
    assert tuiflow("run", "bad", "--task", "works").returncode == 0
    tasks = shown("runs", "show", "bad")["tasks"]
    assert {task["task_id"]: task["state"] for task in tasks} == {"works": "success", "breaks": "skipped"}
    assert tuiflow("run", "bad", "--mark-success-pattern", "^br").returncode == 0
    tasks = shown("runs", "show", "bad")["tasks"]
    assert {task["task_id"]: task["state"] for task in tasks} == {"works": "success", "breaks": "success"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("run", "nope"), "DAG 'nope' not found; did you mean"),
        (("run", "good", "--file", "/nonexistent.py"), "there is no file /nonexistent.py"),
        (("run", "good", "--conf", "[]"), "must be a JSON object"),
        (("run", "good", "--task", "nope"), "DAG 'good' has no task 'nope'"),
    ],
)
def test_a_run_that_cannot_be_meant(home: Home, words: tuple[str, ...], message: str) -> None:
    write(home, "good.py", GOOD)
    write(home, "node.py", GOOD.replace('"good"', '"nop"'))
    found = tuiflow(*words)
    assert found.returncode == 2
    assert message in found.stderr
    assert found.stderr.count("\n") == 1


def test_a_broken_file_is_named_with_its_line(home: Home) -> None:
    write(home, "good.py", GOOD)
    assert tuiflow("run", "good").returncode == 0
    until(lambda: not is_held(home))
    write(home, "good.py", "x = 1 / 0\n" + GOOD)
    found = tuiflow("run", "good")
    assert found.returncode == 1
    assert "good.py:1: ZeroDivisionError" in found.stderr
    write(home, "fresh.py", "x = 1 / 0\n" + GOOD.replace('"good"', '"fresh"'))
    found = tuiflow("run", "fresh")
    assert found.returncode == 1
    assert "a file that mentions it is broken: fresh.py:1: ZeroDivisionError" in found.stderr


def test_up_trigger_follow_down(home: Home) -> None:
    assert tuiflow("up").returncode == 0
    assert "already running" in tuiflow("up").stderr
    assert shown("status")["scheduler"]["is_running"]
    write(home, "good.py", GOOD)
    until(lambda: shown("dags", "list"))
    found = tuiflow("trigger", "good", "--wait", "--logs")
    assert found.returncode == 0, found.stderr
    assert "used 7" in found.stdout
    assert "used 7" in tuiflow("logs", "good", "use", "-f").stdout
    assert json.loads(tuiflow("xcom", "get", "good", "make").stdout) == 7
    assert tuiflow("down").returncode == 0
    assert not is_held(home)
    assert "no scheduler is running" in tuiflow("down").stderr


def test_run_is_handed_to_the_running_scheduler_with_the_newest_code(home: Home) -> None:
    write(home, "good.py", GOOD)
    assert tuiflow("up").returncode == 0
    until(lambda: shown("dags", "list"))
    holder = read_holder(home)
    write(home, "good.py", GOOD.replace("used", "edited"))
    found = tuiflow("run", "good", "--logs")
    assert found.returncode == 0, found.stderr
    assert "edited 7" in found.stdout
    assert read_holder(home) == holder


def test_mend_and_clear(home: Home) -> None:
    write(home, "bad.py", BAD)
    assert tuiflow("up").returncode == 0
    until(lambda: shown("dags", "list"))
    assert tuiflow("trigger", "bad", "--wait").returncode == 1
    assert "this is why" in tuiflow("why", "bad", "breaks").stdout
    source = shown("dags", "show", "bad")["source_version"]
    write(home, "bad.py", BAD.replace('raise ValueError("this is why")', 'print("mended")'))
    until(lambda: shown("dags", "show", "bad")["source_version"] != source)
    cleared = tuiflow("clear", "bad", "breaks", "-y")
    assert "not that of before" in cleared.stderr
    until(lambda: shown("runs", "show", "bad")["state"] == "success")
    assert "mended" in tuiflow("logs", "bad", "breaks").stdout


def test_the_first_interrupt_stops_the_run(home: Home) -> None:
    write(home, "long.py", LONG)
    process = start("run", "long")
    until(lambda: "begun" in tuiflow("logs", "long", "sleeps").stdout)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "asked the run to stop; Ctrl-C again leaves it running" in err
    assert shown("runs", "show", "long")["tasks"][0]["state"] == "failed"


def test_the_second_interrupt_leaves_it_running(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUIFLOW_SCHEDULER_KILL_GRACE_S", "100")
    deaf = "import os, signal; signal.signal(15, signal.SIG_IGN); print('deaf', os.getpid(), flush=True); "
    write(home, "long.py", LONG.replace("time.sleep(60)", f"{deaf} time.sleep(60)"))
    process = start("run", "long")
    until(lambda: "deaf" in tuiflow("logs", "long", "sleeps").stdout)
    os.killpg(process.pid, signal.SIGINT)
    until(lambda: shown("runs", "show", "long")["state"] == "failed")
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "left running" in err
    assert is_held(home)
    [pid] = re.findall(r"deaf (\d+)", tuiflow("logs", "long", "sleeps").stdout)
    os.kill(int(pid), signal.SIGKILL)


TEMPLATES = """
from tui_flow import DAG, task
from tui_flow.operators.bash import BashOperator
with DAG("templates", params={"who": "me"}):
    @task
    def make():
        return [1]
    make() >> BashOperator(
        task_id="shell", bash_command="{{ params.who }} {{ ds }} {{ ti.xcom_pull('make') }} {{ var.value.region }}"
    )
    BashOperator(task_id="broken", bash_command="{{ nothing.there }}")
"""


def test_templates_are_rendered_for_a_run_or_for_one_made_now(home: Home) -> None:
    write(home, "templates.py", TEMPLATES)
    assert tuiflow("variables", "set", "region", stdin="eu").returncode == 0
    found = tuiflow("run", "templates", "--task", "make", "--logical-date", "2026-01-02", "--utc")
    assert found.returncode == 0, found.stderr
    assert shown("tasks", "render", "templates", "shell")["fields"]["bash_command"] == "me 2026-01-02 [1] eu"
    failed = tuiflow("tasks", "render", "templates", "broken")
    assert failed.returncode == 1
    assert "UndefinedError: 'nothing' is undefined" in failed.stderr
    until(lambda: not is_held(home))
    assert tuiflow("runs", "delete", "templates", shown("runs", "list")[0]["run_id"], "-y").returncode == 0
    assert shown("tasks", "render", "templates", "shell")["fields"]["bash_command"].endswith(" None eu")


def test_a_second_scheduler_names_the_first(home: Home) -> None:
    assert tuiflow("up").returncode == 0
    holder = read_holder(home)
    assert holder is not None
    found = tuiflow("scheduler")
    assert found.returncode == 75
    assert f"pid {holder.pid}" in found.stderr


def test_up_says_why_it_could_not_start(home: Home) -> None:
    home.settings_file.write_text("[core]\nparallelismus = 3\n")
    found = tuiflow("up")
    assert found.returncode == 2
    assert "unknown setting" in found.stderr


def test_systemd_is_told_of_the_schedulers_life(home: Home) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(home.root / "notify"))
        systemd.settimeout(60)
        assert tuiflow("up", NOTIFY_SOCKET=systemd.getsockname(), WATCHDOG_USEC="1000000").returncode == 0
        assert [systemd.recv(100) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]
        tuiflow("down")
        until(lambda: systemd.recv(100) == b"STOPPING=1")


def test_what_lies_in_the_folder_is_known_once_up_has_answered(home: Home) -> None:
    write(home, "good.py", f"import time\ntime.sleep(0.5)\n{GOOD}")
    assert tuiflow("up").returncode == 0
    assert tuiflow("trigger", "good").returncode == 0


def test_up_brings_the_database_of_an_older_program_up_to_date(home: Home) -> None:
    write(home, "good.py", GOOD)
    home.database.write_bytes((OLD_DATABASES / "v1.db").read_bytes())
    with closing(sqlite3.connect(home.database)) as old, old:
        old.execute("DELETE FROM meta WHERE key = 'machine_id'")
    refused = tuiflow("dags", "list")
    assert refused.returncode == 1 and "`tuiflow up`" in refused.stderr
    found = tuiflow("up")
    assert found.returncode == 0 and "started: " in found.stdout + found.stderr
    until(lambda: any(dag["dag_id"] == "good" for dag in shown("dags", "list") or ()))


def test_up_says_that_its_log_cannot_be_written(home: Home) -> None:
    (home.root / "scheduler.log").mkdir()
    found = tuiflow("up")
    assert found.returncode == 1
    assert found.stderr.startswith(f"tuiflow: cannot write {home.root / 'scheduler.log'}: Is a directory; ")
    assert "Traceback" not in found.stderr


def test_a_disk_that_is_too_full_is_told_of(home: Home) -> None:
    write(home, "good.py", GOOD)
    assert tuiflow("up", TUIFLOW_SCHEDULER_STOP_LAUNCHING_BELOW_BYTES=str(1 << 60)).returncode == 0
    assert tuiflow("trigger", "good").returncode == 0
    assert "; the disk is too full to start anything" in tuiflow("status").stdout
    (reason,) = shown("why", "good", "make")["reasons"]
    assert reason.startswith(f"too little room on the disk of {home.root}")
