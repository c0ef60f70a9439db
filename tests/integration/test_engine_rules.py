"""Rules that need a real attempt: retry policies where the exception is, teardowns after everything has gone wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.engine_kit import Engine
from tui_flow.state import RunState, TaskState


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with Engine(tmp_path) as engine:
        yield engine.start()


POLICY = """
from datetime import timedelta
from tui_flow import DAG, BashOperator, ExceptionRetryPolicy, RetryAction, RetryRule, task

POLICY = ExceptionRetryPolicy([
    RetryRule(KeyError, RetryAction.FAIL, reason="it will not come"),
    RetryRule([OSError, "tui_flow.AirflowException"], retry_delay=timedelta(0)),
])
with DAG("policy", default_args={"retries": 2, "retry_delay": timedelta(days=1), "retry_policy": POLICY}):
    @task
    def hopeless():
        raise KeyError("x")
    @task
    def again():
        raise ConnectionError("try me")
    BashOperator(task_id="shell", bash_command="exit 3")
    hopeless(), again()
"""


def test_the_exception_decides_whether_and_when_to_try_again(engine: Engine) -> None:
    engine.dag_file("policy.py", POLICY)
    engine.trigger("policy")
    assert engine.wait_run("policy") is RunState.FAILED
    tis = engine.tis("policy")
    assert {task_id: ti.try_number for task_id, ti in tis.items()} == {"hopeless": 1, "again": 3, "shell": 3}
    assert tis["hopeless"].reason == "KeyError: 'x' (retry policy: fail, it will not come)"
    engine.check()


TEARDOWN = """
from datetime import timedelta
from tui_flow import DAG, setup, task, teardown
import ledger

for name, settings in {
    "timed_out": {"dagrun_timeout": timedelta(seconds=3)}, "fast": {"fail_fast": True}, "marked": {},
}.items():
    with DAG(name, **settings):
        @setup
        def make():
            ledger.start("make")
            ledger.end("make")
        @teardown
        def drop(dag=None):
            ledger.start("drop." + dag.dag_id)
            ledger.end("drop." + dag.dag_id)
        @task
        def work(dag=None):
            ledger.start("work." + dag.dag_id)
            ledger.gate("never")
        @task
        def breaks(dag=None):
            if dag.dag_id == "fast":
                ledger.gate("break")
                raise ValueError
        with make() >> drop():
            work(), breaks()
"""


@pytest.mark.parametrize("dag_id", ["timed_out", "fast", "marked"])
def test_a_teardown_runs_whatever_ended_its_run(engine: Engine, dag_id: str) -> None:
    engine.dag_file("teardown.py", TEARDOWN)
    engine.trigger(dag_id)
    engine.wait_started(f"work.{dag_id}")
    engine.open_gate("break")
    if dag_id == "marked":
        engine.wait_state(dag_id, "work", TaskState.RUNNING)  # one that is still queued would be skipped
        engine.ask("mark_run", dag_id=dag_id, state="failed")
    assert engine.wait_run(dag_id) is RunState.FAILED
    assert engine.ledger().started(f"drop.{dag_id}")
    states = engine.states(dag_id)
    assert (states["make"], states["drop"]) == ("success", "success")
    assert states["work"] == {"timed_out": "skipped", "fast": "failed", "marked": "failed"}[dag_id]
    engine.check()
