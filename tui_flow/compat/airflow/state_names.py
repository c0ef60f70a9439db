"""`airflow.utils.state.State`: the states as plain attributes."""

from __future__ import annotations

from tui_flow import state
from tui_flow.state import RunState, TaskState


class State:
    """All states of tasks and runs; None is a task instance that has not been looked at."""

    NONE = None
    REMOVED = TaskState.REMOVED
    SCHEDULED = TaskState.SCHEDULED
    QUEUED = TaskState.QUEUED
    RUNNING = TaskState.RUNNING
    SUCCESS = TaskState.SUCCESS
    RESTARTING = TaskState.RESTARTING
    FAILED = TaskState.FAILED
    UP_FOR_RETRY = TaskState.UP_FOR_RETRY
    UP_FOR_RESCHEDULE = TaskState.UP_FOR_RESCHEDULE
    UPSTREAM_FAILED = TaskState.UPSTREAM_FAILED
    SKIPPED = TaskState.SKIPPED
    DEFERRED = TaskState.DEFERRED

    finished = state.FINISHED_TASK
    failed_states = state.FAILED_TASK
    success_states = state.SUCCESS_TASK
    finished_dr_states = state.FINISHED_RUN
    unfinished_dr_states = frozenset(RunState) - state.FINISHED_RUN
    unfinished = frozenset(TaskState) - state.FINISHED_TASK - {TaskState.NONE} | {None}
    running = frozenset({TaskState.RUNNING, TaskState.DEFERRED})
    task_states = (None, *(member for member in TaskState if member is not TaskState.NONE))
    dag_states = tuple(RunState)
