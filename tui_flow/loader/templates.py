"""Template files that tasks name: recorded with the DAG file's source version, and rendered from there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tui_flow.loader.recorder import Recorder
from tui_flow.sdk.dag import DAG

_REFERENCE = re.compile(rb"""\{%[-+]?\s*(?:include|import|from|extends)\s+['"]([^'"]+)['"]""")


def record_templates(recorder: Recorder, dags: Iterable[DAG]) -> None:
    """Record each template file below the DAGs folder that a task names, and what those include; have them rendered
    from what was recorded, whatever lies on the disk by then."""
    for dag in dags:
        folders = [dag.folder, *(os.fspath(path) for path in dag.template_searchpath)]
        todo = [name for task in dag.tasks for name in _template_names(task)]
        seen: set[str] = set()
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                todo += _record_one(recorder, folders, name)
        if seen:
            for native in (False, True):
                _render_recorded(dag.get_template_env(native=native), recorder, folders)


def _template_names(task: Any) -> Iterator[str]:
    endings = tuple(getattr(task, "template_ext", None) or ())
    fields = getattr(task, "template_fields", None) or ()
    arguments = getattr(task, "partial_kwargs", None) or {}
    for field in fields if endings else ():
        value = getattr(task, field, None) or arguments.get(field)
        for text in value if isinstance(value, list | tuple) else (value,):
            if isinstance(text, str) and text.endswith(endings):
                yield text


def _record_one(recorder: Recorder, folders: Iterable[str], name: str) -> list[str]:
    """The names that the template refers to."""
    for folder in folders:
        relative = recorder.relative(os.path.join(folder, name))
        if relative is None:
            continue
        try:
            source = recorder.read(relative)
        except OSError:
            continue
        return [match.decode("utf-8", "replace") for match in _REFERENCE.findall(source)]
    return []


def _render_recorded(environment: Any, recorder: Recorder, folders: Sequence[str]) -> None:
    """Put recorded template files in front of those that the environment's own loader finds."""
    real = environment.loader.get_source

    def get_source(environment: Any, name: str) -> Any:
        for folder in folders:
            path = os.path.join(folder, name)
            relative = recorder.relative(path)
            if relative is not None and relative in recorder.contents:
                return recorder.contents[relative].decode(), path, lambda: True
        return real(environment, name)

    environment.loader.get_source = get_source
