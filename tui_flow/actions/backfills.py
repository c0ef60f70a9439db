"""Backfills: created as a row with a cursor; their runs are made a few at a time, by `step_backfill`, as others end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from tui_flow.actions.conf import check_conf
from tui_flow.actions.plan import Plan, changes_of, check_run_type, find_dag, read_date, view_of
from tui_flow.errors import BadInput, NotFound, NotPossible
from tui_flow.planner.backfill import MANY_SLOTS, BackfillSlot, Reprocess, check_backfill, plan_backfill
from tui_flow.planner.backfill_slots import backfill_slots
from tui_flow.planner.decisions import Decision, MoveRun
from tui_flow.planner.mark import plan_mark_run
from tui_flow.records import Backfill, Dag, DagRun, PlannedRun
from tui_flow.spec import DagSpec, Json
from tui_flow.state import RunState, RunType
from tui_flow.store.reader import Reads
from tui_flow.store.writer import Writer
from tui_flow.timetables import timetable_from_dict

RUNS_AHEAD = 100
"""How many unfinished runs a backfill has at most."""
SLOTS_SHOWN = 1000


def create_backfill(
    reads: Reads,
    now: datetime,
    *,
    dag_id: str,
    from_date: str,
    to_date: str,
    reprocess: str = "none",
    max_active_runs: int = 10,
    run_backwards: bool = False,
    conf: Mapping[str, Json] | None = None,
    told: list[list[str]] | None = None,
) -> Plan:
    """Runs for the slots with a logical date in [from_date, to_date] whose interval has ended.

    `told`: of a DAG whose timetable only its file knows, what that tells of the span, as `PlannedRun.to_list`.

    Answer: whether the DAG is paused, total, is_estimate, for the first slots their logical_date and outcome; once
    done, backfill_id.
    """
    dag = find_dag(reads, dag_id)
    if dag.is_missing:
        raise NotPossible(f"DAG {dag_id!r} is gone from {dag.file}; put the file back to backfill it")
    spec = reads.spec(dag_id, dag.spec_version)
    check_run_type(spec, RunType.BACKFILL)
    start, end = read_date(from_date, "start"), read_date(to_date, "end")
    assert start is not None and end is not None
    if reprocess not in set(Reprocess):
        raise BadInput(f"existing runs can be reprocessed {', '.join(Reprocess)}, not {reprocess!r}")
    if max_active_runs < 1:
        raise BadInput(f"a backfill needs at least 1 active run, not {max_active_runs}")
    check_conf(spec, conf or {})
    dates = [run for run in _told_runs(spec, told) if start <= run.data_interval_start <= end and run.run_after <= now]
    check_backfill(spec, start, end, now, reprocess=Reprocess(reprocess), run_backwards=run_backwards, told=dates)
    _refuse_a_second(reads, dag_id)
    total, is_estimate = _count(spec, start, end, now, dates)
    backfill = Backfill(
        0, dag_id, start, end, reprocess, max_active_runs, run_backwards, False, conf or {}, now, None, None, total
    )
    slots = _next_slots(reads, dag, spec, backfill, now, SLOTS_SHOWN, dates)
    shown = [{"logical_date": slot.info.logical_date.isoformat(), "outcome": slot.outcome} for slot in slots]
    answer = {"dag_id": dag_id, "is_paused": dag.is_paused, "total": total, "is_estimate": is_estimate, "slots": shown}
    return Plan(answer, write=lambda writer: _create(writer, backfill, now, dates), subject={"dag_id": dag_id})


def pause_backfill(reads: Reads, now: datetime, *, backfill_id: int, is_paused: bool) -> Plan:
    """A paused backfill starts no further runs."""
    backfill = _find_open(reads, backfill_id)
    changed = replace(backfill, is_paused=is_paused)
    answer = {"backfill_id": backfill_id, "dag_id": backfill.dag_id, "is_paused": is_paused}
    return Plan(answer, write=lambda writer: writer.update_backfill(changed), subject={"dag_id": backfill.dag_id})


def _refuse_a_second(reads: Reads, dag_id: str) -> None:
    for other in reads.backfills(dag_id, only_open=True):
        raise NotPossible(
            f"DAG {dag_id!r} has backfill {other.id} going on; wait for its end or "
            f"`tuiflow backfills cancel {other.id}`"
        )


def cancel_backfill(reads: Reads, now: datetime, *, backfill_id: int) -> Plan:
    """No further runs are made; queued ones fail, running ones go on. Answer: the changed tasks and runs."""
    backfill = _find_open(reads, backfill_id)
    queued = [run for run in _unfinished(reads, backfill) if run.state is RunState.QUEUED]
    views = [view_of(reads, run) for run in queued]
    decisions: list[Decision] = []
    for view in views:
        spec = reads.spec(view.run.dag_id, view.run.spec_version)
        decisions += plan_mark_run(spec, view, RunState.FAILED, "its backfill was cancelled")
    cancelled = replace(backfill, cancelled_at=now)
    return Plan(
        {"backfill_id": backfill_id, "dag_id": backfill.dag_id} | changes_of(decisions, views),
        decisions,
        write=lambda writer: writer.update_backfill(cancelled),
        subject={"dag_id": backfill.dag_id},
    )


def step_backfill(writer: Writer, backfill_id: int, now: datetime) -> bool:
    """Make the next runs of a backfill, up to `RUNS_AHEAD` unfinished ones, or complete it. Whether anything changed.

    To be called when it was created or unpaused and when a run of it has ended.
    """
    with writer.transaction():
        reads = writer.reads
        backfill = reads.backfill(backfill_id)
        if backfill is None or backfill.is_paused or backfill.completed_at or backfill.cancelled_at:
            return False
        dag = reads.dag(backfill.dag_id)
        if dag is None or dag.is_missing:
            return False
        unfinished = _unfinished(reads, backfill)
        spec = reads.spec(dag.dag_id, dag.spec_version)
        room = max(0, RUNS_AHEAD - len(unfinished))
        told = reads.backfill_dates(backfill_id, backfill.run_backwards, room) if backfill.dates_left else []
        slots = _next_slots(reads, dag, spec, backfill, now, room, told)
        for slot in slots:
            writer.apply(slot.decisions, now)
            for decision in slot.decisions:
                if isinstance(decision, MoveRun):
                    writer.adopt_run(decision.run, backfill_id, backfill.conf or None)
        if slots:
            if told:
                writer.drop_backfill_dates(backfill_id, (slot.info.logical_date for slot in slots))
            writer.update_backfill(replace(backfill, cursor=slots[-1].info.logical_date))
        elif not unfinished:
            writer.update_backfill(replace(backfill, completed_at=now))
        return bool(slots) or not unfinished


def _told_runs(spec: DagSpec, told: Sequence[Sequence[str]] | None) -> list[PlannedRun]:
    """Oldest first. Raises BadInput for what are no dates, and for a DAG whose file must be asked and was not."""
    if told is None and timetable_from_dict(spec.timetable).is_told:
        raise BadInput(
            f"only the file of DAG {spec.dag_id!r} knows its dates; `tuiflow backfill {spec.dag_id}` asks it"
        )
    try:
        return sorted((PlannedRun.from_list(run) for run in told or ()), key=lambda run: run.data_interval_start)
    except (TypeError, ValueError) as err:
        raise BadInput(f"the dates told of DAG {spec.dag_id!r} are no dates: {err}") from err


def _create(writer: Writer, backfill: Backfill, now: datetime, told: Sequence[PlannedRun]) -> Mapping[str, Json]:
    backfill_id = writer.add_backfill(backfill, told)
    step_backfill(writer, backfill_id, now)
    return {"backfill_id": backfill_id}


def _find_open(reads: Reads, backfill_id: int) -> Backfill:
    backfill = reads.backfill(backfill_id)
    if backfill is None:
        raise NotFound(f"there is no backfill {backfill_id}; `tuiflow backfills list` shows them")
    if backfill.completed_at or backfill.cancelled_at:
        how = "cancelled" if backfill.cancelled_at else "completed"
        raise NotPossible(f"backfill {backfill_id} of DAG {backfill.dag_id!r} is {how} already")
    return backfill


def _unfinished(reads: Reads, backfill: Backfill) -> list[DagRun]:
    return [run for run in reads.unfinished_runs(backfill.dag_id) if run.backfill_id == backfill.id]


def _next_slots(
    reads: Reads,
    dag: Dag,
    spec: DagSpec,
    backfill: Backfill,
    now: datetime,
    count: int,
    told: Sequence[PlannedRun],
) -> list[BackfillSlot]:
    """What becomes of the next slots after the backfill's cursor."""
    coming = backfill_slots(
        spec,
        backfill.from_date,
        backfill.to_date,
        now,
        cursor=backfill.cursor,
        run_backwards=backfill.run_backwards,
        told=told,
    )
    infos = list(islice(coming, count))
    runs = (reads.run_at(dag.dag_id, info.logical_date) for info in infos)
    existing = {run.logical_date: view_of(reads, run) for run in runs if run is not None and run.logical_date}
    reprocess, conf = Reprocess(backfill.reprocess), backfill.conf
    return list(
        plan_backfill(dag, spec, infos, existing, reprocess=reprocess, backfill_id=backfill.id or None, conf=conf)
    )


def _count(
    spec: DagSpec, start: datetime, end: datetime, now: datetime, told: Sequence[PlannedRun]
) -> tuple[int, bool]:
    """How many slots there are, and whether that is an estimate by the length of the span."""
    if told:
        return len(told), False
    infos = list(islice(backfill_slots(spec, start, end, now), MANY_SLOTS))
    if len(infos) < MANY_SLOTS:
        return len(infos), False
    share = (min(end, now) - start) / (infos[-1].logical_date - start)
    return round((len(infos) - 1) * share) + 1, True
