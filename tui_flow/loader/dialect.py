"""Whose defaults and dates a DAG file means, from what it imports."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import cast, get_args

from tui_flow.errors import BadInput
from tui_flow.spec import Dialect

_COMMENT = re.compile(rb"^[ \t]*#[ \t]*tuiflow:[ \t]*dialect[ \t]*=[ \t]*(\w+)", re.MULTILINE)


def dialect_of(sources: Iterable[bytes], setting: str = "auto") -> tuple[Dialect, str]:
    """The dialect and, in words, why. `sources`: the DAG file, then the modules of the DAGs folder that it imports; the
    first that says so in a comment, or imports tui_flow or Airflow, decides.

    `setting` is [core] airflow_dialect. Raises BadInput for a dialect that does not exist.
    """
    for source in sources:
        if comment := _COMMENT.search(source):
            return _known(comment[1].decode(), "a comment in the file"), "says so in a comment"
        if found := _dialect_of_one(list(imported_modules(source))):
            if setting != "auto" and found[0] != "tui_flow":
                return _known(setting, "[core] airflow_dialect"), f"set by [core] airflow_dialect; it {found[1]}"
            return found
    return "tui_flow", "imports neither tui_flow nor airflow itself"


def _known(name: str, where: str) -> Dialect:
    if name not in get_args(Dialect):
        raise BadInput(f"{where} names the dialect {name!r}; there are {', '.join(get_args(Dialect))}")
    return cast(Dialect, name)


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
