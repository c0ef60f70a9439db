"""Tasks a second, in one run, of tasks that do nothing: what is left is ours."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tests.bench import dag_files
from tests.bench.figures import Figure, ratio, speed
from tests.bench.forking import ForkLoop
from tests.bench.home import BenchHome, fresh_home
from tests.bench.scope import Scope
from tui_flow.records import DagRun

FAN = 500


def python_tasks(scope: Scope) -> Iterator[Figure]:
    """1 -> 500 -> 1, in turns with the bare loop."""
    bare, rates, cpu_ms = [], [], []
    with fresh_home() as home, ForkLoop(home) as loop:
        _start(home, "python", FAN)
        for _ in range(scope.times(5)):
            bare.append(loop.per_s(FAN))
            rate, cpu = _measured(home, "fan", FAN)
            rates.append(rate)
            cpu_ms.append(cpu)
    share = ratio("python tasks, share of bare fork+exit", map(_divide, rates, bare), 0.35, 0.6)
    yield replace(share, note=_cpu(cpu_ms))
    yield speed("python tasks, 1 -> 500 -> 1", rates)
    yield speed("  bare fork+exit, same modules", bare)


def shell_tasks(scope: Scope) -> Iterator[Figure]:
    """1 -> 500 -> 1 times `true`, in turns with make."""
    made, rates, cpu_ms = [], [], []
    with fresh_home() as home:
        _start(home, "shell", FAN)
        for _ in range(scope.times(5)):
            if shutil.which("make"):
                made.append(_make(home.folder))
            rate, cpu = _measured(home, "fan", FAN)
            rates.append(rate)
            cpu_ms.append(cpu)
    yield replace(speed("shell tasks, 1 -> 500 -> 1", rates, 500, 1000), note=_cpu(cpu_ms))
    if made:
        share = statistics.median(map(_divide, rates, made))
        yield replace(speed("  make -j2, 500 times sh -c true", made), note=f"ours are {share:.2f}x of it")


def scale(scope: Scope) -> Iterator[Figure]:
    """Many tasks in one run against 500 in one run."""
    many = scope.many_tasks
    for kind in ("shell",) if scope.shell_only or scope.is_quick else ("shell", "python"):
        shares, rates = [], []
        with fresh_home() as home:
            home.write("few.py", dag_files.fan(kind, FAN, "few"))
            home.write("many.py", dag_files.fan(kind, many - 2, "many"))
            _warm(home, "few", "many")
            for _ in range(scope.times(2, quick=1)):
                few = [_measured(home, "few", FAN)[0]]
                rates.append(_measured(home, "many", many - 2)[0])
                few.append(_measured(home, "few", FAN)[0])
                shares.append(rates[-1] / statistics.mean(few))
        figure = ratio(f"{kind} tasks/s, {many:,} in one run against {FAN}", shares, 0.8, 0.95)
        yield replace(figure, note=f"{statistics.median(rates):.0f} tasks/s at {many:,}")


def _start(home: BenchHome, kind: str, middle: int) -> None:
    home.write("fan.py", dag_files.fan(kind, middle))
    _warm(home, "fan")


def _warm(home: BenchHome, *dag_ids: str) -> None:
    """Start the scheduler, and a host for the file of each DAG."""
    home.start()
    for dag_id in dag_ids:
        home.wait_parsed(dag_id)
        home.run(f"warm_{dag_id}")


def _measured(home: BenchHome, dag_id: str, middle: int) -> tuple[float, float]:
    """Tasks a second from the trigger to the recorded end, and CPU milliseconds a task of all our processes."""
    before = home.cpu_s()
    run = home.run(dag_id)
    return (middle + 2) / _seconds(run), (home.cpu_s() - before) * 1000 / (middle + 2)


def _seconds(run: DagRun) -> float:
    assert run.ended_at is not None, "waited for"
    return (run.ended_at - run.queued_at).total_seconds()


def _make(folder: Path) -> float:
    """`:` makes sure that make starts a shell, as ours do."""
    targets = " ".join(f"t{i}" for i in range(FAN))
    makefile = folder / "Makefile"
    makefile.write_text(f"all: {targets}\n.PHONY: all {targets}\n{targets}:\n\t@:; true\n")
    started = time.perf_counter()
    subprocess.run(["make", "-s", "-j2", "-f", str(makefile), "all"], check=True, cwd=folder)
    return FAN / (time.perf_counter() - started)


def _divide(ours: float, yardstick: float) -> float:
    return ours / yardstick


def _cpu(cpu_ms: list[float]) -> str:
    return f"{statistics.median(cpu_ms):.2f} ms of CPU a task, all processes"
