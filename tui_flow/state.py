"""The closed sets of states and the one table of legal moves.

The SQL CHECKs, the README's diagram and a property test are derived from `TASK_MOVES`, `RUN_MOVES` and `ATTEMPT_MOVES`.

Theory of operation. A *task instance* moves NONE -> SCHEDULED (its dependencies are met) -> QUEUED (it has its slots
and an attempt was inserted) -> RUNNING (the attempt has claimed its journal) -> a finished state, or a waiting state
that leads back to SCHEDULED. An *attempt* is one process that was asked for: LAUNCHING -> RUNNING -> one final state,
once. Clear and mark are the user's moves: they end at NONE or at a finished state, and wait for a live attempt to be
dead.
"""

from __future__ import annotations

from enum import StrEnum


class TaskState(StrEnum):
    NONE = "none"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    SKIPPED = "skipped"
    UPSTREAM_FAILED = "upstream_failed"
    UP_FOR_RETRY = "up_for_retry"
    UP_FOR_RESCHEDULE = "up_for_reschedule"
    DEFERRED = "deferred"
    AWAITING_INPUT = "awaiting_input"
    RESTARTING = "restarting"
    REMOVED = "removed"


class RunState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"


class AttemptState(StrEnum):
    LAUNCHING = "launching"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    SKIPPED = "skipped"
    RESCHEDULED = "rescheduled"
    DEFERRED = "deferred"
    KILLED = "killed"
    LOST = "lost"
    VOID = "void"


class RunType(StrEnum):
    SCHEDULED = "scheduled"
    MANUAL = "manual"
    BACKFILL = "backfill"
    OPERATOR_TRIGGERED = "operator_triggered"
    ASSET_TRIGGERED = "asset_triggered"


class TriggerRule(StrEnum):
    ALL_SUCCESS = "all_success"
    ALL_FAILED = "all_failed"
    ALL_DONE = "all_done"
    ALL_DONE_MIN_ONE_SUCCESS = "all_done_min_one_success"
    ALL_DONE_SETUP_SUCCESS = "all_done_setup_success"
    ONE_SUCCESS = "one_success"
    ONE_FAILED = "one_failed"
    ONE_DONE = "one_done"
    NONE_FAILED = "none_failed"
    NONE_FAILED_MIN_ONE_SUCCESS = "none_failed_min_one_success"
    NONE_SKIPPED = "none_skipped"
    ALL_SKIPPED = "all_skipped"
    ALWAYS = "always"


class WeightRule(StrEnum):
    DOWNSTREAM = "downstream"
    UPSTREAM = "upstream"
    ABSOLUTE = "absolute"


class CallbackKind(StrEnum):
    """The user callbacks of a task (TASK_*) or of a DAG run (RUN_*)."""

    TASK_EXECUTE = "on_execute"
    TASK_SUCCESS = "on_success"
    TASK_FAILURE = "on_failure"
    TASK_RETRY = "on_retry"
    TASK_SKIPPED = "on_skipped"
    RUN_SUCCESS = "dag_on_success"
    RUN_FAILURE = "dag_on_failure"
    RUN_DEADLINE = "dag_on_deadline"


class CallbackState(StrEnum):
    """Of a queued user callback. It runs at least once: one that was `running` when the scheduler died is tried
    again."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


T = TaskState
FINISHED_TASK = frozenset({T.SUCCESS, T.FAILED, T.SKIPPED, T.UPSTREAM_FAILED, T.REMOVED})
FAILED_TASK = frozenset({T.FAILED, T.UPSTREAM_FAILED})
SUCCESS_TASK = frozenset({T.SUCCESS, T.SKIPPED})
OCCUPIED_TASK = frozenset({T.QUEUED, T.RUNNING, T.RESTARTING})
"""States in which an attempt of the task instance is alive or asked for: they hold slots."""
WAITING_TASK = frozenset({T.UP_FOR_RETRY, T.UP_FOR_RESCHEDULE, T.DEFERRED, T.AWAITING_INPUT})
FINISHED_RUN = frozenset({RunState.SUCCESS, RunState.FAILED})
ACTIVE_ATTEMPT = frozenset({AttemptState.LAUNCHING, AttemptState.RUNNING})

_OUTCOMES = frozenset(
    {T.SUCCESS, T.FAILED, T.SKIPPED, T.UP_FOR_RETRY, T.UP_FOR_RESCHEDULE, T.DEFERRED, T.AWAITING_INPUT}
)
_MARKS = frozenset({T.SUCCESS, T.FAILED, T.SKIPPED})

TASK_MOVES: dict[TaskState, frozenset[TaskState]] = {
    T.NONE: frozenset({T.SCHEDULED, T.UPSTREAM_FAILED, T.REMOVED}) | _MARKS,
    T.SCHEDULED: frozenset({T.QUEUED, T.NONE, T.REMOVED}) | _MARKS,
    T.QUEUED: frozenset({T.RUNNING, T.SCHEDULED, T.NONE, T.RESTARTING, T.REMOVED}) | _OUTCOMES,
    T.RUNNING: frozenset({T.NONE, T.RESTARTING, T.SCHEDULED, T.REMOVED}) | _OUTCOMES,
    T.RESTARTING: frozenset({T.NONE, T.REMOVED}) | _MARKS,
    T.UP_FOR_RETRY: frozenset({T.SCHEDULED, T.NONE, T.REMOVED}) | _MARKS,
    T.UP_FOR_RESCHEDULE: frozenset({T.SCHEDULED, T.NONE, T.REMOVED}) | _MARKS,
    T.DEFERRED: frozenset({T.SCHEDULED, T.NONE, T.REMOVED, T.UP_FOR_RETRY}) | _MARKS,
    T.AWAITING_INPUT: frozenset({T.SCHEDULED, T.NONE, T.REMOVED, T.UP_FOR_RETRY}) | _MARKS,
    T.SUCCESS: frozenset({T.NONE, T.REMOVED}) | _MARKS,
    T.FAILED: frozenset({T.NONE, T.REMOVED}) | _MARKS,
    T.SKIPPED: frozenset({T.NONE, T.REMOVED}) | _MARKS,
    T.UPSTREAM_FAILED: frozenset({T.NONE, T.REMOVED}) | _MARKS,
    T.REMOVED: frozenset({T.NONE}),
}

RUN_MOVES: dict[RunState, frozenset[RunState]] = {
    RunState.QUEUED: frozenset({RunState.RUNNING, RunState.FAILED, RunState.SUCCESS}),
    RunState.RUNNING: frozenset({RunState.SUCCESS, RunState.FAILED, RunState.QUEUED}),
    RunState.SUCCESS: frozenset({RunState.QUEUED, RunState.FAILED}),
    RunState.FAILED: frozenset({RunState.QUEUED, RunState.SUCCESS}),
}

_ENDED = frozenset(AttemptState) - ACTIVE_ATTEMPT
ATTEMPT_MOVES: dict[AttemptState, frozenset[AttemptState]] = {
    AttemptState.LAUNCHING: _ENDED | {AttemptState.RUNNING},
    AttemptState.RUNNING: _ENDED,
    **{ended: frozenset() for ended in _ENDED},
}
"""RUNNING -> VOID: its process was forked, and died before it could claim its journal."""
