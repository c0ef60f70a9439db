"""The tree of errors and the one in its docstring are the same; messages name the thing and what to do."""

from __future__ import annotations

import inspect
import re

import pytest

from tui_flow import errors
from tui_flow.errors import (
    BadInput,
    DagNotFound,
    HomeLocked,
    RunAlreadyExists,
    RunNotFound,
    TaskNotFound,
    TuiflowError,
    UsageError,
    did_you_mean,
)

CLASSES = {
    name: cls
    for name, cls in inspect.getmembers(errors, inspect.isclass)
    if issubclass(cls, TuiflowError) and cls.__module__ == errors.__name__
}


def parents_in_docstring() -> dict[str, str]:
    """Class -> parent, from the drawn tree: a name is 4 characters further right than its parent."""
    found: dict[str, str] = {}
    above: dict[int, str] = {}
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"^[ │├└─]*(?=[A-Z])", line)
        if match is None or not line.startswith("    "):
            continue
        depth, name = len(match[0]) // 4, line[match.end() :].split()[0]
        above[depth] = name
        found[name] = above.get(depth - 1, "")
    return found


def test_the_drawn_tree_is_the_tree() -> None:
    drawn = parents_in_docstring()
    assert drawn.pop("TuiflowError") == ""
    assert drawn == {name: cls.__mro__[1].__name__ for name, cls in CLASSES.items() if cls is not TuiflowError}


def test_exit_codes() -> None:
    for cls in CLASSES.values():
        expected = 75 if cls is HomeLocked else 2 if issubclass(cls, UsageError) else 1
        assert cls.exit_code == expected, cls


@pytest.mark.parametrize(
    ("err", "words"),
    [
        (DagNotFound("etl", ["elt", "web"]), ["'etl'", "did you mean 'elt'?", "`tuiflow dags list`"]),
        (TaskNotFound("etl", "lod", ["load"]), ["'etl'", "'lod'", "did you mean 'load'?", "`tuiflow tasks list etl`"]),
        (RunNotFound("etl", "r1"), ["'etl'", "'r1'", "`tuiflow runs list etl`"]),
        (RunAlreadyExists("etl", "r1"), ["'etl'", "'r1'", "choose another run id"]),
    ],
)
def test_messages_say_what_and_what_to_do(err: TuiflowError, words: list[str]) -> None:
    assert all(word in str(err) for word in words), str(err)
    assert "\n" not in str(err)


def test_nothing_is_suggested_that_is_not_close() -> None:
    assert did_you_mean("etl", ["dashboard"]) == ""
    assert did_you_mean("etl", []) == ""
    assert isinstance(BadInput("x"), UsageError)
