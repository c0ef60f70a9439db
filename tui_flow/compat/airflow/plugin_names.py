"""What plugins add to Airflow's names: `airflow.operators.<plugin>`, `.sensors`, `.hooks`, `.macros`, and `macros` in
templates. Their modules are imported when something is asked for that only a plugin could have."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any

from tui_flow.compat.airflow.plugins import AirflowPlugin

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

FAMILIES = {
    "airflow.operators": "operators",
    "airflow.sensors": "sensors",
    "airflow.hooks": "hooks",
    "airflow.macros": "macros",
}
"""Packages, and the attribute of a plugin that lists what it adds to them."""


class _Plugins:
    """The plugins of this process."""

    def __init__(self) -> None:
        self._find: Callable[[], Iterable[str]] = tuple
        self._found: list[type[AirflowPlugin]] | None = None
        self.problems: dict[str, str] = {}
        """By module why it could not be imported."""

    def look_in(self, find: Callable[[], Iterable[str]]) -> None:
        self._find, self._found = find, None

    def all(self) -> list[type[AirflowPlugin]]:
        if self._found is None:
            self._found = []  # also for what a plugin's module asks for while it is imported
            for name in self._find():
                self._found += self._import(name, partial(importlib.import_module, name))
            for entry in _entry_points():
                self._found += self._import(entry.name, entry.load)
        return self._found

    def _import(self, name: str, load: Callable[[], Any]) -> list[type[AirflowPlugin]]:
        try:
            found = load()
        except Exception as err:  # whatever user code may raise; the DAG file may not need this one
            self.problems[name] = f"{type(err).__name__}: {err}"
            return []
        values = vars(found).values() if isinstance(found, ModuleType) else (found,)
        classes = [each for each in values if inspect.isclass(each) and each is not AirflowPlugin]
        return [each for each in classes if issubclass(each, AirflowPlugin)]


def _entry_points() -> list[EntryPoint]:
    """Plugins of installed packages; not those of providers, which are for Airflow's web pages."""
    from importlib.metadata import entry_points  # 10 ms, where a plugin is looked for

    found = entry_points(group="airflow.plugins")
    return [entry for entry in found if entry.dist is None or not entry.dist.name.startswith("apache-airflow")]


_PLUGINS = _Plugins()


def look_for_plugins(find: Callable[[], Iterable[str]]) -> None:
    """Have plugins looked for in the modules that `find` names when it is called."""
    _PLUGINS.look_in(find)


def plugin_module(fullname: str) -> ModuleType | None:
    """`airflow.operators.<plugin>` and the like, with what that plugin adds; None where no plugin has the name."""
    parent, _, name = fullname.rpartition(".")
    kind = FAMILIES.get(parent)
    added = [each for plugin in _PLUGINS.all() if plugin.name == name for each in _added(plugin, kind)] if kind else []
    if not added:
        return None
    module = ModuleType(fullname, f"What the plugin {name!r} adds.")
    module.__dict__.update(added, __all__=[each for each, _ in added])
    return module


def plugin_object(package: str, name: str) -> Any:
    """What a plugin adds to `package` under its bare name, as up to Airflow 1.10; None where none does."""
    kind = FAMILIES.get(package)
    plugins = _PLUGINS.all() if kind and not name.startswith("_") else ()
    return next((value for plugin in plugins for each, value in _added(plugin, kind) if each == name), None)


def plugin_macros(name: str) -> ModuleType | None:
    """`macros.<plugin>` of templates."""
    return plugin_module(f"airflow.macros.{name}")


def problems_of_plugins() -> str:
    """Which modules could not be imported, in words; empty where all could."""
    return "; ".join(f"plugin {name} cannot be imported: {why}" for name, why in _PLUGINS.problems.items())


def _added(plugin: type[AirflowPlugin], kind: str | None) -> Iterator[tuple[str, Any]]:
    """(name, object) of each. Sensors stood among the operators, too."""
    kinds = {"operators": ("operators", "sensors"), "sensors": ("sensors", "operators")}.get(kind or "", (kind or "",))
    for each in kinds:
        yield from ((value.__name__, value) for value in getattr(plugin, each, ()))
