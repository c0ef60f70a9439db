from __future__ import annotations

from typing import Any

import pytest

from tui_flow import DAG, EmptyOperator, PriorityWeightStrategy
from tui_flow.errors import BadDag
from tui_flow.sdk.exceptions import AirflowException
from tui_flow.sdk.to_spec import dag_to_spec
from tui_flow.spec import TaskSpec
from tui_flow.state import WeightRule


class Later(PriorityWeightStrategy):
    """Heavier with each try, up to the third."""

    def get_weight(self, ti: Any) -> int:
        return int(ti.task.priority_weight * min(ti.try_number, 3))


class Wrong(PriorityWeightStrategy):
    def get_weight(self, ti: Any) -> int:
        return "heavy"  # type: ignore[return-value]


def spec_with(weight_rule: Any, retries: int = 0) -> TaskSpec:
    with DAG("d") as dag:
        EmptyOperator(task_id="a", weight_rule=weight_rule, priority_weight=7, retries=retries) >> EmptyOperator(
            task_id="b"
        )
    return dag_to_spec(dag, "d.py", "tui_flow").by_id["a"]


@pytest.mark.parametrize("rule", [Later(), Later, f"{__name__}.Later"])
def test_a_strategy_gives_the_weight_of_each_try(rule: Any) -> None:
    task = spec_with(rule, retries=10)
    assert (task.priority_weight, task.weight_rule) == (7, WeightRule.ABSOLUTE)
    assert task.weights_by_try == (7, 14, 21)


def test_a_strategy_that_gives_one_weight_keeps_no_table() -> None:
    assert spec_with(Later).weights_by_try == ()


def test_rules_go_by_their_names() -> None:
    assert spec_with("upstream").weight_rule is WeightRule.UPSTREAM


@pytest.mark.parametrize("rule", ["heavy", "no.such.Strategy", "builtins.int", 3])
def test_an_unknown_rule_is_refused(rule: Any) -> None:
    with pytest.raises(AirflowException, match="use downstream, upstream, absolute or a PriorityWeightStrategy"):
        spec_with(rule)


def test_a_weight_is_a_whole_number() -> None:
    with pytest.raises(BadDag, match="get_weight of Wrong must give a whole number, not 'heavy'"):
        spec_with(Wrong)
