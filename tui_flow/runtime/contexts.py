"""The template context of an attempt, from its workload."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from tui_flow.mapping import instances_of
from tui_flow.messages import RunFacts, Workload
from tui_flow.runtime.served import ServedFile
from tui_flow.sdk.context import Context
from tui_flow.sdk.node import level_ids
from tui_flow.sdk.template_context import build_context
from tui_flow.sdk.timetable import authors_timetable, manual_interval
from tui_flow.state import RunType

_ASKED_FOR = frozenset({RunType.MANUAL, RunType.OPERATOR_TRIGGERED})


def context_of(served: ServedFile, workload: Workload, task: Any, ti: Any) -> Context:
    """Raises ParamValidationError when the run's conf fails a param."""
    count = instances_of(level_ids(task), workload.map_lengths) if workload.map_lengths else None
    more = {"expanded_ti_count": count if workload.map_index >= 0 else None}
    run = _with_interval(workload.run, task.dag.schedule)
    ti.context = context = build_context(task=task, ti=ti, run=run, dialect=served.dialect, more=more)
    return context


def _with_interval(run: RunFacts, schedule: Any) -> RunFacts:
    """A run that somebody asked for covers what the timetable in the file says, which only its processes can ask."""
    timetable = authors_timetable(schedule)
    if timetable is None or run.run_type not in _ASKED_FOR or run.logical_date is None:
        return run
    start, end = manual_interval(timetable, datetime.fromisoformat(run.logical_date))
    return replace(run, data_interval_start=start.isoformat(), data_interval_end=end.isoformat())
