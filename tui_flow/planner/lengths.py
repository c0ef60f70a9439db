"""How long the levels of a run are (see `mapping`): from the file, from results, or as the run was expanded before."""

from __future__ import annotations

from math import prod

from tui_flow.mapping import length_of
from tui_flow.planner.cells import BoardRun
from tui_flow.state import TaskState


def learn_length(run: BoardRun, level: str) -> bool:
    """Takes the length of a level from the results that it maps over. Whether all of them are there."""
    length = length_of(run.shape.spec.mapped_levels[level], lambda task_id: result_length(run, task_id))
    if length is not None:
        run.lengths[level] = length
    return length is not None


def result_length(run: BoardRun, task_id: str) -> int | None:
    """How many elements the result of a task has: of a mapped task, how many of its instances have pushed one."""
    cells = run.cells.get(task_id)
    if not cells:
        return None
    if cells[0].key.map_index < 0:
        if cells[0].task.levels and cells[0].state is TaskState.SKIPPED:
            return 0
        return cells[0].map_length if cells[0].state is TaskState.SUCCESS else None
    if run.left[task_id]:
        return None
    return sum(cell.map_length or 0 for cell in cells if cell.state is TaskState.SUCCESS)


def learn_lengths(run: BoardRun) -> None:
    """Of a run as it is loaded. Where results are being made again, its task instances tell by what it was expanded."""
    spec = run.shape.spec
    unknown = [level for level in spec.mapped_levels if level not in run.lengths and not learn_length(run, level)]
    for _ in unknown:
        for task_id, levels in spec.levels.items():
            _infer(run, task_id, [level for level in levels if level not in run.lengths], levels)


def _infer(run: BoardRun, task_id: str, unknown: list[str], levels: tuple[str, ...]) -> None:
    cells = run.cells.get(task_id)
    if len(unknown) != 1 or not cells or cells[0].key.map_index < 0:
        return
    present = sum(cell.state is not TaskState.REMOVED for cell in cells)
    known = prod(run.lengths[level] for level in levels if level in run.lengths)
    run.lengths[unknown[0]] = present // max(known, 1)
