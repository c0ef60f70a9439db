"""Between SQLite's rows and `records`: column lists, and one function per record. No SQL is run here."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import overload

from tui_flow.records import (
    Backfill,
    CallbackRow,
    Dag,
    DagFile,
    DagRun,
    Event,
    ImportErrorRow,
    Pool,
    TaskAttempt,
    TaskInstance,
    XCom,
)
from tui_flow.spec import Json
from tui_flow.state import AttemptState, CallbackKind, CallbackState, RunState, RunType, TaskState
from tui_flow.store.connect import Row

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TASK = {str(state): state for state in TaskState}
_ATTEMPT = {str(state): state for state in AttemptState}


@overload
def micros(at: datetime) -> int: ...
@overload
def micros(at: datetime | None) -> int | None: ...
def micros(at: datetime | None) -> int | None:
    """Exact microseconds since 1970, UTC."""
    return None if at is None else (at - EPOCH) // _MICROSECOND


@overload
def moment(value: int) -> datetime: ...
@overload
def moment(value: int | None) -> datetime | None: ...
def moment(value: int | None) -> datetime | None:
    return None if value is None else EPOCH + timedelta(microseconds=value)


def to_text(value: Json) -> str:
    return json.dumps(value, separators=(",", ":"))


DAG = (
    "dag.dag_id, dag.file, is_paused, is_missing, dag.spec_version, v.number, dag.source_version, next_run_after, "
    "last_interval_start, last_interval_end, tags, description, schedule, f.error, schedule_since"
)
"""From `DAG_TABLES`."""
DAG_TABLES = (
    "dag JOIN spec_version v ON v.dag_id = dag.dag_id AND v.version = dag.spec_version "
    "LEFT JOIN dag_file f ON f.path = dag.file"
)


def dag(row: Row) -> Dag:
    return Dag(
        dag_id=row[0],
        file=row[1],
        is_paused=bool(row[2]),
        is_missing=bool(row[3]),
        spec_version=row[4],
        version_number=row[5],
        source_version=row[6],
        next_run_after=moment(row[7]),
        last_interval_start=moment(row[8]),
        last_interval_end=moment(row[9]),
        tags=tuple(json.loads(row[10])),
        description=row[11],
        schedule=row[12],
        import_error=row[13],
        schedule_since=moment(row[14]),
    )


RUN = (
    "id, dag_id, run_id, run_type, state, logical_date, data_interval_start, data_interval_end, run_after, queued_at, "
    "started_at, ended_at, spec_version, source_version, conf, clear_number, backfill_id, reason, note, triggered_by"
)


def dag_run(row: Row) -> DagRun:
    return DagRun(
        row[0],
        row[1],
        row[2],
        RunType(row[3]),
        RunState(row[4]),
        moment(row[5]),
        moment(row[6]),
        moment(row[7]),
        moment(row[8]),
        moment(row[9]),
        moment(row[10]),
        moment(row[11]),
        row[12],
        row[13],
        json.loads(row[14]),
        *row[15:],
    )


TASK = (
    "run, task_id, map_index, state, try_number, max_tries, queued_at, started_at, ended_at, due_at, first_started_at, "
    "poke_count, skips, after_kill, reason, resume, note, map_length, rendered_map_index"
)


def task_instance(row: Row) -> TaskInstance:
    return TaskInstance(
        row[0],
        row[1],
        row[2],
        _TASK[row[3]],
        row[4],
        row[5],
        moment(row[6]),
        moment(row[7]),
        moment(row[8]),
        moment(row[9]),
        moment(row[10]),
        row[11],
        tuple(json.loads(row[12])) if row[12] else (),
        _TASK[row[13]] if row[13] else None,
        row[14],
        json.loads(row[15]) if row[15] else None,
        row[16],
        row[17],
        row[18],
    )


def task_values(ti: TaskInstance) -> Row:
    """In the order of `TASK`."""
    return (
        ti.run,
        ti.task_id,
        ti.map_index,
        ti.state,
        ti.try_number,
        ti.max_tries,
        micros(ti.queued_at),
        micros(ti.started_at),
        micros(ti.ended_at),
        micros(ti.due_at),
        micros(ti.first_started_at),
        ti.poke_count,
        to_text(ti.skips) if ti.skips else None,
        ti.after_kill,
        ti.reason,
        None if ti.resume is None else to_text(ti.resume),
        ti.note,
        ti.map_length,
        ti.rendered_map_index,
    )


ATTEMPT = (
    "id, run, task_id, map_index, try_number, state, launched_at, boot_id, started_at, ended_at, pid, exit_code, "
    "signal, reason, cpu_s, max_rss_bytes, read_bytes, write_bytes, source_version, kill_reason"
)


def task_attempt(row: Row) -> TaskAttempt:
    return TaskAttempt(
        row[0],
        row[1],
        row[2],
        row[3],
        row[4],
        _ATTEMPT[row[5]],
        moment(row[6]),
        row[7],
        moment(row[8]),
        moment(row[9]),
        *row[10:],
    )


def attempt_values(attempt: TaskAttempt) -> Row:
    """In the order of `ATTEMPT`, without the id."""
    return (
        attempt.run,
        attempt.task_id,
        attempt.map_index,
        attempt.try_number,
        attempt.state,
        micros(attempt.launched_at),
        attempt.boot_id,
        micros(attempt.started_at),
        micros(attempt.ended_at),
        attempt.pid,
        attempt.exit_code,
        attempt.signal,
        attempt.reason,
        attempt.cpu_s,
        attempt.max_rss_bytes,
        attempt.read_bytes,
        attempt.write_bytes,
        attempt.source_version,
        attempt.kill_reason,
    )


POOL = "name, slots, include_deferred, description"


def pool(row: Row) -> Pool:
    return Pool(row[0], row[1], bool(row[2]), row[3])


DAG_FILE = "path, parsed_at, duration_s, manifest, source_version, error, error_line, refused"


def dag_file(row: Row) -> DagFile:
    return DagFile(
        row[0], moment(row[1]), row[2], json.loads(row[3]), row[4], row[5], row[6], tuple(json.loads(row[7]))
    )


IMPORT_ERROR = "path, error, error_line, error_at"


def import_error(row: Row) -> ImportErrorRow:
    return ImportErrorRow(row[0], row[1], row[2], moment(row[3]))


XCOM = "run, task_id, map_index, key, value"


def xcom(row: Row) -> XCom:
    return XCom(*row)


BACKFILL = (
    "id, dag_id, from_date, to_date, reprocess, max_active_runs, run_backwards, is_paused, conf, created_at, "
    "completed_at, cancelled_at, total, cursor, "
    "(SELECT count(*) FROM backfill_date WHERE backfill_id = backfill.id)"
)


def backfill(row: Row) -> Backfill:
    return Backfill(
        id=row[0],
        dag_id=row[1],
        from_date=moment(row[2]),
        to_date=moment(row[3]),
        reprocess=row[4],
        max_active_runs=row[5],
        run_backwards=bool(row[6]),
        is_paused=bool(row[7]),
        conf=json.loads(row[8]),
        created_at=moment(row[9]),
        completed_at=moment(row[10]),
        cancelled_at=moment(row[11]),
        total=row[12],
        cursor=moment(row[13]),
        dates_left=row[14],
    )


CALLBACK = "id, run, task_id, map_index, kind, reason, try_number, error, state, created_at, starts"


def callback(row: Row) -> CallbackRow:
    return CallbackRow(
        id=row[0],
        run=row[1],
        task_id=row[2],
        map_index=row[3],
        kind=CallbackKind(row[4]),
        reason=row[5],
        try_number=row[6],
        error=row[7],
        state=CallbackState(row[8]),
        created_at=moment(row[9]),
        starts=row[10],
    )


EVENT = "id, at, who, verb, dag_id, run_id, task_id, request_id, before, after"


def event(row: Row) -> Event:
    before, after = (None if text is None else json.loads(text) for text in row[8:10])
    return Event(row[0], moment(row[1]), row[2], row[3], row[4], row[5], row[6], row[7], before, after)
