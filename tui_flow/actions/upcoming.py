"""What comes next for a DAG, by the clock and by assets; apart because timetables cost an import that few need."""

from __future__ import annotations

from datetime import datetime

from tui_flow.planner.assets import waits_for
from tui_flow.planner.explain_dag import explain_assets
from tui_flow.records import Dag
from tui_flow.spec import DagSpec
from tui_flow.store.reader import Reader
from tui_flow.timetables import (
    DagRunInfo,
    DataInterval,
    InvalidSchedule,
    TimeRestriction,
    timetable_from_dict,
)
from tui_flow.timetables import upcoming as upcoming_of
from tui_flow.timetables.assets import condition_of


def upcoming_runs(reader: Reader, dag: Dag, spec: DagSpec, at: datetime, limit: int) -> tuple[DagRunInfo, ...]:
    """As if no run were paused, the soonest first; of a timetable in the DAG's file those that it has told."""
    timetable = timetable_from_dict(spec.timetable)
    if timetable.is_told:
        planned = [run for run in reader.planned_runs(dag.dag_id) if run.run_after > at]
        return tuple(DagRunInfo(run[1], DataInterval(run[1], run[2]), run.run_after) for run in planned[:limit])
    last = None
    if dag.last_interval_start is not None and dag.last_interval_end is not None:
        last = DataInterval(dag.last_interval_start, dag.last_interval_end)
    restriction = TimeRestriction(spec.start_date, spec.end_date, spec.catchup)
    return upcoming_of(timetable, last=last, restriction=restriction, now=at, count=limit)


def schedule_in_words(spec: DagSpec) -> str | None:
    """None for a timetable that only the DAG's file knows."""
    try:
        return timetable_from_dict(spec.timetable).description
    except InvalidSchedule:
        return None


def awaited_assets(reader: Reader, dag: Dag, spec: DagSpec) -> tuple[str, ...]:
    """Assets that the DAG's next run by assets still waits for."""
    condition = condition_of(spec.timetable)
    updated = reader.updates_waiting(dag.dag_id).get(dag.dag_id, [])
    return waits_for(condition, updated) if condition else ()


def asset_reasons(reader: Reader, dag: Dag, spec: DagSpec, at: datetime) -> list[str]:
    """The same in words, with what was updated already."""
    return explain_assets(spec, reader.updates_waiting(dag.dag_id).get(dag.dag_id, []), at)
