"""The template context of an attempt, from its workload."""

from __future__ import annotations

from typing import Any

from tui_flow.mapping import instances_of
from tui_flow.messages import Workload
from tui_flow.runtime.served import ServedFile
from tui_flow.sdk.context import Context
from tui_flow.sdk.node import level_ids
from tui_flow.sdk.template_context import build_context


def context_of(served: ServedFile, workload: Workload, task: Any, ti: Any) -> Context:
    """Raises ParamValidationError when the run's conf fails a param."""
    count = instances_of(level_ids(task), workload.map_lengths) if workload.map_lengths else None
    more = {"expanded_ti_count": count if workload.map_index >= 0 else None}
    return build_context(task=task, ti=ti, run=workload.run, dialect=served.dialect, more=more)
