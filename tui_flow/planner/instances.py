"""Which task instances of mapped tasks a user means: `task[3]` is one, `task` all of them. What goes with it by its
dependencies goes index by index where both are in the same mapped group.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace

from tui_flow.errors import NotFound
from tui_flow.mapping import infer_lengths, literal_lengths, related_indexes
from tui_flow.planner.selection import RunTasks
from tui_flow.records import TaskInstance
from tui_flow.spec import DagSpec
from tui_flow.state import TaskState

_ONE = re.compile(r"(?P<task_id>.+)\[(?P<index>\d+)\]")
Instance = tuple[str, int]


def split_name(name: str) -> tuple[str, int | None]:
    """`task[3]` as its task id and map index; None where the name has none."""
    found = _ONE.fullmatch(name)
    return (found["task_id"], int(found["index"])) if found else (name, None)


def split_names(names: Collection[str] | None) -> tuple[list[str] | None, list[Instance]]:
    """The names without indexes, and the single task instances; None for no names stays None."""
    if names is None:
        return None, []
    parts = [split_name(name) for name in names]
    whole = [task_id for task_id, index in parts if index is None]
    return whole, [(task_id, index) for task_id, index in parts if index is not None]


def narrowed(spec: DagSpec, view: RunTasks, whole: Collection[str], instances: Collection[Instance]) -> RunTasks:
    """The run with only those task instances: all of the tasks `whole`, of others those that belong to `instances`.

    Raises NotFound for one that the run has not.
    """
    there = {(ti.task_id, ti.map_index) for ti in view.tis}
    where = f"`tuiflow runs show {view.run.dag_id} {view.run.run_id}` shows what it has"
    for task_id, index in instances:
        if (task_id, index) not in there:
            raise NotFound(f"run {view.run.run_id!r} has no task instance {task_id}[{index}]; {where}")
    lengths = lengths_of(spec, view.tis)
    named = {task_id for task_id, _ in instances}

    def belongs(ti: TaskInstance) -> bool:
        if ti.task_id in whole:
            return True
        if ti.task_id in named:
            return (ti.task_id, ti.map_index) in instances
        mine = spec.levels.get(ti.task_id, ())
        for task_id, index in instances:
            part = related_indexes(index, spec.levels.get(task_id, ()), mine, lengths)
            if part is None or ti.map_index < 0 or ti.map_index in part:
                return True
        return False

    return replace(view, tis=tuple(ti for ti in view.tis if belongs(ti)))


def lengths_of(spec: DagSpec, tis: Iterable[TaskInstance]) -> dict[str, int]:
    """How long each level is, as far as the file and a run's task instances tell."""
    counts: dict[str, int] = {}
    for ti in tis:
        if ti.map_index >= 0 and ti.state is not TaskState.REMOVED:
            counts[ti.task_id] = counts.get(ti.task_id, 0) + 1
    lengths = literal_lengths(spec)
    infer_lengths(spec, counts, lengths)
    return lengths
