"""Lazy modules made from the tables in `names/`."""

from __future__ import annotations

import builtins
import importlib
import os
import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from tui_flow.compat.airflow.names import Served, served_by
from tui_flow.compat.airflow.plugin_names import FAMILIES, plugin_module, plugin_object, problems_of_plugins
from tui_flow.compat.airflow.refusals import AirflowImportError, refusal_of

_ALSO_FILES = ("airflow.providers", "airflow.example_dags", "airflow.contrib.example_dags")
"""Packages whose modules may also be files: of installed providers, of Airflow's examples in the DAGs folder."""
_BRIDGES = (
    "airflow.providers",
    "airflow.providers.apache",
    "airflow.providers.atlassian",
    "airflow.providers.common",
    "airflow.providers.microsoft",
    "airflow.example_dags",
    "airflow.contrib.example_dags",
)
"""Served packages that lead to such files."""
_STANDARD = "airflow.providers.standard"
"""The provider whose operators are ours, installed or not."""


class AirflowModule(ModuleType):
    """A module whose names are imported when they are first used."""

    def __getattr__(self, name: str) -> Any:
        served: Served = self.__dict__["_served"]
        if (target := served.target_of(name)) is not None:
            value = self._import(name, *target)
        elif served_by(f"{self.__name__}.{name}") or (value := plugin_object(self.__name__, name)) is None:
            return self._module_below(name)
        self.__dict__[name] = value
        return value

    def _import(self, name: str, module: str, wanted: str) -> Any:
        if not module.startswith("airflow."):
            return _import(module, wanted)
        moved = f"{self.__name__}.{name} is {wanted} of {module} now"
        try:
            return getattr(importlib.import_module(module), wanted)
        except AirflowImportError as err:
            raise AirflowImportError(f"{moved}: {err}") from err
        except AttributeError as err:
            raise AirflowImportError(f"{moved}, but the installed package does not have it") from err

    def _module_below(self, name: str) -> Any:
        """`import airflow` is enough for `airflow.utils.dates.days_ago`, as it was in Airflow."""
        below = f"{self.__name__}.{name}"
        if name.startswith("_") or served_by(below) is None:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return importlib.import_module(below)

    def __setattr__(self, name: str, value: Any) -> None:
        """As for any module, but an imported submodule does not hide a name: `airflow.decorators.task_group`."""
        is_submodule = isinstance(value, ModuleType) and value.__name__ == f"{self.__name__}.{name}"
        if not (is_submodule and self.__dict__["_served"].target_of(name) is not None):
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*self.__dict__, *self.__dict__["_served"].names()})


class AirflowLoader:
    def __init__(self, served: Served) -> None:
        self._served = served

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = AirflowModule(spec.name)
        module.__dict__["_served"] = self._served
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__dict__["__all__"] = [name for name in self._served.names() if not hasattr(builtins, name)]


class _PluginLoader:
    """Gives out a module that is there already."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is left to do."""


def spec_of(fullname: str, prefers_files: bool = True) -> ModuleSpec | None:
    """The spec of a served module; None for one that others find; raises AirflowImportError for one that nobody has.

    `prefers_files`: what both tuiflow and an installed provider have is the provider's.
    """
    served, has_file = served_by(fullname), _has_file(fullname)
    is_ours = not (has_file and prefers_files) or fullname in _BRIDGES or fullname.startswith(_STANDARD)
    if served is not None and is_ours:
        spec = ModuleSpec(fullname, AirflowLoader(served), is_package=True)  # type: ignore[arg-type]
        spec.submodule_search_locations = list(_folders(fullname))
        return spec
    if has_file:
        return None
    if (plugin := plugin_module(fullname)) is not None:
        return ModuleSpec(fullname, _PluginLoader(plugin))  # type: ignore[arg-type]
    parent, _, name = fullname.rpartition(".")
    if not prefers_files and _has_file(parent) and not parent.startswith(_STANDARD):
        raise AirflowImportError(
            f"{name} is not among what tuiflow has of {parent}; its package is installed: set [core] airflow_providers "
            "to 'installed' to have that answer"
        )
    problems = problems_of_plugins() if parent in FAMILIES else ""
    raise AirflowImportError(refusal_of(fullname) + (f"; {problems}" if problems else ""))


def _folders(fullname: str) -> Iterator[str]:
    """Folders on `sys.path` that hold a package's files."""
    if not fullname.startswith(_ALSO_FILES):
        return
    below = fullname.replace(".", os.sep)
    for root in sys.path:
        if root.endswith(os.sep + below) and os.path.isdir(root):
            yield root
        elif os.path.isdir(folder := os.path.join(root, below)):
            yield folder


def _has_file(fullname: str) -> bool:
    """Whether the folders of the parent package hold the module."""
    if not fullname.startswith(_ALSO_FILES):
        return False
    parent, _, name = fullname.rpartition(".")
    folders = [os.path.join(folder, name) for folder in getattr(sys.modules.get(parent), "__path__", ())]
    return any(os.path.isfile(f"{base}.py") or os.path.isdir(base) for base in folders)


def _import(module: str, name: str) -> Any:
    found = importlib.import_module(module)
    if not name:
        return found
    try:
        return getattr(found, name)
    except AttributeError:
        return importlib.import_module(f"{module}.{name}")
