"""What follows for task instances when something near them has changed: they are skipped, fail, or are scheduled."""

from __future__ import annotations

from datetime import datetime

from tui_flow.planner.board import Board
from tui_flow.planner.cells import BoardRun, Cell
from tui_flow.planner.decisions import Decision, MoveTask
from tui_flow.planner.expand import judge_unexpanded, revise, waits_to_expand
from tui_flow.planner.trigger_rules import evaluate
from tui_flow.records import DagRun, TaskInstanceKey
from tui_flow.spec import TaskSpec
from tui_flow.state import RunType, TaskState

T = TaskState


AT_ONCE = 500
"""Decisions of one tick: a task that releases ten thousand others must not hold up all else while they are written."""


def settle(board: Board, now: datetime, out: list[Decision], at_most: int = AT_ONCE) -> None:
    """Looks at all that is dirty, and at what becomes dirty by that, until nothing is or enough is decided; the next
    tick goes on with the rest."""
    dirty, unsettled = board.dirty, board.unsettled
    enough = len(out) + at_most
    while (dirty or unsettled) and len(out) < enough:
        if unsettled:
            revise(board, *unsettled.popleft(), out)
            continue
        cell = dirty.popleft()
        cell.is_dirty = False
        if not board.is_running(cell.run):
            continue
        if cell.state is T.NONE:
            _judge(board, cell, out)
        elif cell.state is T.SCHEDULED and cell.ready_key is None:
            if cell.task.spec.is_empty:
                _finish_empty(board, cell, out)
            else:
                board.line_up(cell, now)


def remove_strays(run: BoardRun, out: list[Decision]) -> None:
    """Task instances whose task the DAG no longer has are removed; a live attempt is waited for."""
    for ti in run.strays:
        out.append(MoveTask(ti.key, ti.state, T.REMOVED, ti.try_number, "the task is no longer in the DAG"))
    run.strays.clear()


def is_outside_dates(task: TaskSpec, run: DagRun) -> bool:
    """Whether the task's own start and end date leave it out of this run; a backfill is not bound by them."""
    date = run.logical_date
    if date is None or run.run_type is RunType.BACKFILL:
        return False
    return (task.start_date is not None and date < task.start_date) or (
        task.end_date is not None and task.end_date < date
    )


def verdict(cell: Cell) -> tuple[TaskState, str | None]:
    """The state that follows for a task instance that has none, and why; NONE: it waits."""
    task = cell.task.spec
    new, reason = by_rule(cell)
    if cell.task.needs_past and new in (T.SKIPPED, T.SCHEDULED):
        must_wait = new is T.SCHEDULED or task.wait_for_past_depends_before_skipping
        if must_wait and (unmet := cell.run.unmet_past(cell)):
            return T.NONE, unmet
    return new, reason


def by_rule(cell: Cell) -> tuple[TaskState, str | None]:
    """What its dates, branches and trigger rule say, leaving aside the previous run."""
    task = cell.task.spec
    if is_outside_dates(task, cell.run.run):
        return T.REMOVED, "the run is outside the task's start_date and end_date"
    if cell.is_branch_skipped:
        return T.SKIPPED, cell.counts.skipped_by
    new = evaluate(task.trigger_rule, cell.counts)
    return new, f"trigger rule {task.trigger_rule}" if new in (T.SKIPPED, T.UPSTREAM_FAILED) else None


def _judge(board: Board, cell: Cell, out: list[Decision]) -> None:
    if waits_to_expand(cell):
        judge_unexpanded(board, cell, *by_rule(cell), out)
        return
    new, reason = verdict(cell)
    if cell.task.needs_past:
        note_blocked(cell.run.blocked_by_past, cell.key, new is T.NONE and reason is not None)
    if new is not T.NONE:
        out.append(MoveTask(cell.key, T.NONE, new, cell.try_number, reason))
        board.move(cell, new)


def note_blocked(blocked: set[TaskInstanceKey], key: TaskInstanceKey, is_blocked: bool) -> None:
    if is_blocked:
        blocked.add(key)
    else:
        blocked.discard(key)


def _finish_empty(board: Board, cell: Cell, out: list[Decision]) -> None:
    """An empty task takes no slot, but a paused DAG holds it back like any other."""
    gate = cell.run.gate
    if gate is not None and not gate.has_room(1):
        board.hold(cell)
        return
    out.append(MoveTask(cell.key, T.SCHEDULED, T.SUCCESS, cell.try_number, is_a_try=True))
    cell.try_number += 1
    board.move(cell, T.SUCCESS)
