from __future__ import annotations

from typing import Any

import pytest

from tui_flow import Param, ParamsDict
from tui_flow.sdk.exceptions import ParamValidationError
from tui_flow.sdk.param import resolve_params


def test_conf_goes_over_params_and_may_add_keys() -> None:
    params = ParamsDict({"x": 1, "y": "base", "z": Param(5, type="integer", minimum=1, maximum=10)})
    assert resolve_params(params, {"x": "9", "z": 7, "new": "extra"}) == {"x": "9", "y": "base", "z": 7, "new": "extra"}
    assert params.dump() == {"x": 1, "y": "base", "z": 5}


def test_errors_name_the_param() -> None:
    params = {"z": Param(5, type="integer", maximum=10)}
    with pytest.raises(ParamValidationError, match="param z: 11 is greater than the maximum of 10"):
        resolve_params(params, {"z": 11})
    with pytest.raises(ParamValidationError, match="param r: No value"):
        resolve_params({"r": Param(type="string")}, {})


@pytest.mark.parametrize("value", ["P1D", "PT36H", "P1Y2M3DT4H5M6.5S", "-P2W", None])
def test_durations_are_those_of_iso_8601(value: str | None) -> None:
    assert Param(value, type=["string", "null"], format="duration").resolve() == value


@pytest.mark.parametrize("value", ["1 day", "P", "PT", "P1DT", "P1H", "P1W2D", "P1D "])
def test_other_durations_are_refused(value: str) -> None:
    with pytest.raises(ParamValidationError, match="is not a 'duration'"):
        Param(value, type="string", format="duration").resolve()


@pytest.mark.parametrize("value", [object(), {1, 2}, float("nan"), b"x"])
def test_values_that_are_no_json_are_refused(value: Any) -> None:
    with pytest.raises(ParamValidationError, match="JSON"):
        Param(value).resolve()


def test_huge_and_deep_values_are_refused() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    for value in ("x" * 300_000, deep):
        with pytest.raises(ParamValidationError):
            Param(value).resolve()


def test_a_bad_schema_is_named_as_such() -> None:
    with pytest.raises(ParamValidationError, match="schema itself"):
        Param(1, type="number_of_things").resolve()


def test_schemas_carry_default_and_description() -> None:
    assert Param(5, "How many", type="integer").to_schema() == {
        "type": "integer",
        "description": "How many",
        "default": 5,
    }
    assert Param(type="string").to_schema() == {"type": "string"}
