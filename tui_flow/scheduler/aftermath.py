"""What is left to do when attempts and runs have ended."""

from __future__ import annotations

from collections.abc import Container, Sequence

from tui_flow.planner.decisions import Decision
from tui_flow.planner.runs import plan_failure_pause
from tui_flow.records import DagRun
from tui_flow.settings import Home
from tui_flow.state import ACTIVE_ATTEMPT, FINISHED_RUN, RunState
from tui_flow.store.reader import Reads


def forget_old_journals(home: Home, reads: Reads, watched: Container[int]) -> None:
    """Of attempts that were recorded by a scheduler that did not live to clean up. Those of attempts that this
    database does not know (it was restored from a backup) stay."""
    for path in home.journal.iterdir():
        if path.name.isdigit() and int(path.name) not in watched:
            attempt = reads.attempt(int(path.name))
            if attempt is not None and attempt.state not in ACTIVE_ATTEMPT:
                path.unlink(missing_ok=True)


def failure_pause(reads: Reads, ended: DagRun) -> Sequence[Decision]:
    """Pause its DAG where so many runs in a row have failed."""
    if ended.state is not RunState.FAILED:
        return ()
    dag, spec = reads.dag(ended.dag_id), reads.spec(ended.dag_id, ended.spec_version)
    limit = spec.max_consecutive_failed_dag_runs
    if dag is None or dag.is_paused or limit <= 0:
        return ()
    latest = reads.runs(ended.dag_id, limit=limit)
    return plan_failure_pause(spec, [run.state for run in latest if run.state in FINISHED_RUN])
