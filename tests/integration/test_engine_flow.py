"""DAG files run end to end: what a task gets, what it gives, and what follows from how it ended."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.engine_kit import Engine
from tui_flow.errors import ParamsInvalid
from tui_flow.state import RunState, TaskState


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(tmp_path_factory.mktemp("flow")) as engine:
        yield engine.start()


def result(engine: Engine, name: str, text: str, **args: object) -> RunState:
    """The state that a run of this DAG ends in."""
    engine.dag_file(f"{name}.py", text)
    run_id = engine.trigger(name, **args)
    return engine.wait_run(name, run_id)


RETRIES = """
from datetime import timedelta
from tui_flow import DAG, task, BashOperator, AirflowFailException
import ledger

with DAG("retries", schedule=None, default_args={"retries": 3, "retry_delay": timedelta(seconds=0.1)}):
    @task
    def third_time(ti=None):
        ledger.start("third_time")
        if ti.try_number < 3:
            raise ConnectionError(f"try {ti.try_number}")
        ledger.end("third_time")
        return ti.try_number

    @task(retry_exponential_backoff=2, max_retry_delay=timedelta(seconds=0.2))
    def with_backoff(ti=None):
        if ti.try_number < 4:
            raise ConnectionError
        return ti.max_tries

    @task
    def hopeless():
        raise AirflowFailException("no use in trying again")

    BashOperator(task_id="shell", bash_command="echo try {{ ti.try_number }}; [ {{ ti.try_number }} -ge 2 ]")
    third_time(), with_backoff(), hopeless()
"""


def test_retries(engine: Engine) -> None:
    assert result(engine, "retries", RETRIES) is RunState.FAILED
    tis = engine.tis("retries")
    assert {task_id: (ti.state, ti.try_number) for task_id, ti in tis.items()} == {
        "third_time": (TaskState.SUCCESS, 3),
        "with_backoff": (TaskState.SUCCESS, 4),
        "hopeless": (TaskState.FAILED, 1),
        "shell": (TaskState.SUCCESS, 2),
    }
    assert engine.xcom("retries", "third_time") == 3 and engine.xcom("retries", "with_backoff") == 3
    assert engine.attempt_states("retries", "third_time") == ["failed", "failed", "success"]
    assert str(engine.attempts("retries", "third_time")[0].reason) == "ConnectionError: try 1"
    assert "try 1" in engine.said("retries", "shell", 1) and "try 2" in engine.said("retries", "shell", 2)
    engine.check()


VALUES = """
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from tui_flow import DAG, Param, task, BashOperator, PythonOperator

SENT = {"when": datetime(2026, 1, 1, tzinfo=UTC), "price": Decimal("1.10"), "path": Path("/a"), "set": {1, 2},
        "tuple": (1, "two"), "bytes": b"\\x00\\xff", "text": "snowman \\u2603"}

def classic(text, context_name, **context):
    ti = context["ti"]
    ti.xcom_push("own", [1, 2])
    assert ti.xcom_pull(task_ids="python", key="missing") is None
    assert ti.xcom_pull(task_ids=["python", "many"], key="return_value")[0] == SENT
    assert ti.xcom_pull(key="own", task_ids="classic") == [1, 2]
    return text, context_name, context["params"]["name"]

with DAG("values", schedule=None, params={"name": Param("world", type="string"), "n": Param(1, type="integer")},
         user_defined_macros={"twice": lambda x: x * 2}):
    @task
    def python():
        return SENT

    @task
    def receives(value, big):
        assert value == SENT and type(value["tuple"]) is tuple, value
        assert len(big) == 3_000_000

    @task
    def big():
        return "x" * 3_000_000

    @task(multiple_outputs=True)
    def many():
        return {"left": 1, "right": [2]}

    @task
    def joined(left, right, nothing):
        assert nothing is None
        return left + right[0]

    @task
    def nothing():
        return None

    @task(do_xcom_push=False)
    def silent():
        return "not kept"

    shell = BashOperator(
        task_id="shell",
        bash_command="echo first; echo $GREETING {{ params.name }} {{ twice(params.n) }} {{ run_id }}",
        env={"GREETING": "hello {{ dag.dag_id }}"}, append_env=True)
    classic_task = PythonOperator(task_id="classic", python_callable=classic,
        op_args=["{{ params.name }} {{ ti.xcom_pull(task_ids='many', key='left') }}", "{{ ti.task_id }}"])
    broken = BashOperator(task_id="broken_template", bash_command="echo {{ params.no_such_thing }}")

    sent, parts = python(), many()
    receives(sent, big())
    joined(parts["left"], parts["right"], nothing())
    [sent, parts] >> classic_task
    silent()
"""


def test_values_travel(engine: Engine) -> None:
    assert result(engine, "values", VALUES, conf={"name": "you", "n": 21}) is RunState.FAILED
    states = engine.states("values")
    assert states.pop("broken_template") == "failed"
    assert set(states.values()) == {"success"}, states
    run_id = engine.run("values").run_id
    assert engine.xcom("values", "shell") == f"hello values you 42 {run_id}"
    assert engine.xcom("values", "joined") == 3
    assert engine.xcom("values", "classic") == ("you 1", "classic", "you")
    assert engine.xcom("values", "silent") is None
    assert "no_such_thing" in str(engine.tis("values")["broken_template"].reason)
    with pytest.raises(ParamsInvalid):
        engine.trigger("values", conf={"n": "many"})
    engine.check()


BRANCHES = '''
from tui_flow import DAG, TaskGroup, task, AirflowSkipException
from tui_flow import BashOperator, EmptyOperator, LatestOnlyOperator, ShortCircuitOperator
import ledger

with DAG("branches", schedule=None):
    @task.branch
    def choose():
        return ["left", "group.inner"]

    def note(name, **kwargs):
        command = """SHELL
        start NAME; end NAME"""
        return BashOperator(task_id=name, bash_command=command.replace("NAME", name), **kwargs)

    left, right = note("left"), note("right")
    joined = note("joined", trigger_rule="none_failed_min_one_success")
    with TaskGroup("group") as group:
        inner = EmptyOperator(task_id="inner")
        outer = EmptyOperator(task_id="outer")
    choose() >> [left, right, inner, outer] >> joined

    @task.short_circuit
    def stop():
        return False

    stopped, also = note("stopped"), note("also_stopped", trigger_rule="all_done")
    stop() >> stopped >> also

    kept = ShortCircuitOperator(task_id="stop_gently", python_callable=lambda: False,
                                ignore_downstream_trigger_rules=False)
    kept >> note("skipped_gently") >> note("still_runs", trigger_rule="all_done")

    @task
    def skips():
        raise AirflowSkipException("not today")

    @task
    def fails():
        raise ValueError

    skipped, failed = skips(), fails()
    skipped >> note("after_skip")
    failed >> note("after_failure")
    [skipped, failed] >> note("all_done", trigger_rule="all_done")
    failed >> note("one_failed", trigger_rule="one_failed")
    failed >> note("all_failed", trigger_rule="all_failed")
    skipped >> note("none_skipped", trigger_rule="none_skipped")
    LatestOnlyOperator(task_id="latest") >> note("is_latest")
'''


def test_branches_skips_and_rules(engine: Engine) -> None:
    assert result(engine, "branches", BRANCHES) is RunState.FAILED
    states = engine.states("branches")
    by_state = {state: {t for t, s in states.items() if s == state} for state in set(states.values())}
    assert by_state["skipped"] == {
        "right", "group.outer", "stopped", "also_stopped", "skipped_gently", "skips", "after_skip", "none_skipped",
    }  # fmt: skip
    assert by_state["failed"] == {"fails"} and by_state["upstream_failed"] == {"after_failure"}
    ledger = engine.ledger()
    for name in ("right", "stopped", "also_stopped", "skipped_gently", "after_skip", "after_failure"):
        assert not ledger.started(name), name
    for name in ("left", "joined", "still_runs", "all_done", "one_failed", "all_failed", "is_latest"):
        assert ledger.ended(name), name
    engine.check()


LIMITS = """
import time
from tui_flow import DAG, task
import ledger

with DAG("limits", schedule=None, max_active_tasks=3, max_active_runs=1):
    @task(pool="narrow")
    def pooled(n):
        ledger.start("in_pool")
        time.sleep(0.02)
        ledger.end("in_pool")

    @task(max_active_tis_per_dag=1)
    def alone(n):
        ledger.start(f"alone{n}")
        ledger.end(f"alone{n}")

    for n in range(4):
        pooled.override(task_id=f"pooled{n}")(n)
        alone.override(task_id=f"alone{n}")(n)
"""


def test_a_pool_of_one_slot_lets_one_task_in_at_a_time(engine: Engine) -> None:
    """The ledger's lock of the name `in_pool` tells when two are in it at once."""
    engine.ask("set_pool", name="narrow", slots=1)
    engine.dag_file("limits.py", LIMITS)
    first = engine.trigger("limits")
    second = engine.trigger("limits")
    assert engine.run("limits", second).state is RunState.QUEUED
    assert engine.wait_run("limits", first) is RunState.SUCCESS
    assert engine.wait_run("limits", second) is RunState.SUCCESS
    first_run, second_run = engine.run("limits", first), engine.run("limits", second)
    assert first_run.ended_at and second_run.started_at and first_run.ended_at <= second_run.started_at
    assert len(engine.ledger().started("in_pool")) == 8
    engine.check()


CUSTOM = """
from tui_flow import DAG, BaseOperator
from helpers.ops import Greets, Short

with DAG("custom", schedule=None):
    Greets(task_id="greets", name="{{ dag.dag_id }}", retries=0)
    Short(task_id="short", name="x")
"""

OPERATOR = """
from tui_flow import BaseOperator

class Greets(BaseOperator):
    template_fields = ("name",)

    def __init__(self, *, name, **kwargs):
        super().__init__(**kwargs)
        self.name = name

    def pre_execute(self, context):
        self.log.info("before")

    def execute(self, context):
        self.log.info("during")
        return f"hello {self.name}"

    def post_execute(self, context, result):
        self.log.info("after %s", result)

class Short(Greets):
    def post_execute(self, ctx):
        self.log.info("behind")
"""


def test_custom_operators(engine: Engine) -> None:
    engine.dag_file("helpers/__init__.py", "")
    engine.dag_file("helpers/ops.py", OPERATOR)
    assert result(engine, "custom", CUSTOM) is RunState.SUCCESS
    assert engine.xcom("custom", "greets") == "hello custom"
    said = engine.said("custom", "greets")
    assert said.index("before") < said.index("during") < said.index("after hello custom")
    assert "behind" in engine.said("custom", "short")


WIDE = """
from tui_flow import DAG, task, BashOperator
import ledger

with DAG("wide", schedule=None):
    @task
    def middle(n):
        ledger.start(f"m{n}")
        ledger.end(f"m{n}")
        return n

    @task
    def total(values):
        return sum(values)

    total([middle.override(task_id=f"m{n}")(n) for n in range(200)])
"""


def test_two_hundred_tasks_at_once(engine: Engine) -> None:
    assert result(engine, "wide", WIDE) is RunState.SUCCESS
    assert engine.xcom("wide", "total") == sum(range(200))
    engine.check()
