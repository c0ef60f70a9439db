"""When a run ends: all its tasks have finished, it can go no further, or its time is up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from tui_flow.planner.board import Board
from tui_flow.planner.cells import BoardRun, Cell
from tui_flow.planner.decisions import AddCallback, Decision, KillAttempt, MoveRun, MoveTask
from tui_flow.planner.settle import remove_strays
from tui_flow.spec import TaskSpec
from tui_flow.state import FAILED_TASK, FINISHED_TASK, OCCUPIED_TASK, CallbackKind, RunState, TaskState

T = TaskState
TIMED_OUT = "timed_out"
MARKED = {RunState.SUCCESS: "marked success", RunState.FAILED: "marked failed"}
SETTLED_ENDS = {TIMED_OUT: RunState.FAILED, **{reason: state for state, reason in MARKED.items()}}
"""Reason of a run that goes on only for its teardowns -> the state that it ends in."""
_MOST_NAMED = 5


def plan_run_ends(board: Board, out: list[Decision]) -> None:
    """Ends the runs in which nothing is left to do; takes runs off the board that are over and have no live attempt."""
    unsettled = {cell.run.run.id for cell in board.dirty} | {run.run.id for run, _ in board.unsettled}
    for run in list(board.touched.values()):
        if run.is_running and run.run.id in unsettled:
            continue
        if run.is_running:
            _end_if_done(run, out)
        if not run.is_running and not run.occupied:
            board.drop_run(run.run.id)
        board.touched.pop(run.run.id, None)


def plan_run_timeouts(board: Board, now: datetime, out: list[Decision]) -> None:
    """Runs over their dagrun_timeout fail; what has not finished is skipped, live attempts are killed first. Teardowns
    still run: until they have finished the run goes on."""
    for run in board.dues.timeouts(now):
        has_teardowns = False
        for cell in run.by_key.values():
            if cell.state not in FINISHED_TASK and cell.task.spec.is_teardown:
                has_teardowns = True
            elif cell.state not in FINISHED_TASK:
                stop(board, cell, T.SKIPPED, "the run has reached its dagrun_timeout", out)
        if not has_teardowns and run.ends_as is None:
            _end(run, RunState.FAILED, TIMED_OUT, out)
        elif run.ends_as is None:
            run.ends_as = TIMED_OUT
            out.append(MoveRun(run.run.id, RunState.RUNNING, RunState.RUNNING, TIMED_OUT))
        board.touched[run.run.id] = run


def stop(board: Board, cell: Cell, after: TaskState, reason: str, out: list[Decision]) -> None:
    """Gives an unfinished task instance this state: at once, or once its live attempt is dead."""
    if cell.state not in OCCUPIED_TASK:
        out.append(MoveTask(cell.key, cell.state, after, cell.try_number, reason))
        board.move(cell, after)
    elif cell.after_kill in (None, T.NONE):
        cell.after_kill = after
        if cell.attempt_id is not None:
            out.append(KillAttempt(cell.attempt_id, cell.key, after, reason))


def fail_fast(board: Board, failed: Cell, out: list[Decision]) -> None:
    """With `fail_fast` the first task that fails for good ends all others but the teardowns."""
    run = failed.run
    if not run.shape.spec.fail_fast or not run.is_running:
        return
    for cell in run.by_key.values():
        if cell.state in FINISHED_TASK or cell.task.spec.is_teardown:
            continue
        after = T.FAILED if cell.state is T.RUNNING else T.SKIPPED
        stop(board, cell, after, f"task {failed.key.task_id!r} failed and the DAG is fail_fast", out)


def deciding_tasks(run: BoardRun) -> Iterator[Cell]:
    """The task instances that decide the run's state: those below which nothing is in this run, teardowns set aside."""
    spec = run.shape.spec
    present = {
        task.task_id
        for task in spec.tasks
        if not _is_set_aside(task) and any(cell.state is not T.REMOVED for cell in run.cells.get(task.task_id, ()))
    }
    for task_id in present:
        if present.isdisjoint(spec.downstream[task_id]):
            yield from run.cells[task_id]


def _is_set_aside(task: TaskSpec) -> bool:
    return task.is_teardown and not task.on_failure_fail_dagrun


def _end_if_done(run: BoardRun, out: list[Decision]) -> None:
    remove_strays(run, out)
    if run.unfinished == 0:
        has_failed = run.failed > 0 and any(cell.state in FAILED_TASK for cell in deciding_tasks(run))
        if run.ends_as in SETTLED_ENDS:
            _end(run, SETTLED_ENDS[run.ends_as], run.ends_as, out)
        elif has_failed:
            _end(run, RunState.FAILED, "task_failure", out)
        else:
            _end(run, RunState.SUCCESS, "success", out)
    elif run.started == 0 and not run.blocked_by_past:
        _end(run, RunState.FAILED, "all_tasks_deadlocked", out, f": nothing will start {_waiting_tasks(run)}")


def _waiting_tasks(run: BoardRun) -> str:
    waiting = list(dict.fromkeys(cell.key.task_id for cell in run.by_key.values() if cell.state not in FINISHED_TASK))
    more = f" and {len(waiting) - _MOST_NAMED} more" if len(waiting) > _MOST_NAMED else ""
    return ", ".join(waiting[:_MOST_NAMED]) + more


def _end(run: BoardRun, new: RunState, reason: str, out: list[Decision], details: str = "") -> None:
    """`reason` is what callbacks are told; with `details` it stands in the run."""
    out.append(MoveRun(run.run.id, RunState.RUNNING, new, reason + details))
    run.is_running = False
    kind = CallbackKind.RUN_SUCCESS if new is RunState.SUCCESS else CallbackKind.RUN_FAILURE
    if kind in run.shape.spec.callbacks and reason not in MARKED.values():
        out.append(AddCallback(run.run.id, None, kind, reason))
