"""The template context of an attempt, from its workload."""

from __future__ import annotations

from typing import Any

from tui_flow.messages import Workload
from tui_flow.runtime.served import ServedFile
from tui_flow.sdk.context import Context
from tui_flow.sdk.template_context import build_context


def context_of(served: ServedFile, workload: Workload, task: Any, ti: Any) -> Context:
    """Raises ParamValidationError when the run's conf fails a param."""
    return build_context(task=task, ti=ti, run=workload.run, dialect=served.dialect)
