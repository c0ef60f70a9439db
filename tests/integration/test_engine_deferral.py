"""Tasks that defer: triggers in a process of their own, what ends a wait, and what survives a kill."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.engine_kit import Engine
from tui_flow.state import RunState, TaskState

TRIGGERS = """
import asyncio, os
from tui_flow import BaseTrigger, TriggerEvent, TaskFailedEvent, TaskSkippedEvent, TaskSuccessEvent
import ledger

class GateTrigger(BaseTrigger):
    def __init__(self, gate, event="fired", blocks=False):
        super().__init__()
        self.gate, self.event, self.blocks = gate, event, blocks

    def serialize(self):
        return "own.triggers.GateTrigger", {"gate": self.gate, "event": self.event, "blocks": self.blocks}

    async def run(self):
        print("looking at gate", self.gate)
        self.note("run")
        while self.blocks or not os.path.exists(f"{ledger.FOLDER}/gate.{self.gate}"):
            if self.blocks:
                import time
                time.sleep(0.1)
            else:
                await asyncio.sleep(0.05)
        if self.event == "raise":
            raise ValueError("the trigger's own error")
        if self.event == "none":
            return
        if self.event == "many":
            yield TaskSuccessEvent(xcoms={"return_value": ["a", "b", "c"]})
        ends = {"success": TaskSuccessEvent, "fail": TaskFailedEvent, "skip": TaskSkippedEvent}
        if self.event in ends:
            yield ends[self.event](xcoms={"return_value": self.gate})
        yield TriggerEvent({"gate": self.gate, "event": self.event})

    def note(self, word):
        ti = self.task_instance
        with open(f"{ledger.FOLDER}/triggers", "a") as file:
            file.write(f"{ti.task_id}.{ti.try_number} {word}\\n")

    async def cleanup(self):
        self.note("cleanup")

    async def on_kill(self):
        self.note("on_kill")
"""

OPERATOR = """
from datetime import timedelta
from tui_flow import DAG, BaseOperator, StartTriggerArgs, task
from own.triggers import GateTrigger
import ledger

class Waits(BaseOperator):
    template_fields = ("word",)

    def __init__(self, gate, event="fired", wait_s=None, times=1, blocks=False, **kwargs):
        super().__init__(**kwargs)
        self.gate, self.event, self.wait_s, self.times, self.blocks = gate, event, wait_s, times, blocks
        self.word = "{{ ti.task_id }}"

    def execute(self, context):
        ledger.note("begin", self.task_id)
        self.wait(self.times)

    def wait(self, times):
        self.defer(trigger=GateTrigger(self.gate, self.event, self.blocks), method_name="go_on",
                   kwargs={"left": times - 1, "limit": timedelta(minutes=1)}, timeout=self.wait_s)

    def go_on(self, context, event, left, limit):
        assert limit == timedelta(minutes=1)
        if left:
            self.wait(left)
        ledger.start(self.task_id)
        if self.event == "then fail" and context["ti"].try_number == 1:
            raise RuntimeError("after the wait")
        ledger.end(self.task_id)
        return [self.word, event["gate"]]
"""


@pytest.fixture
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(tmp_path_factory.mktemp("defer"), TUIFLOW_SCHEDULER_TRIGGER_BLOCK_LIMIT_S=3) as engine:
        engine.dag_file("own/__init__.py", "")
        engine.dag_file("own/triggers.py", TRIGGERS)
        engine.dag_file("own/waits.py", OPERATOR)
        yield engine.start()


def a_dag(engine: Engine, tasks: str, dag_id: str = "waits") -> None:
    body = "".join(f"    {line}\n" for line in tasks.strip().splitlines())
    imports = "from datetime import timedelta\nfrom tui_flow import DAG, BashOperator\nfrom own.waits import Waits\n"
    engine.dag_file(f"{dag_id}.py", f"{imports}with DAG({dag_id!r}, schedule=None):\n{body}")


def noted(engine: Engine, task: str) -> list[str]:
    path = engine.folder / "triggers"
    lines = path.read_text().splitlines() if path.exists() else []
    return [word for name, word in (line.split() for line in lines) if name == task]


def test_a_task_goes_on_when_its_trigger_fires(engine: Engine) -> None:
    a_dag(engine, "Waits(task_id='a', gate='a', times=2) >> BashOperator(task_id='b', bash_command='true')")
    engine.trigger("waits")
    engine.wait_state("waits", "a", TaskState.DEFERRED)
    engine.until(lambda: noted(engine, "a.1") == ["run"], "the trigger runs")
    assert len(engine.pids_named("tuiflow-trigger")) == 1 and engine.ledger().started("a") == []
    engine.open_gate("a")
    assert engine.wait_run("waits") is RunState.SUCCESS
    assert engine.xcom("waits", "a") == ["a", "a"]
    assert engine.attempt_states("waits", "a") == ["deferred", "deferred", "success"]
    assert engine.tis("waits")["a"].try_number == 1
    lines = [line for line in engine.log("waits", "a") if line.source == "trigger"]
    assert [line.text for line in lines].count("looking at gate a") == 2
    assert noted(engine, "a.1") == ["run", "cleanup"] * 2
    engine.until(lambda: not engine.pids_named("tuiflow-trigger"), "nothing waits, so no triggerer lives")
    engine.check()


def test_what_follows_a_task_that_its_trigger_ends(engine: Engine) -> None:
    """Others map over its result, and its assets are updated."""
    made = """
        from tui_flow import DAG, Asset, BashOperator, EmptyOperator
        from own.waits import Waits
        with DAG("makes"):
            made = Waits(task_id="made", gate="m", event="many", outlets=[Asset("made")])
            failed = Waits(task_id="failed", gate="m", event="fail", outlets=[Asset("not_made")])
            BashOperator.partial(task_id="each").expand(bash_command=made.output.map(lambda word: f"echo {word}"))
        with DAG("waits_for_it", schedule=Asset("made") | Asset("not_made")):
            EmptyOperator(task_id="done")
    """
    engine.dag_file("makes.py", made)
    engine.open_gate("m")
    engine.trigger("makes")
    engine.wait_run("makes")
    engine.until(lambda: engine.runs("waits_for_it"), "the asset's consumer runs")
    counts = engine.sql("SELECT state, count(*) FROM task_instance WHERE task_id = 'each' GROUP BY state")
    assert counts == [("success", 3)]
    engine.wait_run("waits_for_it")
    assert len(engine.runs("waits_for_it")) == 1
    engine.check()


def test_how_a_trigger_can_end_a_task(engine: Engine) -> None:
    a_dag(
        engine,
        """
Waits(task_id='success', gate='x', event='success')
Waits(task_id='fail', gate='x', event='fail', retries=2)
Waits(task_id='skip', gate='x', event='skip')
Waits(task_id='raises', gate='x', event='raise')
Waits(task_id='none', gate='x', event='none')
Waits(task_id='late', gate='never', wait_s=2)
Waits(task_id='too_long', gate='never', execution_timeout=timedelta(seconds=4))
Waits(task_id='again', gate='x', event='then fail', retries=1, retry_delay=0)
""",
    )
    engine.open_gate("x")
    engine.trigger("waits")
    engine.wait_run("waits")
    tis = engine.tis("waits")
    assert {name: str(ti.state) for name, ti in tis.items()} == {
        "success": "success",
        "fail": "failed",
        "skip": "skipped",
        "raises": "failed",
        "none": "failed",
        "late": "failed",
        "too_long": "failed",
        "again": "success",
    }
    assert engine.xcom("waits", "success") == "x" and len(engine.attempts("waits", "fail")) == 1
    assert tis["raises"].reason == "TaskDeferralError: ValueError: the trigger's own error"
    assert "ended without an event" in str(tis["none"].reason)
    assert tis["late"].reason == tis["too_long"].reason == "TaskDeferralTimeout: Trigger timeout"
    assert engine.attempt_states("waits", "again") == ["deferred", "failed", "deferred", "success"]
    assert tis["again"].try_number == 2
    assert any("the trigger's own error" in text for text in engine.said("waits", "raises"))
    ways: list[list[str]] = [[], ["run", "cleanup"]]  # on a busy machine it is too late before its trigger has begun
    engine.until(lambda: noted(engine, "late.1") in ways, "a trigger that is too late is cleaned up")
    engine.check()


def test_neither_the_triggerers_nor_the_schedulers_death_loses_a_wait(engine: Engine) -> None:
    a_dag(engine, "Waits(task_id='a', gate='a')\nWaits(task_id='b', gate='b')")
    engine.trigger("waits")
    engine.until(lambda: noted(engine, "a.1") and noted(engine, "b.1"), "both triggers run")
    engine.kill(*engine.pids_named("tuiflow-trigger"))
    engine.until(lambda: noted(engine, "a.1") == noted(engine, "b.1") == ["run", "run"], "they run again")
    (triggerer,) = engine.pids_named("tuiflow-trigger")
    engine.kill_scheduler()
    engine.open_gate("a")
    engine.until(lambda: "cleanup" in noted(engine, "a.1"), "a trigger fires without a scheduler")
    engine.start()
    engine.wait_state("waits", "a", TaskState.SUCCESS)
    assert engine.pids_named("tuiflow-trigger") == [triggerer], "the triggerer has lived on"
    engine.kill_everything()
    engine.open_gate("b")
    engine.start()
    assert engine.wait_run("waits") is RunState.SUCCESS
    assert [len(engine.ledger().started(name)) for name in "ab"] == [1, 1]
    assert not list(engine.home.triggers.glob("*.event"))
    engine.check()


def test_an_event_that_was_not_recorded_is_applied_once(engine: Engine) -> None:
    a_dag(engine, "Waits(task_id='a', gate='a')")
    engine.trigger("waits")
    engine.until(lambda: noted(engine, "a.1") == ["run"], "the trigger runs")
    engine.stop_process(engine.scheduler_pid())
    engine.open_gate("a")
    engine.until(lambda: list(engine.home.triggers.glob("*.event")), "the event is written down")
    engine.close_gate("a")
    engine.kill_everything()
    engine.start()
    assert engine.wait_run("waits") is RunState.SUCCESS
    assert noted(engine, "a.1").count("run") == 1, "the trigger was not asked again"
    engine.check()


@pytest.mark.parametrize("verb", ["clear", "mark", "kill", "mark_run"])
def test_a_user_ends_a_wait(engine: Engine, verb: str) -> None:
    a_dag(engine, "Waits(task_id='a', gate='a')")
    engine.trigger("waits")
    engine.until(lambda: noted(engine, "a.1") == ["run"], "the trigger runs")
    match verb:
        case "clear":
            engine.ask("clear", dag_id="waits", tasks=["a"])
            engine.until(lambda: noted(engine, "a.2") == ["run"], "it waits anew")
            engine.open_gate("a")
        case "mark":
            engine.ask("mark_task", dag_id="waits", tasks=["a"], state="success")
        case "kill":
            engine.ask("kill", dag_id="waits", task_id="a")
        case "mark_run":
            engine.ask("mark_run", dag_id="waits", state="failed")
    state = engine.wait_run("waits")
    assert state is (RunState.FAILED if verb in ("kill", "mark_run") else RunState.SUCCESS)
    engine.until(lambda: noted(engine, "a.1") == ["run", "on_kill", "cleanup"], "the trigger is told")
    assert len(engine.ledger().started("a")) == (verb == "clear")
    engine.check()


def test_a_trigger_that_blocks_fails_and_the_others_go_on(engine: Engine) -> None:
    a_dag(engine, "Waits(task_id='good', gate='good')")
    a_dag(engine, "Waits(task_id='bad', gate='x', blocks=True)\nWaits(task_id='near', gate='good')", dag_id="blocks")
    engine.trigger("waits")
    engine.until(lambda: noted(engine, "good.1"), "a trigger of another file runs")
    engine.trigger("blocks")
    engine.until(lambda: noted(engine, "bad.1"), "it blocks")
    engine.open_gate("good")
    assert engine.wait_run("waits") is RunState.SUCCESS
    assert engine.wait_run("blocks") is RunState.FAILED
    assert engine.states("blocks") == {"bad": "failed", "near": "success"}
    assert "use `await` there" in str(engine.tis("blocks")["bad"].reason)
    said = [line.text for line in engine.log("blocks", "bad") if line.level == "WARN"]
    assert any("lets no other one run" in text and "triggers.py:" in text for text in said)
    engine.check()


def test_a_deferred_task_holds_its_pool_only_where_the_pool_says_so(engine: Engine) -> None:
    engine.ask("set_pool", name="frees", slots=1, include_deferred=False)
    engine.ask("set_pool", name="keeps", slots=1, include_deferred=True)
    for pool in ("frees", "keeps"):
        a_dag(engine, f"for n in '12': Waits(task_id='w' + n, gate={pool!r}, pool={pool!r})", dag_id=pool)
        engine.trigger(pool)
    engine.until(lambda: set(engine.states("frees").values()) == {"deferred"}, "both of them wait")
    engine.until(lambda: "deferred" in engine.states("keeps").values(), "one waits")
    assert sorted(engine.states("keeps").values()) == ["deferred", "scheduled"]
    for pool in ("frees", "keeps"):
        engine.open_gate(pool)
        assert engine.wait_run(pool) is RunState.SUCCESS
    engine.check()


def test_the_trigger_is_of_the_version_that_the_run_has(engine: Engine) -> None:
    a_dag(engine, "Waits(task_id='a', gate='a')")
    engine.trigger("waits")
    engine.until(lambda: noted(engine, "a.1") == ["run"], "the trigger runs")
    engine.dag_file("own/triggers.py", TRIGGERS.replace('"gate": self.gate, "event": self.event}', '"gate": "new"}'))
    engine.kill(*engine.pids_named("tuiflow-trigger"))
    engine.open_gate("a")
    assert engine.wait_run("waits") is RunState.SUCCESS
    assert engine.xcom("waits", "a") == ["a", "a"]


def test_a_task_that_starts_with_its_trigger(engine: Engine) -> None:
    engine.dag_file(
        "direct.py",
        """
        from own.waits import Waits
        from tui_flow import DAG, StartTriggerArgs
        class Direct(Waits):
            start_from_trigger = True
            start_trigger_args = StartTriggerArgs("own.triggers.GateTrigger", "go_on", {"gate": "d"},
                                                  {"left": 0, "limit": __import__("datetime").timedelta(minutes=1)})
        with DAG("direct", schedule=None):
            Direct(task_id="d", gate="unused")
        """,
    )
    engine.open_gate("d")
    engine.trigger("direct")
    assert engine.wait_run("direct") is RunState.SUCCESS
    assert engine.xcom("direct", "d") == ["d", "d"]
    assert "begin" not in (engine.folder / "ledger").read_text()


def test_a_run_without_a_scheduler_has_its_triggers_too(engine: Engine) -> None:
    engine.stop()
    a_dag(engine, "Waits(task_id='a', gate='a')")
    engine.open_gate("a")
    ran = engine.tuiflow("run", "waits")
    assert ran.returncode == 0, ran.stderr
    engine.until(lambda: not engine.pids_named("tuiflow-trigger"), "no triggerer is left")
