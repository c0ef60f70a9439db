"""The tables: Airflow's modules by their family, the second part of their dotted name.

A family's `MODULES` says of each module where its names are: `{"sdk.operator": "BaseOperator chain"}`, relative to
`tui_flow`. `Old=New` serves our `New` as `Old`; `*` serves all public names; a text instead of a table is the Airflow
module that it repeats.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

Names = Mapping[str, str]
Table = Mapping[str, Names | str]

_FAMILIES = {
    "sdk": "sdk",
    "io": "sdk",
    "models": "models",
    "decorators": "tasks",
    "operators": "tasks",
    "sensors": "tasks",
    "hooks": "tasks",
    "utils": "utils",
    "timetables": "timetables",
    "datasets": "timetables",
    "assets": "timetables",
    "contrib": "contrib",
    "providers": "providers",
}


class Served:
    """The names of one module."""

    def __init__(self, names: Names, beyond: str | None = None) -> None:
        """`beyond`: an Airflow's module that has what is not named."""
        self._targets: dict[str, tuple[str, str]] = {}
        self._open: list[str] = []
        self._beyond = beyond
        for source, text in names.items():
            module = source if source.startswith("airflow.") else f"tui_flow.{source}"
            for word in text.split():
                if word == "*":
                    self._open.append(module)
                else:
                    name, _, ours = word.partition("=")
                    self._targets[name] = (module, ours or name)

    def target_of(self, name: str) -> tuple[str, str] | None:
        """(module, attribute) here; None for a name that is not served."""
        if name in self._targets:
            return self._targets[name]
        if not name.startswith("_"):
            for module in self._open:
                if hasattr(importlib.import_module(module), name):
                    return module, name
            if self._beyond is not None:
                return self._beyond, name
        return None

    def names(self) -> list[str]:
        opened = {
            name for module in self._open for name in dir(importlib.import_module(module)) if not name.startswith("_")
        }
        return sorted(opened | self._targets.keys())


def family_of(fullname: str) -> str:
    second = fullname.split(".")[1] if "." in fullname else ""
    return _FAMILIES.get(second, "core")


def table_of(family: str) -> Table:
    table: Table = importlib.import_module(f"{__name__}.{family}").MODULES
    return table


def families() -> list[str]:
    return sorted({"core", *_FAMILIES.values()})


@cache
def served_by(fullname: str) -> Served | None:
    """What a module serves; a package that only holds other modules serves no names; None for an unknown one."""
    table = table_of(family_of(fullname))
    names = table.get(fullname)
    while isinstance(names, str):
        names = table_of(family_of(names))[names]
    if names is not None:
        return Served(names)
    if moved := moved_names().get(fullname):
        return Served(moved, beyond=next(iter(moved)))
    return Served({}) if any(name.startswith(f"{fullname}.") for name in (*table, *moved_names())) else None


@cache
def moved_names() -> dict[str, dict[str, str]]:
    """Modules up to Airflow 1.10 whose names are in providers now, from `moved.txt`: old module, its provider's module,
    names (`Old=New`) in each line."""
    found: dict[str, dict[str, str]] = {}
    for line in Path(__file__).with_name("moved.txt").read_text("utf-8").splitlines():
        module, provider, names = line.split(" ", 2)
        found.setdefault(f"airflow.{module}", {})[f"airflow.providers.{provider}"] = names
    return found
