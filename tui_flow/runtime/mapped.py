"""What an attempt does for dynamic task mapping: become one task instance of a mapped task, say how long a result is
that others map over, and find a name for its map index.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from tui_flow.sdk.context import Context
from tui_flow.sdk.exceptions import (
    AirflowException,
    UnmappableXComLengthPushed,
    UnmappableXComTypePushed,
    XComForMappingNotPushed,
)
from tui_flow.sdk.expand import mapped_over
from tui_flow.sdk.node import level_ids
from tui_flow.sdk.param import resolve_params
from tui_flow.sdk.templating import render_text


def instance_of(task: Any, context: Context) -> Any:
    """The operator to run: of a mapped task the one of this task instance, which the context then speaks of."""
    if getattr(task, "expand_input", None) is None:
        return task
    ti = context["ti"]
    if ti.map_index < 0:
        raise AirflowException(
            f"task {task.task_id!r} is mapped, and this is none of its task instances; name one, as {task.task_id}[0]"
        )
    instance = task.for_place(context, ti.place_in(task.task_id))
    context["task"] = ti.task = instance
    context["params"] = resolve_params(instance.params, context["dag_run"].conf)
    return instance


def length_for_mapping(task: Any, map_index: int, result: Any, is_pushed: bool, longest: int) -> int | None:
    """How many elements the result has for those that map over it; None where nobody does.

    Raises UnmappableXComTypePushed and its like for a result that cannot be mapped over.
    """
    if task.task_id not in mapped_over(task.dag):
        return None
    if level_ids(task) or map_index >= 0:
        return 1 if is_pushed and result is not None else 0
    if not is_pushed or result is None:
        raise XComForMappingNotPushed()
    if not isinstance(result, Mapping | Sequence) or isinstance(result, str | bytes):
        raise UnmappableXComTypePushed(result)
    if len(result) > longest:
        raise UnmappableXComLengthPushed(len(result), longest)
    return len(result)


def name_of_index(task: Any, context: Context, *, has_failed: bool) -> str | None:
    """What the task's `map_index_template` gives; of a failed task None where it cannot be rendered."""
    template = task.map_index_template
    if template is None or context["ti"].map_index < 0:
        return None
    with contextlib.suppress(Exception) if has_failed else contextlib.nullcontext():
        return str(render_text(task.get_template_env(), template, context))
    return None
