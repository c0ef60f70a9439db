"""A campaign of kills: real runs, processes killed at random moments and at every crash point, and the oracle at the
end.

A seed decides what is killed, where and after how long; how far the tasks have come by then is the machine's doing. So
a seed that failed is worth running again, several times.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from tests.integration.engine_kit import Engine
from tui_flow.client import Client, new_request_id
from tui_flow.errors import SchedulerUnreachable

WIDTH = 4
LAYERS = 3

DAG = '''
import random
import time
from datetime import timedelta
from tui_flow import DAG, task, BashOperator
import ledger

with DAG("crash", schedule=None, default_args={"retries": RETRIES, "retry_delay": timedelta(0)}):
    def add(layer, n, upstream):
        name = f"t{layer}_{n}"
        if n % 2:
            inputs = " + ".join(f"{{{{ ti.xcom_pull(task_ids='{u.operator.task_id}') }}}}" for u in upstream) or "0"
            command = """SHELL
            start NAME.{{ run_id[-6:] }}; sleep 0.0$((RANDOM % 4)); end NAME.{{ run_id[-6:] }}; echo $((INPUTS + 1))"""
            command = command.replace("NAME", name).replace("INPUTS", inputs)
            shell = BashOperator(task_id=name, bash_command=command)
            for u in upstream:
                u.operator >> shell
            return shell.output

        @task(task_id=name)
        def work(values, run_id=None):
            ledger.start(f"{name}.{run_id[-6:]}")
            time.sleep(random.random() * 0.03)
            ledger.end(f"{name}.{run_id[-6:]}")
            return sum(map(int, values)) + 1

        return work(upstream)

    layer = []
    for depth in range(LAYERS):
        layer = [add(depth, n, layer) for n in range(WIDTH)]

    @task
    def total(values):
        return sum(map(int, values))

    total(layer)
'''


class Victims(StrEnum):
    SCHEDULER = "scheduler"
    """Only the scheduler is killed: then nothing at all may be lost or fail."""
    ALL = "all"
    """Launchers, hosts and attempts too: then what nobody can know is lost, and tried again."""


SCHEDULER_POINTS = (
    "request.performed",
    "tick.before_commit",
    "tick.committed",
    "launch.created",
    "launch.sent",
    "void.before",
    "void.linked",
)
OTHER_POINTS = (
    "host.received",
    "host.forked",
    "host.spawned",
    "host.reaped",
    "host.result",
    "attempt.start",
    "attempt.claimed",
    "attempt.user_end",
    "attempt.result",
)


@dataclass(slots=True)
class Outcome:
    kills: Counter[str] = field(default_factory=Counter)
    attempts: Counter[str] = field(default_factory=Counter)
    """How many ended in which state."""

    def __str__(self) -> str:
        kills = ", ".join(f"{n} {what}" for what, n in sorted(self.kills.items()))
        return f"killed {kills}; attempts: {', '.join(f'{n} {s}' for s, n in sorted(self.attempts.items()))}"


def run_campaign(folder: Path, seed: int, victims: Victims, rounds: int) -> Outcome:
    """Raises AssertionError with the story when a promise is broken."""
    rng = random.Random(f"{seed} {victims}")
    outcome = Outcome()
    with Engine(folder) as engine:
        retries = 0 if victims is Victims.SCHEDULER else 1000
        text = DAG.replace("RETRIES", str(retries)).replace("LAYERS", str(LAYERS)).replace("WIDTH", str(WIDTH))
        engine.dag_file("crash.py", text)
        engine.start()
        engine.until(lambda: engine.reads(lambda reader: reader.dag("crash")), "the DAG is parsed")
        for n in range(rounds):
            _one_round(engine, rng, victims, outcome, f"run{n:06}")
        _start_clean(engine)
        engine.until(lambda: not engine.reads(lambda reader: reader.unfinished_runs()), "all runs end")
        _judge(engine, victims, outcome, rounds)
    return outcome


def _trigger(engine: Engine, run_id: str) -> None:
    """Ask until an answer comes, under one request id."""
    request_id = new_request_id()

    def ask() -> bool:
        try:
            with Client(engine.home.socket) as client:
                client.request("trigger", {"dag_id": "crash", "run_id": run_id}, request_id=request_id)
        except SchedulerUnreachable:
            engine.restart()
            return False
        return True

    engine.until(ask, f"{run_id} is triggered")


def _one_round(engine: Engine, rng: random.Random, victims: Victims, outcome: Outcome, run_id: str) -> None:
    """Start a scheduler where none lives, perhaps with a crash point; give it a run; let it work; kill somebody."""
    if engine.has_died():
        points = SCHEDULER_POINTS if victims is Victims.SCHEDULER else SCHEDULER_POINTS + OTHER_POINTS
        point = f"{rng.choice(points)}:{rng.choice((1, 2, 3, 7))}" if rng.random() < 0.7 else None
        engine.start(point)
        if point is not None:
            outcome.kills[point.partition(":")[0]] += 1
    _trigger(engine, run_id)
    time.sleep(rng.uniform(0.0, 0.2))
    kills: list[Callable[[], str]] = [lambda: _kill_scheduler(engine)]
    if victims is Victims.ALL:
        kills += [
            lambda: _kill_some(engine, rng, "tuiflow-host"),
            lambda: _kill_some(engine, rng, "tuiflow-launch"),
            lambda: _kill_attempt(engine, rng),
            lambda: _kill_everything(engine),
        ]
    outcome.kills[rng.choice(kills)()] += 1


def _kill_scheduler(engine: Engine) -> str:
    engine.kill_scheduler()
    return "scheduler"


def _kill_some(engine: Engine, rng: random.Random, name: str) -> str:
    """Hosts and forked attempts go by the same name: either may be hit."""
    pids = engine.pids_named(name)
    if pids:
        engine.kill(rng.choice(pids))
    return name


def _kill_attempt(engine: Engine, rng: random.Random) -> str:
    pids = [pid for pid in engine.ledger().pids.values() if pid in engine.processes()]
    if pids:
        engine.kill(rng.choice(pids))
    return "attempt"


def _kill_everything(engine: Engine) -> str:
    """All of tuiflow's processes at once; commands that tasks have started live on."""
    engine.kill_scheduler()
    engine.kill(*engine.pids_named("tuiflow-launch"), *engine.pids_named("tuiflow-host"))
    return "everything"


def _start_clean(engine: Engine) -> None:
    """Without crash points, which hosts and launchers of earlier rounds have inherited."""
    if not engine.has_died():
        engine.kill_scheduler()
    if any(b"TUIFLOW_CRASH=" in environ for _, environ in engine.processes().values()):
        engine.until(lambda: not _crashing_hosts(engine), "hosts with a crash point are idle, and dead")
    engine.start()


def _crashing_hosts(engine: Engine) -> list[int]:
    """Launchers and hosts with a crash point are killed once their attempts have ended by themselves."""
    named = {
        pid
        for pid, (name, environ) in engine.processes().items()
        if name.startswith("tuiflow") and b"TUIFLOW_CRASH=" in environ
    }
    idle = [pid for pid in named if not engine.holds_journal(pid)]
    engine.kill(*idle)
    return sorted(named - set(idle))


def _judge(engine: Engine, victims: Victims, outcome: Outcome, n_runs: int) -> None:
    engine.check()
    for (state,) in engine.sql("SELECT state FROM task_attempt"):
        outcome.attempts[state] += 1
    assert len(engine.runs("crash")) == n_runs, "a request that is repeated makes no second run"
    assert {run.state for run in engine.runs("crash")} == {"success"}, engine.sql("SELECT * FROM task_attempt")
    totals = {value for (value,) in engine.sql("SELECT value FROM xcom WHERE task_id = 'total'")}
    assert totals == {str(_expected_total())}, f"values were lost or mixed up: {totals}"
    if victims is Victims.SCHEDULER:
        assert outcome.attempts.keys() <= {"success", "void"}, f"only the scheduler was killed: {outcome}"


def _expected_total() -> int:
    values = [1] * WIDTH
    for _ in range(LAYERS - 1):
        values = [sum(values) + 1] * WIDTH
    return sum(values)
