"""A run that the scheduler cannot deal with is set aside; everything else goes on."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, cast

import pytest

from tests.integration.engine_kit import Engine, engine_in
from tests.integration.store_kit import HOUR, NOW, key, run_of, started, state_of, store, the_run
from tui_flow.executors.local import LocalExecutor
from tui_flow.messages import Report
from tui_flow.planner.board import Board
from tui_flow.planner.plan import plan_tick
from tui_flow.scheduler.runs import Runs
from tui_flow.settings import Home
from tui_flow.spec import DagSpec, TaskSpec
from tui_flow.state import AttemptState, RunState, TaskState
from tui_flow.store.writer import Writer

HELD = """
from tui_flow import DAG, task
import ledger

for name in ("ill", "well"):
    with DAG(name, schedule=None):
        @task
        def first(dag=None):
            ledger.start("first." + dag.dag_id)
            ledger.gate("go")
            ledger.end("first." + dag.dag_id)

        @task
        def second():
            ledger.start("second")
            ledger.end("second")

        first() >> second()
"""


def test_a_run_that_cannot_be_read_holds_up_no_other(tmp_path: Path) -> None:
    with engine_in(tmp_path, {"held.py": HELD}) as engine:
        engine.start()
        runs = {dag_id: engine.trigger(dag_id) for dag_id in ("ill", "well")}
        for dag_id in runs:
            engine.wait_started(f"first.{dag_id}")
        engine.kill_scheduler()
        good = change_spec(engine, lambda spec: spec.replace('"first"]', '"nobody"]'))
        engine.start()
        engine.open_gate("go")
        assert engine.wait_run("well") is RunState.SUCCESS
        assert list(engine.ask("status")["set_aside"].values()) == ["KeyError: 'nobody'"]
        assert "set aside by a defect" in engine.tuiflow("status").stdout
        assert engine.sql("SELECT run_id FROM event WHERE verb = 'set_aside'") == [(runs["ill"],)]
        engine.stop()
        change_spec(engine, lambda _: good)
        engine.start()
        assert engine.wait_run("ill") is RunState.SUCCESS
        assert engine.ask("status")["set_aside"] == {}
        engine.check_attempts()
        engine.check_nothing_is_left()


def change_spec(engine: Engine, change: Callable[[str], str]) -> str:
    """Writes the stored structure of `ill` behind the scheduler's back; what it was."""
    with sqlite3.connect(engine.home.database) as db:
        ((spec,),) = db.execute("SELECT spec FROM spec_version WHERE dag_id = 'ill'")
        db.execute("UPDATE spec_version SET spec = ? WHERE dag_id = 'ill'", (change(spec),))
    db.close()
    return str(spec)


def test_a_scheduler_that_crashes_starts_again(tmp_path: Path) -> None:
    with engine_in(tmp_path, {"held.py": HELD}) as engine:
        engine.start()
        engine.trigger("ill")
        engine.wait_started("first.ill")
        engine.stop()
        good = change_spec(engine, lambda _: "{}")
        engine.spawn()
        engine.until(lambda: "it starts again in" in engine.scheduler_log(), "the scheduler has crashed")
        pid = engine.scheduler_pid()
        change_spec(engine, lambda _: good)
        engine.open_gate("go")
        assert engine.wait_run("ill") is RunState.SUCCESS
        assert engine.ask("status")["pid"] == pid and not engine.has_died()
        engine.check_attempts()
        engine.stop()
        assert engine.scheduler is not None and engine.scheduler.returncode == 0


class Executor:
    """Keeps what is to be launched."""

    def __init__(self) -> None:
        self.submitted: list[Any] = []

    def submit(self, workload: Any) -> None:
        self.submitted.append(workload)

    def stop(self, attempt_id: int, reason: str) -> None:
        raise AssertionError(f"{attempt_id} is not to be stopped: {reason}")


PLAN = "tui_flow.scheduler.runs.plan_tick"
SPEC = DagSpec("d", "d.py", tasks=(TaskSpec("a"), TaskSpec("b", upstream=("a",))))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    found = Home(tmp_path / "home")
    found.journal.mkdir(parents=True)
    return found


@pytest.fixture
def writer(home: Home) -> Iterator[Writer]:
    with Writer(home.database) as writer:
        store(writer, SPEC)
        yield writer


def test_reports_of_a_run_that_cannot_be_planned_are_kept(
    home: Home, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ill, well = (run_of(writer, SPEC, run_id, date) for run_id, date in (("ill", NOW), ("well", NOW + HOUR)))
    attempts = {run: started(writer, run) for run in (ill, well)}
    executor, defective = Executor(), {ill}
    runs = Runs(home, writer, cast(LocalExecutor, executor), 4)
    runs.after_request((), attempts)
    for run, attempt_id in attempts.items():
        runs.attempts.keys[attempt_id] = key(run)
        runs.hear(Report(attempt_id, AttemptState.SUCCESS, NOW.isoformat()))

    def defect(board: Board, *args: Any, **options: Any) -> Any:
        if defective & board.runs.keys():
            raise ZeroDivisionError("planted")
        return plan_tick(board, *args, **options)

    monkeypatch.setattr(PLAN, defect)
    runs.tick(NOW)
    runs.tick(NOW)
    assert (state_of(writer, ill), state_of(writer, well)) == (TaskState.RUNNING, TaskState.SUCCESS)
    assert [workload.task_id for workload in executor.submitted] == ["b"]
    assert runs.aside.reasons() == {ill: "ZeroDivisionError: planted"} and not runs.is_idle()
    assert writer.reads.events("d")[0].after == "ZeroDivisionError: planted"

    defective.clear()
    monkeypatch.setattr(runs.aside, "_clock", lambda: float("inf"))
    runs.tick(NOW)
    assert state_of(writer, ill) is TaskState.SUCCESS and runs.aside.reasons() == {}
    assert [workload.run.run_id for workload in executor.submitted] == ["well", "ill"]


def test_a_pause_that_is_over_within_the_tick_loses_nothing(
    home: Home, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_of(writer, SPEC)
    attempt_id = started(writer, run)
    runs = Runs(home, writer, cast(LocalExecutor, Executor()), 4)
    runs.after_request((), [run])
    runs.attempts.keys[attempt_id] = key(run)
    runs.hear(Report(attempt_id, AttemptState.SUCCESS, NOW.isoformat()))
    monkeypatch.setattr(runs.aside, "_clock", count(step=1000).__next__)
    with monkeypatch.context() as planted:
        planted.setattr(PLAN, lambda *_args, **_options: 1 // 0)
        runs.tick(NOW)
    assert runs.aside.holds(run) and not runs.is_idle()
    runs.tick(NOW)
    assert state_of(writer, run) is TaskState.SUCCESS and runs.aside.reasons() == {}


def test_a_defect_of_no_run_alone_is_told(home: Home, writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = Runs(home, writer, cast(LocalExecutor, Executor()), 4)
    both = [run_of(writer, SPEC, run_id, date) for run_id, date in (("one", NOW), ("two", NOW + HOUR))]
    runs.after_request((), both)

    def defect(board: Board, *_args: Any, **_options: Any) -> Any:
        if len(board.runs) == 2:
            raise ZeroDivisionError("of the two together")
        return []

    monkeypatch.setattr(PLAN, defect)
    with pytest.raises(ZeroDivisionError):
        runs.tick(NOW)
    assert [the_run(writer, run).state for run in both] == [RunState.RUNNING] * 2


def test_an_attempt_that_cannot_be_handed_over_has_failed(
    home: Home, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_of(writer, SPEC)
    runs = Runs(home, writer, cast(LocalExecutor, Executor()), 4)
    runs.after_request((), [run])

    def defect(*_args: Any) -> Any:
        raise KeyError("planted")

    monkeypatch.setattr("tui_flow.scheduler.attempts.workload_of", defect)
    runs.tick(NOW)
    assert runs.has_news()
    runs.tick(NOW)
    assert state_of(writer, run) is TaskState.FAILED
    assert the_run(writer, run).state is RunState.FAILED
