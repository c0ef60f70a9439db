"""How attempts are ended: by time-outs, by users, by a scheduler that goes down. Never are two of one task alive."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.engine_kit import Engine, engine_in
from tui_flow.errors import NotPossible
from tui_flow.state import RunState, TaskState

TIMEOUTS = '''
import subprocess
import time
from datetime import timedelta
from tui_flow import DAG, task, BashOperator, AirflowTaskTimeout
import ledger

SOON = timedelta(seconds=0.3)

with DAG("timeouts", schedule=None, default_args={"execution_timeout": SOON}):
    @task
    def cleans_up():
        ledger.start("cleans_up")
        try:
            ledger.gate("never")
        except AirflowTaskTimeout:
            print("cleaning up")
            raise

    @task
    def in_a_child():
        ledger.start("in_a_child")
        subprocess.run(["sleep", "10000"])

    BashOperator(task_id="shell", bash_command="""SHELL
        start shell; gate never""")
    BashOperator(task_id="bash_with_python", bash_command="sleep 10000", output_processor=str)

    @task(retries=1, retry_delay=timedelta(0))
    def second_try_is_quick():
        ledger.start("second_try_is_quick")
        if ledger.once("slow"):
            ledger.gate("never")
        ledger.end("second_try_is_quick")

    cleans_up(), in_a_child(), second_try_is_quick()
'''


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with Engine(tmp_path) as engine:
        yield engine.start()


def test_execution_timeout(engine: Engine) -> None:
    engine.dag_file("timeouts.py", TIMEOUTS)
    engine.trigger("timeouts")
    assert engine.wait_run("timeouts") is RunState.FAILED
    states = engine.states("timeouts")
    assert states.pop("second_try_is_quick") == "success"
    assert set(states.values()) == {"failed"}
    for task_id in states:
        assert "execution_timeout" in str(engine.tis("timeouts")[task_id].reason), task_id
    assert "cleaning up" in engine.said("timeouts", "cleans_up")
    assert any("AirflowTaskTimeout" in text for text in engine.said("timeouts", "cleans_up"))
    assert engine.attempt_states("timeouts", "second_try_is_quick") == ["failed", "success"]
    engine.check()
    assert not engine.pids_named("sleep")


STUBBORN = '''
import signal
import time
from datetime import timedelta
from tui_flow import DAG, task, BashOperator
import ledger

with DAG("stubborn", schedule=None, default_args={"execution_timeout": timedelta(seconds=0.2)}):
    @task
    def swallows():
        ledger.start("swallows")
        while True:
            try:
                ledger.gate("never")
            except BaseException as err:
                print("swallowed", type(err).__name__)

    @task(retries=1, retry_delay=timedelta(0))
    def swallows_once():
        ledger.start("swallows_once")
        try:
            ledger.gate("never")
        except BaseException as err:
            print("swallowed", type(err).__name__)
        if ledger.once("once"):
            ledger.gate("never")
        ledger.end("swallows_once")

    BashOperator(task_id="shell", bash_command="""SHELL
        trap 'echo ignored' TERM; start shell; gate never""")

    swallows(), swallows_once()
'''


def test_who_ignores_the_timeout_is_killed(engine: Engine) -> None:
    """And what ends because of its time-out has failed, so that it is tried again: nobody killed it."""
    engine.dag_file("stubborn.py", STUBBORN)
    engine.trigger("stubborn")
    assert engine.wait_run("stubborn") is RunState.FAILED
    assert engine.states("stubborn") == {"swallows": "failed", "shell": "failed", "swallows_once": "success"}
    for task_id in ("swallows", "shell"):
        (attempt,) = engine.attempts("stubborn", task_id)
        assert (attempt.state, attempt.signal) == ("failed", signal.SIGKILL)
        assert "execution_timeout" in str(attempt.reason)
    assert [text for text in engine.said("stubborn", "swallows") if text.startswith("swallowed")] == [
        "swallowed AirflowTaskTimeout",
        "swallowed AirflowTaskTimeout",
    ]
    assert engine.attempt_states("stubborn", "swallows_once") == ["failed", "success"]
    engine.check()


RUN_TIMEOUT = """
from datetime import timedelta
from tui_flow import DAG, task
import ledger

with DAG("late", schedule=None, dagrun_timeout=timedelta(seconds=1)):
    @task
    def quick():
        return 1

    @task
    def slow():
        ledger.start("slow")
        ledger.gate("never")

    @task
    def never():
        ledger.start("never")

    quick() >> slow() >> never()
"""


def test_dagrun_timeout(engine: Engine) -> None:
    engine.dag_file("late.py", RUN_TIMEOUT)
    engine.trigger("late")
    assert engine.wait_run("late") is RunState.FAILED
    assert engine.run("late").reason == "timed_out"
    engine.wait_recorded("late", "slow")
    states = engine.states("late")
    assert states["quick"] == "success" and states["slow"] in ("failed", "skipped"), states
    assert not engine.ledger().started("never")
    engine.check()


HELD = '''
from datetime import timedelta
from tui_flow import DAG, task, BashOperator
import ledger

with DAG("held", schedule=None, default_args={"retries": 2, "retry_delay": timedelta(0)}):
    @task
    def python():
        ledger.start("python")
        try:
            ledger.gate("go")
        finally:
            print("finally")
        ledger.end("python")

    shell = BashOperator(task_id="shell", bash_command="""SHELL
        trap 'echo trapped; exit 1' TERM; start shell; gate go; end shell""")

    @task
    def after():
        ledger.start("after")
        ledger.end("after")

    [python(), shell] >> after()
'''


def start_held(engine: Engine) -> None:
    engine.dag_file("held.py", HELD)
    engine.trigger("held")
    engine.wait_started("python"), engine.wait_started("shell")


def test_kill_verb_fails_tasks_without_a_retry(engine: Engine) -> None:
    start_held(engine)
    engine.ask("kill", dag_id="held", task_id="python")
    engine.wait_recorded("held", "python")
    assert engine.states("held")["shell"] == "running"
    engine.ask("kill", dag_id="held")
    assert engine.wait_run("held") is RunState.FAILED
    assert engine.states("held") == {"python": "failed", "shell": "failed", "after": "upstream_failed"}
    for task_id, word in (("python", "finally"), ("shell", "trapped")):
        (attempt,) = engine.attempts("held", task_id)
        assert (attempt.state, attempt.kill_reason) == ("killed", "killed by the user")
        assert word in engine.said("held", task_id)
    with pytest.raises(NotPossible):
        engine.ask("kill", dag_id="held")
    engine.check()


@pytest.mark.parametrize("host", ["is busy", "is dead"])
def test_a_cleared_running_task_starts_over_once_it_is_dead(engine: Engine, host: str) -> None:
    start_held(engine)
    pid = engine.host_of(engine.ledger().started("python")[0])
    if host == "is dead":
        engine.kill(pid)
    else:
        engine.stop_process(pid)
    engine.ask("clear", dag_id="held", tasks=["python", "shell"])
    if host == "is busy":
        engine.ask("clear", dag_id="held", tasks=["python", "shell"])
        assert engine.states("held")["python"] == engine.states("held")["shell"] == "restarting"
        engine.continue_process(pid)
    engine.wait_started("python", 2), engine.wait_started("shell", 2)
    engine.open_gate("go")
    assert engine.wait_run("held") is RunState.SUCCESS
    assert len(engine.ledger().started("python")) == len(engine.ledger().started("shell")) == 2
    assert engine.attempt_states("held", "python")[1:] == ["success"]
    engine.check()


def test_marked_while_it_runs(engine: Engine) -> None:
    start_held(engine)
    engine.ask("mark_task", dag_id="held", tasks=["python", "shell"], state="success")
    assert engine.wait_run("held") is RunState.SUCCESS
    assert set(engine.states("held").values()) == {"success"}
    assert not engine.ledger().ended("python") and engine.ledger().ended("after")
    engine.wait_recorded("held", "python")
    for task_id in ("python", "shell"):
        assert engine.attempts("held", task_id)[0].kill_reason
    ledger = engine.ledger()
    assert not ledger.overlaps


def test_a_kill_outlives_the_scheduler(engine: Engine) -> None:
    """Asked for just before it is killed, it is carried out by the next one."""
    engine.dag_file("held.py", HELD)
    engine.trigger("held")
    python = engine.wait_started("python")
    engine.wait_started("shell")
    host = engine.host_of(python)
    engine.stop_process(host)
    engine.ask("kill", dag_id="held")
    engine.kill_scheduler()
    engine.continue_process(host)
    engine.start()
    assert engine.wait_run("held") is RunState.FAILED
    assert engine.attempt_states("held", "python") == engine.attempt_states("held", "shell") == ["killed"]
    engine.check()


def test_cancelled_run(engine: Engine) -> None:
    start_held(engine)
    engine.ask("cancel_run", dag_id="held")
    assert engine.wait_run("held") is RunState.FAILED
    engine.wait_recorded("held", "python"), engine.wait_recorded("held", "shell")
    assert engine.states("held")["after"] in ("skipped", "none")
    assert not engine.ledger().started("after")
    engine.check()


@pytest.mark.parametrize("mode", ["leave", "drain", "kill"])
def test_down(engine: Engine, mode: str) -> None:
    start_held(engine)
    assert engine.ask("down", mode=mode) == {"mode": mode, "running": 2}
    if mode == "drain":
        engine.open_gate("go")
    assert engine.scheduler is not None
    assert engine.scheduler.wait(60) == 0
    running = engine.sql("SELECT count(*) FROM task_attempt WHERE state = 'running'")[0][0]
    assert running == (2 if mode == "leave" else 0)
    assert not engine.ledger().started("after"), "nothing is launched any more"
    engine.open_gate("go")
    engine.start()
    assert engine.wait_run("held") is (RunState.FAILED if mode == "kill" else RunState.SUCCESS)
    ends = ["killed"] if mode == "kill" else ["success"]
    assert engine.attempt_states("held", "python") == engine.attempt_states("held", "shell") == ends
    engine.check()


def test_sigstopped_host_does_not_stop_others(engine: Engine) -> None:
    start_held(engine)
    host = engine.host_of(engine.ledger().started("python")[0])
    engine.stop_process(host)
    engine.dag_file("other.py", HELD.replace('"held"', '"other"').replace("python", "snake").replace("shell", "sea"))
    engine.open_gate("go")
    engine.trigger("other")
    assert engine.wait_run("other") is RunState.SUCCESS
    engine.continue_process(host)
    assert engine.wait_run("held") is RunState.SUCCESS
    engine.check()


def test_tasks_that_leave_in_odd_ways(engine: Engine) -> None:
    """Only what returns, or a command that exits with 0, is a success."""
    engine.dag_file("odd.py", ODD)
    engine.trigger("odd")
    assert engine.wait_run("odd") is RunState.FAILED
    states = engine.states("odd")
    assert states == {
        "vanishes": "failed",
        "exits": "failed",
        "segfaults": "failed",
        "skips": "skipped",
        "code_99": "skipped",
        "code_3": "failed",
        "kills_its_group": "failed",
        "closes_descriptors": "success",
        "background_output": "success",
    }
    reasons = {task_id: str(ti.reason) for task_id, ti in engine.tis("odd").items()}
    assert "exited with code 0" in reasons["vanishes"] and "sys.exit(0)" in reasons["exits"]
    assert "SIGSEGV" in reasons["segfaults"] and "SIGKILL" in reasons["kills_its_group"]
    assert reasons["code_3"] == "exit code 3"
    assert any("Segmentation fault" in text for text in engine.said("odd", "segfaults")), "faulthandler's word"
    assert TaskState(states["skips"]) is TaskState.SKIPPED
    engine.check()


ODD = """
import ctypes
import os
import signal
import sys
from tui_flow import DAG, task, BashOperator, AirflowSkipException

with DAG("odd", schedule=None):
    @task
    def vanishes():
        os._exit(0)

    @task
    def exits():
        sys.exit(0)

    @task
    def segfaults():
        ctypes.string_at(0)

    @task
    def skips():
        raise AirflowSkipException("nothing to do")

    @task
    def kills_its_group():
        os.killpg(0, signal.SIGKILL)

    @task
    def closes_descriptors():
        os.close(1)
        os.close(2)
        print("said anyway")

    BashOperator(task_id="code_99", bash_command="exit 99")
    BashOperator(task_id="code_3", bash_command="exit 3")
    BashOperator(task_id="background_output", bash_command="(setsid yes > /dev/null &) ; (sleep 10000 &) ; echo done")
    vanishes(), exits(), segfaults(), skips(), kills_its_group(), closes_descriptors()
"""


def test_a_home_with_a_long_path(tmp_path: Path) -> None:
    """The socket's address is longer than the kernel allows."""
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    with engine_in(folder, {"held.py": HELD}) as engine:
        engine.start().open_gate("go")
        engine.trigger("held")
        assert engine.wait_run("held") is RunState.SUCCESS
        engine.check()
