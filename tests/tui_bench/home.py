"""A home with a long history, written straight into the tables: a million task instances in a minute."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from tests.unit.planner.dsl import dag_of
from tui_flow.logs import log_path
from tui_flow.settings import Home
from tui_flow.spec import DagSpec, GroupSpec
from tui_flow.state import AttemptState, RunState, RunType, TaskState
from tui_flow.store.opening import SCHEMA_VERSION
from tui_flow.store.rows import micros
from tui_flow.store.write_dags import Placement
from tui_flow.store.writer import Writer

SOURCE = "bench"
WIDE, MAPPED = "big", "mapped"
"""The DAG with the most tasks and runs, and the one with the most mapped instances."""
LAYERED, GROUPED = "graph", "groups"
"""The DAGs whose diagrams are walked: 60 tasks, and 300 in groups."""
FIRST = "aaa"
"""The DAG that the list begins with; its newest run has the long log."""
LOGGED = "t0x0"
"""The task whose log is long, and the first task of every DAG."""
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is of what."""

    task_instances: int = 1_000_000
    dags: int = 2_000
    tasks: int = 1_000
    """Of the wide DAG."""
    runs: int = 10_000
    """Of the wide DAG."""
    mapped: int = 10_000
    log_lines: int = 1_000_000

    @property
    def words(self) -> str:
        return (
            f"{self.task_instances:,} task instances, {self.dags:,} DAGs, one DAG of {self.tasks:,} tasks x "
            f"{self.runs:,} runs, one run with {self.mapped:,} mapped instances, one log of {self.log_lines:,} lines"
        )


SMALL = Size(2_000, 40, 60, 30, 120, 5_000)
_RUN = (
    "id, dag_id, run_id, run_type, state, logical_date, data_interval_start, data_interval_end, run_after, queued_at,"
    " started_at, ended_at, spec_version, source_version, conf"
)
_TASK = "run, task_id, map_index, state, try_number, max_tries, queued_at, started_at, ended_at, first_started_at"
_ATTEMPT = (
    "run, task_id, map_index, try_number, state, launched_at, boot_id, started_at, ended_at, pid, exit_code, reason,"
    " source_version"
)
_WORDS = "loaded 512 rows from the table orders into the warehouse"
Values = tuple[object, ...]


def built(root: Path, size: Size) -> Home:
    """The home below `root`, made where it is not there yet; a finished one says so in a file."""
    home, done = Home(root), root / "built.json"
    facts = json.dumps([size.words, SOURCE, SCHEMA_VERSION, LAYERED, GROUPED])
    if done.is_file() and done.read_text() == facts:
        return home
    done.unlink(missing_ok=True)
    root.mkdir(parents=True, exist_ok=True)
    for path in (home.database, Path(f"{home.database}-wal"), Path(f"{home.database}-shm")):
        path.unlink(missing_ok=True)
    _fill(home, size, datetime.now(UTC).replace(second=0, microsecond=0))
    _write_log(home, size.log_lines)
    done.write_text(facts)
    return home


def _fill(home: Home, size: Size, now: datetime) -> None:
    specs = dags(size)
    placement = Placement(next_run_after=now + timedelta(days=1), schedule="@hourly", is_paused=False)
    with Writer(home.database) as writer:
        for spec in specs:
            writer.store_parsed(spec.file, [spec], SOURCE, {spec.file: SOURCE}, now, lambda _spec, _dag: placement)
        connection = writer._connection  # past the writer, which would take each row through its states
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("BEGIN IMMEDIATE")
        story = History(specs, size, now)
        _insert(connection.executemany, "dag_run", _RUN, story.runs())
        _insert(connection.executemany, "task_instance", _TASK, story.task_instances())
        _insert(connection.executemany, "task_attempt", _ATTEMPT, story.attempts())
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _insert(many: object, table: str, columns: str, values: Iterator[Values]) -> None:
    assert callable(many)
    many(f"INSERT INTO {table} ({columns}) VALUES ({', '.join('?' * (columns.count(',') + 1))})", values)


def dags(size: Size) -> list[DagSpec]:
    """Many small ones, and those that are hard to show."""
    hard = [
        dag_of(layers(size.tasks, 20), dag_id=WIDE, file="big.py", tags=("big",)),
        dag_of(layers(60, 6, NAMED), dag_id=LAYERED, file="graph.py"),
        grouped(300, 15),
        dag_of(f"{LOGGED} >> each >> end", dag_id=MAPPED, file="mapped.py"),
        dag_of(f"{LOGGED} >> b >> [c, d] >> e", dag_id=FIRST, file="aaa.py"),
    ]
    text = f"{LOGGED} >> [b, c] >> d"
    return hard + [
        dag_of(text, dag_id=f"etl_{nth:04}", file=f"etl_{nth:04}.py", tags=(f"team{nth % 7}",))
        for nth in range(size.dags - len(hard))
    ]


NAMED = "load_orders_of_region_{}x{}"
"""A name that is cut when a diagram is zoomed out."""


def layers(tasks: int, width: int, name: str = "t{}x{}") -> str:
    """Tasks in layers; each follows two of the layer above."""
    chains = []
    for nth in range(tasks):
        layer, place = divmod(nth, width)
        task_id = name.format(layer, place)
        above = [name.format(layer - 1, place), name.format(layer - 1, (place + 1) % width)] if layer else []
        chains.append(f"[{', '.join(above)}] >> {task_id}" if above else task_id)
    return "\n".join(chains)


def grouped(tasks: int, width: int) -> DagSpec:
    """Two layers are a group."""
    spec = dag_of(layers(tasks, width, NAMED), dag_id=GROUPED, file="groups.py")
    group_of = {NAMED.format(*divmod(nth, width)): f"stage_{nth // (2 * width)}" for nth in range(tasks)}
    grouped_tasks = tuple(replace(task, group=group_of[task.task_id]) for task in spec.tasks)
    return replace(spec, tasks=grouped_tasks, groups=tuple(map(GroupSpec, dict.fromkeys(group_of.values()))))


class History:
    """Rows of the past: the newest runs have all of their tasks, and of the wide DAG's older runs one is left, until
    there are as many task instances as asked for."""

    def __init__(self, specs: list[DagSpec], size: Size, now: datetime) -> None:
        self._specs = {spec.dag_id: spec for spec in specs}
        self._size, self._now = size, now
        others = len(specs) - 1
        small = sum(len(spec.tasks) for spec in specs if spec.dag_id != WIDE)
        room = size.task_instances - size.runs - size.mapped
        self._each = max(min(10, room // 4 // max(small, 1)), 1)
        self._full = max((room - self._each * small) // max(size.tasks - 1, 1), 1)
        """So many of the wide DAG's runs have all tasks."""
        self._first = size.runs + others * self._each

    def _numbered(self) -> Iterator[tuple[int, DagSpec, int, int]]:
        """(number, DAG, how many runs from the newest, runs of this DAG)."""
        number = 0
        for spec in self._specs.values():
            count = self._size.runs if spec.dag_id == WIDE else self._each
            for nth in reversed(range(count)):
                number += 1
                yield number, spec, nth, count

    def _state(self, spec: DagSpec, nth: int) -> RunState:
        fails = spec.dag_id in (FIRST, MAPPED, WIDE) and nth == 0
        return RunState.FAILED if fails or (nth * 7 + len(spec.dag_id) * nth) % 11 == 3 else RunState.SUCCESS

    def runs(self) -> Iterator[Values]:
        for number, spec, nth, _ in self._numbered():
            at = self._now - 60 * MINUTE * (nth + 1)
            start = micros(at)
            took = micros(at + MINUTE * (2 + nth % 5))
            yield (
                *(number, spec.dag_id, f"scheduled__{at:%Y-%m-%dT%H:%M}", RunType.SCHEDULED, self._state(spec, nth)),
                *(start, start, start, start, start, start, took, spec.version, SOURCE, "{}"),
            )

    def task_instances(self) -> Iterator[Values]:
        return islice(self._all_tis(), self._size.task_instances)

    def _all_tis(self) -> Iterator[Values]:
        for number, spec, nth, _ in self._numbered():
            start = micros(self._now - 60 * MINUTE * (nth + 1))
            bad = self._state(spec, nth) is RunState.FAILED
            tasks = spec.tasks if spec.dag_id != WIDE or nth < self._full else spec.tasks[:1]
            for place, task in enumerate(tasks):
                many = self._size.mapped if spec.dag_id == MAPPED and task.task_id == "each" and nth == 0 else 0
                for index in range(many) if many else (-1,):
                    state = TaskState.FAILED if bad and (index % 500 == 499 or place == 0) else TaskState.SUCCESS
                    began = start + place * 100_000 + max(index, 0) * 1_000
                    yield number, task.task_id, index, state, 1, 0, began, began, began + 30_000_000, began

    def attempts(self) -> Iterator[Values]:
        """Of the first task of each newest run."""
        for number, spec, nth, _ in self._numbered():
            if nth == 0:
                start = micros(self._now - 60 * MINUTE)
                bad = self._state(spec, nth) is RunState.FAILED
                state, code = (AttemptState.FAILED, 1) if bad else (AttemptState.SUCCESS, 0)
                reason = "RuntimeError: no such table" if bad else None
                first = spec.tasks[0].task_id
                yield number, first, -1, 1, state, start, "boot", start, start + 1, 1, code, reason, SOURCE


def _write_log(home: Home, lines: int) -> None:
    from tui_flow.store.reader import Reader

    with Reader(home.database) as reader:
        run = reader.run(FIRST)
    assert run is not None, "it was filled"
    path = log_path(home.logs, FIRST, run.run_id, LOGGED, -1, 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as out:
        for nth in range(lines):
            level = "ERROR" if nth % 1000 == 999 else "INFO "
            out.write(f"2026-01-01T00:00:00.{nth % 1_000_000:06}Z {level} stdout  row {nth}: {_WORDS}\n")
