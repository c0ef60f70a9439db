"""Why a task instance stands as it does: brings what the planner's `explain` asks for from the database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from tui_flow.planner.board import Board
from tui_flow.planner.explain import NOTHING_STOPS_IT as NOTHING_STOPS_IT
from tui_flow.planner.explain import explain
from tui_flow.planner.explain_dag import explain_dag
from tui_flow.planner.past import needs_past, passes_over_manual
from tui_flow.records import Dag, DagRun, TaskInstance
from tui_flow.state import FINISHED_RUN, FINISHED_TASK, RunState, RunType
from tui_flow.store.reader import Reads


def reasons(reads: Reads, run: DagRun, ti: TaskInstance, at: datetime, parallelism: int) -> tuple[str, ...]:
    """One line each; `parallelism` is the setting of that name."""
    late = () if ti.state in FINISHED_TASK else tuple(_missed(reads, run))
    return *_of_task(reads, run, ti, at, parallelism), *late


def _missed(reads: Reads, run: DagRun) -> Iterator[str]:
    for row in reads.missed_deadlines(run.id):
        if row.clear_number == run.clear_number:
            yield f"its run should have ended by {row.due_at.isoformat(timespec='seconds')} ({row.name})"


def _of_task(reads: Reads, run: DagRun, ti: TaskInstance, at: datetime, parallelism: int) -> tuple[str, ...]:
    running = [one for one in reads.unfinished_runs(run.dag_id) if one.state is RunState.RUNNING]
    dag = reads.dag(run.dag_id)
    return explain(
        _board(reads, run, parallelism),
        reads.spec(run.dag_id, run.spec_version),
        run,
        ti,
        at,
        is_paused=dag is not None and dag.is_paused,
        active_runs=[
            one.run_id
            for one in [*running, *reads.runs_being_stopped(run.dag_id)]
            if one.backfill_id == run.backfill_id
        ],
        backfill=reads.backfill(run.backfill_id) if run.backfill_id is not None else None,
        last_attempt=next(reversed(reads.attempts(ti.key)), None),
    )


def dag_reasons(reads: Reads, dag: Dag, at: datetime) -> tuple[str, ...]:
    """Why the DAG has no new run now, one line each."""
    updated = reads.updates_waiting(dag.dag_id).get(dag.dag_id, [])
    active = [run for run in reads.unfinished_runs(dag.dag_id) if run.run_type is not RunType.BACKFILL]
    spec = reads.spec(dag.dag_id, dag.spec_version)
    newest = reads.runs(dag.dag_id, limit=spec.max_consecutive_failed_dag_runs or 1)
    latest = [run.state for run in newest if run.state in FINISHED_RUN]
    return explain_dag(dag, spec, updated, len(active), at, latest)


def _board(reads: Reads, asked: DagRun, parallelism: int) -> Board:
    """What runs in this home, as the scheduler has it, and the run that is asked about."""
    board = Board(parallelism)
    board.set_pools(use.pool for use in reads.pools())
    for dag in reads.dags():
        board.set_paused(dag.dag_id, dag.is_paused)
    for run in {run.id: run for run in [*reads.unfinished_runs(), asked]}.values():
        if run.state is RunState.QUEUED:
            continue
        spec = reads.spec(run.dag_id, run.spec_version)
        previous = reads.previous_run(run, passes_over_manual(spec)) if needs_past(spec) else None
        past = reads.task_instances(previous.id) if previous else ()
        attempts = reads.active_attempts(run.id)
        board.add_run(run, spec, reads.task_instances(run.id), past, previous=previous, attempts=attempts)
    return board
