"""What can be decided. The scheduler's own moves and a user's clear, mark, trigger or kill are the same types; all of
them reach the database through `store.writer.apply`, one transaction for a whole list, each compared with the old
state first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tui_flow.messages import Report
from tui_flow.records import TaskInstanceKey
from tui_flow.spec import Json
from tui_flow.state import AttemptState, CallbackKind, RunState, RunType, TaskState


@dataclass(frozen=True, slots=True)
class CreateRun:
    """Insert a queued run and one task instance per task. Dropped if the run id or logical date exists already."""

    dag_id: str
    run_id: str
    run_type: RunType
    logical_date: datetime | None
    data_interval_start: datetime | None
    data_interval_end: datetime | None
    run_after: datetime
    spec_version: str
    source_version: str
    conf: Mapping[str, Json] = field(default_factory=dict)
    triggered_by: str = ""
    note: str | None = None
    backfill_id: int | None = None
    consumes_assets: bool = False
    """It takes the DAG's queue of updated assets, and their events are what triggered it."""


@dataclass(frozen=True, slots=True)
class AdvanceSchedule:
    """Move a DAG's `next_run_after` from `old` to `new`; in the same transaction as the run that the slot made."""

    dag_id: str
    old: datetime | None
    new: datetime | None
    last_interval: tuple[datetime, datetime] | None = None
    """Data interval of the run that the slot made; None keeps the stored one."""


@dataclass(frozen=True, slots=True)
class MoveRun:
    """`started_at` is set on the way to running, `ended_at` on the way to a finished state; a run that goes back to
    queued (clear) loses both and its `clear_number` rises."""

    run: int
    old: RunState
    new: RunState
    reason: str | None = None
    spec_version: str | None = None
    """With a clear: the version that the run continues with; None keeps."""
    source_version: str | None = None


@dataclass(frozen=True, slots=True)
class MoveTask:
    """Change a task instance's state without an attempt. Into a finished state it sets `ended_at`; into NONE (clear) it
    also clears started_at, ended_at, due_at, reason, resume, skips and poke_count and hides the XComs of earlier
    tries."""

    key: TaskInstanceKey
    old: TaskState
    new: TaskState
    try_number: int
    """As it is now; compared, not written."""
    reason: str | None = None
    due_at: datetime | None = None
    max_tries: int | None = None
    """New value, with a clear; None keeps."""
    is_a_try: bool = False
    """Raise the try number too: an empty task has tries, though no attempts."""


@dataclass(frozen=True, slots=True)
class ResumeTask:
    """The wait of a deferred task instance is over: it is scheduled again within the same try, or finished by its
    trigger. Dropped where it waits for something else by now."""

    key: TaskInstanceKey
    old: TaskState
    new: TaskState
    try_number: int
    """As it is now; compared, not written."""
    wait_id: int | None
    """The attempt that began the wait, compared; None: whichever did."""
    over: Json
    """What it goes on with."""
    reason: str | None = None
    xcoms: tuple[tuple[str, str], ...] = ()
    map_length: int | None = None
    """How many elements the result that its trigger gave has, where a task is mapped over it."""
    updates: tuple[Json, ...] = ()
    """Assets that its success updates."""


@dataclass(frozen=True, slots=True)
class ExpandTask:
    """A mapped task gets these task instances, in NONE: new ones, or removed ones that are back, with `retries` more
    tries. Those `removed` must be in NONE too; index -1 stands for the task before it was expanded and leaves no trace.
    """

    run: int
    task_id: str
    added: tuple[int, ...]
    removed: tuple[int, ...]
    retries: int


@dataclass(frozen=True, slots=True)
class LaunchAttempt:
    """SCHEDULED -> QUEUED and a new attempt row `launching`, whose id the writer assigns."""

    key: TaskInstanceKey
    old_try_number: int
    try_number: int
    """One more than before; the same for a rescheduled sensor, a resumed deferral or after a void."""
    source_version: str


@dataclass(frozen=True, slots=True)
class StartAttempt:
    """The attempt has claimed its journal: attempt LAUNCHING -> RUNNING, task QUEUED -> RUNNING, started_at set."""

    attempt_id: int
    key: TaskInstanceKey
    at: datetime
    pid: int | None = None


@dataclass(frozen=True, slots=True)
class FinishAttempt:
    """Give an attempt its one final state (compared: it must be active) and its task instance the state that follows.

    Writes in the same transaction the report's usage figures, XCom effects, skips, and for a void attempt takes the try
    number back. Where the attempt is no longer active everything in here is dropped. Into UP_FOR_RETRY the poke_count
    falls to 0: whoever is scheduled with a poke_count or a resume goes on with the same try."""

    attempt_id: int
    key: TaskInstanceKey
    try_number: int
    attempt_state: AttemptState
    old: TaskState
    new: TaskState
    report: Report
    due_at: datetime | None = None
    """Next retry, poke or time-out when `new` is a waiting state."""
    max_tries: int | None = None
    """New value where a clear waited for this end; None keeps."""
    map_length: int | None = None
    """With a success, how many elements its result has for the tasks that map over it."""


@dataclass(frozen=True, slots=True)
class KillAttempt:
    """Ask for an active attempt's end; its task instance waits (RESTARTING when `after` is NONE) and goes to `after`
    once the attempt is dead."""

    attempt_id: int
    key: TaskInstanceKey
    after: TaskState
    reason: str


@dataclass(frozen=True, slots=True)
class AddCallback:
    """Queue a user callback that runs in a process of its own after this commit."""

    run: int
    key: TaskInstanceKey | None
    """None for a DAG run's callback."""
    kind: CallbackKind
    reason: str
    try_number: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class MissDeadline:
    """Record that a run has not ended in time, and queue that deadline's callback; dropped where it is recorded."""

    run: int
    number: int
    """Which of the DAG's deadlines."""
    clear_number: int
    name: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class PauseDag:
    dag_id: str
    is_paused: bool


Decision = (
    CreateRun
    | AdvanceSchedule
    | MoveRun
    | MoveTask
    | ResumeTask
    | ExpandTask
    | LaunchAttempt
    | StartAttempt
    | FinishAttempt
    | KillAttempt
    | AddCallback
    | MissDeadline
    | PauseDag
)
