"""Why a DAG has no new run now: what keeps it back, and what it waits for, in words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from tui_flow.asset_records import QueuedAsset
from tui_flow.planner.assets import is_met, waits_for
from tui_flow.planner.runs import plan_failure_pause
from tui_flow.records import Dag
from tui_flow.spec import DagSpec
from tui_flow.state import RunState
from tui_flow.timetables.assets import condition_of

_FAILURES = "max_consecutive_failed_dag_runs"


def explain_dag(
    dag: Dag,
    spec: DagSpec,
    updated: Collection[QueuedAsset],
    active_runs: int,
    now: datetime,
    latest: Sequence[RunState] = (),
) -> tuple[str, ...]:
    """One line each. `updated` is its queue of assets; `active_runs` are queued and running ones, backfills apart;
    `latest` are the states of its newest runs that have ended, newest first."""
    lines = []
    if dag.is_missing:
        return (f"{dag.file} is gone, or the DAG in it; put it back to run the DAG",)
    if dag.import_error:
        lines.append(f"{dag.file} cannot be imported, so the last good version runs; `tuiflow dags import-errors`")
    if dag.is_paused:
        limit = spec.max_consecutive_failed_dag_runs
        runs = "run" if limit == 1 else f"{limit} runs"
        because = f", and its latest {runs} failed ({_FAILURES})" if plan_failure_pause(spec, latest) else ""
        lines.append(f"it is paused{because}; `tuiflow unpause {dag.dag_id}` lets it be scheduled")
    if active_runs >= spec.max_active_runs:
        lines.append(f"{active_runs} of {spec.max_active_runs} runs are active (max_active_runs)")
    elif active_runs:
        runs = "1 run is active" if active_runs == 1 else f"{active_runs} runs are active"
        lines.append(f"{runs}; `tuiflow why {dag.dag_id} TASK` says what a task of it waits for")
    lines += explain_assets(spec, updated, now)
    if dag.next_run_after is not None:
        lines.append(f"its next scheduled run falls due at {dag.next_run_after:%Y-%m-%d %H:%M:%S %Z}")
    elif condition_of(spec.timetable) is None:
        lines.append(f"it has no scheduled run to come; `tuiflow trigger {dag.dag_id}` makes one")
    return tuple(lines)


def explain_assets(spec: DagSpec, updated: Collection[QueuedAsset], now: datetime) -> list[str]:
    """What a DAG still waits for and what it has already; nothing for DAGs that no asset makes run."""
    condition = condition_of(spec.timetable)
    if condition is None:
        return []
    if spec.start_date is not None and now < spec.start_date:
        return [f"updates of assets make no runs before its start_date {spec.start_date:%Y-%m-%d %H:%M %Z}"]
    if spec.end_date is not None and now > spec.end_date:
        return [f"updates of assets make no runs after its end_date {spec.end_date:%Y-%m-%d %H:%M %Z}"]
    since = ", ".join(f"{asset.name} at {asset.queued_at:%Y-%m-%d %H:%M:%S %Z}" for asset in updated)
    have = f"; updated since its last run: {since}" if since else ""
    if is_met(condition, updated):
        return [f"its assets were updated, so that it is due{have}"]
    return [f"it waits for updates of {', '.join(waits_for(condition, updated))}{have}"]
