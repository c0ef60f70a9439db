"""kill -9 of the scheduler: at every step of launching and recording, and while tasks run. Nothing is lost or run
twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.engine_kit import Engine, engine_in
from tui_flow.client import Client, new_request_id
from tui_flow.errors import SchedulerUnreachable
from tui_flow.state import RunState

WORK = '''
from tui_flow import DAG, task, BashOperator
import ledger

with DAG("work", schedule=None):
    @task
    def first():
        ledger.start("first")
        ledger.end("first")
        return {"n": 20}

    middle = BashOperator(
        task_id="middle",
        bash_command="""SHELL
        start middle; end middle; echo {{ ti.xcom_pull(task_ids='first')['n'] }}""",
    )

    @task
    def last(text):
        ledger.start("last")
        ledger.end("last")
        return int(text) + 1

    first() >> middle
    last(middle.output)
'''

HELD = '''
from datetime import timedelta
from tui_flow import DAG, task, BashOperator
import ledger

with DAG("held", schedule=None):
    @task
    def python():
        ledger.start("python")
        print("before")
        ledger.gate("go")
        print("after")
        ledger.end("python")
        return "from python"

    shell = BashOperator(
        task_id="shell",
        bash_command="""SHELL
        start shell; echo before; gate go; echo after; end shell; echo from shell""",
    )

    @task
    def both(a, b):
        return f"{a}, {b}"

    both(python(), shell.output)
'''


def trigger_surely(engine: Engine, dag_id: str) -> str:
    """Ask until an answer comes, under one request id: however often the scheduler dies, there is one run."""
    request_id = new_request_id()

    def ask() -> str | None:
        if engine.has_died():
            engine.start()
        try:
            with Client(engine.home.socket) as client:
                answer = client.request("trigger", {"dag_id": dag_id}, request_id=request_id, timeout_s=60)
        except SchedulerUnreachable:
            return None
        return str(answer["run_id"])

    run_id = engine.until(ask, "the run is triggered")
    assert run_id is not None
    return run_id


def finish(engine: Engine, dag_id: str, run_id: str) -> RunState:
    """The state the run ends in; the scheduler is started again whenever it dies."""

    def step() -> bool:
        if engine.has_died():
            engine.start()
        return engine.run(dag_id, run_id).ended_at is not None

    engine.until(step, f"run {run_id} ends")
    return engine.run(dag_id, run_id).state


@pytest.mark.parametrize("nth", [1, 2, 4])
@pytest.mark.parametrize("point", ["tick.before_commit", "tick.committed", "launch.created", "launch.sent"])
def test_killed_at_a_step(tmp_path: Path, point: str, nth: int) -> None:
    with engine_in(tmp_path, {"work.py": WORK}) as engine:
        engine.start()
        engine.until(lambda: engine.reads(lambda reader: reader.dag("work")), "the DAG is parsed")
        engine.kill_scheduler()
        engine.start(f"{point}:{nth}")
        run_id = trigger_surely(engine, "work")
        assert finish(engine, "work", run_id) is RunState.SUCCESS
        assert engine.xcom("work", "last") == 21
        assert len(engine.runs("work")) == 1
        assert {ti.try_number for ti in engine.tis("work").values()} == {1}, "a launch that was void costs no try"
        assert len(engine.ledger().starts) == 3
        engine.check()


def test_a_request_whose_answer_was_lost_is_not_performed_twice(tmp_path: Path) -> None:
    with engine_in(tmp_path, {"work.py": WORK}) as engine:
        engine.start()
        engine.until(lambda: engine.reads(lambda reader: reader.dag("work")), "the DAG is parsed")
        engine.kill_scheduler()
        engine.start("request.performed:2")  # the first one asked whether it answers
        run_id = trigger_surely(engine, "work")
        assert finish(engine, "work", run_id) is RunState.SUCCESS
        assert [run.run_id for run in engine.runs("work")] == [run_id]
        assert len(engine.ledger().starts) == 3
        engine.check()


def test_what_was_voided_never_starts(tmp_path: Path) -> None:
    """A host that slept gets its work after a scheduler has given the attempt up, and before that one could clean
    up."""
    with engine_in(tmp_path, {"work.py": WORK}) as engine:
        engine.start()
        assert engine.wait_run("work", engine.trigger("work")) is RunState.SUCCESS
        (host,) = engine.pids_named("tuiflow-host")
        engine.stop_process(host)
        engine.trigger("work")
        engine.until(lambda: list(engine.home.journal.iterdir()), "it is launched")
        assert engine.ask("status")["hosts"][0]["attempts"] == 1, "and sent"
        engine.kill_scheduler()
        engine.start("tick.committed:1")
        engine.wait_for_crash()
        assert engine.attempt_states("work", "first") == ["void", "launching"]
        engine.continue_process(host)
        engine.until(lambda: not engine.sockets_of(host), "the host has read all that the first scheduler sent")
        engine.start()
        assert engine.wait_run("work") is RunState.SUCCESS
        assert engine.attempt_states("work", "first")[0] == "void"
        engine.check()


@pytest.mark.parametrize("point", ["void.before", "void.linked"])
def test_killed_while_it_recovers(tmp_path: Path, point: str) -> None:
    with engine_in(tmp_path, {"work.py": WORK}) as engine:
        engine.start()
        engine.until(lambda: engine.reads(lambda reader: reader.dag("work")), "the DAG is parsed")
        engine.kill_scheduler()
        engine.start("launch.created:1")
        run_id = trigger_surely(engine, "work")
        engine.wait_for_crash()
        engine.start(f"{point}:1")
        engine.wait_for_crash()
        assert finish(engine, "work", run_id) is RunState.SUCCESS
        assert engine.attempt_states("work", "first") == ["void", "success"]
        assert {ti.try_number for ti in engine.tis("work").values()} == {1}
        engine.check()


def test_running_tasks_go_on_without_a_scheduler(tmp_path: Path) -> None:
    """And are recorded once by the next one, whether they end before it starts or after."""
    with engine_in(tmp_path, {"held.py": HELD}) as engine:
        engine.start().trigger("held")
        python, shell = engine.wait_started("python"), engine.wait_started("shell")
        engine.kill_scheduler()
        engine.open_gate("go")
        engine.until(lambda: {python, shell} <= engine.ledger().ends.keys(), "both end without a scheduler")
        engine.start()
        assert engine.wait_run("held") is RunState.SUCCESS
        assert engine.xcom("held", "both") == "from python, from shell"
        for task_id in ("python", "shell"):
            assert engine.attempt_states("held", task_id) == ["success"]
            assert [text for text in engine.said("held", task_id) if text in ("before", "after")] == ["before", "after"]
        engine.check()


def test_the_next_scheduler_adopts_what_runs(tmp_path: Path) -> None:
    with engine_in(tmp_path, {"held.py": HELD}) as engine:
        engine.start().trigger("held")
        engine.wait_started("python"), engine.wait_started("shell")
        for _ in range(2):
            engine.restart()
        assert engine.states("held") == {"python": "running", "shell": "running", "both": "none"}
        engine.open_gate("go")
        assert engine.wait_run("held") is RunState.SUCCESS
        assert engine.xcom("held", "both") == "from python, from shell"
        assert engine.attempt_states("held", "python") == engine.attempt_states("held", "shell") == ["success"]
        engine.check()


def test_sigterm_leaves_tasks_running_and_the_next_scheduler_adopts_them(tmp_path: Path) -> None:
    with engine_in(tmp_path, {"held.py": HELD}) as engine:
        engine.start().trigger("held")
        engine.wait_started("python"), engine.wait_started("shell")
        engine.stop()
        assert engine.scheduler is not None and engine.scheduler.returncode == 0
        engine.start().open_gate("go")
        assert engine.wait_run("held") is RunState.SUCCESS
        engine.check()


def test_the_launcher_is_replaced(tmp_path: Path) -> None:
    """Hosts and attempts outlive it; new DAG files are parsed and new hosts forked by the next one."""
    with engine_in(tmp_path, {"held.py": HELD}) as engine:
        engine.start().trigger("held")
        engine.wait_started("python"), engine.wait_started("shell")
        (before,) = engine.pids_named("tuiflow-launch")
        engine.kill(before)
        engine.dag_file("work.py", WORK)
        engine.trigger("work")
        assert engine.wait_run("work") is RunState.SUCCESS
        engine.open_gate("go")
        assert engine.wait_run("held") is RunState.SUCCESS
        assert engine.pids_named("tuiflow-launch") != [before]
        engine.check()


@pytest.mark.parametrize("how", ["scheduler first", "launcher first"])
def test_everything_but_the_tasks_is_killed(tmp_path: Path, how: str) -> None:
    """A Python attempt writes its own result, a shell wrapper its exit code: nothing is lost."""
    with engine_in(tmp_path, {"held.py": HELD}) as engine:
        engine.start().trigger("held")
        python, _ = engine.wait_started("python"), engine.wait_started("shell")
        assert engine.scheduler is not None
        scheduler, host, launcher = (
            [engine.scheduler.pid],
            [engine.host_of(python)],
            engine.pids_named("tuiflow-launch"),
        )
        everything = scheduler + host + launcher if how == "scheduler first" else launcher + host + scheduler
        for pid in everything:
            engine.kill(pid)
        engine.start()
        assert engine.states("held") == {"python": "running", "shell": "running", "both": "none"}
        engine.open_gate("go")
        assert engine.wait_run("held") is RunState.SUCCESS
        assert engine.xcom("held", "both") == "from python, from shell"
        for task_id in ("python", "shell"):
            assert [text for text in engine.said("held", task_id) if text in ("before", "after")] == ["before", "after"]
        engine.check()


def test_a_second_scheduler_names_the_first(tmp_path: Path) -> None:
    with engine_in(tmp_path, {}) as engine:
        engine.start()
        assert engine.scheduler is not None
        second = engine.tuiflow("scheduler")
        assert second.returncode == 75
        assert f"scheduler (pid {engine.scheduler.pid}" in second.stderr, second.stderr
        assert not engine.has_died()


EXPANDED = """
from tui_flow import DAG, task
import ledger

with DAG("expanded", schedule=None):
    @task
    def source():
        ledger.start("source")
        ledger.gate("go")
        ledger.end("source")
        return list(range(520))

    @task
    def take(n):
        ledger.start(f"take{n}")
        ledger.end(f"take{n}")

    @task
    def last():
        ledger.start("last")
        ledger.end("last")

    take.expand(n=source()) >> last()
"""


def test_killed_while_a_mapped_task_expands(tmp_path: Path) -> None:
    """What it gets, it gets at once; what is then scheduled over several ticks goes on where it stopped."""

    def instances() -> dict[str, int]:
        return dict(engine.sql("SELECT state, count(*) FROM task_instance WHERE task_id = 'take' GROUP BY state"))

    with engine_in(tmp_path, {"expanded.py": EXPANDED}) as engine:
        engine.start()
        run_id = engine.trigger("expanded")
        source = engine.wait_started("source")
        engine.kill_scheduler()
        engine.open_gate("go")
        engine.until(lambda: source in engine.ledger().ends, "the source has ended")
        engine.start("tick.before_commit:1")
        engine.wait_for_crash()
        assert instances() == {"none": 1}, "nothing of it"
        engine.start("tick.committed:1")
        engine.wait_for_crash()
        found = instances()
        assert sum(found.values()) == 520 and found["none"] > 0 and found["scheduled"] > 0, "all of it, some scheduled"
        assert finish(engine, "expanded", run_id) is RunState.SUCCESS
        assert instances() == {"success": 520}
        assert len(engine.ledger().starts) == 522
        engine.check()
