"""What tuiflow costs while nothing is to be done, and what a command costs."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tests.bench import dag_files
from tests.bench.figures import Figure, millis
from tests.bench.home import BenchHome, fresh_home
from tests.bench.meters import pss_bytes, run_s
from tests.bench.scope import Scope

_MIB = 1024**2


def idle(scope: Scope) -> Iterator[Figure]:
    """Scheduler and launcher, no host warm, one DAG."""
    with fresh_home(TUIFLOW_SCHEDULER_HOST_IDLE_S=0) as home:
        home.write("stamps.py", dag_files.stamps())
        home.start()
        home.wait_parsed("stamps")
        home.run("stamps")
        home.until(lambda: len(home.pids()) == 2, "only scheduler and launcher are left")
        time.sleep(1)
        pids, before = home.pids(), run_s(home.pids())
        time.sleep(scope.idle_s)
        used = (run_s(pids) - before) / scope.idle_s
        each = [pss_bytes(pid) / _MIB for pid in sorted(pids)]
    note = f"scheduler {each[0]:.1f}, launcher {each[1]:.1f}"
    yield Figure("idle, PSS of scheduler and launcher", (sum(each),), "MiB", 80, 45, note=note)
    yield Figure("idle, CPU of both", (used * 100,), "%", 0.5, 0.1, note=f"over {scope.idle_s:.0f} s, of one CPU")


def commands(scope: Scope) -> Iterator[Figure]:
    """Whole processes, in turns; no scheduler runs."""
    tuiflow, python = [sys.executable, "-m", "tui_flow"], [sys.executable, "-c", "pass"]
    with fresh_home() as home:
        home.write("stamps.py", dag_files.stamps())
        home.start()
        home.wait_parsed("stamps")
        words = {"version": [*tuiflow, "--version"], "list": [*tuiflow, "dags", "list"], "python": python}
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in words}
        for _ in range(1 + scope.times(15, quick=5)):
            for name, command in words.items():
                found[name].append(_timed(home, command))
    yield _command("tuiflow --version", found["version"], 150, 80)
    yield _command("tuiflow dags list", found["list"], 250, 150)
    yield _command("  python -c pass", found["python"])


def _command(
    name: str, found: Sequence[tuple[float, float]], floor: float | None = None, goal: float | None = None
) -> Figure:
    """The first was for the caches."""
    cpu_ms = statistics.median(cpu for _, cpu in found[1:]) * 1000
    return replace(millis(name, (wall for wall, _ in found[1:]), floor, goal), note=f"{cpu_ms:.0f} ms of CPU")


def _timed(home: BenchHome, command: Sequence[str]) -> tuple[float, float]:
    """Wall and CPU seconds."""
    before, started = _children_cpu_s(), time.perf_counter()
    subprocess.run(command, env=home.environ, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started, _children_cpu_s() - before


def _children_cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
