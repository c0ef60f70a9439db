"""Dynamic task mapping: how many task instances a task has, and which of them belong together.

Theory of operation. What expands is a *level*: a mapped task group, or a mapped task itself. A task's levels are those
of its groups, the outermost first, and then its own; it has one task instance for each combination of their indexes,
numbered like the digits of a number: the last level counts fastest. Two tasks that share their first levels (they are
in the same mapped group) are bound index by index over these; over all others each depends on every one.

The length of a level is known from the file, or once the tasks whose results it maps over have ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import prod

from tui_flow.spec import DagSpec, Json

MAX_INSTANCES = 100_000
"""Of one task in one run; more are refused rather than written."""

Lengths = Mapping[str, int]
"""Of the levels whose length is known, by the id of the task or group."""


def length_of(how: Json, known: Callable[[str], int | None]) -> int | None:
    """The length of a level from its description (`mapped` of a TaskSpec or GroupSpec).

    `known` gives the number of elements that a task's result has, None while nobody knows.
    """
    kind = how["kind"]
    if kind == "expand":
        parts = [length_of(each, known) for each in how["args"].values()]
        return None if None in parts else prod(part for part in parts if part is not None)
    if kind == "expand_kwargs":
        return length_of(how["kwargs"], known)
    if kind == "literal":
        return int(how["length"])
    if kind == "xcom":
        return known(how["task_id"])
    if kind == "map":
        return length_of(how["arg"], known)
    lengths = [length_of(each, known) for each in how["args"]]
    if any(length is None for length in lengths):
        return None
    found = [length for length in lengths if length is not None]
    if kind == "concat":
        return sum(found)
    return max(found) if how["longest"] else min(found)


def sources_of(how: Json) -> Iterator[str]:
    """The tasks whose results decide the length of a level."""
    if how["kind"] == "xcom":
        yield how["task_id"]
    args = how.get("args", ())
    for part in (*(args.values() if isinstance(args, dict) else args), how.get("kwargs"), how.get("arg")):
        if part is not None:
            yield from sources_of(part)


def literal_lengths(spec: DagSpec) -> dict[str, int]:
    """Of the levels that the file alone decides."""
    found = {level: length_of(how, lambda _task_id: None) for level, how in spec.mapped_levels.items()}
    return {level: length for level, length in found.items() if length is not None}


def instances_of(levels: tuple[str, ...], lengths: Lengths) -> int | None:
    """How many task instances a task with these levels has; None while a length is not known.

    A level of no elements makes it 0, whatever the others are.
    """
    known = [lengths.get(level) for level in levels]
    if 0 in known:
        return 0
    return None if None in known else prod(length for length in known if length is not None)


def infer_lengths(spec: DagSpec, counts: Mapping[str, int], lengths: dict[str, int]) -> None:
    """Fills in the lengths that are not known from how many task instances there are, by task id."""
    for _ in spec.mapped_levels:
        for task_id, levels in spec.levels.items():
            unknown = [level for level in levels if level not in lengths]
            if len(unknown) == 1 and task_id in counts:
                known = prod(lengths[level] for level in levels if level in lengths)
                lengths[unknown[0]] = counts[task_id] // max(known, 1)


def first_indexes(spec: DagSpec) -> dict[str, range]:
    """The map indexes that tasks have in a run that is made: all of them where the file alone decides, else -1."""
    lengths = literal_lengths(spec)
    found = {}
    for task in spec.tasks:
        levels = spec.levels.get(task.task_id)
        count = instances_of(levels, lengths) if levels else None
        found[task.task_id] = range(count) if count and count <= MAX_INSTANCES else range(-1, 0)
    return found


def shared_levels(levels: tuple[str, ...], others: tuple[str, ...]) -> int:
    """How many of their first levels two tasks have in common."""
    count = 0
    for mine, theirs in zip(levels, others, strict=False):
        if mine != theirs:
            break
        count += 1
    return count


def related_indexes(map_index: int, levels: tuple[str, ...], others: tuple[str, ...], lengths: Lengths) -> range | None:
    """The map indexes of another task that belong to one of this task; None: all that there are.

    Of tasks without a common level all belong to all, and so does a task instance that is not expanded.
    """
    shared = shared_levels(levels, others)
    inner, width = instances_of(levels[shared:], lengths), instances_of(others[shared:], lengths)
    if not shared or map_index < 0 or not inner or width is None:
        return None
    prefix = map_index // inner
    return range(prefix * width, (prefix + 1) * width)
