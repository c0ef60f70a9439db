"""Which tasks of which runs a user means: ids, groups or a pattern, with relatives, with earlier or later runs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from tui_flow.errors import BadInput, TaskNotFound
from tui_flow.planner.shape import relatives, teardowns_of, upstream_of
from tui_flow.records import DagRun, TaskInstance, TaskInstanceKey
from tui_flow.spec import DagSpec


@dataclass(frozen=True, slots=True)
class RunTasks:
    """A run as a user's verb needs it."""

    run: DagRun
    tis: tuple[TaskInstance, ...]
    attempts: Mapping[TaskInstanceKey, int] = field(default_factory=dict)
    """Ids of the active attempts."""


def named_tasks(spec: DagSpec, names: Collection[str] | None = None, pattern: str | None = None) -> tuple[str, ...]:
    """Task ids, in file order: those that are named (a group's name means all in it), or that the pattern matches
    anywhere; all tasks when neither is given. Raises TaskNotFound, or BadInput for a pattern that cannot be read."""
    if names is None and pattern is None:
        return tuple(spec.by_id)
    wanted: set[str] = set()
    for name in names or ():
        found = {name} if name in spec.by_id else _tasks_of_group(spec, name)
        if not found:
            raise TaskNotFound(spec.dag_id, name, spec.by_id)
        wanted |= found
    if pattern is not None:
        try:
            matches = re.compile(pattern).search
        except re.error as err:
            raise BadInput(f"{pattern!r} is not a regular expression: {err}") from err
        wanted |= {task_id for task_id in spec.by_id if matches(task_id)}
    return _in_order(spec, wanted)


def with_relatives(
    spec: DagSpec, task_ids: Iterable[str], *, upstream: bool = False, downstream: bool = False
) -> tuple[str, ...]:
    """The tasks with those above or below them, and the setups and teardowns without which they cannot run again."""
    chosen = set(task_ids)
    found = set(chosen)
    above = upstream_of(spec)
    below = relatives(chosen, spec.downstream) if downstream else set()
    found |= below
    if upstream:
        found |= relatives(chosen, above)
        for task_id in list(found):
            if spec.by_id[task_id].is_setup:
                found.update(teardowns_of(spec, task_id))
    for task_id in chosen | below:
        task = spec.by_id[task_id]
        if not task.is_setup and not task.is_teardown:
            found |= _scope_of(spec, task_id, above)
        elif task.is_setup:
            found.update(teardowns_of(spec, task_id))
    return _in_order(spec, found)


def runs_in_reach(run: DagRun, others: Iterable[DagRun], *, past: bool = False, future: bool = False) -> list[DagRun]:
    """The run, with `past` all earlier and with `future` all later ones of its DAG, by logical date."""
    date = run.logical_date
    chosen = [run]
    for other in others:
        if other.id == run.id or date is None or other.logical_date is None:
            continue
        if (past and other.logical_date < date) or (future and other.logical_date > date):
            chosen.append(other)
    return sorted(chosen, key=lambda each: (each.logical_date or each.run_after, each.id))


def _tasks_of_group(spec: DagSpec, group_id: str) -> set[str]:
    inside = {group_id}
    for _ in spec.groups:
        inside |= {group.group_id for group in spec.groups if group.parent in inside}
    return {task.task_id for task in spec.tasks if task.group in inside}


def _scope_of(spec: DagSpec, task_id: str, above: Mapping[str, tuple[str, ...]]) -> set[str]:
    """The setups in whose scope the task is, and their teardowns."""
    found: set[str] = set()
    below = relatives([task_id], spec.downstream)
    for setup_id in relatives([task_id], above):
        if not spec.by_id[setup_id].is_setup:
            continue
        teardowns = teardowns_of(spec, setup_id)
        if not teardowns or not below.isdisjoint(teardowns):
            found |= {setup_id, *teardowns}
    return found


def _in_order(spec: DagSpec, task_ids: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted(task_ids, key=spec.order.__getitem__))
