from __future__ import annotations

import tomllib

import pytest

from tests import operators_page
from tui_flow.sdk.extras import EXTRA_PACKAGES
from tui_flow.sdk.hook import BaseHook
from tui_flow.sdk.hook_types import HOOKS
from tui_flow.sdk.operator import BaseOperator


def test_the_page_equals_the_code() -> None:
    text = operators_page.PAGE.read_text(encoding="utf-8")
    assert text == operators_page.render(), "run `python -m tests.operators_page --write`"


@pytest.mark.parametrize("cls", list(operators_page.classes(BaseOperator)), ids=lambda cls: cls.__name__)
def test_every_operator_says_what_it_is_for(cls: type[BaseOperator]) -> None:
    assert operators_page.purpose(cls)


def test_extras_that_errors_name_can_be_installed() -> None:
    project = tomllib.loads((operators_page.PAGE.parents[1] / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    for name, packages in EXTRA_PACKAGES.items():
        listed = {wanted.partition(">")[0] for wanted in extras[name]}
        assert listed == set(packages)


def test_every_connection_type_leads_to_a_hook_that_tests_it() -> None:
    hooks = {cls.__name__: cls for cls in operators_page.classes(BaseHook)}
    for place in HOOKS.values():
        hook = hooks[place.partition(":")[2]]
        assert hook.__module__ == place.partition(":")[0] and callable(getattr(hook, "test_connection"))  # noqa: B009
