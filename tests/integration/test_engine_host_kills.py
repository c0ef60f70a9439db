"""kill -9 of hosts and attempts, at every step and while tasks run: what can be known is recorded, the rest is
`lost`."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.integration.engine_kit import Engine, engine_in
from tui_flow.state import RunState

WORK = '''
from datetime import timedelta
from tui_flow import DAG, task, BashOperator
import ledger

with DAG("work", schedule=None, default_args={"retries": 1000, "retry_delay": timedelta(milliseconds=50)}):
    @task
    def python():
        ledger.start("python")
        ledger.end("python")
        return 20

    shell = BashOperator(
        task_id="shell",
        bash_command="""SHELL
        start shell; end shell; echo {{ ti.xcom_pull(task_ids='python') + 1 }}""",
    )
    python() >> shell
'''

HELD = '''
import os
import subprocess
from datetime import timedelta
from tui_flow import DAG, task, BashOperator
import ledger

with DAG("held", schedule=None, default_args={"retries": 1, "retry_delay": timedelta(0)}):
    @task
    def python():
        ledger.start("python")
        print("printed 1")
        os.write(1, b"raw 1\\n")
        ledger.gate("write")
        print("printed 2")
        os.write(1, b"raw 2\\n")
        subprocess.run(["echo", "child 2"])
        subprocess.run(["sh", "-c", "echo error 2 >&2"])
        ledger.gate("go")
        print("printed 3")
        subprocess.run(["echo", "child 3"])
        ledger.end("python")
        return "from python"

    shell = BashOperator(
        task_id="shell",
        bash_command="""SHELL
        start shell; echo line 1; gate write; echo line 2; echo error 2 >&2; gate go; end shell; echo from shell""",
    )
    python()
'''


def start_clean(engine: Engine) -> None:
    """Without the crash point that launcher, hosts and attempts have inherited."""
    engine.kill_scheduler()
    engine.kill(*engine.pids_named("tuiflow-launch"), *engine.pids_named("tuiflow-host"))
    engine.start()


def start_held(engine: Engine) -> tuple[int, int]:
    """The two attempts, started and waiting at the first gate."""
    engine.start().trigger("held")
    return engine.wait_started("python"), engine.wait_started("shell")


@pytest.mark.parametrize("point", ["host.forked", "host.spawned", "host.result", "attempt.result"])
def test_a_result_outlives_its_writer(tmp_path: Path, point: str) -> None:
    """Every host dies at its first attempt, or every attempt right after its result: one attempt each, a success.

    Only a command that is quicker than its host dies may be lost: nobody has read its last line, which is its XCom."""
    with engine_in(tmp_path, {"work.py": WORK}) as engine:
        engine.start(f"{point}:1").trigger("work")
        assert engine.wait_run("work") is RunState.SUCCESS
        assert engine.attempt_states("work", "python") == ["success"]
        *earlier, last = engine.attempt_states("work", "shell")
        assert last == "success" and set(earlier) <= ({"lost"} if point in ("host.forked", "host.spawned") else set())
        assert engine.xcom("work", "shell") == "21"
        engine.check()


def test_a_python_result_outlives_a_host_that_dies_as_it_reaps(tmp_path: Path) -> None:
    """A shell command's last line of output, its XCom, may have died with the host: then it is lost, not guessed."""
    with engine_in(tmp_path, {"work.py": WORK}) as engine:
        engine.start("host.reaped:1").trigger("work")
        engine.wait_recorded("work", "shell")
        assert engine.attempt_states("work", "python") == ["success"]
        assert engine.attempt_states("work", "shell")[0] == "lost"
        start_clean(engine)
        assert engine.wait_run("work") is RunState.SUCCESS
        assert engine.xcom("work", "shell") == "21"
        engine.check()


@pytest.mark.parametrize("point", ["host.received", "attempt.start"])
def test_what_never_started_is_void_and_costs_no_try(tmp_path: Path, point: str) -> None:
    with engine_in(tmp_path, {"work.py": WORK}) as engine:
        engine.start(f"{point}:1").trigger("work")
        engine.wait_recorded("work", "python", 2)
        start_clean(engine)
        assert engine.wait_run("work") is RunState.SUCCESS
        assert set(engine.attempt_states("work", "python")[:-1]) == {"void"}
        assert engine.tis("work")["python"].try_number == engine.tis("work")["shell"].try_number == 1
        engine.check()


@pytest.mark.parametrize("point", ["attempt.claimed", "attempt.user_end"])
def test_an_attempt_that_dies_before_its_result_has_failed(tmp_path: Path, point: str) -> None:
    with engine_in(tmp_path, {"work.py": WORK}) as engine:
        engine.start(f"{point}:1").trigger("work")
        engine.wait_recorded("work", "python")
        first = engine.attempts("work", "python")[0]
        assert (first.state, first.signal) == ("failed", signal.SIGKILL), first
        start_clean(engine)
        assert engine.wait_run("work") is RunState.SUCCESS
        begun = [attempt for attempt in engine.attempts("work", "python") if attempt.state != "void"]
        assert [attempt.try_number for attempt in begun] == list(range(1, len(begun) + 1))
        engine.check()


@pytest.mark.parametrize("launcher", ["lives", "is dead"])
def test_tasks_outlive_their_host(tmp_path: Path, launcher: str) -> None:
    """Their output goes on to arrive while they run, and their results are recorded."""
    with engine_in(tmp_path, {"held.py": HELD}) as engine:
        python, _ = start_held(engine)
        host = engine.host_of(python)
        if launcher == "is dead":
            engine.kill_launcher()
        engine.kill(host)
        engine.open_gate("write")
        engine.until(lambda: "line 2" in engine.said("held", "shell"), "output arrives while the shell task runs")
        engine.until(lambda: "child 2" in engine.said("held", "python"), "output arrives while the Python task runs")
        assert engine.states("held") == {"python": "running", "shell": "running"}
        engine.open_gate("go")
        assert engine.wait_run("held") is RunState.SUCCESS
        assert engine.attempt_states("held", "python") == engine.attempt_states("held", "shell") == ["success"]
        assert (engine.xcom("held", "python"), engine.xcom("held", "shell")) == ("from python", "from shell")
        for text in ("printed 1", "raw 1", "printed 2", "raw 2", "child 2", "error 2", "printed 3", "child 3"):
            assert engine.said("held", "python").count(text) == 1, (text, engine.said("held", "python"))
        engine.check()


def test_an_adopted_task_outlives_its_host(tmp_path: Path) -> None:
    with engine_in(tmp_path, {"held.py": HELD}) as engine:
        python, _ = start_held(engine)
        engine.restart()
        engine.until(lambda: [h for h in engine.ask("status")["hosts"] if h["attempts"] == 2], "the host has come back")
        engine.kill(engine.host_of(python))
        engine.open_gate("write")
        engine.open_gate("go")
        assert engine.wait_run("held") is RunState.SUCCESS
        assert (engine.xcom("held", "python"), engine.xcom("held", "shell")) == ("from python", "from shell")
        engine.check()


def test_a_task_that_dies_by_a_signal_without_its_host_is_lost(tmp_path: Path) -> None:
    """And tried again, if it may be."""
    with engine_in(tmp_path, {"held.py": HELD}) as engine:
        python, shell = start_held(engine)
        pids = engine.ledger().pids
        engine.kill(engine.host_of(python))
        engine.kill(pids[python], pids[shell])
        engine.open_gate("write")
        engine.open_gate("go")
        assert engine.wait_run("held") is RunState.SUCCESS
        assert engine.attempt_states("held", "python") == engine.attempt_states("held", "shell") == ["lost", "success"]
        assert "nobody can know" in str(engine.attempts("held", "python")[0].reason)
        engine.check()


LIMITED = '''
from datetime import timedelta
from tui_flow import DAG, BashOperator
import ledger

with DAG("limited", schedule=None):
    for name in ("gives_in", "holds_out"):
        trap = "trap '' TERM" if name == "holds_out" else ":"
        BashOperator(
            task_id=name,
            bash_command=trap + """SHELL
            start """ + name + "; gate never",
            execution_timeout=timedelta(seconds=3),
        )
'''


def test_an_execution_timeout_is_enforced_although_the_host_is_dead(tmp_path: Path) -> None:
    with engine_in(tmp_path, {"limited.py": LIMITED}, TUIFLOW_SCHEDULER_KILL_GRACE_S=0.5) as engine:
        engine.start().trigger("limited")
        attempts = [engine.wait_started(name) for name in ("gives_in", "holds_out")]
        engine.kill(engine.host_of(attempts[0]))
        assert engine.wait_run("limited") is RunState.FAILED
        for name in ("gives_in", "holds_out"):
            (attempt,) = engine.attempts("limited", name)
            assert attempt.state == "failed"
            assert attempt.reason == "execution_timeout: it ran longer than allowed"
        engine.check()


def test_a_killed_task_has_failed_and_is_tried_again(tmp_path: Path) -> None:
    with engine_in(tmp_path, {"held.py": HELD}) as engine:
        python, shell = start_held(engine)
        pids = engine.ledger().pids
        engine.kill(pids[python], pids[shell])
        engine.open_gate("write")
        engine.open_gate("go")
        assert engine.wait_run("held") is RunState.SUCCESS
        for task_id in ("python", "shell"):
            assert engine.attempt_states("held", task_id) == ["failed", "success"]
            first = engine.attempts("held", task_id)[0]
            assert "SIGKILL" in str(first.reason)
            assert "SIGKILL" in engine.said("held", task_id)[-1]
        assert "printed 1" in engine.said("held", "python") and "raw 1" in engine.said("held", "python")
        engine.check()


LEFTOVERS = '''
import os
import subprocess
import time
from tui_flow import DAG, task, BashOperator
import ledger

with DAG("leaves", schedule=None):
    @task
    def forks():
        ledger.start("forks")
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(10_000)
            os._exit(0)
        os.wait()
        ledger.gate("go")
        ledger.end("forks")

    @task
    def spawns():
        ledger.start("spawns")
        subprocess.run(["sh", "-c", "setsid setsid sleep 10000 &"])
        ledger.gate("go")
        ledger.end("spawns")

    shell = BashOperator(
        task_id="shell",
        bash_command="""SHELL
        start shell; (setsid setsid sleep 10000 &); gate go; end shell""",
    )
    forks(), spawns()
'''


@pytest.mark.parametrize("host", ["lives", "is dead"])
def test_what_a_task_leaves_behind_is_ended(tmp_path: Path, host: str) -> None:
    with engine_in(tmp_path, {"leaves.py": LEFTOVERS}) as engine:
        engine.start().trigger("leaves")
        attempts = [engine.wait_started(name) for name in ("forks", "spawns", "shell")]
        engine.until(lambda: len(engine.pids_named("sleep")) >= 2, "the daemons run")
        if host == "is dead":
            engine.kill(engine.host_of(attempts[0]))
        engine.open_gate("go")
        assert engine.wait_run("leaves") is RunState.SUCCESS
        engine.check()
        assert not engine.pids_named("sleep")


SERVER = '''
from tui_flow import DAG, BashOperator
import ledger

with DAG("server", schedule=None):
    BashOperator(
        task_id="with_server",
        bash_command="""SHELL
        (setsid sh -c 'echo $$ >$ENGINE_TEST_FOLDER/server; while :; do sleep 0.05; done' &)
        start with_server; gate go; kill -0 $(cat $F/server) && end with_server""",
    )
    BashOperator(task_id="other", bash_command="""SHELL
        start other; gate other; end other""")
'''


def test_the_end_of_one_task_leaves_the_daemons_of_others_alone(tmp_path: Path) -> None:
    with engine_in(tmp_path, {"server.py": SERVER}) as engine:
        engine.start().trigger("server")
        engine.wait_started("with_server")
        engine.until((tmp_path / "server").exists, "the daemon runs")
        engine.open_gate("other")
        engine.wait_recorded("server", "other")
        engine.open_gate("go")
        assert engine.wait_run("server") is RunState.SUCCESS
        engine.check()


SECRET = """
import subprocess
from tui_flow import DAG, task, mask_secret
import ledger

mask_secret("hunter2-at-import")

with DAG("secret", schedule=None):
    @task
    def tells():
        ledger.start("tells")
        ledger.gate("go")
        subprocess.run(["echo", "it is hunter2-at-import"])
        print("printed hunter2-at-import")
        ledger.end("tells")
    tells()
"""


def test_a_rescuer_shows_no_secret(tmp_path: Path) -> None:
    with engine_in(tmp_path, {"secret.py": SECRET}) as engine:
        engine.start().trigger("secret")
        attempt = engine.wait_started("tells")
        engine.kill(engine.host_of(attempt))
        engine.until(
            lambda: any("its host" in t or "host of this" in t for t in engine.said("secret", "tells")), "it is rescued"
        )
        engine.open_gate("go")
        assert engine.wait_run("secret") is RunState.SUCCESS
        for folder, _, files in os.walk(engine.home.logs):
            for name in files:
                assert b"hunter2" not in (Path(folder) / name).read_bytes(), name
        engine.check()
