"""How soon the database knows what the DAG files say."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

from tests.bench import dag_files
from tests.bench.figures import Figure, millis
from tests.bench.home import BenchHome, fresh_home
from tests.bench.scope import Scope


def parse(scope: Scope) -> Iterator[Figure]:
    """Many files at once, from the scheduler's start; then one of them changes at a time."""
    count = scope.many_files
    with fresh_home() as home:
        for number in range(count):
            home.write(f"small_{number}.py", dag_files.small(number))
        started = time.perf_counter()
        home.start()
        up = time.perf_counter() - started
        home.until(lambda: len(home.reader.dags()) == count, "all files are parsed", every_s=0.1)
        seconds = time.perf_counter() - started
        cpu_ms = home.cpu_s() * 1000 / count
        seen = [_changed(home, number) for number in range(scope.times(10, quick=4))]
    figure = Figure(f"{count:,} DAG files of 5 tasks, first parse", (seconds,), "s", 15, 5)
    yield replace(figure, note=f"{cpu_ms:.1f} ms of CPU a file; the scheduler answered after {up:.2f} s")
    yield replace(millis("one changed file -> in the database", seen, 1000, 300), note=f"{count:,} files in the folder")


def _changed(home: BenchHome, number: int) -> float:
    """As an editor does it: a new file in the place of the old."""
    dag_id, text = f"small_{number}", f"changed at {time.time_ns()}"
    started = time.perf_counter()
    home.write(f"small_{number}.py", dag_files.small(number, text))
    home.until(lambda: (dag := home.reader.dag(dag_id)) and dag.description == text, "it is seen", every_s=0.002)
    return time.perf_counter() - started
