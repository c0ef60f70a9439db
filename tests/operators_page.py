"""`python -m tests.operators_page --write`: `.docs/operators.md`, made from the operators' own classes."""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.generated import write_or_compare
from tui_flow import operators
from tui_flow.sdk.decorators import TaskDecoratorCollection
from tui_flow.sdk.extras import EXTRA_PACKAGES
from tui_flow.sdk.hook import BaseHook
from tui_flow.sdk.hook_types import HOOKS
from tui_flow.sdk.notifier import BaseNotifier
from tui_flow.sdk.operator import BaseOperator
from tui_flow.sdk.sensor import BaseSensorOperator

PAGE = Path(__file__).resolve().parent.parent / ".docs" / "operators.md"
FOLDER = Path(operators.__file__).parent
HEAD = """# Operators, sensors, decorators and hooks

Made from their classes by `python -m tests.operators_page --write`. All keep Airflow's names and arguments; they are
imported from the module named here, most from `tui_flow` itself, and by Airflow's own module paths in Airflow's files.

An *extra* is what a task needs beside tuiflow: `pip install 'tuiflow[http]'`. A task whose extra is missing fails and
names it; DAG files load without.
"""
_OF_SDK = ("tui_flow.sdk.branch", "tui_flow.sdk.python")
"""Where there are operators besides the folder of operators."""
_NEEDED_SOMETIMES = {"pandas": "", "sql": "", "venv": "`venv`, for serializers other than pickle"}
"""Extras that a part of what a module does needs."""
_OTHER_DATABASES = "`sql`, for databases other than SQLite"


def main(words: list[str]) -> int:
    return write_or_compare(PAGE, render(), "tests.operators_page", words)


def render() -> str:
    sensors = list(classes(BaseSensorOperator))
    others = [cls for cls in classes(BaseOperator) if not issubclass(cls, BaseSensorOperator)]
    parts = [HEAD, _table("Operators", others), _table("Sensors", sensors), _decorators(), _hooks()]
    return "\n".join([*parts, _table("Notifiers", list(classes(BaseNotifier))), _extras()])


def classes(base: type) -> Iterator[type]:
    """Public subclasses of `base` in `tui_flow.operators`, by name."""
    names = [*_OF_SDK, *(f"tui_flow.operators.{path.stem}" for path in FOLDER.glob("*.py"))]
    found = {}
    for module in map(importlib.import_module, names):
        for cls in filter(inspect.isclass, vars(module).values()):
            is_ours = cls.__module__ == module.__name__ and not cls.__name__.startswith("_")
            if is_ours and issubclass(cls, base):
                found[cls.__name__] = cls
    yield from (found[name] for name in sorted(found, key=str.lower))


def _table(title: str, rows: list[type]) -> str:
    lines = [f"| `{cls.__name__}` | `{cls.__module__}` | {purpose(cls)} | {extra_of(cls)} |" for cls in rows]
    return "\n".join([f"## {title}\n", "| name | module | what for | extra |", "|---|---|---|---|", *lines, ""])


def _decorators() -> str:
    rows = []
    for name, place in sorted(TaskDecoratorCollection.elsewhere.items()):
        module, _, function = place.partition(":")
        made = getattr(importlib.import_module(module), function)
        rows.append(f"| `@task.{name}` | {_first_sentence(inspect.getdoc(made)).partition(': ')[2]} |")
    rows += [
        f"| `@task.{made.__name__}` | {_first_sentence(inspect.getdoc(made))} |"
        for made in (TaskDecoratorCollection.run_if, TaskDecoratorCollection.skip_if)
    ]
    return "\n".join(["## Decorators\n", "| name | what for |", "|---|---|", *rows, ""])


def _hooks() -> str:
    by_class: dict[str, list[str]] = {}
    for conn_type, place in sorted(HOOKS.items()):
        by_class.setdefault(place.partition(":")[2], []).append(f"`{conn_type}`")
    rows = [
        f"| `{cls.__name__}` | `{cls.__module__}` | {', '.join(by_class.get(cls.__name__, []))} | {extra_of(cls)} |"
        for cls in classes(BaseHook)
    ]
    return "\n".join(["## Hooks\n", "| name | module | connection types | extra |", "|---|---|---|---|", *rows, ""])


def _extras() -> str:
    rows = [f"| `{name}` | {', '.join(packages)} |" for name, packages in EXTRA_PACKAGES.items()]
    return "\n".join(["## Extras\n", "| extra | packages |", "|---|---|", *rows, ""])


def purpose(cls: type) -> str:
    """The first sentence of the module's docstring where it speaks of this class alone, else of the class's own."""
    of_module = inspect.getdoc(sys.modules[cls.__module__]) or ""
    told = _first_sentence(of_module)
    if told.startswith(f"`{cls.__name__}`: "):
        return _cell(told.partition(": ")[2])
    return _cell(_first_sentence(vars(cls).get("__doc__")))


def _first_sentence(doc: str | None) -> str:
    text = " ".join((doc or "").split())
    return re.split(r"(?<=[.])\s", text, maxsplit=1)[0]


def _cell(text: str) -> str:
    return text[:1].upper() + text[1:].replace("|", "\\|")


def extra_of(cls: type) -> str:
    if cls.__module__ in _OF_SDK:
        return ""
    needed = sorted(_extras_of(cls.__module__.rpartition(".")[2]))
    told = [_NEEDED_SOMETIMES.get(name, f"`{name}`") for name in needed]
    if "sql" in cls.__module__.rpartition(".")[2] or "sql" in _modules_of(cls.__module__.rpartition(".")[2]):
        told.append("" if "Sqlite" in cls.__name__ else _OTHER_DATABASES)
    return "; ".join(filter(None, told))


@cache
def _modules_of(name: str) -> frozenset[str]:
    """The operators' modules that one imports, and those that these import."""
    source = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    direct = set(re.findall(r"^from tui_flow\.operators\.(\w+) import", source, re.MULTILINE)) - {name}
    return frozenset(direct.union(*(_modules_of(other) for other in direct)))


def _extras_of(name: str) -> set[str]:
    sources = [(FOLDER / f"{module}.py").read_text(encoding="utf-8") for module in {name, *_modules_of(name)}]
    return {found for source in sources for found in re.findall(r'with extra\("(\w+)"', source)}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
