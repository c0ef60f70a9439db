"""What a source imports of Airflow that is not served, without running it: all of it, where an import stops at the
first."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

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
    is_optional: bool = False
    """It stands below `if`, or in a `try` with an `except`: the file may do without it."""


def missing_imports(tree: ast.Module) -> list[Missing]:
    """In order of lines. Of the branches of an `if` or `try` one that can be imported is enough."""
    return sorted(_missing(tree.body, is_deferred=False), key=lambda each: each.line)


def _missing(nodes: Iterable[ast.AST], is_deferred: bool) -> Iterator[Missing]:
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            advice = {name: refusal_of(name) for name in _imported(node) if not _is_served(name)}
            for words in dict.fromkeys(advice.values()):  # the same for all names of a module that moved
                names = [name for name, said in advice.items() if said == words]
                yield Missing(node.lineno, names[0], words, is_deferred)
        elif isinstance(node, ast.If):
            body = [] if "TYPE_CHECKING" in ast.unparse(node.test) else node.body
            yield from _missing_in_all([body, node.orelse], is_deferred)
        elif isinstance(node, ast.Try) and node.handlers:
            branches = [[*node.body, *node.orelse], *(handler.body for handler in node.handlers)]
            yield from _missing_in_all(branches, is_deferred)
            yield from _missing(node.finalbody, is_deferred)
        else:
            is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from _missing(ast.iter_child_nodes(node), is_deferred or is_function)


def _missing_in_all(branches: Sequence[Sequence[ast.stmt]], is_deferred: bool) -> Iterator[Missing]:
    found = [(branch, list(_missing(branch, is_deferred))) for branch in branches]
    if not any(_imports_airflow(branch) and not missing for branch, missing in found):
        yield from (replace(each, is_optional=True) for _, missing in found for each in missing)


def _imports_airflow(branch: Sequence[ast.stmt]) -> bool:
    nodes = (node for statement in branch for node in ast.walk(statement))
    return any(any(_imported(node)) for node in nodes if isinstance(node, ast.Import | ast.ImportFrom))


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
    if _is_known(name):
        return True
    served = served_by(module)
    target = served.target_of(attribute) if served is not None else None
    if target is None:
        return False
    return not target[0].startswith("airflow.") or _is_served(".".join(target))


def _is_known(module: str) -> bool:
    return module == "airflow" or served_by(module) is not None or _may_be_installed(module)


def _may_be_installed(module: str) -> bool:
    """Whether a provider, or Airflow's examples, lie on `sys.path`: their own import says what they have."""
    parts = module.split(".")
    is_example = "example_dags" in parts[1:3]
    if not (is_example or parts[1:2] == ["providers"]) or parts[:3] == ["airflow", "providers", "standard"]:
        return False
    return any(os.path.isdir(os.path.join(root, *parts[:3])) for root in sys.path)
