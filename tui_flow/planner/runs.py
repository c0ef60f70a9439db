"""How runs come about and start: due slots, a user's trigger, max_active_runs, run ids."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from tui_flow.errors import BadInput
from tui_flow.planner.decisions import AdvanceSchedule, CreateRun, Decision, MoveRun, PauseDag
from tui_flow.records import Backfill, Dag, DagRun, PlannedRun
from tui_flow.spec import DagSpec, Json
from tui_flow.state import RunState, RunType
from tui_flow.timetables import (
    DagRunInfo,
    DataInterval,
    InvalidSchedule,
    NullTimetable,
    TimeRestriction,
    Timetable,
    due_runs,
    timetable_from_dict,
    upcoming,
)

_RUN_ID = re.compile(r"[A-Za-z0-9_.~:+-]+")
_LONGEST_RUN_ID = 200
_INSTANT = timedelta(microseconds=1)
MISFIRE_GRACE = timedelta(minutes=5)
"""A slot that is run later than this is late: misfire="skip" drops it."""


def plan_due_runs(
    dag: Dag, spec: DagSpec, active_runs: int, now: datetime, limit: int, planned: Sequence[PlannedRun] = ()
) -> list[Decision]:
    """Runs for the slots that have passed, oldest first, and the DAG's next slot.

    `active_runs` are the queued and running ones, backfills apart; at max_active_runs nothing is created and the slot
    stays due: look again when a run has ended. `limit`: how many to create at most. `planned`: the next runs of a
    timetable that only the DAG's file knows, as it told them.
    """
    room = spec.max_active_runs - active_runs
    drops = room <= 0 and spec.overlap == "skip"
    if dag.is_paused or dag.is_missing or (room <= 0 and not drops):
        return []
    limit = limit if drops else min(limit, room)
    timetable, last, bounds, since = _timetable(spec), _last_interval(dag), _bounds(spec), _owed_from(dag, spec, now)
    if timetable.is_told:
        return _plan_planned_runs(dag, spec, planned, now, limit, drops=drops)
    infos: Sequence[DagRunInfo] = ()
    if timetable.can_be_scheduled:
        infos = due_runs(timetable, last=last, restriction=bounds, now=now, limit=limit, since=since)
    made = infos[-1].data_interval if infos else None
    after = max(now, made.end + _INSTANT) if made else now  # a continuous run ends now: the next one comes after it
    following = _next_slot(timetable, made or last, bounds, after, since)
    decisions: list[Decision] = [] if drops else [_scheduled_run(dag, spec, info) for info in infos]
    if infos or following != dag.next_run_after:
        interval = (made.start, made.end) if made else None
        decisions.append(AdvanceSchedule(dag.dag_id, dag.next_run_after, following, interval))
    return decisions


def _plan_planned_runs(
    dag: Dag, spec: DagSpec, planned: Sequence[PlannedRun], now: datetime, limit: int, *, drops: bool
) -> list[Decision]:
    owed, coming = _owed_and_coming(dag, spec, planned, now)
    made, rest = owed[:limit], [*owed[limit:], *coming]
    following = rest[0].run_after if rest else None
    interval = DataInterval(made[-1].data_interval_start, made[-1].data_interval_end) if made else None
    infos = [] if drops else [DagRunInfo(run[1], DataInterval(run[1], run[2]), run.run_after) for run in made]
    decisions: list[Decision] = [_scheduled_run(dag, spec, info) for info in infos]
    if made or following != dag.next_run_after:
        last = (interval.start, interval.end) if interval else None
        decisions.append(AdvanceSchedule(dag.dag_id, dag.next_run_after, following, last))
    return decisions


def _owed_and_coming(
    dag: Dag, spec: DagSpec, planned: Sequence[PlannedRun], now: datetime
) -> tuple[list[PlannedRun], list[PlannedRun]]:
    """Of planned runs those that have fallen due (without catchup the latest alone), and those that will."""
    last, since = (dag.last_interval_start, dag.last_interval_end), _owed_from(dag, spec, now)
    left = [run for run in planned if None in last or run[1:] > last]
    owed = [run for run in left if run.run_after <= now and (since is None or run.run_after >= since)]
    return owed if spec.catchup else owed[-1:], [run for run in left if run.run_after > now]


def next_run_after(dag: Dag, spec: DagSpec, now: datetime, planned: Sequence[PlannedRun] = ()) -> datetime | None:
    """When the next scheduled run falls due, in the past where one is due already; None: never."""
    if _timetable(spec).is_told:
        owed, coming = _owed_and_coming(dag, spec, planned, now)
        return next((run.run_after for run in [*owed, *coming]), None)
    since = _owed_from(dag, spec, now)
    return _next_slot(_timetable(spec), _last_interval(dag), _bounds(spec), now, since)


def owed_runs(dag: Dag, spec: DagSpec, now: datetime, limit: int, planned: Sequence[PlannedRun] = ()) -> int:
    """How many slots have passed that an active DAG makes runs of, `limit` at most."""
    timetable = _timetable(spec)
    if timetable.is_told:
        return len(_owed_and_coming(dag, spec, planned, now)[0][:limit])
    if not timetable.can_be_scheduled:
        return 0
    since = _owed_from(dag, spec, now)
    return len(
        due_runs(timetable, last=_last_interval(dag), restriction=_bounds(spec), now=now, limit=limit, since=since)
    )


def runs_in_the_way(spec: DagSpec, active: Sequence[DagRun]) -> list[DagRun]:
    """Which of the DAG's active runs the next slot ends before it becomes a run itself: with overlap="cancel_old" the
    oldest, as many as are too many."""
    too_many = len(active) + 1 - spec.max_active_runs
    if spec.overlap != "cancel_old" or too_many <= 0:
        return []
    return sorted(active, key=lambda run: (run.run_after, run.id))[:too_many]


def _owed_from(dag: Dag, spec: DagSpec, now: datetime) -> datetime | None:
    """From when on slots that have passed are owed; with misfire="skip" only those that are hardly late."""
    if spec.misfire != "skip":
        return dag.schedule_since
    return max(now - MISFIRE_GRACE, dag.schedule_since or now - MISFIRE_GRACE)


def _timetable(spec: DagSpec) -> Timetable:
    """What makes scheduled runs; nothing does where the DAG may have none."""
    return timetable_from_dict(spec.timetable) if spec.may_have(RunType.SCHEDULED) else NullTimetable()


def owed_since(spec: DagSpec, first_seen: datetime) -> datetime | None:
    """From when on a new DAG owes its slots. Without catchup from now on: nobody wants a run for having copied a file.
    Airflow's files keep Airflow's rules, under which the latest slot since the start_date is owed."""
    is_ours = spec.dialect == "tui_flow" and not spec.catchup
    return first_seen if is_ours and timetable_from_dict(spec.timetable).periodic else None


def manual_run(
    dag: Dag,
    spec: DagSpec,
    now: datetime,
    *,
    run_type: RunType = RunType.MANUAL,
    run_id: str | None = None,
    logical_date: datetime | None = None,
    conf: Mapping[str, Json] | None = None,
    triggered_by: str = "",
    note: str | None = None,
) -> CreateRun:
    """The run that somebody asks for, by hand or from a task; its logical date is now unless one is given.

    Raises BadInput for a run id that may not be.
    """
    logical_date = logical_date or now
    if run_id is not None:
        check_run_id(run_id, run_type)
    interval = _manual_interval(spec, logical_date)
    return CreateRun(
        dag.dag_id,
        run_id or make_run_id(run_type, now),
        run_type,
        logical_date,
        interval.start,
        interval.end,
        now,
        dag.spec_version,
        dag.source_version,
        conf or {},
        triggered_by,
        note,
    )


def plan_run_starts(
    spec: DagSpec,
    queued: Iterable[DagRun],
    running: Iterable[DagRun],
    *,
    is_paused: bool,
    backfills: Mapping[int, Backfill] | None = None,
) -> list[Decision]:
    """Which of a DAG's queued runs start: oldest first, up to max_active_runs; each backfill has a limit of its own.

    `running` are the DAG's runs that are running; `backfills`, by id, those that the queued runs belong to.
    """
    active = Counter(run.backfill_id for run in running)
    decisions: list[Decision] = []
    for run in sorted(queued, key=_start_order):
        limit = runs_allowed(spec, run, is_paused, (backfills or {}).get(run.backfill_id or 0))
        if active[run.backfill_id] < limit:
            active[run.backfill_id] += 1
            decisions.append(MoveRun(run.id, RunState.QUEUED, RunState.RUNNING))
    return decisions


def plan_failure_pause(spec: DagSpec, latest: Sequence[RunState]) -> list[Decision]:
    """Pauses a DAG whose latest runs all failed; `latest` are states of finished runs, newest first."""
    limit = spec.max_consecutive_failed_dag_runs
    if 0 < limit <= len(latest) and all(state is RunState.FAILED for state in latest[:limit]):
        return [PauseDag(spec.dag_id, True)]
    return []


def make_run_id(run_type: str, date: datetime) -> str:
    return f"{run_type}__{date.isoformat()}"


def check_run_id(run_id: str, run_type: RunType) -> None:
    """Raises BadInput for an id that cannot be a path, or that looks like another type's."""
    if len(run_id) > _LONGEST_RUN_ID:
        raise BadInput(f"run id {run_id[:40]!r}... has {len(run_id)} characters; at most {_LONGEST_RUN_ID} are allowed")
    if not _RUN_ID.fullmatch(run_id) or ".." in run_id or run_id == ".":
        raise BadInput(f"run id {run_id!r} may hold only letters, digits and _ . ~ : + -, and no '..'")
    for other in (*RunType, "dataset_triggered"):
        if other != run_type and run_id.startswith(f"{other}__"):
            raise BadInput(f"run id {run_id!r} starts like a run of type {other}; choose another one")


def _scheduled_run(dag: Dag, spec: DagSpec, info: DagRunInfo) -> CreateRun:
    date = info.logical_date if spec.dialect == "airflow2" else info.run_after
    return CreateRun(
        dag.dag_id,
        make_run_id(RunType.SCHEDULED, date),
        RunType.SCHEDULED,
        info.logical_date,
        info.data_interval.start,
        info.data_interval.end,
        info.run_after,
        dag.spec_version,
        dag.source_version,
    )


def _next_slot(
    timetable: Timetable,
    last: DataInterval | None,
    bounds: TimeRestriction,
    now: datetime,
    since: datetime | None,
) -> datetime | None:
    if not timetable.can_be_scheduled:
        return None
    owed = due_runs(timetable, last=last, restriction=bounds, now=now, limit=1, since=since)
    coming = owed or upcoming(timetable, last=last, restriction=bounds, now=now, count=1)
    return coming[0].run_after if coming else None


def _manual_interval(spec: DagSpec, logical_date: datetime) -> DataInterval:
    try:
        timetable = timetable_from_dict(spec.timetable)
    except InvalidSchedule:
        return DataInterval.exact(logical_date)
    return timetable.infer_manual_data_interval(run_after=logical_date)


def _last_interval(dag: Dag) -> DataInterval | None:
    if dag.last_interval_start is None or dag.last_interval_end is None:
        return None
    return DataInterval(dag.last_interval_start, dag.last_interval_end)


def _bounds(spec: DagSpec) -> TimeRestriction:
    return TimeRestriction(spec.start_date, spec.end_date, spec.catchup)


def _start_order(run: DagRun) -> tuple[bool, datetime, int]:
    """Backfill runs start in the order in which they were made, which may be backwards."""
    is_backfill = run.backfill_id is not None
    return is_backfill, run.queued_at if is_backfill else run.run_after, run.id


def runs_allowed(spec: DagSpec, run: DagRun, is_paused: bool, backfill: Backfill | None) -> int:
    """How many runs may be active beside this one for it to start; a manual run starts although its DAG is paused."""
    if is_paused and run.run_type is not RunType.MANUAL:
        return 0
    if backfill is None:
        return spec.max_active_runs
    return 0 if backfill.is_paused or backfill.cancelled_at else backfill.max_active_runs
