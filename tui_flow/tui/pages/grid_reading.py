"""What the Grid tab reads: the cells that are seen, and what is known of the one under the cursor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tui_flow.actions.reasons import reasons
from tui_flow.graph.model import folded_at_first
from tui_flow.records import Dag, DagRun, TaskInstance, TaskInstanceKey
from tui_flow.settings import Home, load_settings
from tui_flow.signs import gathered
from tui_flow.spec import DagSpec
from tui_flow.state import FINISHED_TASK, OCCUPIED_TASK
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
    cursor, members = wanted.cursor, wanted.members
    if cursor is None and numbers and rows:
        cursor, members = (numbers[-1], rows[0].id), rows[0].members
    facts = load_facts(reader, home, spec, runs.get(cursor[0]) if cursor else None, members, at)
    return Shown(dag, spec, GridModel(rows, numbers, runs, cells), facts, frozenset(tasks))


def load_facts(
    reader: Reader, home: Home, spec: DagSpec, run: DagRun | None, members: Sequence[str], at: datetime
) -> CellFacts | None:
    """What is known of a cell."""
    if run is None or not members:
        return None
    if len(members) > 1:
        return CellFacts(run, spec)
    task_id = members[0]
    counts = reader.grid_cells([run.id], [task_id]).get((run.id, task_id), Counter())
    state = gathered(counts)
    ti = reader.first_instance(run.id, task_id, state) if state else None
    if ti is None:
        return CellFacts(run, spec)
    upstream = {
        up: other.state
        for up in (spec.by_id[task_id].upstream if task_id in spec.by_id else ())
        if (other := reader.task_instance(TaskInstanceKey(run.id, up))) is not None
    }
    return CellFacts(
        run,
        spec,
        ti,
        reader.last_attempt(ti),
        tuple(reader.usual_durations(run.dag_id, [task_id])[task_id]),
        upstream,
        tuple(log_tail(home, run, ti, 8)),
        counts.total(),
        _why(reader, home, run, ti, at),
    )


def _why(reader: Reader, home: Home, run: DagRun, ti: TaskInstance, at: datetime) -> tuple[str, ...]:
    """Why it waits, and until when."""
    if ti.state in FINISHED_TASK or ti.state in OCCUPIED_TASK or run.ended_at is not None:
        return ()
    found = reasons(reader, run, ti, at, load_settings(home).core.parallelism)
    return tuple(about_run(run.run_id, why) for why in found)
