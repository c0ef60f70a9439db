"""Clear: task instances run again as if they had not yet, with as many further tries as their tasks have retries.

A live attempt is killed first; its task instance starts over once the attempt is dead.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from tui_flow.planner.decisions import Decision, MoveRun, MoveTask
from tui_flow.planner.kill import kill_attempt
from tui_flow.planner.selection import RunTasks
from tui_flow.records import TaskInstance
from tui_flow.spec import DagSpec
from tui_flow.state import FAILED_TASK, FINISHED_RUN, OCCUPIED_TASK, RunState, TaskState

T = TaskState
_NOTHING_TO_CLEAR = frozenset({T.NONE, T.REMOVED})


def plan_clear(
    spec: DagSpec,
    runs: Iterable[RunTasks],
    task_ids: Collection[str],
    *,
    only_failed: bool = False,
    only_running: bool = False,
    keep_run_state: bool = False,
    spec_version: str | None = None,
    source_version: str | None = None,
) -> list[Decision]:
    """Clears these tasks (see `selection`) in each run and queues the runs that had finished.

    `spec` is the version that gives the retries: the newest one, whose `spec_version` and `source_version` the runs
    then continue with; None for both keeps the runs' own.
    """
    decisions: list[Decision] = []
    for view in runs:
        chosen = [ti for ti in view.tis if ti.task_id in task_ids and _is_meant(ti, only_failed, only_running)]
        moves = [decision for ti in chosen for decision in _clear(spec, view, ti)]
        if moves or chosen:
            run = plan_run_again(view, "cleared", spec_version, source_version)
            decisions += ([] if keep_run_state else run) + moves
    return decisions


def plan_new_tasks(spec: DagSpec, view: RunTasks, spec_version: str, source_version: str) -> list[Decision]:
    """The run goes on with this version where that has tasks that the run has not; nothing is cleared."""
    known = {ti.task_id for ti in view.tis if ti.state is not T.REMOVED}
    if known.issuperset(spec.by_id):
        return []
    return plan_run_again(view, "new tasks", spec_version, source_version)


def plan_run_again(
    view: RunTasks, reason: str, spec_version: str | None = None, source_version: str | None = None
) -> list[Decision]:
    """A finished run is queued; one that goes on takes the new versions where they are others."""
    run = view.run
    if run.state in FINISHED_RUN:
        return [MoveRun(run.id, run.state, RunState.QUEUED, reason, spec_version, source_version)]
    is_other = (spec_version or run.spec_version, source_version or run.source_version) != (
        run.spec_version,
        run.source_version,
    )
    return [MoveRun(run.id, run.state, run.state, None, spec_version, source_version)] if is_other else []


def clear_task(spec: DagSpec, ti: TaskInstance) -> MoveTask:
    """Clears a task instance without a live attempt."""
    retries = spec.by_id[ti.task_id].retries
    return MoveTask(ti.key, ti.state, T.NONE, ti.try_number, "cleared", max_tries=ti.try_number + retries)


def _is_meant(ti: TaskInstance, only_failed: bool, only_running: bool) -> bool:
    if only_failed and only_running:
        return ti.state in FAILED_TASK or ti.state in OCCUPIED_TASK
    if only_failed:
        return ti.state in FAILED_TASK
    if only_running:
        return ti.state in OCCUPIED_TASK
    return True


def _clear(spec: DagSpec, view: RunTasks, ti: TaskInstance) -> list[Decision]:
    if ti.state in OCCUPIED_TASK:
        return kill_attempt(view, ti, T.NONE, "cleared")
    return [] if ti.state in _NOTHING_TO_CLEAR else [clear_task(spec, ti)]
