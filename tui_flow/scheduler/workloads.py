"""From an applied launch, or a queued callback, to the Workload that an executor runs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Protocol

from tui_flow.logs import log_path
from tui_flow.mapping import Lengths, related_indexes
from tui_flow.messages import RunFacts, Workload
from tui_flow.planner.decisions import LaunchAttempt
from tui_flow.records import CallbackRow, DagRun, TaskInstance, TaskInstanceKey, XCom
from tui_flow.settings import Home
from tui_flow.spec import DagSpec, Json, TaskSpec

MAX_XCOM_BYTES = 256 * 1024
"""XComs above this in all stay behind and are asked for over the channel."""
NOT_MAPPED: Lengths = MappingProxyType({})


class RunReads(Protocol):
    """What is read of the database here."""

    def task_instance(self, key: TaskInstanceKey) -> TaskInstance | None: ...

    def xcoms(self, run: int, task_ids: Iterable[str] | None = None, map_index: int | None = None) -> list[XCom]: ...


def workload_of(
    launch: LaunchAttempt,
    attempt_id: int,
    max_tries: int,
    run: DagRun,
    spec: DagSpec,
    reads: RunReads,
    home: Home,
    lengths: Lengths = NOT_MAPPED,
) -> Workload:
    """`lengths`: of what is mapped in the run."""
    goes_on = launch.try_number == launch.old_try_number
    ti = reads.task_instance(launch.key) if goes_on else None
    task = spec.by_id[launch.key.task_id]
    xcoms, xcoms_of = _xcoms(task, launch.key, spec, lengths, reads)
    return Workload(
        attempt_id=attempt_id,
        dag_id=run.dag_id,
        task_id=task.task_id,
        map_index=launch.key.map_index,
        try_number=launch.try_number,
        max_tries=max_tries,
        run=facts_of(run),
        file=spec.file,
        source_version=launch.source_version,
        journal=str(home.journal / str(attempt_id)),
        log=str(log_path(home.logs, run.dag_id, run.run_id, task.task_id, launch.key.map_index, launch.try_number)),
        xcoms=xcoms,
        xcoms_of=xcoms_of,
        poke_count=ti.poke_count if ti else 0,
        first_started_at=_iso(ti.first_started_at) if ti and (ti.poke_count or ti.resume) else None,
        resume=ti.resume if ti else None,
        timeout_s=task.execution_timeout_s if ti is None or ti.resume is None else _time_left(task, ti),
        is_shell=task.is_shell,
        map_lengths=_lengths_near(task, spec, lengths),
    )


def _time_left(task: TaskSpec, ti: TaskInstance) -> float | None:
    """Of a resumed try: its execution_timeout counts from its first start, the wait included. Who only has to hear
    that the wait came to nothing gets the time for it."""
    if task.execution_timeout_s is None or "value" not in ti.resume.get("over", {}):
        return None
    assert ti.queued_at is not None and ti.first_started_at is not None, "it was started, and is launched again"
    return max(task.execution_timeout_s - (ti.queued_at - ti.first_started_at).total_seconds(), 0.001)


def callback_workload(
    row: CallbackRow,
    run: DagRun,
    spec: DagSpec,
    ti: TaskInstance | None,
    home: Home,
    timeout_s: float,
    lengths: Lengths = NOT_MAPPED,
) -> Workload:
    """A callback is supervised like an attempt; its id is the negative of the callback's. `ti`: which it tells of."""
    of_task = -1 if row.map_index is None else row.map_index
    path = log_path(home.logs, run.dag_id, run.run_id, row.task_id or "dag", of_task, row.try_number)
    return Workload(
        attempt_id=-row.id,
        dag_id=run.dag_id,
        task_id=row.task_id or (ti.task_id if ti else ""),
        map_index=of_task if ti is None else ti.map_index,
        try_number=row.try_number if ti is None or row.task_id else ti.try_number,
        max_tries=ti.max_tries if ti else 0,
        run=facts_of(run),
        file=spec.file,
        source_version=run.source_version,
        journal=str(home.journal / str(-row.id)),
        log=str(path.with_name(f"{path.stem}.{row.kind}.log")),
        timeout_s=timeout_s,
        map_lengths=_lengths_near(spec.by_id[ti.task_id], spec, lengths) if ti and ti.task_id in spec.by_id else {},
        callback={"kind": str(row.kind), "reason": row.reason, "error": row.error, "ti": _end_of(ti)},
    )


def _end_of(ti: TaskInstance | None) -> Json:
    if ti is None:
        return None
    return {"state": ti.state, "started_at": _iso(ti.started_at), "ended_at": _iso(ti.ended_at)}


def facts_of(run: DagRun) -> RunFacts:
    return RunFacts(
        run_id=run.run_id,
        run_type=run.run_type,
        logical_date=_iso(run.logical_date),
        data_interval_start=_iso(run.data_interval_start),
        data_interval_end=_iso(run.data_interval_end),
        run_after=_iso(run.run_after) or "",
        queued_at=_iso(run.queued_at),
        started_at=_iso(run.started_at),
        conf=run.conf,
        clear_number=run.clear_number,
        triggered_by=run.triggered_by,
        state=run.state,
        ended_at=_iso(run.ended_at),
        note=run.note,
    )


def _lengths_near(task: TaskSpec, spec: DagSpec, lengths: Lengths) -> Lengths:
    """Of what expands the task and those that it reads from."""
    if not lengths:
        return {}
    near = {level for task_id in (task.task_id, *task.upstream) for level in spec.levels.get(task_id, ())}
    return {level: lengths[level] for level in near if level in lengths}


def _xcoms(
    task: TaskSpec, key: TaskInstanceKey, spec: DagSpec, lengths: Lengths, reads: RunReads
) -> tuple[tuple[tuple[str, int, str, str], ...], tuple[str, ...]]:
    """What the task instance is known to read, and of which tasks that is all there is.

    Of a mapped task only the one value that belongs to it: others are fetched in pages by who looks at them.
    """
    named = tuple(dict.fromkeys((*task.upstream, *task.xcom_from)))
    wanted = tuple(task_id for task_id in named if task_id not in spec.levels)
    rows = reads.xcoms(key.run, wanted) if wanted else []
    for task_id in named:
        if (index := _one_index(task.task_id, key.map_index, task_id, spec, lengths)) is not None:
            rows += reads.xcoms(key.run, (task_id,), index)
            wanted += (f"{task_id}[{index}]",)
    if sum(len(row.value) for row in rows) > MAX_XCOM_BYTES:
        return (), ()
    return tuple((row.task_id, row.map_index, row.key, row.value) for row in rows), wanted


def _one_index(task_id: str, map_index: int, source_id: str, spec: DagSpec, lengths: Lengths) -> int | None:
    """The one task instance of a mapped source that belongs to this one."""
    mine, theirs = spec.levels.get(task_id, ()), spec.levels.get(source_id)
    if not theirs or mine[: len(theirs)] != theirs:
        return None
    part = related_indexes(map_index, mine, theirs, lengths)
    return part.start if part is not None else None


def _iso(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None
