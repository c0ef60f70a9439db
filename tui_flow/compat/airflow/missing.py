"""What a source imports of Airflow that is not served, without running it: all of it, where an import stops at the
first."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from tui_flow.compat.airflow.names import served_by
from tui_flow.compat.airflow.refusals import refusal_of


@dataclass(frozen=True, slots=True)
class Missing:
    line: int
    name: str
    """Dotted: a module, or a module's name."""
    advice: str
    """Why it is not served, and what to use instead."""
    is_deferred: bool
    """It stands in a function: parsing the file does not meet it."""


def missing_imports(tree: ast.AST) -> list[Missing]:
    """In order of lines. What a file may do without is left out: below `if`, and in a `try` with an `except`."""
    return list(_missing(tree, is_deferred=False))


def _missing(node: ast.AST, is_deferred: bool) -> Iterator[Missing]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) or (isinstance(child, ast.Try) and child.handlers):
            continue
        if isinstance(child, ast.Import | ast.ImportFrom):
            for name in _imported(child):
                if not _is_served(name):
                    yield Missing(child.lineno, name, refusal_of(name), is_deferred)
        else:
            is_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from _missing(child, is_deferred or is_function)


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """Airflow's modules, and names of them, each dotted."""
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif node.level or node.module is None:
        names = []
    elif not _is_known(node.module):
        names = [node.module]
    else:
        names = [f"{node.module}.{alias.name}" for alias in node.names if alias.name != "*"]
    yield from (name for name in names if name.startswith("airflow."))


def _is_served(name: str) -> bool:
    module, _, attribute = name.rpartition(".")
    served = served_by(module)
    return _is_known(name) or (served is not None and served.target_of(attribute) is not None)


def _is_known(module: str) -> bool:
    return module == "airflow" or served_by(module) is not None or _may_be_installed(module)


def _may_be_installed(module: str) -> bool:
    """Whether a provider, or Airflow's examples, lie on `sys.path`: their own import says what they have."""
    parts = module.split(".")
    if parts[1:2] not in (["providers"], ["example_dags"]) or parts[:3] == ["airflow", "providers", "standard"]:
        return False
    return any(os.path.isdir(os.path.join(root, *parts[:3])) for root in sys.path)
