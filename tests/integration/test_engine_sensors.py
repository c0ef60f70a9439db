"""Tasks that wait: for files, commands and clocks, for other DAGs, and for the runs that they trigger."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.engine_kit import Engine
from tui_flow.state import RunState, TaskState


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(tmp_path_factory.mktemp("waits")) as engine:
        engine.dag_file("external.py", EXTERNAL)
        yield engine.start()


SENSORS = """
import os
from datetime import timedelta
from tui_flow import DAG, task, FileSensor, PythonSensor, BashSensor, WaitSensor
import ledger

F = ledger.FOLDER
with DAG("sensors", schedule=None):
    for mode in ("poke", "reschedule"):
        FileSensor(task_id=f"file_{mode}", filepath=f"{F}/wanted", mode=mode, poke_interval=0.1, timeout=100)
    FileSensor(task_id="never_there", filepath=f"{F}/unwanted", mode="reschedule", poke_interval=0.1, timeout=0.3,
               retries=1)
    FileSensor(task_id="soft", filepath=f"{F}/unwanted", mode="poke", poke_interval=0.1, timeout=0.3, soft_fail=True)

    def looks():
        with open(f"{F}/looks", "a") as file:
            file.write("x")
        return os.path.getsize(f"{F}/looks") >= 3

    PythonSensor(task_id="python", python_callable=looks, mode="reschedule", poke_interval=0.05)
    BashSensor(task_id="bash", bash_command=f"test -e {F}/wanted", poke_interval=0.1)
    for mode in ("poke", "reschedule"):  # poked once a minute, but not later than the instant
        WaitSensor(task_id=f"span_{mode}", time_to_wait=timedelta(seconds=1), mode=mode)
"""


def test_sensors(engine: Engine) -> None:
    engine.dag_file("sensors.py", SENSORS)
    engine.trigger("sensors")
    engine.until(lambda: len(engine.attempts("sensors", "file_reschedule")) >= 3, "it is poked again and again")
    assert engine.states("sensors")["file_poke"] == "running"
    engine.until(lambda: engine.states("sensors")["file_reschedule"] == "up_for_reschedule", "it waits without a slot")
    (engine.folder / "wanted").touch()
    assert engine.wait_run("sensors") is RunState.FAILED
    assert engine.states("sensors") == {
        "file_poke": "success",
        "file_reschedule": "success",
        "never_there": "failed",
        "soft": "skipped",
        "python": "success",
        "bash": "success",
        "span_poke": "success",
        "span_reschedule": "success",
    }
    assert engine.attempt_states("sensors", "python") == ["rescheduled", "rescheduled", "success"]
    assert {ti.try_number for ti in engine.tis("sensors").values()} == {1}, "a time-out is not tried again"
    assert len(engine.attempts("sensors", "file_poke")) == 1
    engine.check()


EXTERNAL = """
from tui_flow import DAG, task
import ledger

with DAG("external", schedule=None, params={"fail": False}):
    @task
    def works(params=None, dag_run=None, run_id=None):
        with open(ledger.FOLDER + "/works", "a") as file:
            file.write("x")
        ledger.gate("external")
        if params["fail"]:
            raise ValueError
        return dag_run.conf

    works()
"""

CALLER = """
from tui_flow import DAG, task, TriggerDagRunOperator, ExternalTaskSensor

with DAG("caller", schedule=None):
    waits = TriggerDagRunOperator(
        task_id="waits", trigger_dag_id="external", conf={"from": "{{ dag.dag_id }}"}, wait_for_completion=True,
        poke_interval=0.1)
    named = TriggerDagRunOperator(
        task_id="named", trigger_dag_id="external", trigger_run_id="mine", logical_date="{{ logical_date }}")
    again = TriggerDagRunOperator(
        task_id="again", trigger_dag_id="external", trigger_run_id="mine", skip_when_already_exists=True)
    refused = TriggerDagRunOperator(task_id="refused", trigger_dag_id="no_such_dag")
    fails = TriggerDagRunOperator(
        task_id="fails", trigger_dag_id="external", conf={"fail": True}, wait_for_completion=True, poke_interval=0.1)
    for mode in ("poke", "reschedule"):
        named >> ExternalTaskSensor(
            task_id=f"sees_{mode}", external_dag_id="external", external_task_id="works", mode=mode, poke_interval=0.1)
    named >> again
"""


def test_dags_that_trigger_and_await_others(engine: Engine) -> None:
    engine.dag_file("caller.py", CALLER)
    engine.trigger("caller")
    engine.until(lambda: (engine.folder / "works").exists() and (engine.folder / "works").read_text() == "xxx", "3 run")
    engine.wait_state("caller", "sees_reschedule", TaskState.UP_FOR_RESCHEDULE)
    engine.open_gate("external")
    assert engine.wait_run("caller") is RunState.FAILED
    states = engine.states("caller")
    assert {task_id for task_id, state in states.items() if state == "failed"} == {"refused", "fails"}, states
    assert states["again"] == "skipped"
    runs = {run.run_id: run for run in engine.runs("external")}
    assert len(runs) == 3 and runs["mine"].run_type == "operator_triggered"
    waited = runs[engine.xcom("caller", "waits", "trigger_run_id")]
    assert waited.conf == {"from": "caller"} and waited.state is RunState.SUCCESS
    assert "caller.waits" in waited.triggered_by
    engine.check()
