"""The grid of a DAG: runs from left to right, tasks from top to bottom in the order of the outline.

A row is a task or a folded group; a cell says how all of its task instances stand in a run. Every run has the tasks of
its own version: a task that a run does not have is a blank.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from tui_flow.graph.model import graph_of
from tui_flow.graph.outline import outline, waits_text
from tui_flow.records import DagRun
from tui_flow.spec import DagSpec
from tui_flow.state import RunState, TaskState
from tui_flow.tui.palette import BOLD, DIM, Palette
from tui_flow.tui.text import Piece, fit, plain
from tui_flow.tui.views.bars import level, median, took_s


@dataclass(frozen=True, slots=True)
class GridRow:
    """A task or a folded group."""

    id: str
    label: str
    prefix: str = ""
    waits: str = ""
    members: tuple[str, ...] = ()
    """Task ids."""
    is_group: bool = False
    is_gone: bool = False
    """Only older versions have it."""


@dataclass(frozen=True, slots=True)
class GridModel:
    rows: Sequence[GridRow]
    run_ids: Sequence[int]
    """All runs of the DAG, the oldest first."""
    runs: Mapping[int, DagRun] = field(default_factory=dict)
    """Those that are seen."""
    cells: Mapping[tuple[int, str], Counter[TaskState]] = field(default_factory=dict)
    """Task instances by state, by run and task id; of the runs and rows that are seen."""


def grid_rows(newest: DagSpec, others: Sequence[DagSpec] = (), folded: Collection[str] = ()) -> list[GridRow]:
    """The outline of the newest version, then the tasks that only other versions have."""
    graph = graph_of(newest, folded)
    rows = []
    for row in outline(graph):
        node = graph.nodes[row.node]
        label = node.id if node.is_group else node.label
        rows.append(GridRow(node.id, label, row.prefix, waits_text(row, graph), node.members, node.is_group))
    known = set(newest.by_id)
    for spec in others:
        for task in spec.tasks:
            if task.task_id not in known:
                known.add(task.task_id)
                rows.append(GridRow(task.task_id, task.task_id, members=(task.task_id,), is_gone=True))
    return rows


def only_rows(rows: Sequence[GridRow], task_ids: Collection[str]) -> list[GridRow]:
    """Those with any of these tasks; without the lines of the outline, which then lead nowhere."""
    wanted = set(task_ids)
    return [replace(row, prefix="") for row in rows if not wanted.isdisjoint(row.members)]


def find_row(rows: Sequence[GridRow], text: str, at: int, step: int) -> tuple[GridRow, str] | None:
    """From the row at `at` on (step 1 or -1), round the end: the next row whose label has the text or, of a folded
    group, the first member with it; and the id of what was found."""
    text = text.lower()
    for distance in range(1, len(rows) + 1):
        row = rows[(at + step * distance) % len(rows)]
        if text in row.label.lower() or text in row.id.lower():
            return row, row.id
        if row.is_group and (inside := [member for member in row.members if text in member.lower()]):
            return row, inside[0]
    return None


def counts_of(model: GridModel, run: int, row: GridRow) -> Counter[TaskState]:
    """Of all task instances of a row in a run."""
    total: Counter[TaskState] = Counter()
    for task_id in row.members:
        if found := model.cells.get((run, task_id)):
            total += found
    return total


def row_label(row: GridRow, state: TaskState | None, look: Palette, width: int) -> list[Piece]:
    """The first column: the outline's lines, the state in the run under the cursor, the name."""
    glyph = look.glyph(state) if state else " "
    name = plain(row.label)
    if row.is_group:
        name += look.line(" ▸ ") + f"{len(row.members)} task{'s' * (len(row.members) > 1)}"
    prefix = look.line(row.prefix)
    style = DIM if row.is_gone else BOLD if row.is_group else None
    room = width - len(prefix) - 2
    return [(prefix, DIM), (glyph + " ", look.style(state) if state else None), (fit(name, max(room, 0)), style)]


def seen_text(seen: range, count: int, what: str = "rows") -> str:
    """` rows 4-32 of 60   28 more below`; empty where all are seen."""
    if len(seen) >= count:
        return ""
    below = f"   {count - seen.stop} more below" if seen.stop < count else ""
    return f" {what} {seen.start + 1}-{seen.stop} of {count}{below} "


def failures_text(runs: Sequence[DagRun | None], look: Palette) -> str:
    """How many of the runs failed; empty where none did."""
    known = [run for run in runs if run is not None]
    failed = sum(run.state is RunState.FAILED for run in known)
    return f"{look.glyph(RunState.FAILED)} {failed} of {len(known)}" if failed else ""


_LEGEND = (
    (TaskState.SUCCESS, "ok"),
    (TaskState.FAILED, "failed"),
    (TaskState.RUNNING, "running"),
    (TaskState.QUEUED, "queued"),
    (TaskState.UP_FOR_RETRY, "retry"),
    (TaskState.SKIPPED, "skipped"),
    (TaskState.UPSTREAM_FAILED, "upstream failed"),
)


def legend(look: Palette) -> list[Piece]:
    """What the signs that are seen most mean."""
    return [piece for state, word in _LEGEND for piece in ((look.glyph(state), look.style(state)), (f" {word} ", None))]


def cell(state: TaskState | None, look: Palette) -> Piece:
    return (look.glyph(state), look.style(state)) if state else (" ", None)


def run_line(runs: Sequence[DagRun | None], look: Palette) -> list[Piece]:
    """The state of each run."""
    return [(look.glyph(run.state), look.style(run.state)) if run else (" ", None) for run in runs]


def duration_line(runs: Sequence[DagRun | None], look: Palette, at: datetime) -> list[Piece]:
    """How long each run took, as bars around the usual."""
    took = [took_s(run, at) if run else None for run in runs]
    usual = median([s for run, s in zip(runs, took, strict=True) if run and s and run.state is RunState.SUCCESS])
    return [(look.line(level(s, usual)) if s is not None else " ", None) for s in took]


def date_marks(runs: Sequence[DagRun | None], is_utc: bool, step: int = 5) -> str:
    """Dates above the runs, two cells a run: the day where it changes, else the time, wherever there is room."""
    from tui_flow import times

    line, said, free = [" "] * (2 * len(runs)), "", 0
    for index, run in enumerate(runs):
        if run is None or (2 * index < free):
            continue
        local = run.run_after.astimezone(times.zone(is_utc))
        day = f"{local.day} {local:%b}"
        text = day if day != said else f"{local:%H:%M}"
        if 2 * index + len(text) > len(line) or (index % step and day == said):
            continue
        line[2 * index : 2 * index + len(text)] = text
        said, free = day, 2 * index + len(text) + 1
    return "".join(line)
