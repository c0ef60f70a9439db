"""The next scheduled runs of a DAG; apart because timetables cost an import that few commands need."""

from __future__ import annotations

from datetime import datetime

from tui_flow.records import Dag
from tui_flow.spec import DagSpec
from tui_flow.timetables import DagRunInfo, DataInterval, TimeRestriction, timetable_from_dict
from tui_flow.timetables import upcoming as upcoming_of


def upcoming_runs(dag: Dag, spec: DagSpec, at: datetime, limit: int) -> tuple[DagRunInfo, ...]:
    """As if no run were paused, the soonest first."""
    last = None
    if dag.last_interval_start is not None and dag.last_interval_end is not None:
        last = DataInterval(dag.last_interval_start, dag.last_interval_end)
    restriction = TimeRestriction(spec.start_date, spec.end_date, spec.catchup)
    return upcoming_of(timetable_from_dict(spec.timetable), last=last, restriction=restriction, now=at, count=limit)
