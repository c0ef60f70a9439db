"""Mark: a user gives tasks or a whole run their state. A live attempt is killed first and gets the state then."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from tui_flow.errors import BadInput
from tui_flow.planner.clear import clear_task, plan_run_again
from tui_flow.planner.decisions import Decision, MoveRun, MoveTask
from tui_flow.planner.kill import kill_attempt
from tui_flow.planner.run_ends import MARKED
from tui_flow.planner.selection import RunTasks
from tui_flow.planner.shape import relatives, upstream_of
from tui_flow.records import TaskInstance, TaskInstanceKey
from tui_flow.spec import DagSpec
from tui_flow.state import FAILED_TASK, FINISHED_RUN, FINISHED_TASK, OCCUPIED_TASK, RUN_MOVES, RunState, TaskState

T = TaskState
MARKS = frozenset({T.SUCCESS, T.FAILED, T.SKIPPED})
_STARTED = OCCUPIED_TASK - {T.QUEUED} | {T.UP_FOR_RESCHEDULE, T.DEFERRED, T.AWAITING_INPUT}
_BY_HAND = "marked by the user"


def plan_mark_task(
    spec: DagSpec,
    runs: Iterable[RunTasks],
    task_ids: Collection[str],
    new: TaskState,
    *,
    upstream: bool = False,
    downstream: bool = False,
    only: Collection[TaskInstanceKey] | None = None,
) -> list[Decision]:
    """Gives the tasks this state in each run; of mapped tasks `only` these task instances where they are given.

    What had failed below a task that is now a success is cleared and its run queued; a failed run all of whose tasks
    are now fine becomes a success. Raises BadInput for a state that is no mark.
    """
    if new not in MARKS:
        raise BadInput(f"tasks can be marked {', '.join(sorted(MARKS))}, not {new}")
    marked = _marked_tasks(spec, task_ids, upstream=upstream, downstream=downstream)
    below = relatives(marked, spec.downstream) - marked
    return [decision for view in runs for decision in _mark_in_run(spec, view, marked, below, new, only)]


def plan_mark_run(spec: DagSpec, view: RunTasks, new: RunState, because: str | None = None) -> list[Decision]:
    """Ends a run with this state: what has started becomes success or failed, what has not is skipped, what has
    finished stays. Teardowns that have not finished still run, and the run goes on until they have. `because` says
    what ends the run where no person does.

    Raises BadInput for a state that no run ends with.
    """
    if new not in FINISHED_RUN:
        raise BadInput(f"runs can be marked {RunState.SUCCESS} or {RunState.FAILED}, not {new}")
    target = T.SUCCESS if new is RunState.SUCCESS else T.FAILED
    decisions: list[Decision] = []
    teardowns_wait = False
    for ti in view.tis:
        if ti.state in FINISHED_TASK:
            continue
        task = spec.by_id.get(ti.task_id)
        if task is not None and task.is_teardown and view.run.state is RunState.RUNNING:
            teardowns_wait = True
            continue
        decisions += _mark(view, ti, target if ti.state in _STARTED else T.SKIPPED, because or _BY_HAND)
    if teardowns_wait:
        decisions.append(MoveRun(view.run.id, RunState.RUNNING, RunState.RUNNING, MARKED[new]))
    elif new in RUN_MOVES[view.run.state]:
        decisions.append(MoveRun(view.run.id, view.run.state, new, because or "marked"))
    return decisions


def _marked_tasks(spec: DagSpec, task_ids: Collection[str], *, upstream: bool, downstream: bool) -> set[str]:
    """Relatives come without teardowns."""
    found: set[str] = set()
    if upstream:
        found |= relatives(task_ids, upstream_of(spec))
    if downstream:
        found |= relatives(task_ids, spec.downstream)
    return {task_id for task_id in found if not spec.by_id[task_id].is_teardown} | set(task_ids)


def _mark_in_run(
    spec: DagSpec,
    view: RunTasks,
    marked: set[str],
    below: set[str],
    new: TaskState,
    only: Collection[TaskInstanceKey] | None,
) -> list[Decision]:
    decisions: list[Decision] = []
    is_marked: set[TaskInstanceKey] = set()
    for ti in view.tis:
        is_meant = ti.task_id in marked and (only is None or ti.key in only)
        if is_meant and ti.state not in (new, T.REMOVED):
            decisions += _mark(view, ti, new, _BY_HAND)
            is_marked.add(ti.key)
    if not decisions or new is T.FAILED:
        return decisions
    again = [ti for ti in view.tis if ti.task_id in below and ti.state in FAILED_TASK]
    if again:
        return [*plan_run_again(view, _BY_HAND), *decisions, *(clear_task(spec, ti) for ti in again)]
    left = (new if ti.key in is_marked else ti.state for ti in view.tis)
    if view.run.state is RunState.FAILED and all(state in FINISHED_TASK - FAILED_TASK for state in left):
        decisions.append(MoveRun(view.run.id, RunState.FAILED, RunState.SUCCESS, "marked"))
    return decisions


def _mark(view: RunTasks, ti: TaskInstance, new: TaskState, because: str) -> list[Decision]:
    if ti.state in OCCUPIED_TASK:
        return kill_attempt(view, ti, new, because)
    return [MoveTask(ti.key, ti.state, new, ti.try_number, because)]
