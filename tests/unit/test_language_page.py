from __future__ import annotations

import pytest

from tests import language_page
from tests.language_page import arguments, table
from tui_flow import task
from tui_flow.cli.migration import WHY_IGNORED
from tui_flow.sdk import dag, operator_args


def test_the_page_equals_the_code() -> None:
    text = language_page.PAGE.read_text(encoding="utf-8")
    assert text == language_page.render(), "run `python -m tests.language_page --write`"


def test_a_name_without_words_is_an_error_and_words_without_a_name_are() -> None:
    with pytest.raises(ValueError, match="differ in b"):
        table(["a", "b"], {"a": "x"})
    with pytest.raises(ValueError, match="differ in b"):
        table(["a"], {"a": "x", "b": "y"})


def test_an_argument_without_words_is_an_error() -> None:
    def function(self: object, a: int = 1, b: int = 2, **kwargs: int) -> None: ...

    with pytest.raises(ValueError, match=r"\['b'\]"):
        arguments(function, {"a": "x"})


def test_each_argument_without_effect_says_why_and_no_other_does() -> None:
    assert WHY_IGNORED.keys() == {*dag.IGNORED_ARGUMENTS, *operator_args.IGNORED_ARGUMENTS}


@pytest.mark.parametrize("name", ["kubernetes", "kubernetes_cmd", "pyspark", "stub"])
def test_decorators_that_are_not_here_are_not(name: str) -> None:
    with pytest.raises(AttributeError, match=name):
        getattr(task, name)
