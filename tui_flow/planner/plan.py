"""One tick's plan: what has been reported, what has fallen due, what follows from it, and who starts next."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from tui_flow.messages import Report, WaitOver
from tui_flow.planner.board import Board
from tui_flow.planner.cells import Cell, Front
from tui_flow.planner.decisions import AddCallback, Decision, FinishAttempt, LaunchAttempt, StartAttempt
from tui_flow.planner.fronts import add_branch_skip, fronts_near, skip_front
from tui_flow.planner.outcomes import due_after, missing_callback, next_state
from tui_flow.planner.run_ends import fail_fast, plan_run_ends, plan_run_timeouts, stop
from tui_flow.planner.settle import AT_ONCE, settle
from tui_flow.planner.waits import end_wait, take_end_of_wait
from tui_flow.records import TaskInstanceKey
from tui_flow.state import OCCUPIED_TASK, WAITING_TASK, AttemptState, TaskState

T = TaskState


def plan_tick(
    board: Board,
    reports: Iterable[tuple[Report, TaskInstanceKey]],
    now: datetime,
    *,
    waits_over: Iterable[WaitOver] = (),
    may_launch: bool = True,
    at_most: int = AT_ONCE,
) -> list[Decision]:
    """What is to be decided now, in order. Once the board is settled a call without news decides nothing.

    Each report comes with the task instance that its attempt belongs to, whose run must be on the board (else
    KeyError). Reports of attempts that have ended before are passed over.
    """
    out: list[Decision] = []
    for report, key in reports:
        _take_report(board, report, key, out)
    for over in waits_over:
        take_end_of_wait(board, over, out)
    for cell in board.dues.cells(now):
        end_wait(board, cell, out)
    plan_run_timeouts(board, now, out)
    settle(board, now, out, at_most)
    plan_run_ends(board, out)
    if may_launch:
        _launch(board, out)
    return out


def _take_report(board: Board, report: Report, key: TaskInstanceKey, out: list[Decision]) -> None:
    if key.run not in board.runs:
        raise KeyError(f"run {key.run} of attempt {report.attempt_id} is not on the board")
    cell = board.cell(key)
    if cell is None or cell.state not in OCCUPIED_TASK or cell.attempt_id not in (None, report.attempt_id):
        return
    if report.state == AttemptState.RUNNING:
        _start(board, cell, report, out)
    else:
        _finish(board, cell, report, out)


def _start(board: Board, cell: Cell, report: Report, out: list[Decision]) -> None:
    cell.attempt_id = report.attempt_id
    if cell.state is T.QUEUED:
        out.append(StartAttempt(report.attempt_id, cell.key, datetime.fromisoformat(report.at), report.pid))
        board.move(cell, T.RUNNING)


def _finish(board: Board, cell: Cell, report: Report, out: list[Decision]) -> None:
    old, tried, after_kill = cell.state, cell.try_number, cell.after_kill
    new = next_state(report, try_number=tried, max_tries=cell.max_tries, after_kill=after_kill)
    cell.due_at = _due_after(cell, report, new)
    if report.state == AttemptState.VOID and not cell.is_same_try:
        cell.try_number -= 1
    max_tries = None
    if new is T.NONE:
        max_tries = cell.max_tries = cell.try_number + cell.task.spec.retries
    ended = AttemptState(report.state)
    cell.map_length = report.map_length if new is T.SUCCESS and cell.task.feeds else None
    out.append(
        FinishAttempt(
            report.attempt_id, cell.key, tried, ended, old, new, report, cell.due_at, max_tries, cell.map_length
        )
    )
    cell.attempt_id = cell.after_kill = None
    if new is T.SUCCESS:
        cell.skips = report.skips
    if new is not T.SCHEDULED:
        cell.is_same_try = new in WAITING_TASK - {T.UP_FOR_RETRY}
    board.move(cell, new)
    if kind := missing_callback(report, new, cell.task.spec, was_marked=after_kill is not None):
        out.append(AddCallback(cell.run.run.id, cell.key, kind, report.reason or report.state, tried, report.reason))
    if new is T.SUCCESS and report.skips:
        _skip_named(board, cell, out)
    if new is T.FAILED:
        fail_fast(board, cell, out)


def _due_after(cell: Cell, report: Report, new: TaskState) -> datetime | None:
    if new not in WAITING_TASK:
        return None
    run = cell.run.run
    return due_after(
        report,
        new,
        cell.task.spec,
        dag_id=run.dag_id,
        logical_date=run.logical_date,
        try_number=cell.try_number,
    )


def _skip_named(board: Board, branch: Cell, out: list[Decision]) -> None:
    """Skips at once what a branch or short circuit names, also where it is not directly below."""
    if not branch.run.is_running:
        return
    run = branch.run
    for task_id in branch.skips:
        for front in fronts_near(run, branch, task_id):
            if task_id not in branch.task.downstream and add_branch_skip(run, front, branch):
                skip_front(front)
            if front.cells and front.cells[0].is_branch_skipped:
                _skip_all(board, front, out)


def _skip_all(board: Board, front: Front, out: list[Decision]) -> None:
    for cell in front.cells:
        if cell.state is T.NONE:
            board.look_at(cell)
        elif cell.state is T.SCHEDULED:
            stop(board, cell, T.SKIPPED, front.skipped_by, out)


def _launch(board: Board, out: list[Decision]) -> None:
    while cell := board.slots.take():
        tried = cell.try_number
        if not cell.is_same_try:
            cell.try_number += 1
        out.append(LaunchAttempt(cell.key, tried, cell.try_number, cell.run.run.source_version))
        board.move(cell, T.QUEUED)
