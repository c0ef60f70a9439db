"""Rows as frozen data: what happened. `store.reader` makes them, `planner` decides with them, front ends show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Self

from tui_flow.spec import Json
from tui_flow.state import AttemptState, CallbackKind, CallbackState, RunState, RunType, TaskState


class TaskInstanceKey(NamedTuple):
    """Names a task instance inside the home."""

    run: int
    """`DagRun.id`, the database's number of the run."""
    task_id: str
    map_index: int = -1
    """-1 for a task that is not mapped."""


@dataclass(frozen=True, slots=True)
class Dag:
    """A DAG as the home knows it; `spec` is kept apart because it is large."""

    dag_id: str
    file: str
    is_paused: bool
    is_missing: bool
    """The file, or the DAG in it, is gone; history stays."""
    spec_version: str
    version_number: int
    """1, 2, ... per DAG, for people."""
    source_version: str
    next_run_after: datetime | None
    """When the next scheduled run falls due; None: never, or not scheduled."""
    last_interval_start: datetime | None
    last_interval_end: datetime | None
    """Data interval of the latest scheduled run: what the timetable continues from."""
    tags: tuple[str, ...] = ()
    description: str | None = None
    schedule: str = ""
    """`Timetable.summary`."""
    import_error: str | None = None
    """Set while the last good version stays scheduled although the file is broken."""
    schedule_since: datetime | None = None
    """Since when this schedule is in force (edited last, or first seen): slots from before that were never owed.
    None: start_date and catchup alone decide."""


class PlannedRun(NamedTuple):
    """A scheduled run that is to come, as the timetable in the DAG's file said."""

    run_after: datetime
    data_interval_start: datetime
    data_interval_end: datetime

    def to_list(self) -> list[str]:
        """ISO 8601."""
        return [at.isoformat() for at in self]

    @classmethod
    def from_list(cls, moments: Iterable[str]) -> Self:
        """The inverse of `to_list`. Raises ValueError or TypeError for what is none."""
        return cls(*map(datetime.fromisoformat, moments))


@dataclass(frozen=True, slots=True)
class DagRun:
    id: int
    dag_id: str
    run_id: str
    run_type: RunType
    state: RunState
    logical_date: datetime | None
    data_interval_start: datetime | None
    data_interval_end: datetime | None
    run_after: datetime
    queued_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    spec_version: str
    source_version: str
    conf: Mapping[str, Json] = field(default_factory=dict)
    clear_number: int = 0
    backfill_id: int | None = None
    reason: str | None = None
    """Why it ended as it did: success, task_failure, all_tasks_deadlocked (with the tasks), timed_out, marked; of a run
    that goes on, how it will end once its teardowns have finished."""
    note: str | None = None
    triggered_by: str = ""


@dataclass(frozen=True, slots=True)
class TaskInstance:
    run: int
    task_id: str
    map_index: int
    state: TaskState
    try_number: int
    """0 = never started; raised when a new try is queued."""
    max_tries: int
    """Retries allowed in all: a try that fails with `try_number <= max_tries` is retried."""
    queued_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    due_at: datetime | None = None
    """When a waiting state ends: next retry, next poke, trigger time-out."""
    first_started_at: datetime | None = None
    """When the present try first ran: a rescheduled sensor's time-out counts from here."""
    poke_count: int = 0
    """How often the present try was rescheduled."""
    skips: tuple[str, ...] = ()
    """Task ids that this branch or short circuit told to skip."""
    after_kill: TaskState | None = None
    """Where the task instance goes once its live attempt is dead (a clear or mark of a running task)."""
    reason: str | None = None
    resume: Json = None
    """What a deferred task continues with."""
    note: str | None = None
    map_length: int | None = None
    """How many elements its result has, where a task is mapped over it; of a mapped task's instance: 1."""
    rendered_map_index: str | None = None
    """What its `map_index_template` gave: a name for people beside the map index."""

    @property
    def key(self) -> TaskInstanceKey:
        return TaskInstanceKey(self.run, self.task_id, self.map_index)


@dataclass(frozen=True, slots=True)
class TaskAttempt:
    """One process that was asked for; a try has several when a sensor is rescheduled or a launch was void."""

    id: int
    run: int
    task_id: str
    map_index: int
    try_number: int
    state: AttemptState
    launched_at: datetime
    boot_id: str
    started_at: datetime | None = None
    ended_at: datetime | None = None
    pid: int | None = None
    exit_code: int | None = None
    signal: int | None = None
    reason: str | None = None
    cpu_s: float | None = None
    max_rss_bytes: int | None = None
    read_bytes: int | None = None
    write_bytes: int | None = None
    source_version: str = ""
    kill_reason: str | None = None
    """Set while somebody wants it dead."""

    @property
    def key(self) -> TaskInstanceKey:
        return TaskInstanceKey(self.run, self.task_id, self.map_index)


@dataclass(frozen=True, slots=True)
class FailedAttempt:
    """One that did not end well, with what says where it was and whether another follows."""

    run: DagRun
    attempt: TaskAttempt
    max_tries: int
    """Of its task instance, as there."""


@dataclass(frozen=True, slots=True)
class Pool:
    name: str
    slots: int
    """-1 = unlimited."""
    include_deferred: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True)
class ImportErrorRow:
    file: str
    message: str
    """Traceback's end with file and line, or the rule that was broken."""
    line: int | None
    at: datetime
    """Since when the file is broken."""


@dataclass(frozen=True, slots=True)
class Backfill:
    id: int
    dag_id: str
    from_date: datetime
    to_date: datetime
    reprocess: str
    """none, failed or completed."""
    max_active_runs: int
    run_backwards: bool
    is_paused: bool
    conf: Mapping[str, Json]
    created_at: datetime
    completed_at: datetime | None
    cancelled_at: datetime | None
    total: int
    """Runs that it covers in all."""
    cursor: datetime | None = None
    """Logical date of the last run that was made."""
    dates_left: int = 0
    """Of a DAG whose timetable only its file knows: the dates that it told and that are not dealt with."""


@dataclass(frozen=True, slots=True)
class XCom:
    run: int
    task_id: str
    map_index: int
    key: str
    value: str
    """The typed JSON text of `sdk.xcom`."""


@dataclass(frozen=True, slots=True)
class DagFile:
    """A DAG file at its latest parse."""

    path: str
    """Relative to the DAGs folder."""
    parsed_at: datetime
    duration_s: float
    manifest: Mapping[str, str]
    """Everything below the DAGs folder that it loaded: path -> content hash."""
    source_version: str | None
    """Of its last good parse."""
    error: str | None = None
    error_line: int | None = None
    refused: tuple[str, ...] = ()
    """DAG ids in it that another file owns."""


@dataclass(frozen=True, slots=True)
class PoolUse:
    """A pool and how its slots are taken."""

    pool: Pool
    running: int = 0
    queued: int = 0
    deferred: int = 0

    @property
    def open_slots(self) -> int | None:
        """None: unlimited."""
        taken = self.running + self.queued + (self.deferred if self.pool.include_deferred else 0)
        return None if self.pool.slots < 0 else max(0, self.pool.slots - taken)


@dataclass(frozen=True, slots=True)
class VariableRow:
    key: str
    value: str
    """As it was set: text, or JSON text; decrypted."""
    description: str = ""


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    conn_id: str
    conn_type: str
    host: str | None = None
    login: str | None = None
    password: str | None = None
    schema: str | None = None
    port: int | None = None
    extra: str | None = None
    """JSON text."""
    description: str = ""


@dataclass(frozen=True, slots=True)
class InputRequest:
    """What a task asks of a person, with the answer once there is one."""

    id: int
    """The attempt that asked."""
    key: TaskInstanceKey
    dag_id: str
    run_id: str
    subject: str
    body: str | None
    options: tuple[str, ...]
    defaults: tuple[str, ...] | None
    """What holds when the time is up; None: then the task fails."""
    multiple: bool
    params: Mapping[str, Json]
    """JSON schemas by name, each with its `default` where it has one."""
    assigned_users: tuple[str, ...]
    created_at: datetime
    due_at: datetime | None
    responded_at: datetime | None = None
    responded_by: str | None = None
    chosen_options: tuple[str, ...] | None = None
    params_input: Mapping[str, Json] | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class CallbackRow:
    """A queued user callback of a run, or of a task instance of it."""

    id: int
    run: int
    task_id: str | None
    map_index: int | None
    kind: CallbackKind
    reason: str
    try_number: int
    error: str | None
    state: CallbackState
    created_at: datetime
    starts: int = 0
    """How often it was started."""


@dataclass(frozen=True, slots=True)
class RunsBeside:
    """How many other runs a DAG has before and after some of its runs, by logical date."""

    earlier: int = 0
    later: int = 0
    others: int = 0
    """Those that are either: beside several runs some are both."""


@dataclass(frozen=True, slots=True)
class MissedDeadline:
    """That a run had not ended in time."""

    run: int
    number: int
    """Which of the DAG's deadlines."""
    clear_number: int
    name: str
    due_at: datetime
    missed_at: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the audit trail: who changed what."""

    id: int
    at: datetime
    who: str
    verb: str
    dag_id: str | None
    run_id: str | None
    task_id: str | None
    request_id: str | None
    before: Json
    after: Json
