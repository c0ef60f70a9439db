"""`PriorityWeightStrategy`: a task's weight as the author computes it, by try. It is asked when the file is parsed."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from tui_flow.errors import BadDag
from tui_flow.sdk.exceptions import AirflowException
from tui_flow.state import WeightRule

_MOST_TRIES = 50
_LARGEST = 2**31 - 1


class PriorityWeightStrategy(ABC):
    """Subclasses implement `get_weight(ti)`; `ti` has the task, its ids and the try_number."""

    @abstractmethod
    def get_weight(self, ti: Any) -> int: ...


@dataclass(frozen=True, slots=True)
class _PlannedTaskInstance:
    """What is known of a task instance before there is one."""

    task: Any
    dag_id: str
    task_id: str
    try_number: int
    max_tries: int
    map_index: int = -1


def weight_rule_of(value: object) -> WeightRule | PriorityWeightStrategy:
    """A rule's name, a strategy, its class or its dotted path. Raises AirflowException for anything else."""
    if isinstance(value, PriorityWeightStrategy):
        return value
    if isinstance(value, type) and issubclass(value, PriorityWeightStrategy):
        return value()
    if str(value) in set(WeightRule):
        return WeightRule(str(value))
    module, _, name = str(value).rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name) if module else None
    except (ImportError, AttributeError):
        found = None
    if isinstance(found, type) and issubclass(found, PriorityWeightStrategy):
        return found()
    known = ", ".join(rule.value for rule in WeightRule)
    raise AirflowException(f"weight_rule {value!r} is unknown; use {known} or a PriorityWeightStrategy")


def weights_by_try(strategy: PriorityWeightStrategy, task: Any, retries: int) -> tuple[int, ...]:
    """The weights of the first, second, ... try, as many as differ. Raises BadDag for what is no whole number."""
    weights = []
    for try_number in range(1, min(retries, _MOST_TRIES) + 2):
        ti = _PlannedTaskInstance(task, task.dag_id, task.task_id, try_number, retries)
        weight = strategy.get_weight(ti)
        if isinstance(weight, bool) or not isinstance(weight, int):
            raise BadDag(
                f"task {task.task_id!r}: get_weight of {type(strategy).__name__} must give a whole number, "
                f"not {weight!r}"
            )
        weights.append(max(-_LARGEST - 1, min(_LARGEST, weight)))
    while len(weights) > 1 and weights[-1] == weights[-2]:
        weights.pop()
    return tuple(weights)
