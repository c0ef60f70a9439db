"""What tasks ask for and write while no scheduler answers, and while the disk is full."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.integration.engine_kit import engine_in
from tui_flow.state import RunState

ASKS = """
from tui_flow import DAG, task, Variable, BaseHook
import ledger

with DAG("asks", schedule=None):
    @task
    def reads(ti=None, task_state_store=None):
        ledger.start("reads")
        before = Variable.get("colour")
        ledger.gate("down")
        Variable.set("own", "older")
        task_state_store.set("own", Variable.get("own"))
        assert task_state_store.get("own") == "older", "it reads what it wrote"
        Variable.set("own", "newer")
        after = Variable.get("colour")
        host = BaseHook.get_connection("db").host
        missing = Variable.get("missing", default="none")
        ledger.end("reads")
        return [before, after, host, missing]

    @task
    def writes(ti=None):
        ledger.start("writes")
        ti.xcom_push("early", 1)
        ledger.gate("down")
        Variable.set("written", "by a task")
        Variable.set("written", "by a task, twice")
        ti.xcom_push("during", {"n": 2})
        ledger.end("writes")
        return "returned"

    @task
    def later(ti=None):
        values = ti.xcom_pull(task_ids="writes", key="early"), ti.xcom_pull(task_ids="writes", key="during")
        return [*values, Variable.get("written"), Variable.get("own")]

    [reads(), writes()] >> later()
"""


@pytest.mark.parametrize("host", ["lives", "is dead"])
def test_reads_wait_and_writes_are_kept_while_no_scheduler_answers(tmp_path: Path, host: str) -> None:
    with engine_in(tmp_path, {"asks.py": ASKS}) as engine:
        engine.start()
        engine.ask("set_variable", key="colour", value="red")
        engine.ask("set_connection", conn_id="db", conn_type="sqlite", host="nowhere")
        engine.trigger("asks")
        reads, writes = engine.wait_started("reads"), engine.wait_started("writes")
        engine.until(lambda: engine.xcom("asks", "writes", "early") == 1, "an XCom is seen at once")
        engine.kill_scheduler()
        if host == "is dead":
            engine.kill(engine.host_of(reads))
        engine.open_gate("down")
        engine.until(lambda: writes in engine.ledger().ends, "what writes does not wait")
        waits = "no scheduler answers (get_variable); waiting for one"
        engine.until(lambda: engine.said("asks", "reads").count(waits) == 1, "what reads waits")
        assert reads not in engine.ledger().ends
        engine.start()
        assert engine.wait_run("asks") is RunState.SUCCESS
        assert engine.xcom("asks", "reads") == ["red", "red", "nowhere", "none"]
        assert engine.xcom("asks", "later") == [1, {"n": 2}, "by a task, twice", "newer"]
        assert engine.said("asks", "reads").count(waits) == 1
        engine.check()


CALLS = """
from datetime import timedelta
from tui_flow import DAG, task, TriggerDagRunOperator, Variable
import ledger

with DAG("called", schedule=None):
    @task
    def works():
        ledger.start("works")
        ledger.end("works")
    works()

with DAG("calls", schedule=None):
    @task
    def held():
        ledger.start("held")
        ledger.gate("go")
        ledger.end("held")
    held() >> TriggerDagRunOperator(task_id="trigger", trigger_dag_id="called", wait_for_completion=True,
                                    poke_interval=0.1)

with DAG("gives_up", schedule=None):
    @task(execution_timeout=timedelta(seconds=1))
    def waits_for_ever():
        ledger.start("waits_for_ever")
        ledger.gate("down")
        Variable.get("x")
    waits_for_ever()
"""


def test_a_triggered_run_is_awaited_across_a_restart(tmp_path: Path) -> None:
    with engine_in(tmp_path, {"calls.py": CALLS}) as engine:
        engine.start().trigger("calls")
        engine.wait_started("held")
        engine.ask("pause_dag", dag_id="called", is_paused=True)
        engine.open_gate("go")
        engine.until(lambda: engine.runs("called"), "the other run is queued")
        engine.restart()
        engine.ask("pause_dag", dag_id="called", is_paused=False)
        assert engine.wait_run("calls") is RunState.SUCCESS
        assert len(engine.runs("called")) == 1
        engine.check()


def test_waiting_for_a_scheduler_counts_for_the_timeout(tmp_path: Path) -> None:
    with engine_in(tmp_path, {"calls.py": CALLS}) as engine:
        engine.start().trigger("gives_up")
        engine.wait_started("waits_for_ever")
        engine.kill_scheduler()
        engine.open_gate("down")
        ended = "ended: failed"
        engine.until(lambda: any(ended in text for text in engine.said("gives_up", "waits_for_ever")), "it gives up")
        engine.start()
        assert engine.wait_run("gives_up") is RunState.FAILED
        assert "execution_timeout" in str(engine.tis("gives_up")["waits_for_ever"].reason)
        engine.check()


def test_a_database_that_another_program_locks_is_waited_for(tmp_path: Path) -> None:
    with engine_in(tmp_path, {"asks.py": ASKS}) as engine:
        engine.start()
        engine.ask("set_variable", key="colour", value="red")
        engine.ask("set_connection", conn_id="db", conn_type="sqlite", host="nowhere")
        engine.trigger("asks")
        engine.wait_started("reads"), engine.wait_started("writes")
        with closing(sqlite3.connect(engine.home.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            engine.open_gate("down")
            engine.until(lambda: "nothing is launched" in engine.scheduler_log(), "the scheduler finds it locked")
            other.execute("ROLLBACK")
        assert engine.wait_run("asks") is RunState.SUCCESS
        assert engine.xcom("asks", "later") == [1, {"n": 2}, "by a task, twice", "newer"]
        assert not engine.has_died()
        engine.check()


# A full disk

NO_RESERVE = {"TUIFLOW_SCHEDULER_STOP_LAUNCHING_BELOW_BYTES": 0, "TUIFLOW_SCHEDULER_WARN_BELOW_BYTES": 0}
"""So that a small disk may be filled to its last byte."""

FILLS = '''
from tui_flow import DAG, task, BashOperator, Variable
import ledger

with DAG("fills", schedule=None):
    @task
    def python(ti=None):
        ledger.start("python")
        ledger.gate("full")
        print("said " + "x" * 3000)
        ti.xcom_push("pushed", 1)
        Variable.set("set", "2")
        ledger.gate("go")
        ledger.end("python")
        return "python"

    shell = BashOperator(task_id="shell", bash_command="""SHELL
        start shell; gate full; seq 2000; gate go; end shell; echo shell""")

    @task
    def after(a, b):
        ledger.start("after")
        ledger.end("after")
        return [a, b]

    after(python(), shell.output)
'''


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """A file system of its own below `folder`; skips where that may not be mounted."""
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode:
        pytest.skip("only root may mount a small file system")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(path: Path) -> None:
    """Take all there is left on the disk."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    os.write(fd, b"\0" * size)
            except OSError:
                continue
    finally:
        os.close(fd)


def test_a_full_disk_leaves_running_tasks_alone(tmp_path: Path) -> None:
    """Nothing is launched, nothing is lost, and all goes on as soon as there is room."""
    with small_disk(tmp_path / "disk", "24m"), engine_in(tmp_path, {}, **NO_RESERVE) as engine:
        engine.move_home(tmp_path / "disk" / "home")
        engine.dag_file("fills.py", FILLS)
        engine.start().trigger("fills")
        attempts = engine.wait_started("python"), engine.wait_started("shell")
        engine.until(
            lambda: engine.states("fills")["shell"] == engine.states("fills")["python"] == "running", "both run"
        )
        ballast = tmp_path / "disk" / "ballast"
        fill(ballast)
        engine.open_gate("full")
        engine.open_gate("go")
        engine.until(lambda: attempts[1] in engine.ledger().ends, "a task that writes nothing ends on a full disk")
        engine.until(lambda: " is full; nothing was changed" in engine.scheduler_log(), "the scheduler says so")
        assert not engine.has_died()
        assert attempts[0] not in engine.ledger().ends, "one that has an XCom to keep waits for room"
        assert engine.ask("status")["pid"] == engine.scheduler_pid(), "it still answers"
        assert not engine.ledger().started("after")
        ballast.unlink()
        assert engine.wait_run("fills") is RunState.SUCCESS
        assert engine.attempt_states("fills", "python") == engine.attempt_states("fills", "shell") == ["success"]
        assert engine.xcom("fills", "python", "pushed") == 1
        assert engine.xcom("fills", "after") == ["python", "shell"]
        engine.check()


def test_a_scheduler_that_dies_on_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "24m"), engine_in(tmp_path, {}, **NO_RESERVE) as engine:
        engine.move_home(tmp_path / "disk" / "home")
        engine.dag_file("fills.py", FILLS)
        engine.start().trigger("fills")
        attempts = engine.wait_started("python"), engine.wait_started("shell")
        engine.open_gate("full")
        engine.until(lambda: "2000" in engine.said("fills", "shell"), "it has said all")
        fill(tmp_path / "disk" / "ballast")
        engine.kill_scheduler()
        engine.open_gate("go")
        engine.until(lambda: set(attempts) <= engine.ledger().ends.keys(), "both end on a full disk")
        (tmp_path / "disk" / "ballast").unlink()
        engine.start()
        assert engine.wait_run("fills") is RunState.SUCCESS
        assert engine.attempt_states("fills", "python") == engine.attempt_states("fills", "shell") == ["success"]
        engine.check()
