"""Which answers a request takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tui_flow.actions.answers import check_entries, check_options
from tui_flow.errors import BadInput, ParamsInvalid
from tui_flow.records import InputRequest, TaskInstanceKey

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PARAMS = {"day": {"type": "string", "default": "today"}, "size": {"type": "integer", "minimum": 1}}
REQUEST = InputRequest(
    7, TaskInstanceKey(1, "a"), "d", "r", "?", None, ("one", "two"), None, False, PARAMS, (), NOW, None
)


def test_options_are_of_those_that_are_there() -> None:
    assert check_options(REQUEST, ["two"]) == ["two"]
    for chosen, complaint in (
        (["three"], "no option 'three'"),
        ([], "nothing is chosen"),
        (["one", "two"], "only one"),
    ):
        with pytest.raises(BadInput, match=f"{complaint}.*one; two"):
            check_options(REQUEST, chosen)


def test_several_options_come_in_their_order() -> None:
    assert check_options(replace(REQUEST, multiple=True), ["two", "one", "two"]) == ["one", "two"]


def test_the_only_option_need_not_be_named() -> None:
    assert check_options(replace(REQUEST, options=("OK",)), []) == ["OK"]


def test_entries_go_over_the_defaults_and_fit_their_schemas() -> None:
    assert check_entries(REQUEST, {"size": 2}) == {"day": "today", "size": 2}
    with pytest.raises(ParamsInvalid, match="task 'a' needs param 'size'"):
        check_entries(REQUEST, {})
    with pytest.raises(ParamsInvalid, match="param 'size' of task 'a'"):
        check_entries(REQUEST, {"size": 0})
    with pytest.raises(BadInput, match="no param 'sise'; did you mean 'size'"):
        check_entries(REQUEST, {"sise": 1})
