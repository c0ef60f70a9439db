"""A database with a DAG and runs in it, and attempts that end as a test says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tui_flow.messages import Report
from tui_flow.planner.decisions import CreateRun, FinishAttempt, LaunchAttempt, MoveRun, MoveTask, StartAttempt
from tui_flow.records import DagRun, TaskInstance, TaskInstanceKey
from tui_flow.spec import DagSpec
from tui_flow.state import AttemptState, RunState, RunType, TaskState
from tui_flow.store.write_dags import Placement, Stored
from tui_flow.store.writer import Writer

T = TaskState
NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def store(writer: Writer, *specs: DagSpec, file: str = "d.py", source: str = "s1", now: datetime = NOW) -> Stored:
    placement = Placement(next_run_after=None, schedule="never", is_paused=False)
    return writer.store_parsed(file, specs, source, {file: source}, now, lambda _spec, _dag: placement)


def run_of(writer: Writer, spec: DagSpec, run_id: str = "r", date: datetime | None = NOW, **more: Any) -> int:
    """A running run of a stored DAG; its number."""
    decision = CreateRun(spec.dag_id, run_id, RunType.MANUAL, date, date, date, date or NOW, spec.version, "s1", **more)
    ((_, run),) = writer.apply([decision], NOW).created
    assert writer.apply([MoveRun(run, RunState.QUEUED, RunState.RUNNING)], NOW).is_complete
    return run


def key(run: int, task_id: str = "a") -> TaskInstanceKey:
    return TaskInstanceKey(run, task_id)


def launched(writer: Writer, run: int, task_id: str = "a", tried: int = 0, *, try_number: int | None = None) -> int:
    """The attempt of a task instance that is scheduled and launched now."""
    ti = ti_of(writer, run, task_id)
    moves = [] if ti.state is T.SCHEDULED else [MoveTask(ti.key, ti.state, T.SCHEDULED, tried)]
    launch = LaunchAttempt(ti.key, tried, tried + 1 if try_number is None else try_number, "s1")
    applied = writer.apply([*moves, launch], NOW)
    assert applied.is_complete
    return applied.launched[0][1]


def started(writer: Writer, run: int, task_id: str = "a", tried: int = 0) -> int:
    attempt_id = launched(writer, run, task_id, tried)
    assert writer.apply([StartAttempt(attempt_id, key(run, task_id), NOW, 77)], NOW).is_complete
    return attempt_id


def ending(
    attempt_id: int,
    run: int,
    new: TaskState = T.SUCCESS,
    *,
    task_id: str = "a",
    ended: AttemptState = AttemptState.SUCCESS,
    old: TaskState = T.RUNNING,
    try_number: int = 1,
    effects: Sequence[dict[str, Any]] = (),
    due_at: datetime | None = None,
    max_tries: int | None = None,
    **report: Any,
) -> FinishAttempt:
    told = Report(attempt_id, ended, (NOW + HOUR).isoformat(), effects=tuple(effects), **report)
    return FinishAttempt(attempt_id, key(run, task_id), try_number, ended, old, new, told, due_at, max_tries)


def ti_of(writer: Writer, run: int, task_id: str = "a") -> TaskInstance:
    ti = writer.reads.task_instance(key(run, task_id))
    assert ti is not None
    return ti


def state_of(writer: Writer, run: int, task_id: str = "a") -> TaskState:
    return ti_of(writer, run, task_id).state


def the_run(writer: Writer, run: int) -> DagRun:
    found = writer.reads.run_by_id(run)
    assert found is not None
    return found


def database(home: Path) -> Path:
    return home / "home" / "tuiflow.db"
