"""Effective priority weights."""

from __future__ import annotations

import pytest

from tests.unit.planner.dsl import dag_of
from tests.unit.planner.state_dags import DAGS
from tui_flow.planner.shape import relatives, upstream_of
from tui_flow.planner.weights import effective_weights


def test_airflows_example() -> None:
    assert effective_weights(DAGS["s_weights"]) == {"a": 15, "b": 11, "c": 4, "d": 4, "e": 5}


@pytest.mark.parametrize("rule", ["downstream", "upstream"])
def test_the_same_as_adding_up_all_relatives(rule: str) -> None:
    weights = {"a": 7, "b": -3, "c": 0, "d": 1000, "e": -8, "f": 5}
    tasks = {name: {"priority_weight": weight, "weight_rule": rule} for name, weight in weights.items()}
    spec = dag_of("a >> [b, c] >> d >> e; b >> e; f >> d; c >> f", tasks=tasks)
    neighbours = spec.downstream if rule == "downstream" else upstream_of(spec)
    expected = {
        name: weights[name] + sum(weights[other] for other in relatives([name], neighbours)) for name in weights
    }
    assert effective_weights(spec) == expected


def test_weights_stay_inside_32_bits() -> None:
    spec = dag_of("a >> b", a={"priority_weight": 2**31 - 1}, b={"priority_weight": 2**31 - 1})
    assert effective_weights(spec)["a"] == 2**31 - 1


def test_ten_thousand_tasks_in_a_chain() -> None:
    spec = dag_of(" >> ".join(f"t{n}" for n in range(10_000)))
    assert effective_weights(spec)["t0"] == 10_000
