"""Fronts: which task instances wait for the same upstream task instances, and whose end is counted where.

A task without bound levels has one front. One in a mapped task group has a front for each index of that group: its
task instances there wait for those of the same index.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tui_flow.mapping import instances_of, shared_levels
from tui_flow.planner.cells import NOT_COUNTED, BoardRun, Cell, Front
from tui_flow.planner.shape import TaskShape
from tui_flow.planner.trigger_rules import Counts
from tui_flow.state import FINISHED_TASK, TaskState


def build_fronts(run: BoardRun, task_id: str) -> None:
    """Divides the task instances of a task into fronts and counts what they wait for, from nothing."""
    cells = run.cells.get(task_id)
    if not cells:
        return
    task = cells[0].task
    fronts = run.fronts[task_id] = _divided(run, task, cells)
    for upstream_id in task.spec.upstream:
        if above := run.cells.get(upstream_id):
            _count(run, fronts, task, above, is_setup=False)
    for setup_id in task.setups:
        if above := run.cells.get(setup_id):
            _count(run, fronts, task, above, is_setup=True)


def fronts_near(run: BoardRun, cell: Cell, task_id: str) -> Sequence[Front]:
    """The fronts of a task downstream for which this task instance counts."""
    fronts = run.fronts.get(task_id, ())
    if len(fronts) < 2:
        return fronts
    part = _part_of(run, cell, run.shape.tasks[task_id])
    return fronts if part is None else fronts[part.start : part.stop]


def add_branch_skip(run: BoardRun, front: Front, branch: Cell) -> bool:
    """Whether the branch now has the front skipped: where several of its task instances lead there, all must say so."""
    task_id = branch.key.task_id
    skips = front.branch_skips = front.branch_skips or {}
    skips[task_id] = skips.get(task_id, 0) + 1
    if len(run.cells[task_id]) == 1 or not front.cells:
        return True
    shared = shared_levels(front.cells[0].task.levels, branch.task.levels)
    return skips[task_id] >= (instances_of(branch.task.levels[shared:], run.lengths) or 1)


def _divided(run: BoardRun, task: TaskShape, cells: list[Cell]) -> list[Front]:
    count, expanded = len(cells), instances_of(task.levels, run.lengths)
    if task.bound_levels and expanded and cells[0].key.map_index >= 0:
        count = instances_of(task.levels[task.bound_levels :], run.lengths) or 1
        for cell in cells[expanded:]:
            cell.counts = NOT_COUNTED
        cells = cells[:expanded]
    fronts = [Front(cells=cells[start : start + count]) for start in range(0, len(cells), count)]
    for front in fronts:
        for cell in front.cells:
            cell.counts = front
    return fronts


def _count(run: BoardRun, fronts: list[Front], task: TaskShape, above: list[Cell], *, is_setup: bool) -> None:
    """Adds one upstream task to the fronts, each of its task instances looked at once."""
    parts: dict[int, tuple[Counts, range | None]] = {}
    for cell in above:
        if cell.counts is NOT_COUNTED and cell.state is TaskState.REMOVED:
            continue
        part = _part_of(run, cell, task) if len(fronts) > 1 else None
        counts, _ = parts.setdefault(part.start if part is not None else -1, (Counts(), part))
        _add(counts, cell.state, is_setup)
        if is_setup:
            continue
        if cell.skips and cell.state is TaskState.SUCCESS and task.spec.task_id in cell.skips:
            for front in _slice(fronts, part):
                if add_branch_skip(run, front, cell):
                    skip_front(front)
    for counts, part in parts.values():
        for front in _slice(fronts, part):
            front.merge(counts)


def skip_front(front: Front) -> None:
    for cell in front.cells:
        cell.is_branch_skipped = True


def _add(counts: Counts, state: TaskState, is_setup: bool) -> None:
    if is_setup:
        counts.setups += 1
        if state in FINISHED_TASK:
            counts.add_setup(state)
    else:
        counts.total += 1
        if state in FINISHED_TASK:
            counts.add(state)


def _part_of(run: BoardRun, cell: Cell, task: TaskShape) -> range | None:
    """Which fronts of a task (several) the task instance counts for; None: all."""
    shared = shared_levels(cell.task.levels, task.levels)
    inner = instances_of(cell.task.levels[shared:], run.lengths)
    if not shared or cell.key.map_index < 0 or not inner:
        return None
    prefix = cell.key.map_index // inner
    width = instances_of(task.levels[shared : task.bound_levels], run.lengths) or 1
    return range(prefix * width, (prefix + 1) * width)


def _slice(fronts: Sequence[Front], part: range | None) -> Iterable[Front]:
    return fronts if part is None else fronts[part.start : part.stop]
