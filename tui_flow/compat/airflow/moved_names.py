"""`airflow.utils.deprecation_tools`: how providers keep old names of theirs alive."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from tui_flow.compat.airflow.helpers import import_string


class DeprecatedImportWarning(FutureWarning):
    """A name was asked for by its old place."""


def add_deprecated_classes(
    module_imports: Mapping[str, Mapping[str, str]],
    package: str,
    override_deprecated_classes: Mapping[str, Mapping[str, str]] | None = None,
    extra_message: str | None = None,
    message: str | None = None,
) -> None:
    """Have `package.module.Name` lead to the dotted path that `module_imports[module][Name]` says.

    `package` itself as a key means names of the package; `*` as a name all names of a module.
    """
    for module_name, moved in module_imports.items():
        words = {**moved, **(override_deprecated_classes or {}).get(module_name, {})}
        full_name = package if module_name == package else f"{package}.{module_name}"
        module = sys.modules.setdefault(full_name, ModuleType(full_name))
        module.__dict__["__getattr__"] = _Moved(full_name, moved, words, message, extra_message or "")


class _Moved:
    """A module's `__getattr__`."""

    def __init__(
        self, module: str, moved: Mapping[str, str], words: Mapping[str, str], message: str | None, extra: str
    ) -> None:
        self._module, self._moved, self._words = module, moved, words
        self._message = message or "`{module}.{name}` is deprecated, use `{target}`"
        self._extra = extra

    def __call__(self, name: str) -> Any:
        target = self._moved.get(name)
        if target is None and "*" in self._moved and not name.startswith("__"):
            target = f"{self._moved['*']}.{name}"
        if target is None:
            raise AttributeError(f"module {self._module!r} has no attribute {name!r}")
        text = self._message.format(module=self._module, name=name, target=self._words.get(name, target))
        warnings.warn(f"{text} {self._extra}".rstrip(), DeprecatedImportWarning, stacklevel=3)
        return import_string(target)
