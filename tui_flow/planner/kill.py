"""A user ends an attempt: its task instance fails, without a retry, once the attempt is dead; one that waits for a
trigger or a person, at once."""

from __future__ import annotations

from tui_flow.errors import NotPossible
from tui_flow.planner.decisions import AddCallback, Decision, KillAttempt, MoveTask
from tui_flow.planner.selection import RunTasks
from tui_flow.records import TaskInstance
from tui_flow.spec import DagSpec
from tui_flow.state import OCCUPIED_TASK, CallbackKind, TaskState

ENDED_AT_ONCE = frozenset({TaskState.DEFERRED, TaskState.AWAITING_INPUT})
"""A kill ends these waits: nothing of the task instance lives here, but its trigger, or what it waits for, may."""


def plan_kill(spec: DagSpec, view: RunTasks, ti: TaskInstance, reason: str = "killed by the user") -> list[Decision]:
    """Raises NotPossible when nothing of the task instance is alive."""
    if ti.state in ENDED_AT_ONCE:
        moved = MoveTask(ti.key, ti.state, TaskState.FAILED, ti.try_number, reason)
        task, kind = spec.by_id.get(ti.task_id), CallbackKind.TASK_FAILURE
        if task is None or kind not in task.callbacks:
            return [moved]
        return [moved, AddCallback(view.run.id, ti.key, kind, reason, ti.try_number, reason)]
    if ti.state not in OCCUPIED_TASK:
        raise NotPossible(
            f"task {ti.task_id!r} of run {view.run.run_id!r} is {ti.state}: it has no attempt that could be killed; "
            "`tuiflow mark` sets its state"
        )
    return kill_attempt(view, ti, TaskState.FAILED, reason)


def kill_attempt(view: RunTasks, ti: TaskInstance, after: TaskState, reason: str) -> list[Decision]:
    """Nothing where the attempt is on its way to the same end already."""
    attempt_id = view.attempts.get(ti.key)
    if attempt_id is None or ti.after_kill is after:
        return []
    return [KillAttempt(attempt_id, ti.key, after, reason)]
