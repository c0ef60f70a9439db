"""What the Grid tab reads: the cells that are seen, and what is known of the one under the cursor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tui_flow.actions.reasons import reasons
from tui_flow.graph.model import folded_at_first
from tui_flow.records import Dag, DagRun, TaskInstance
from tui_flow.settings import Home, load_settings
from tui_flow.signs import gathered
from tui_flow.spec import DagSpec
from tui_flow.state import FINISHED_TASK, OCCUPIED_TASK, TaskState
from tui_flow.store.reader import Reader
from tui_flow.tui.grid import CellKey
from tui_flow.tui.logtail import log_tail
from tui_flow.tui.views.details import CellFacts
from tui_flow.tui.views.grid import GridModel, GridRow, grid_rows, only_rows
from tui_flow.tui.views.run_names import about_run


@dataclass(frozen=True, slots=True)
class Shown:
    """What one read brings."""

    dag: Dag | None
    spec: DagSpec | None
    grid: GridModel
    facts: CellFacts | None
    tasks: frozenset[str] = frozenset()
    """Those whose cells were read."""
    first: str | None = None
    """The row that a reader is to see first: what failed in the newest run, else what runs there."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one read is to bring."""

    dag_id: str
    folded: frozenset[str] | None
    """None: as the DAG is folded at first."""
    runs: Sequence[int] = ()
    """Numbers; none: the newest."""
    tasks: Sequence[str] = ()
    room: tuple[int, int] = (1, 1)
    """How many runs and tasks can be seen."""
    cursor: CellKey | None = None
    members: Sequence[str] = ()
    """Tasks of the row under the cursor."""
    only_failed: bool = False


class Outlines:
    """Rows of the DAGs that were seen last; the reading thread alone fills it."""

    MOST = 16

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], list[GridRow]] = {}

    def rows(self, spec: DagSpec, others: Sequence[DagSpec], folded: frozenset[str] | None) -> list[GridRow]:
        key = (spec.dag_id, spec.version, tuple(other.version for other in others), folded)
        rows = self._kept.pop(key, None)
        if rows is None:
            rows = grid_rows(spec, others, folded_at_first(spec) if folded is None else folded)
        self._kept[key] = rows
        if len(self._kept) > self.MOST:
            del self._kept[next(iter(self._kept))]
        return rows


def load_grid(reader: Reader, home: Home, wanted: Wanted, outlines: Outlines, at: datetime) -> Shown:
    """The rows of the newest version and of those of the seen runs; cells of the wanted runs and tasks."""
    dag_id = wanted.dag_id
    dag = reader.dag(dag_id)
    if dag is None:
        return Shown(None, None, GridModel((), ()), None)
    spec = reader.spec(dag_id, dag.spec_version)
    numbers = reader.run_numbers(dag_id)
    known, (columns, height) = set(numbers), wanted.room
    seen = [number for number in wanted.runs if number in known] or numbers[-columns:]
    if numbers and numbers[-1] not in seen:
        seen = [*seen, numbers[-1]]
    runs = reader.runs_by_number(seen)
    versions = {run.spec_version for run in runs.values()} - {dag.spec_version}
    others = [reader.spec(dag_id, version) for version in sorted(versions)]
    rows = outlines.rows(spec, others, wanted.folded)
    if wanted.only_failed:
        rows = only_rows(rows, reader.failed_task_ids(seen))
    tasks = wanted.tasks or [task_id for row in rows[:height] for task_id in row.members]
    cells = reader.grid_cells(seen, tasks)
    cursor, members, first = wanted.cursor, wanted.members, None
    if cursor is None and numbers and rows:
        told = _row_to_see(reader, runs[numbers[-1]], rows)
        cursor, members, first = (numbers[-1], told.id), told.members, told.id
    facts = load_facts(reader, home, runs.get(cursor[0]) if cursor else None, members, at)
    return Shown(dag, spec, GridModel(rows, numbers, runs, cells), facts, frozenset(tasks), first)


def _row_to_see(reader: Reader, run: DagRun, rows: Sequence[GridRow]) -> GridRow:
    """Of what failed first in a run, else of what runs; else the first."""
    failed = reader.failed_tasks(run.id, 1)
    ti = failed[0] if failed else reader.busiest_task(run.id) if run.ended_at is None else None
    return next((row for row in rows if ti is not None and ti.task_id in row.members), rows[0])


def load_facts(
    reader: Reader, home: Home, run: DagRun | None, members: Sequence[str], at: datetime
) -> CellFacts | None:
    """What is known of a cell: of its task in the run's own version; of a folded group what needs a look most."""
    if run is None or not members:
        return None
    spec = reader.spec(run.dag_id, run.spec_version)
    numbers = {version: number for number, version, _ in reader.spec_versions(run.dag_id)}
    facts = CellFacts(run, spec, version=numbers.get(run.spec_version) if len(numbers) > 1 else None)
    states = _states(reader, run, members)
    counts = sum(states.values(), Counter[TaskState]())
    state = gathered(counts)
    if state is None or (len(members) > 1 and state in _NEED_NO_LOOK):
        return replace(facts, counts=counts)
    task_id = next(member for member in members if states.get(member, Counter())[state])
    ti = reader.first_instance(run.id, task_id, state)
    if ti is None:
        return replace(facts, counts=counts)
    task = spec.by_id.get(task_id)
    return replace(
        facts,
        ti=ti,
        attempt=reader.last_attempt(ti),
        usual_s=tuple(reader.usual_durations(run.dag_id, [task_id])[task_id]),
        upstream=_gathered(reader, run, task.upstream if task else ()),
        downstream=_gathered(reader, run, spec.downstream.get(task_id, ())),
        lines=tuple(log_tail(home, run, ti, 8)),
        counts=counts,
        reasons=_why(reader, home, run, ti, at),
    )


_NEED_NO_LOOK = frozenset({TaskState.SUCCESS, TaskState.SKIPPED, TaskState.NONE, TaskState.REMOVED})


def _states(reader: Reader, run: DagRun, task_ids: Collection[str]) -> dict[str, Counter[TaskState]]:
    return {task_id: counts for (_, task_id), counts in reader.grid_cells([run.id], task_ids).items()}


def _gathered(reader: Reader, run: DagRun, task_ids: Collection[str]) -> dict[str, TaskState]:
    """How each of these tasks stands, in their order."""
    found = _states(reader, run, task_ids)
    return {task_id: state for task_id in task_ids if (state := gathered(found.get(task_id, Counter()))) is not None}


def _why(reader: Reader, home: Home, run: DagRun, ti: TaskInstance, at: datetime) -> tuple[str, ...]:
    """Why it waits, and until when."""
    if ti.state in FINISHED_TASK or ti.state in OCCUPIED_TASK or run.ended_at is not None:
        return ()
    found = reasons(reader, run, ti, at, load_settings(home).core.parallelism)
    return tuple(about_run(run.run_id, why) for why in found)
