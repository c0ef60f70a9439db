"""Why a task instance stands as it does: brings what the planner's `explain` asks for from the database."""

from __future__ import annotations

from datetime import datetime

from tui_flow.planner.board import Board
from tui_flow.planner.explain import explain
from tui_flow.planner.past import needs_past
from tui_flow.records import DagRun, TaskInstance
from tui_flow.settings import home_from_environment, load_settings
from tui_flow.state import RunState
from tui_flow.store.reader import Reader


def reasons(reader: Reader, run: DagRun, ti: TaskInstance, at: datetime) -> tuple[str, ...]:
    """One line each."""
    unfinished = reader.unfinished_runs(run.dag_id)
    dag = reader.dag(run.dag_id)
    return explain(
        _board(reader, run),
        reader.spec(run.dag_id, run.spec_version),
        run,
        ti,
        at,
        is_paused=dag is not None and dag.is_paused,
        active_runs=sum(one.state is RunState.RUNNING and one.backfill_id == run.backfill_id for one in unfinished),
        last_attempt=next(reversed(reader.attempts(ti.key)), None),
    )


def _board(reader: Reader, asked: DagRun) -> Board:
    """What runs in this home, as the scheduler has it, and the run that is asked about."""
    board = Board(load_settings(home_from_environment()).core.parallelism)
    board.set_pools(use.pool for use in reader.pools())
    for dag in reader.dags():
        board.set_paused(dag.dag_id, dag.is_paused)
    for run in {run.id: run for run in [*reader.unfinished_runs(), asked]}.values():
        if run.state is RunState.QUEUED:
            continue
        spec = reader.spec(run.dag_id, run.spec_version)
        previous = reader.previous_run(run, spec.catchup) if needs_past(spec) else None
        past = reader.task_instances(previous.id) if previous else ()
        attempts = reader.active_attempts(run.id)
        board.add_run(run, spec, reader.task_instances(run.id), past, previous=previous, attempts=attempts)
    return board
