"""Which queued runs of a DAG start, by what the database says of it. The rules are `planner.runs`."""

from __future__ import annotations

from collections.abc import Sequence

from tui_flow.planner.decisions import Decision
from tui_flow.planner.runs import plan_run_starts
from tui_flow.records import DagRun
from tui_flow.store.reader import Reads


def starts_of(
    reads: Reads, dag_id: str, queued: Sequence[DagRun], running: Sequence[DagRun], *, heeds_pauses: bool
) -> list[Decision]:
    """`queued` and `running` are the DAG's own; runs that are being stopped take places too."""
    dag = reads.dag(dag_id)
    if dag is None or not queued:
        return []
    backfills = {}
    if any(run.backfill_id for run in queued):
        backfills = {backfill.id: backfill for backfill in reads.backfills(dag_id, only_open=True)}
    return plan_run_starts(
        reads.spec(dag_id, dag.spec_version),
        queued,
        [*running, *reads.runs_being_stopped(dag_id)],
        is_paused=dag.is_paused and heeds_pauses,
        backfills=backfills,
    )
