"""Expansion: a mapped task gets its task instances once it is known how many; again when a cleared source gives more or
fewer.
"""

from __future__ import annotations

from tui_flow.mapping import MAX_INSTANCES, instances_of, sources_of
from tui_flow.planner.board import Board
from tui_flow.planner.cells import BoardRun, Cell
from tui_flow.planner.decisions import Decision, ExpandTask, MoveTask
from tui_flow.planner.shape import TaskShape
from tui_flow.state import FAILED_TASK, FINISHED_TASK, TaskState

T = TaskState


def waits_to_expand(cell: Cell) -> bool:
    """Whether it stands for all task instances of a mapped task that is not expanded yet."""
    return bool(cell.task.levels) and cell.key.map_index < 0


def judge_unexpanded(board: Board, cell: Cell, new: TaskState, reason: str | None, out: list[Decision]) -> None:
    """`new` is what the rules say of the task as a whole. It expands when it may run; inside a mapped group as soon as
    its length is known, because its task instances wait index by index."""
    run, task = cell.run, cell.task
    if new in (T.NONE, T.SCHEDULED):
        state, why = sources_say(run, task)
        if state is not T.SCHEDULED:
            new, reason = state, why
        else:
            new, reason = _by_length(board, cell, new, out)
    if new is not T.NONE:
        out.append(MoveTask(cell.key, T.NONE, new, cell.try_number, reason))
        board.move(cell, new)


def sources_say(run: BoardRun, task: TaskShape) -> tuple[TaskState, str | None]:
    """SCHEDULED when all that the task maps over is known; NONE while it is not; else what follows, and why."""
    mapped = run.shape.spec.mapped_levels
    states: dict[str, TaskState] = {}
    for level in task.levels:
        for source_id in sources_of(mapped[level]):
            for source in run.cells.get(source_id, ())[:1]:
                if source.key.map_index < 0:
                    states[source_id] = source.state
    for source_id, state in states.items():
        if state in FAILED_TASK:
            return T.UPSTREAM_FAILED, f"it maps over the result of {source_id!r}, which is {state}"
    for source_id, state in states.items():
        if state in (T.SKIPPED, T.REMOVED):
            return T.SKIPPED, f"it maps over the result of {source_id!r}, which is {state}"
    if instances_of(task.levels, run.lengths) is not None:
        return T.SCHEDULED, None
    if states and all(state in FINISHED_TASK for state in states.values()):
        named = ", ".join(map(repr, states))
        return T.UPSTREAM_FAILED, f"it maps over the result of {named}, which has pushed nothing to map over"
    return T.NONE, None


def revise(board: Board, run: BoardRun, task_id: str, out: list[Decision]) -> None:
    """What a task maps over may have another length than its task instances were made for."""
    cells = run.cells.get(task_id)
    if not cells or board.runs.get(run.run.id) is not run or not run.is_running:
        return
    if cells[0].key.map_index < 0:
        board.look_at(cells[0])
        return
    count = instances_of(cells[0].task.levels, run.lengths)
    if count is None or count > MAX_INSTANCES:
        return
    present = sum(cell.state is not T.REMOVED for cell in cells)
    if present != count and any(cell.state is T.NONE for cell in cells):
        _expand(board, run, task_id, count, out)


def _by_length(board: Board, cell: Cell, new: TaskState, out: list[Decision]) -> tuple[TaskState, str | None]:
    run, task = cell.run, cell.task
    count = instances_of(task.levels, run.lengths)
    assert count is not None, "the sources have said so"
    if count > MAX_INSTANCES:
        return T.FAILED, f"it would have {count} task instances, over the limit of {MAX_INSTANCES}; map over less"
    if count == 0:
        return (T.SKIPPED, "it maps over nothing") if new is T.SCHEDULED else (T.NONE, None)
    if new is T.SCHEDULED or task.levels[0] != task.spec.task_id:
        _expand(board, run, task.spec.task_id, count, out)
    return T.NONE, None


def _expand(board: Board, run: BoardRun, task_id: str, count: int, out: list[Decision]) -> None:
    """Makes or brings back the task instances that are missing, and removes those that are not wanted and wait."""
    cells = run.cells[task_id]
    gone = [cell.key.map_index for cell in cells if cell.state is T.NONE and cell.key.map_index not in range(count)]
    keeps = any(cell.state not in (T.NONE, T.REMOVED) for cell in cells)
    wanted = range(count) if count or keeps else range(-1, 0)
    there = {cell.key.map_index for cell in cells if cell.state is not T.REMOVED}
    missing = [index for index in wanted if index not in there]
    retries = cells[0].task.spec.retries
    out.append(ExpandTask(run.run.id, task_id, tuple(missing), tuple(gone), retries))
    board.expand(run, task_id, missing, gone)
