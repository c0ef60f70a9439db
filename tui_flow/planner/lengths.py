"""How long the levels of a run are (see `mapping`): from the file, from results, or as the run was expanded before."""

from __future__ import annotations

from tui_flow.mapping import infer_lengths, length_of
from tui_flow.planner.cells import BoardRun
from tui_flow.state import TaskState


def learn_length(run: BoardRun, level: str) -> None:
    """Takes the length of a level from the results that it maps over, once all of them are there."""
    length = length_of(run.shape.spec.mapped_levels[level], lambda task_id: result_length(run, task_id))
    if length is not None:
        run.lengths[level] = length


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
    for level in run.shape.spec.mapped_levels:
        if level not in run.lengths:
            learn_length(run, level)
    counts = {
        task_id: sum(cell.state is not TaskState.REMOVED for cell in cells)
        for task_id, cells in run.cells.items()
        if cells[0].key.map_index >= 0
    }
    infer_lengths(run.shape.spec, counts, run.lengths)
