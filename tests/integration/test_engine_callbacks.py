"""User callbacks: inside the attempt where it can call them, in processes of their own where it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.engine_kit import Engine, engine_in
from tui_flow.state import RunState

COMMON = '''
import os
from datetime import timedelta
from tui_flow import DAG, task, BashOperator, AirflowSkipException
import ledger


def tell(kind):
    """A callback that notes its kind, the try, and whether it runs in the task's own process."""
    def callback(context):
        ti = context["ti"]
        with open(ledger.FOLDER + "/calls", "a") as file:
            where = "inside" if os.environ.get("MARK") == f"{ti.task_id}{ti.try_number}" else "outside"
            name = context["dag"].dag_id if kind.startswith("dag") else ti.task_id
            file.write(f"{kind} {name} {ti.try_number} {where}\\n")
        print("callback says", kind, context.get("reason"), repr(context.get("exception")))
    return callback


def mark(context):
    os.environ["MARK"] = f"{context['ti'].task_id}{context['ti'].try_number}"


ALL = {
    "on_execute_callback": [mark, tell("execute")],
    "on_success_callback": tell("success"),
    "on_failure_callback": tell("failure"),
    "on_retry_callback": tell("retry"),
    "on_skipped_callback": tell("skipped"),
    "retry_delay": timedelta(0),
}
DAG_ALL = {"on_success_callback": tell("dag_success"), "on_failure_callback": tell("dag_failure")}
'''


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with engine_in(tmp_path_factory.mktemp("callbacks"), {"common.py": COMMON}) as engine:
        yield engine.start()


def calls(engine: Engine, n: int, about: str) -> list[str]:
    """The first n calls about a task or DAG, in order."""
    path = engine.folder / "calls"

    def look() -> list[str]:
        lines = path.read_text().splitlines() if path.exists() else []
        return [line for line in lines if line.split()[1].startswith(about)]

    engine.until(lambda: len(look()) >= n, f"{n} callbacks about {about}")
    engine.until(
        lambda: not engine.sql("SELECT 1 FROM callback WHERE state IN ('pending', 'running')"), "no more calls"
    )
    assert len(look()) == n, look()
    return look()


INSIDE = """
from tui_flow import DAG, task
from common import *

with DAG("inside", schedule=None, default_args=ALL, **DAG_ALL):
    @task
    def in_works():
        return 1

    @task(retries=1)
    def in_fails():
        raise ValueError("it is broken")

    @task
    def in_skips():
        raise AirflowSkipException

    BashOperator(task_id="in_shell", bash_command="exit 0")
    in_works() >> in_fails() , in_skips()
"""


def test_callbacks_run_inside_the_attempt(engine: Engine) -> None:
    engine.dag_file("inside.py", INSIDE)
    engine.trigger("inside")
    assert engine.wait_run("inside") is RunState.FAILED
    assert calls(engine, 2, "in_works") == ["execute in_works 1 inside", "success in_works 1 inside"]
    assert calls(engine, 4, "in_fails") == [
        "execute in_fails 1 inside",
        "retry in_fails 1 inside",
        "execute in_fails 2 inside",
        "failure in_fails 2 inside",
    ]
    assert calls(engine, 2, "in_skips") == ["execute in_skips 1 inside", "skipped in_skips 1 inside"]
    assert calls(engine, 2, "in_shell") == ["execute in_shell 1 inside", "success in_shell 1 inside"]
    assert [line.split()[0] for line in calls(engine, 1, "inside")] == ["dag_failure"]
    assert any("ValueError('it is broken')" in text for text in engine.said("inside", "in_fails"))
    engine.check()


OUTSIDE = """
from tui_flow import DAG, task
from common import *
import time

with DAG("outside", schedule=None, default_args=ALL, **DAG_ALL):
    @task(retries=1)
    def out_killed():
        ledger.start("out_killed")
        ledger.gate("never")

    @task(execution_timeout=timedelta(seconds=0.1))
    def out_stubborn():
        ledger.start("out_stubborn")
        while True:
            try:
                time.sleep(1000)
            except BaseException:
                pass

    out_killed(), out_stubborn()
"""


def test_after_a_signal_and_a_timeout_they_run_in_processes_of_their_own(engine: Engine) -> None:
    engine.dag_file("outside.py", OUTSIDE)
    engine.trigger("outside")
    for times in (1, 2):
        engine.kill(engine.wait_pid("out_killed", times))
    assert engine.wait_run("outside") is RunState.FAILED
    assert sorted(calls(engine, 4, "out_killed")) == [  # the next try does not wait for the callback of the last
        "execute out_killed 1 inside",
        "execute out_killed 2 inside",
        "failure out_killed 2 outside",
        "retry out_killed 1 outside",
    ]
    assert calls(engine, 2, "out_stubborn")[1] == "failure out_stubborn 1 outside"
    assert calls(engine, 1, "outside")[0].startswith("dag_failure")
    said = engine.said("outside", "out_killed", 2, kind="on_failure")
    assert any(text.startswith("callback says failure killed by SIGKILL") for text in said), said
    engine.check()


STOPPED = """
from tui_flow import DAG, task
from common import *

with DAG("stopped", schedule=None, default_args=ALL):
    @task
    def st_marked():
        ledger.start("st_marked")
        ledger.gate("never")

    @task
    def st_untidy():
        ledger.start("st_untidy")
        try:
            ledger.gate("never")
        finally:
            raise ValueError("broken while it ended")

    @task
    def st_killed():
        ledger.start("st_killed")
        ledger.gate("never")

    st_marked(), st_untidy(), st_killed()
"""


def test_an_attempt_that_is_stopped_calls_for_what_it_becomes(engine: Engine) -> None:
    engine.dag_file("stopped.py", STOPPED)
    run_id = engine.trigger("stopped")
    for name in ("st_marked", "st_untidy", "st_killed"):
        engine.wait_started(name)
    for name in ("st_marked", "st_untidy"):
        engine.ask("mark_task", dag_id="stopped", run_id=run_id, tasks=[name], state="success")
    engine.ask("kill", dag_id="stopped", run_id=run_id, task_id="st_killed")
    assert engine.wait_run("stopped") is RunState.FAILED
    assert calls(engine, 2, "st_killed") == ["execute st_killed 1 inside", "failure st_killed 1 outside"]
    assert calls(engine, 1, "st_marked") == ["execute st_marked 1 inside"]
    assert calls(engine, 1, "st_untidy") == ["execute st_untidy 1 inside"]
    assert [attempt.reason for attempt in engine.attempts("stopped", "st_marked")] == ["marked by the user"]
    engine.check()


LOST = (
    OUTSIDE.replace("outside", "lost")
    .replace("out_killed", "lo_killed")
    .replace("out_stubborn(), ", "")
    .replace("lo_killed(), out_stubborn()", "lo_killed()")
)


def test_after_a_loss(tmp_path: Path) -> None:
    """The callback of a task that is lost is called after a scheduler has found that out, once."""
    with engine_in(tmp_path, {"common.py": COMMON, "lost.py": LOST}) as engine:
        engine.start().trigger("lost")
        attempt = engine.wait_started("lo_killed")
        engine.kill_scheduler()
        engine.kill(engine.host_of(attempt), engine.ledger().pids[attempt])
        engine.start()
        second = engine.wait_started("lo_killed", 2)
        assert "retry lo_killed 1 outside" in calls(engine, 3, "lo_killed")
        engine.kill(engine.host_of(second), engine.ledger().pids[second])
        assert engine.wait_run("lost") is RunState.FAILED
        assert "failure lo_killed 2 outside" in calls(engine, 4, "lo_killed")
        assert engine.attempt_states("lost", "lo_killed") == ["lost", "lost"]
        engine.check()


WELL = """
from tui_flow import DAG, task
from common import *

def breaks(context):
    raise RuntimeError("the callback is broken")

with DAG("well", schedule=None, on_success_callback=[breaks, tell("dag_success")]):
    @task(on_success_callback=[breaks, tell("success")])
    def we_works():
        return 1
    we_works()
"""


def test_a_broken_callback_changes_nothing_and_the_next_is_called(engine: Engine) -> None:
    engine.dag_file("well.py", WELL)
    engine.trigger("well")
    assert engine.wait_run("well") is RunState.SUCCESS
    assert calls(engine, 1, "we_works") == ["success we_works 1 outside"]  # no mark was set
    assert calls(engine, 1, "well")[0].startswith("dag_success")
    assert any("the callback is broken" in text for text in engine.said("well", "we_works"))
    engine.check()


HANGS = """
from tui_flow import DAG, task
from common import *

def hangs(context):
    tell("failure")(context)
    ledger.gate("callback")

with DAG("hangs", schedule=None):
    @task(on_failure_callback=hangs)
    def ha_killed():
        ledger.start("ha_killed")
        ledger.gate("never")
    ha_killed()
"""


@pytest.mark.parametrize("ends", ["before the next scheduler starts", "after that"])
def test_a_callback_outlives_the_scheduler(tmp_path: Path, ends: str) -> None:
    """It is adopted like an attempt, and its end is recorded: the next scheduler does not call it again."""
    with engine_in(tmp_path, {"common.py": COMMON, "hangs.py": HANGS}) as engine:
        engine.start().trigger("hangs")
        engine.kill(engine.wait_pid("ha_killed"))
        path = engine.folder / "calls"
        engine.until(path.exists, "the callback runs")
        engine.kill_scheduler()
        if ends == "after that":
            engine.start()
        engine.open_gate("callback")
        engine.until(lambda: not engine.attempt_processes(), "the callback ends")
        if ends == "before the next scheduler starts":
            engine.kill(*engine.pids_named("tuiflow-host"))  # then only its journal tells of its end
            engine.start()
        engine.wait_run("hangs")
        assert calls(engine, 1, "ha_killed") == ["failure ha_killed 1 outside"]
        engine.check()


def test_a_callback_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    dags = {"common.py": COMMON, "hangs.py": HANGS}
    with engine_in(tmp_path, dags, TUIFLOW_SCHEDULER_CALLBACK_TIMEOUT_S=0.5) as engine:
        engine.start().trigger("hangs")
        engine.kill(engine.wait_pid("ha_killed"))
        assert engine.wait_run("hangs") is RunState.FAILED
        assert calls(engine, 1, "ha_killed") == ["failure ha_killed 1 outside"]
        assert engine.sql("SELECT state FROM callback") == [("failed",)]
        engine.check()
