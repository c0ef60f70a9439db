"""Which DAGs lead to which: by tasks that trigger a run, by sensors that wait for another DAG, by assets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from tui_flow.asset_records import AssetReference
from tui_flow.errors import NotPossible
from tui_flow.spec import DagSpec, TaskSpec


@dataclass(frozen=True, slots=True, order=True)
class Dependency:
    dag_id: str
    leads_to: str
    how: str
    """trigger, sensor or asset."""
    via: str
    """The task, or the asset's name."""


def dag_dependencies(specs: Iterable[DagSpec], references: Iterable[AssetReference]) -> list[Dependency]:
    """Each once, by DAG. Ids that only a template knows are not among them."""
    found = {dependency for spec in specs for dependency in _of_tasks(spec)}
    makers: dict[str, set[str]] = defaultdict(set)
    users: dict[str, set[str]] = defaultdict(set)
    for reference in references:
        if reference.role in ("outlet", "schedule"):
            side = makers if reference.role == "outlet" else users
            side[reference.name or reference.uri].add(reference.dag_id)
    for name, made_by in makers.items():
        found |= {Dependency(maker, user, "asset", name) for maker in made_by for user in users.get(name, ())}
    return sorted(found)


def _of_tasks(spec: DagSpec) -> Iterable[Dependency]:
    for task in spec.tasks:
        if task.triggers_dag is not None:
            yield Dependency(spec.dag_id, task.triggers_dag, "trigger", task.task_id)
        if task.waits_for_dag is not None:
            yield Dependency(task.waits_for_dag, spec.dag_id, "sensor", task.task_id)


def as_one_dag(dependencies: Iterable[Dependency]) -> DagSpec:
    """DAGs as the tasks of one, to be drawn. Raises NotPossible where they lead round in a circle."""
    before: dict[str, set[str]] = defaultdict(set)
    for dependency in dependencies:
        before[dependency.leads_to].add(dependency.dag_id)
    try:
        order = tuple(TopologicalSorter(before).static_order())
    except CycleError as err:
        circle = " -> ".join(err.args[1])
        raise NotPossible(f"DAGs lead round in a circle, which cannot be drawn: {circle}; list them") from err
    return DagSpec("", "", tasks=tuple(TaskSpec(dag_id, upstream=tuple(sorted(before[dag_id]))) for dag_id in order))
