"""Effective priority weights: a task's own and, by its weight rule, those of everything below or above it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tui_flow.spec import DagSpec, TaskSpec
from tui_flow.state import WeightRule

_MAX = 2**31 - 1


def effective_weights(spec: DagSpec) -> dict[str, int]:
    """By task id, kept inside 32 bits.

    Each task's relatives are one big integer, a bit per task, so that shared ancestors count once and 10,000 tasks take
    a fraction of a second.
    """
    weights = {task.task_id: task.priority_weight for task in spec.tasks}
    above = {task.task_id: task.upstream for task in spec.tasks}
    for rule, neighbours in ((WeightRule.DOWNSTREAM, spec.downstream), (WeightRule.UPSTREAM, above)):
        wanted = [task for task in spec.tasks if task.weight_rule is rule]
        if wanted:
            weights.update(_sums(spec.tasks, wanted, neighbours))
    return {task_id: max(-_MAX - 1, min(_MAX, weight)) for task_id, weight in weights.items()}


def _sums(
    tasks: Sequence[TaskSpec], wanted: Iterable[TaskSpec], neighbours: Mapping[str, Sequence[str]]
) -> dict[str, int]:
    bit = {task.task_id: 1 << index for index, task in enumerate(tasks)}
    reached: dict[str, int] = {}
    for task_id in _neighbours_first([task.task_id for task in tasks], neighbours):
        mask = bit[task_id]
        for near in neighbours[task_id]:
            mask |= reached[near]
        reached[task_id] = mask
    digits = _digit_masks(tasks)
    return {
        task.task_id: sum(value * (mask & reached[task.task_id]).bit_count() for value, mask in digits)
        for task in wanted
    }


def _digit_masks(tasks: Sequence[TaskSpec]) -> list[tuple[int, int]]:
    """(value, tasks that have it) for each binary digit of the weights, so that a sum is a few bit counts."""
    masks: dict[int, int] = {}
    for index, task in enumerate(tasks):
        weight, sign = abs(task.priority_weight), 1 if task.priority_weight >= 0 else -1
        while weight:
            digit = weight & -weight
            masks[sign * digit] = masks.get(sign * digit, 0) | 1 << index
            weight ^= digit
    return list(masks.items())


def _neighbours_first(task_ids: Iterable[str], neighbours: Mapping[str, Sequence[str]]) -> Iterable[str]:
    """Each task after all of its neighbours; the graph has no cycle."""
    seen: set[str] = set()
    for start in task_ids:
        stack = [(start, iter(neighbours[start]))] if start not in seen else []
        seen.add(start)
        while stack:
            task_id, rest = stack[-1]
            for near in rest:
                if near not in seen:
                    seen.add(near)
                    stack.append((near, iter(neighbours[near])))
                    break
            else:
                stack.pop()
                yield task_id
