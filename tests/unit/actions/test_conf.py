"""What a run's conf may be."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.unit.planner.dsl import dag_of
from tui_flow.actions.conf import MAX_CONF_BYTES, MAX_DEPTH, check_conf, check_size
from tui_flow.errors import BadInput, ParamsInvalid

SPEC = dag_of(
    "a",
    params={
        "count": {"type": "integer", "minimum": 1, "default": 5},
        "day": {"type": "string", "format": "date", "default": "2026-01-01"},
        "at": {"type": ["string", "null"], "format": "date-time", "default": None},
        "any": {"default": 1},
    },
)


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("conf", [{}, {"count": 1}, {"any": "9"}, {"unknown": {"x": [1]}}, {"day": "2026-02-28"}])
def test_good_conf_passes(conf: dict[str, Any]) -> None:
    check_conf(SPEC, conf)


@pytest.mark.parametrize(
    ("conf", "words"),
    [
        ({"count": 0}, "'count' of DAG 'd'.*minimum"),
        ({"count": "1"}, "'1' is not of type 'integer'"),
        ({"count": True}, "True is not of type 'integer'"),
        ({"day": "2026-02-30"}, "is not a 'date'"),
        ({"at": "yesterday"}, "is not a 'date-time'"),
    ],
)
def test_a_value_that_fails_its_schema_names_the_param(conf: dict[str, Any], words: str) -> None:
    with pytest.raises(ParamsInvalid, match=words):
        check_conf(SPEC, conf)


def test_a_param_without_default_must_be_given() -> None:
    spec = dag_of("a", params={"who": {"type": "string"}})
    with pytest.raises(ParamsInvalid, match="needs param 'who'"):
        check_conf(spec, {})
    check_conf(spec, {"who": "me"})


def test_depth_and_size_have_limits() -> None:
    check_size({"x": nested(MAX_DEPTH - 1)})
    for depth in (MAX_DEPTH, 100_000):
        with pytest.raises(BadInput, match="nested deeper"):
            check_size({"x": nested(depth)})
    with pytest.raises(BadInput, match="bytes"):
        check_size({"x": "y" * MAX_CONF_BYTES})


@pytest.mark.parametrize("value", [math.nan, math.inf, object(), {1, 2}])
def test_only_json_is_conf(value: object) -> None:
    with pytest.raises(BadInput, match="not JSON"):
        check_size({"x": value})
