"""What a host does before its first fork, so that attempts neither import nor compile anything: most of an attempt's
cost is the memory pages that it is the first to touch."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from tui_flow.messages import RunFacts, Workload
from tui_flow.runtime.contexts import context_of
from tui_flow.runtime.served import ServedFile
from tui_flow.sdk import templating
from tui_flow.sdk.callables import determine_kwargs

_MAX_TEMPLATES = 5_000


def warm_up(served: ServedFile) -> None:
    """Compile the templates of all tasks and build one context. What fails here fails again, with its story, in a
    task."""
    budget = _MAX_TEMPLATES
    for dag in served.dags.values():
        for task in dag.tasks:
            for text in _templates(task):
                budget -= 1
                if budget > 0:
                    with contextlib.suppress(Exception):
                        templating.compiled(task.get_template_env(), text)
        if dag.tasks:
            with contextlib.suppress(Exception):
                _build_a_context(served, dag.dag_id, dag.tasks[0])


def _build_a_context(served: ServedFile, dag_id: str, task: Any) -> None:
    now = datetime.now(UTC).isoformat()
    run = RunFacts("manual__warm", "manual", now, now, now, now, now, now)
    workload = Workload(0, dag_id, task.task_id, -1, 1, 0, run, served.file, served.source_version, "", "")
    copied = task.for_execution()
    context = context_of(served, workload, copied, _NoTaskInstance(task, dag_id))
    copied.get_template_env()
    if callable(function := getattr(task, "python_callable", None)):
        determine_kwargs(function, (), context)


class _NoTaskInstance:
    """`ti` of nobody: enough to build a context with."""

    def __init__(self, task: Any, dag_id: str) -> None:
        self.task, self.task_id, self.dag_id = task, task.task_id, dag_id
        self.run_id, self.try_number, self.max_tries, self.map_index, self.poke_count = "manual__warm", 1, 0, -1, 0
        self.start_date = self.first_started_at = datetime.now(UTC)


def _templates(task: Any) -> Iterator[str]:
    for name in task.template_fields:
        yield from _strings(getattr(task, name, None), depth=0)


def _strings(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        if templating.has_markup(value):
            yield value
    elif depth < 4 and isinstance(value, dict):
        for part in value.values():
            yield from _strings(part, depth + 1)
    elif depth < 4 and isinstance(value, list | tuple):
        for part in value:
            yield from _strings(part, depth + 1)
