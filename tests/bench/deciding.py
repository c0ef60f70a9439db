"""Planner and store by themselves, without a process or a socket: CPU time of a task that is launched, starts, ends."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.figures import Figure
from tests.bench.scope import Scope
from tui_flow.messages import Report
from tui_flow.planner.board import Board
from tui_flow.planner.decisions import CreateRun, MoveRun
from tui_flow.planner.plan import plan_tick
from tui_flow.records import TaskInstanceKey
from tui_flow.spec import DagSpec, TaskSpec
from tui_flow.state import AttemptState, RunState, RunType
from tui_flow.store.write_dags import Placement
from tui_flow.store.writer import Applied, Writer

_AT_ONCE = 4
"""Attempts that start and end between two ticks, about as many as with two CPUs."""
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


def deciding(scope: Scope) -> Iterator[Figure]:
    sizes = (500, scope.many_tasks)
    found: dict[int, list[tuple[float, float]]] = {size: [] for size in sizes}
    for _ in range(scope.times(3, quick=1)):
        for size in sizes:
            with tempfile.TemporaryDirectory(prefix="tuiflow-bench-") as folder:
                found[size].append(_OneRun(Path(folder), size).seconds())
    for position, what in enumerate(("planner", "store, one commit a tick")):
        for size in sizes:
            values = tuple(pair[position] / size * 1e6 for pair in found[size])
            yield replace(Figure(f"{what}, a task of {size:,}", values, "us"), note="CPU")


class _OneRun:
    def __init__(self, folder: Path, size: int) -> None:
        middle = tuple(TaskSpec(f"t{i}", upstream=("first",)) for i in range(size - 2))
        last = TaskSpec("last", upstream=tuple(task.task_id for task in middle))
        self._spec = DagSpec("fan", "fan.py", tasks=(TaskSpec("first"), *middle, last))
        self._writer = Writer(folder / "tuiflow.db", folder / "key")
        self._board = Board(parallelism=_AT_ONCE)
        self._active: list[tuple[int, TaskInstanceKey]] = []
        self._plan_s = self._store_s = 0.0

    def seconds(self) -> tuple[float, float]:
        """CPU seconds of the planner and of the store, over the whole run."""
        run = self._begin()
        while self._board.has_run(run):
            started = [
                (Report(attempt, AttemptState.RUNNING, _NOW.isoformat(), pid=1), key) for attempt, key in self._active
            ]
            self._tick(started)
            ended, self._active = self._active, []
            self._tick([(_end_of(attempt), key) for attempt, key in ended])
        self._writer.close()
        return self._plan_s, self._store_s

    def _begin(self) -> int:
        writer, spec = self._writer, self._spec
        place = Placement(None, "", is_paused=False)
        writer.store_parsed(spec.file, [spec], "source", {}, _NOW, lambda _spec, _dag: place)
        create = CreateRun(spec.dag_id, "r", RunType.MANUAL, _NOW, _NOW, _NOW, _NOW, spec.version, "source")
        ((_, number),) = writer.apply([create], _NOW).created
        writer.apply([MoveRun(number, RunState.QUEUED, RunState.RUNNING)], _NOW)
        run = writer.reads.run_by_id(number)
        assert run is not None, "just made"
        self._board.set_pools(use.pool for use in writer.reads.pools())
        self._board.add_run(run, spec, writer.reads.task_instances(number))
        return number

    def _tick(self, reports: list[tuple[Report, TaskInstanceKey]]) -> None:
        began = time.process_time()
        decisions = plan_tick(self._board, reports, _NOW)
        planned = time.process_time()
        applied = self._writer.apply(decisions, _NOW) if decisions else Applied(())
        self._plan_s += planned - began
        self._store_s += time.process_time() - planned
        for launch, attempt_id in applied.launched:
            self._board.set_attempt(launch.key, attempt_id)
            self._active.append((attempt_id, launch.key))


def _end_of(attempt_id: int) -> Report:
    return Report(
        attempt_id, AttemptState.SUCCESS, _NOW.isoformat(), _NOW.isoformat(), 1, cpu_s=0.001, max_rss_bytes=1 << 20
    )
