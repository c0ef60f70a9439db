"""Whose defaults and dates a DAG file means, from what it imports."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import lru_cache

from tui_flow.spec import Dialect


def dialect_of(sources: Iterable[bytes]) -> tuple[Dialect, str]:
    """The dialect and, in words, why. `sources`: the DAG file, then the modules of the DAGs folder that it imports; the
    first that imports tui_flow or Airflow decides."""
    for source in sources:
        if found := _dialect_of_one(list(imported_modules(source))):
            return found
    return "tui_flow", "imports neither tui_flow nor airflow itself"


def _dialect_of_one(modules: list[str]) -> tuple[Dialect, str] | None:
    ours = [name for name in modules if _is_in(name, "tui_flow")]
    if ours:
        return "tui_flow", f"imports {ours[0]}"
    sdk = [name for name in modules if _is_in(name, "airflow.sdk")]
    if sdk:
        return "airflow3", f"imports {sdk[0]}: Airflow 3's defaults"
    airflow = [name for name in modules if _is_in(name, "airflow")]
    if airflow:
        return "airflow2", f"imports {airflow[0]} and not airflow.sdk: Airflow 2's defaults"
    return None


def _is_in(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


@lru_cache
def parse_source(source: bytes) -> ast.Module | None:
    """The syntax tree; None for what is not Python."""
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def imported_modules(source: bytes) -> Iterator[str]:
    """Dotted names of the modules that a source imports anywhere; `from airflow import sdk` counts as `airflow.sdk`."""
    tree = parse_source(source)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.sdk" for alias in node.names if alias.name == "sdk")
