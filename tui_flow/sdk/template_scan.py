"""What can be told of templates without rendering them: whose XComs they name, whether user code is involved."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from typing import Any

from tui_flow.sdk.node import AbstractOperator
from tui_flow.sdk.templating import has_markup
from tui_flow.sdk.xcom_arg import PlainXComArg, ResolveMixin, XComArg

_LITERAL = r"\[[^\]]*\]|\([^)]*\)|'[^']*'|\"[^\"]*\""
_PULL = re.compile(rf"xcom_pull\(\s*({_LITERAL})|task_ids\s*=\s*({_LITERAL})")
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_MACRO = re.compile(r"\bmacros\s*\.\s*(\w+)")
_ASKS_ELSEWHERE = re.compile(r"\b(?:var|conn)\s*[.\[]|\bprev_|\b(?:include|import|extends)\b|\bdag\b|\btask\b(?!_)")
"""Template text that needs the channel, another template, or the author's objects."""


def template_values(task: AbstractOperator) -> Iterator[Any]:
    """The strings and references inside the task's template fields."""
    for name in task.template_fields:
        yield from _leaves(getattr(task, name, None))


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, str | ResolveMixin):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _leaves(part)
    elif isinstance(value, list | tuple | set | frozenset):
        for part in value:
            yield from _leaves(part)
    elif value is not None and getattr(value, "template_fields", None):
        yield from (leaf for name in value.template_fields for leaf in _leaves(getattr(value, name, None)))


def xcom_sources(task: AbstractOperator, known: Container[str]) -> set[str]:
    """Ids of tasks (of those `known`) whose XComs the templates and arguments name."""
    found: set[str] = set()
    for value in template_values(task):
        if isinstance(value, str):
            found |= _pulled(value)
        elif isinstance(value, XComArg):
            found |= {source.task_id for source, _key in value.iter_references()}
    return {task_id for task_id in found if task_id in known}


def _pulled(text: str) -> set[str]:
    if "xcom_pull" not in text:
        return set()
    literals = (first or second for first, second in _PULL.findall(text))
    return {one or two for literal in literals for one, two in _QUOTED.findall(literal)}


def beyond_own_macros(text: str) -> set[str]:
    """Names after `macros.` that are none of ours: of plugins, or unknown."""
    names = set(_MACRO.findall(text)) if "macros" in text else set()
    if not names:
        return names
    from tui_flow.sdk import macros  # with json and uuid, for templates that name one

    return names - set(dir(macros))


def renders_without_user_code(task: AbstractOperator) -> bool:
    """Whether the templates need neither the author's code (macros, filters, functions) nor the channel."""
    dag = task.dag
    if dag.template_undefined or dag.jinja_environment_kwargs or getattr(task, "render_template_as_native_obj", None):
        return False
    theirs = {*(dag.user_defined_macros or ()), *(dag.user_defined_filters or ())}
    for value in template_values(task):
        if isinstance(value, str):
            if has_markup(value) and (
                _ASKS_ELSEWHERE.search(value) or any(name in value for name in theirs) or beyond_own_macros(value)
            ):
                return False
        elif not isinstance(value, PlainXComArg):
            return False
    return True
