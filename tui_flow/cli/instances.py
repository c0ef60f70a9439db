"""Mapped tasks on the command line: many task instances in one line, one of them by its name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from tui_flow.mapping import literal_lengths, sources_of
from tui_flow.records import TaskInstance
from tui_flow.spec import DagSpec
from tui_flow.state import TaskState

FAILED_SHOWN = 5
_ONE = re.compile(r"(.+)\[(\d+)\]")


def split_name(task_id: str, map_index: int) -> tuple[str, int]:
    """`task[3]` as its task id and map index, where none is given apart from it."""
    found = _ONE.fullmatch(task_id) if map_index < 0 else None
    return (found[1], int(found[2])) if found else (task_id, map_index)


def counted(states: Iterable[TaskState]) -> str:
    """`[10000] 9,998 success, 2 failed`."""
    counts = Counter(states)
    parts = ", ".join(f"{counts[state]:,} {state}" for state in TaskState if counts[state])
    return f"[{counts.total()}] {parts}"


def folded(tis: Sequence[TaskInstance], rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of task instances, those of a mapped task as one that counts them and the first that failed."""
    found: list[dict[str, Any]] = []
    for task_id, group in groupby(zip(tis, rows, strict=True), lambda pair: pair[0].task_id):
        pairs = list(group)
        if len(pairs) == 1:
            found.append(pairs[0][1])
            continue
        found.append(dict.fromkeys(pairs[0][1]) | {"task_id": task_id, "reason": counted(ti.state for ti, _ in pairs)})
        found += [row for ti, row in pairs if ti.state is TaskState.FAILED][:FAILED_SHOWN]
    return found


def mapped_over(spec: DagSpec, task_id: str) -> str | None:
    """What a task is mapped over, each level by its length or by the tasks that give it: `3 x results of extract`."""
    lengths, found = literal_lengths(spec), []
    for level in spec.levels.get(task_id, ()):
        sources = ", ".join(dict.fromkeys(sources_of(spec.mapped_levels[level])))
        found.append(str(lengths[level]) if level in lengths else f"results of {sources}")
    return " x ".join(found) or None
