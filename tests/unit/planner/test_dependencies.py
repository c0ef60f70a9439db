"""Which DAGs lead to which."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.planner.dsl import dag_of
from tui_flow.asset_records import AssetReference
from tui_flow.errors import NotPossible
from tui_flow.planner.dependencies import Dependency, as_one_dag, dag_dependencies


def reference(dag_id: str, role: str, name: str, task_id: str = "") -> AssetReference:
    return AssetReference(dag_id, role, task_id, "asset", name, name)


def test_triggers_sensors_and_assets_lead_from_dag_to_dag() -> None:
    one = replace(dag_of("a; b", a={"triggers_dag": "two"}, b={"waits_for_dag": "zero"}), dag_id="one")
    references = [
        reference("one", "outlet", "orders", "a"),
        reference("three", "schedule", "orders"),
        reference("three", "inlet", "orders", "x"),
        reference("three", "schedule", "nobody's"),
    ]
    assert dag_dependencies([one, dag_of("a")], references) == [
        Dependency("one", "three", "asset", "orders"),
        Dependency("one", "two", "trigger", "a"),
        Dependency("zero", "one", "sensor", "b"),
    ]


def test_dags_are_drawn_as_tasks_unless_they_lead_round() -> None:
    there, back = Dependency("a", "b", "trigger", "t"), Dependency("b", "a", "sensor", "s")
    drawn = as_one_dag([there, Dependency("a", "c", "asset", "x"), Dependency("b", "c", "asset", "y")])
    assert [(task.task_id, task.upstream) for task in drawn.tasks] == [("a", ()), ("b", ("a",)), ("c", ("a", "b"))]
    with pytest.raises(NotPossible, match="in a circle"):
        as_one_dag([there, back])
