"""Backfill: runs for the slots of a span that has passed, whether or not there were runs for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice

from tui_flow.errors import BadInput
from tui_flow.planner.backfill_slots import backfill_slots
from tui_flow.planner.clear import plan_clear
from tui_flow.planner.decisions import CreateRun, Decision
from tui_flow.planner.past import needs_past
from tui_flow.planner.runs import make_run_id
from tui_flow.planner.selection import RunTasks
from tui_flow.records import Backfill, Dag, PlannedRun
from tui_flow.spec import DagSpec, Json
from tui_flow.state import FINISHED_RUN, RunState, RunType
from tui_flow.timetables import DagRunInfo, timetable_from_dict
from tui_flow.timetables.author import AFTER_BOOT

MANY_SLOTS = 5000
"""Beyond this a backfill's slots are not counted one by one."""


class Reprocess(StrEnum):
    """What a backfill does with runs that are there already."""

    NONE = "none"
    FAILED = "failed"
    COMPLETED = "completed"


class Outcome(StrEnum):
    """What becomes of one slot of a backfill."""

    CREATED = "created"
    CLEARED = "cleared"
    EXISTS = "already exists"
    IN_FLIGHT = "in flight"


@dataclass(frozen=True, slots=True)
class BackfillSlot:
    info: DagRunInfo
    outcome: Outcome
    decisions: tuple[Decision, ...]


def check_backfill(
    spec: DagSpec,
    from_date: datetime,
    to_date: datetime,
    now: datetime,
    *,
    reprocess: Reprocess = Reprocess.NONE,
    run_backwards: bool = False,
    told: Sequence[PlannedRun] = (),
) -> None:
    """Raises BadInput, saying why, for a backfill that cannot be meant or that would make no run."""
    timetable = timetable_from_dict(spec.timetable)
    if not timetable.periodic or timetable == AFTER_BOOT:
        raise BadInput(f"DAG {spec.dag_id!r} has no schedule that recurs; only such DAGs can be backfilled")
    if from_date > to_date:
        raise BadInput(f"the backfill's start {from_date.isoformat()} is after its end {to_date.isoformat()}")
    if from_date > now:
        raise BadInput(
            f"the backfill's start {from_date.isoformat()} is in the future; only the past can be backfilled"
        )
    if needs_past(spec) and run_backwards:
        raise BadInput(f"DAG {spec.dag_id!r} has tasks with depends_on_past; it cannot be backfilled backwards")
    if needs_past(spec) and reprocess is Reprocess.NONE:
        raise BadInput(
            f"DAG {spec.dag_id!r} has tasks with depends_on_past; say whether to reprocess failed or completed runs"
        )
    if next(backfill_slots(spec, from_date, to_date, now, told=told), None) is None:
        raise BadInput(
            f"DAG {spec.dag_id!r} has no slot that has ended between {from_date.isoformat()} and {to_date.isoformat()}"
        )


def plan_backfill(
    dag: Dag,
    spec: DagSpec,
    slots: Iterable[DagRunInfo],
    existing: Mapping[datetime, RunTasks],
    *,
    reprocess: Reprocess = Reprocess.NONE,
    backfill_id: int | None = None,
    conf: Mapping[str, Json] | None = None,
) -> Iterator[BackfillSlot]:
    """What happens for each slot. `existing`: the DAG's runs at these logical dates, whatever made them."""
    for info in slots:
        view = existing.get(info.logical_date)
        if view is None:
            yield BackfillSlot(info, Outcome.CREATED, (_backfill_run(dag, info, backfill_id, conf or {}),))
        elif view.run.state not in FINISHED_RUN:
            yield BackfillSlot(info, Outcome.IN_FLIGHT, ())
        elif reprocess is Reprocess.COMPLETED or (reprocess is Reprocess.FAILED and view.run.state is RunState.FAILED):
            yield BackfillSlot(info, Outcome.CLEARED, tuple(_clear_all(dag, spec, view)))
        else:
            yield BackfillSlot(info, Outcome.EXISTS, ())


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a backfill is."""

    total: int
    done: int
    """Dates that are dealt with: their run has ended, or was there already."""
    unfinished: int
    """Runs that are queued or running."""
    ends_at: datetime | None
    """At the pace until now; None while nothing is done, or once it has ended."""


def progress(spec: DagSpec, backfill: Backfill, unfinished: int, now: datetime) -> Progress:
    """`unfinished`: its runs that are queued or running. Of very many dates the share of the span is taken."""
    if backfill.completed_at is not None:
        return Progress(backfill.total, backfill.total, unfinished, None)
    done = max(0, _dealt_with(spec, backfill, now) - unfinished)
    ends_at = None
    if done and not backfill.is_paused and backfill.cancelled_at is None:
        ends_at = now + (now - backfill.created_at) * ((backfill.total - done) / done)
    return Progress(backfill.total, done, unfinished, ends_at)


def _dealt_with(spec: DagSpec, backfill: Backfill, now: datetime) -> int:
    """Slots up to the cursor."""
    if timetable_from_dict(spec.timetable).is_told:
        return backfill.total - backfill.dates_left
    if backfill.cursor is None:
        return 0
    if backfill.total < MANY_SLOTS:
        slots = backfill_slots(spec, backfill.from_date, backfill.to_date, now, run_backwards=backfill.run_backwards)
        dates = (slot.logical_date for slot in islice(slots, backfill.total))
        return sum(date >= backfill.cursor if backfill.run_backwards else date <= backfill.cursor for date in dates)
    last = min(backfill.to_date, now)
    if last <= backfill.from_date:
        return backfill.total
    passed = last - backfill.cursor if backfill.run_backwards else backfill.cursor - backfill.from_date
    return min(backfill.total, int(backfill.total * (passed / (last - backfill.from_date))))


def _clear_all(dag: Dag, spec: DagSpec, view: RunTasks) -> list[Decision]:
    return plan_clear(spec, [view], spec.by_id, spec_version=dag.spec_version, source_version=dag.source_version)


def _backfill_run(dag: Dag, info: DagRunInfo, backfill_id: int | None, conf: Mapping[str, Json]) -> CreateRun:
    return CreateRun(
        dag.dag_id,
        make_run_id(RunType.BACKFILL, info.run_after),
        RunType.BACKFILL,
        info.logical_date,
        info.data_interval.start,
        info.data_interval.end,
        info.run_after,
        dag.spec_version,
        dag.source_version,
        conf,
        backfill_id=backfill_id,
    )
