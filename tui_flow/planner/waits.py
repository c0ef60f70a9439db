"""How waits end: a retry, a poke or a deferral falls due, a trigger fires, a person answers."""

from __future__ import annotations

from tui_flow.messages import WaitOver
from tui_flow.planner.board import Board
from tui_flow.planner.cells import Cell
from tui_flow.planner.decisions import AddCallback, Decision, MoveTask, ResumeTask
from tui_flow.planner.run_ends import fail_fast
from tui_flow.spec import Json
from tui_flow.state import CallbackKind, TaskState

T = TaskState
RETURN_KEY = "return_value"
_RESUMED = frozenset({T.DEFERRED, T.AWAITING_INPUT})
_CALLBACK_OF = {
    T.SUCCESS: CallbackKind.TASK_SUCCESS,
    T.FAILED: CallbackKind.TASK_FAILURE,
    T.SKIPPED: CallbackKind.TASK_SKIPPED,
}


def end_wait(board: Board, cell: Cell, out: list[Decision]) -> None:
    """What has fallen due may start; a task that nothing has resumed in time goes on to hear just that."""
    old = cell.state
    cell.due_at = None
    if old in _RESUMED:
        out.append(ResumeTask(cell.key, old, T.SCHEDULED, cell.try_number, None, {"timeout": True}))
    else:
        out.append(MoveTask(cell.key, old, T.SCHEDULED, cell.try_number))
    board.move(cell, T.SCHEDULED)


def _length(cell: Cell, over: WaitOver) -> int | None:
    """Of the result that the trigger gave, for those that map over it: an instance of a mapped task gives one thing."""
    if not cell.task.feeds:
        return None
    return int(RETURN_KEY in dict(over.xcoms)) if cell.key.map_index >= 0 else over.map_length


def _updates(cell: Cell) -> tuple[Json, ...]:
    """Its outlets; what an alias stands for only its own code could say."""
    return tuple(outlet for outlet in cell.task.spec.outlets if outlet["kind"] in ("asset", "ref"))


def take_end_of_wait(board: Board, over: WaitOver, out: list[Decision]) -> None:
    """Passed over where the task instance waits no more."""
    cell = board.cell(over.key)
    if cell is None or cell.state not in _RESUMED:
        return
    old, new = cell.state, T(over.new)
    reason = None if new is T.SCHEDULED else f"its trigger ended it as {new}"
    length, updates = (_length(cell, over), _updates(cell)) if new is T.SUCCESS else (None, ())
    out.append(
        ResumeTask(cell.key, old, new, cell.try_number, over.wait_id, over.over, reason, over.xcoms, length, updates)
    )
    cell.due_at, cell.map_length = None, length
    board.move(cell, new)
    if (kind := _CALLBACK_OF.get(new)) in cell.task.spec.callbacks and kind is not None:
        out.append(AddCallback(cell.run.run.id, cell.key, kind, reason or "", cell.try_number))
    if new is T.FAILED:
        fail_fast(board, cell, out)
