"""The sensors and operators that can wait in a trigger instead of a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.engine_kit import Engine
from tui_flow.state import RunState, TaskState


@pytest.fixture
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(tmp_path_factory.mktemp("deferrable"), TUIFLOW_OPERATORS_DEFAULT_DEFERRABLE="true") as engine:
        engine.dag_file("other.py", OTHER)
        engine.dag_file("waits.py", WAITS)
        yield engine.start()


OTHER = """
from tui_flow import DAG, task
import ledger

with DAG("other", schedule=None, params={"fail": False}):
    @task
    def works(params=None):
        ledger.gate("other")
        if params["fail"]:
            raise ValueError
    works()
"""

WAITS = """
from datetime import UTC, datetime, timedelta
from tui_flow import (
    DAG, DateTimeSensor, DateTimeSensorAsync, ExternalTaskSensor, FileSensor, TimeDeltaSensorAsync, TimeSensorAsync,
    TriggerDagRunOperator, WaitSensor)
import ledger

PAST = datetime(2026, 1, 1, tzinfo=UTC)
with DAG("files", schedule=None):
    FileSensor(task_id="file", filepath=f"{ledger.FOLDER}/wanted", poke_interval=0.05)
    FileSensor(task_id="in_process", filepath=f"{ledger.FOLDER}/wanted", poke_interval=0.05, deferrable=False)
    FileSensor(task_id="never", filepath=f"{ledger.FOLDER}/unwanted", timeout=0.3, retries=1)
    FileSensor(task_id="soft", filepath=f"{ledger.FOLDER}/unwanted", timeout=0.3, soft_fail=True)

with DAG("clocks", schedule=None):
    DateTimeSensor(task_id="templated", target_time="{{ dag_run.run_after }}")
    DateTimeSensorAsync(task_id="async", target_time=PAST)
    DateTimeSensor(task_id="ends", target_time=PAST, end_from_trigger=True)
    TimeDeltaSensorAsync(task_id="delta", delta=timedelta(milliseconds=200))
    TimeSensorAsync(task_id="time", target_time=PAST.time())
    WaitSensor(task_id="span", time_to_wait=timedelta(milliseconds=200))

with DAG("callers", schedule=None):
    fine = TriggerDagRunOperator(task_id="fine", trigger_dag_id="other", trigger_run_id="fine", poke_interval=0.05,
                                 logical_date="{{ logical_date }}", wait_for_completion=True)
    TriggerDagRunOperator(task_id="fails", trigger_dag_id="other", trigger_run_id="fails", conf={"fail": True},
                          poke_interval=0.05, wait_for_completion=True)
    odd = {"external_task_id": "works", "failed_states": ["success"], "allowed_states": ["skipped"]}
    for what in ({}, {"external_task_id": "works"}, odd):
        ExternalTaskSensor(task_id=f"sees{len(what)}", external_dag_id="other", poke_interval=0.05, **what)
"""


def test_files(engine: Engine) -> None:
    engine.trigger("files")
    engine.wait_state("files", "file", TaskState.DEFERRED)
    engine.wait_state("files", "in_process", TaskState.RUNNING)
    (engine.folder / "wanted").touch()
    assert engine.wait_run("files") is RunState.FAILED
    assert engine.states("files") == {
        "file": "success",
        "in_process": "success",
        "never": "failed",
        "soft": "skipped",
    }
    assert engine.attempt_states("files", "file") == ["deferred", "success"]
    assert engine.attempt_states("files", "in_process") == ["success"]
    never = engine.tis("files")["never"]
    assert never.try_number == 1 and "AirflowSensorTimeout" in str(never.reason)
    engine.check()


def test_clocks(engine: Engine) -> None:
    engine.trigger("clocks")
    assert engine.wait_run("clocks") is RunState.SUCCESS
    attempts = {task_id: engine.attempt_states("clocks", task_id) for task_id in engine.states("clocks")}
    assert attempts.pop("ends") == ["deferred"], "the trigger ended it"
    assert set(map(tuple, attempts.values())) == {("deferred", "success")}
    engine.check()


def test_other_dags(engine: Engine) -> None:
    engine.trigger("callers")
    engine.until(lambda: set(engine.states("callers").values()) == {"deferred"}, "all wait")
    engine.open_gate("other")
    assert engine.wait_run("callers") is RunState.FAILED
    assert engine.states("callers") == {
        "fine": "success",
        "fails": "failed",
        "sees0": "success",
        "sees1": "success",
        "sees3": "failed",
    }
    assert "ended failed" in str(engine.tis("callers")["fails"].reason)
    assert len(engine.runs("other")) == 2
    engine.check()
