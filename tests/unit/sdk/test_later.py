"""Values that are made when first used behave as what they are."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tui_flow.sdk.context import Context
from tui_flow.sdk.later import Later, value_of

AT = datetime(2024, 6, 15, tzinfo=UTC)


def test_it_behaves_as_the_value_that_is_made_once() -> None:
    made: list[int] = []
    date: Any = Later(lambda: (made.append(1), AT)[1])  # type: ignore[func-returns-value]
    assert not made
    assert (date.year, date + timedelta(1), date == AT, date == AT, date < AT, f"{date:%H}") == (
        2024,
        datetime(2024, 6, 16, tzinfo=UTC),
        True,
        True,
        False,
        "00",
    )
    assert isinstance(date, datetime) and hash(date) == hash(AT) and str(date) == str(AT)
    assert type(pickle.loads(pickle.dumps(date))) is datetime
    table: Any = Later(lambda: {"a": [1]})
    table["b"] = 2
    assert (len(table), sorted(table), table["a"], "b" in table, bool(table)) == (2, ["a", "b"], [1], True, True)
    assert json.dumps(dict(table)) == '{"a": [1], "b": 2}'
    nothing: Any = Later(lambda: None)
    assert not nothing and nothing == None and value_of(nothing) is None  # noqa: E711
    with pytest.raises(TypeError, match="'NoneType' object has no __len__"):
        len(nothing)
    assert made == [1]


def test_a_context_gives_all_names_and_asks_only_for_those_that_are_used() -> None:
    asked: list[str] = []

    def asks(name: str) -> Callable[[], str]:
        return lambda: asked.append(name) or name.upper()  # type: ignore[func-returns-value]

    context = Context({"ds": "2024-06-15"}, {"a": asks("a"), "b": asks("b")})

    def take(**given: Any) -> dict[str, Any]:
        return given

    given = take(**context.copied())
    assert sorted(given) == ["a", "b", "ds"] and not asked
    assert given["a"] == "A" and asked == ["a"]
    assert context.lazy_names() == {"a", "b"}, "a copy's values are its own"
    assert type(context["b"]) is str and context.get("b") == "B" and "c" not in context
    assert context.get("c", 1) == 1
