"""How long until the user's code runs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tests.bench import dag_files
from tests.bench.figures import Figure, millis
from tests.bench.home import BenchHome, fresh_home
from tests.bench.scope import Scope

CHAIN = 100
_DUE_EVERY_S = 3


def hop(scope: Scope) -> Iterator[Figure]:
    """The database's end of one task to its start of the next, over chains of 100."""
    for kind in ("python", "shell"):
        gaps = []
        with fresh_home() as home:
            home.write("chain.py", dag_files.chain(kind, CHAIN))
            home.start()
            home.wait_parsed("chain")
            home.run("warm_chain")
            for _ in range(scope.times(5, quick=1)):
                gaps += _gaps(home)
        yield millis(f"hop in a chain of {CHAIN}, {kind}", gaps, 8, 3)


def _gaps(home: BenchHome) -> list[float]:
    attempts = home.attempts(home.run("chain"))
    pairs = [(before.ended_at, after.started_at) for before, after in zip(attempts, attempts[1:], strict=False)]
    return [(start - end).total_seconds() for end, start in pairs if start is not None and end is not None]


def trigger(scope: Scope) -> Iterator[Figure]:
    """From starting `tuiflow trigger` to the first line of the task: no host is warm, or one is."""
    yield millis("tuiflow trigger -> user code, no host warm", _triggered(scope, is_warm=False), 250, 150)
    yield millis("  with a warm host", _triggered(scope, is_warm=True))


def _triggered(scope: Scope, is_warm: bool) -> list[float]:
    found = []
    with fresh_home(TUIFLOW_SCHEDULER_HOST_IDLE_S=300 if is_warm else 0) as home:
        home.write("stamps.py", dag_files.stamps())
        home.start()
        home.wait_parsed("stamps")
        for number in range(1 + scope.times(10, quick=3)):
            if not is_warm:
                home.until(lambda: not home.pids("tuiflow-host"), "no host is left")
            started = time.time_ns()
            home.popen("trigger", "stamps", "--run-id", f"bench_{number}").wait()
            found.append((_stamp(home, f"bench_{number}") - started) / 1e9)
    return found[1:]


def due(scope: Scope) -> Iterator[Figure]:
    """From the instant at which a scheduled run is due to the first line of its task."""
    found: list[float] = []
    with fresh_home() as home:
        home.write("stamps.py", dag_files.stamps(f"timedelta(seconds={_DUE_EVERY_S})"))
        home.start()
        home.wait_parsed("stamps")
        seen: set[str] = set()
        while len(found) < 1 + scope.times(8):
            run = home.until(lambda: next((r for r in home.reader.runs("stamps") if r.run_id not in seen), None), "due")
            assert run is not None
            seen.add(run.run_id)
            found.append(_stamp(home, run.run_id) / 1e9 - run.run_after.timestamp())
    figure = millis("due instant -> user code", found[1:], 100, 20)
    yield replace(figure, note=f"a run every {_DUE_EVERY_S} s")


def _stamp(home: BenchHome, run_id: str) -> int:
    path: Path = home.folder / run_id
    home.until(path.exists, f"the code of {run_id} runs")
    return int(path.read_text())
