"""Runs that updates of assets make. The rule is `planner.assets`; here it is asked, with what the database knows."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime

from tui_flow.asset_records import QueuedAsset
from tui_flow.planner.assets import plan_asset_run
from tui_flow.planner.decisions import CreateRun
from tui_flow.records import Dag, DagRun
from tui_flow.state import RunType
from tui_flow.store.reader import Reads

_log = logging.getLogger("tui_flow.scheduler")


def due_by_assets(reads: Reads, now: datetime) -> Iterator[list[CreateRun]]:
    """The run of each active DAG whose condition is met now."""
    for dag_id, updated in reads.updates_waiting().items():
        dag = reads.dag(dag_id)
        if dag is not None and (decisions := _plan(reads, dag, updated, now)):
            yield decisions


def _plan(reads: Reads, dag: Dag, updated: list[QueuedAsset], now: datetime) -> list[CreateRun]:
    spec = reads.spec(dag.dag_id, dag.spec_version)
    active = [run for run in reads.unfinished_runs(dag.dag_id) if run.run_type is not RunType.BACKFILL]
    try:
        decisions = plan_asset_run(dag, spec, updated, len(active), now)
        if decisions and spec.dialect != "airflow3":
            previous = reads.runs(dag.dag_id, types=[RunType.ASSET_TRIGGERED], limit=1)
            sources = _sources(reads, dag.dag_id) if spec.dialect == "airflow2" else ()
            newest = previous[0] if previous else None
            decisions = plan_asset_run(dag, spec, updated, len(active), now, previous=newest, sources=sources)
    except (ArithmeticError, LookupError, TypeError, ValueError):
        _log.exception("DAG %r is not run by its assets: its condition cannot be evaluated", dag.dag_id)
        return []
    return decisions


def _sources(reads: Reads, dag_id: str) -> list[DagRun]:
    named = {
        (str(event.source["dag_id"]), str(event.source["run_id"]))
        for event in reads.events_waiting(dag_id)
        if event.source and "run_id" in event.source
    }
    runs = [reads.run(dag, run_id) for dag, run_id in sorted(named)]
    return [run for run in runs if run is not None]
