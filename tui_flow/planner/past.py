"""depends_on_past and wait_for_downstream: what a task waits for in the previous run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tui_flow.records import DagRun, TaskInstance
from tui_flow.spec import DagSpec, TaskSpec
from tui_flow.state import SUCCESS_TASK, TaskState

PastStates = Mapping[str, Mapping[int, TaskState]]
"""States of the previous run: by task id, then by map_index."""


def needs_past(spec: DagSpec) -> bool:
    """Whether a run of this DAG must be loaded together with the previous one."""
    return any(task.depends_on_past or task.wait_for_downstream for task in spec.tasks)


def passes_over_manual(spec: DagSpec) -> bool:
    """Whether the previous run is the latest earlier one that is not manual."""
    return spec.catchup


def past_states(tis: Iterable[TaskInstance]) -> dict[str, dict[int, TaskState]]:
    found: dict[str, dict[int, TaskState]] = {}
    for ti in tis:
        found.setdefault(ti.task_id, {})[ti.map_index] = ti.state
    return found


def unmet_past(
    task: TaskSpec,
    downstream: Iterable[str],
    run: DagRun,
    previous: DagRun | None,
    past: PastStates,
    map_index: int = -1,
) -> str | None:
    """What the task instance waits for in the previous run, in words; None when it may go on.

    One of a mapped task waits for that of the same index, and for nothing where the previous run had fewer.
    """
    if not (task.depends_on_past or task.wait_for_downstream) or previous is None or _is_first(task, run, previous):
        return None
    if not _present(past, task.task_id):
        if task.ignore_first_depends_on_past:
            return None
        return f"depends_on_past: the previous run {previous.run_id} had no task {task.task_id!r}"
    watched = (task.task_id, *(downstream if task.wait_for_downstream else ()))
    for task_id in watched:
        for state in _present(past, task_id, map_index if task_id == task.task_id else -1):
            if state not in SUCCESS_TASK:
                why = "depends_on_past" if task_id == task.task_id else "wait_for_downstream"
                return f"{why}: {task_id!r} of the previous run {previous.run_id} is {state}"
    return None


def _is_first(task: TaskSpec, run: DagRun, previous: DagRun) -> bool:
    """The first run of a backfill, or of a task that starts later than the DAG."""
    if run.backfill_id is not None and previous.backfill_id != run.backfill_id:
        return True
    before, start = previous.logical_date, task.start_date
    return start is not None and before is not None and before < start


def _present(past: PastStates, task_id: str, map_index: int = -1) -> list[TaskState]:
    states = past.get(task_id, {})
    if map_index >= 0 and -1 not in states:
        states = {map_index: states[map_index]} if map_index in states else {}
    return [state for state in states.values() if state is not TaskState.REMOVED]
