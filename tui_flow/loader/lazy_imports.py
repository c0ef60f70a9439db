"""Modules of the DAGs folder that a source imports inside functions: part of its version, though no parse runs them."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator, Sequence

from tui_flow.loader.dialect import parse_source
from tui_flow.loader.recorder import Recorder


def record_lazy_imports(recorder: Recorder, roots: Sequence[str]) -> None:
    """Record what recorded modules import from `roots`, folders relative to the DAGs folder ("" is itself)."""
    seen: set[str] = set()
    while todo := [path for path in recorder.contents if path.endswith(".py") and path not in seen]:
        for path in todo:
            seen.add(path)
            for candidate in _candidates(path, recorder.contents[path], roots):
                if candidate not in seen and recorder.exists(candidate):
                    recorder.read(candidate)


def _candidates(path: str, source: bytes, roots: Sequence[str]) -> Iterator[str]:
    """Files that the imports of one source could mean."""
    for names, folders in _imports(path, source, roots):
        for folder in folders:
            base = os.path.join(folder, *names)
            for depth in range(1, len(names) + 1):
                yield os.path.join(folder, *names[:depth], "__init__.py")
            yield f"{base}.py"


def _imports(path: str, source: bytes, roots: Sequence[str]) -> Iterator[tuple[list[str], Sequence[str]]]:
    """(dotted name in parts, folders that it may be in)."""
    tree = parse_source(source)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Import):
            for alias in node.names:
                if not _is_standard(alias.name):
                    yield alias.name.split("."), roots
        elif isinstance(node, ast.ImportFrom) and not _is_standard(node.module or ""):
            module = node.module.split(".") if node.module else []
            folders = [os.path.normpath(os.path.join(path, *[".."] * node.level))] if node.level else roots
            folders = ["" if folder == "." else folder for folder in folders]
            yield from ((parts, folders) for parts in [module, *([*module, a.name] for a in node.names)] if parts)


def _is_standard(name: str) -> bool:
    top = name.partition(".")[0]
    return top in sys.stdlib_module_names or top in ("tui_flow", "airflow")
