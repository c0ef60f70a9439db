"""`airflow.providers_manager`: what the installed provider packages say of themselves."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from tui_flow.compat.airflow.provider_packages import installed_providers


class ProviderInfo(NamedTuple):
    version: str
    data: Mapping[str, Any]


class DialectInfo(NamedTuple):
    name: str
    dialect_class_name: str
    provider_name: str


class HookInfo(NamedTuple):
    hook_class_name: str
    connection_id_attribute_name: str
    package_name: str
    hook_name: str
    connection_type: str
    connection_testable: bool


class ProvidersManager:
    """Reads metadata when it is asked, and imports a hook when that hook is asked for."""

    @cached_property
    def providers(self) -> dict[str, ProviderInfo]:
        return {provider.package: ProviderInfo(provider.version, provider.info()) for provider in installed_providers()}

    @cached_property
    def hooks(self) -> Mapping[str, HookInfo]:
        found = {
            declared["connection-type"]: (declared["hook-class-name"], package)
            for package, declared in self._declared("connection-types")
        }
        return _Hooks(found)

    @cached_property
    def dialects(self) -> dict[str, DialectInfo]:
        return {
            declared["dialect-type"]: DialectInfo(declared["dialect-type"], declared["dialect-class-name"], package)
            for package, declared in self._declared("dialects")
        }

    def _declared(self, kind: str) -> Iterator[tuple[str, Any]]:
        for package, provider in self.providers.items():
            for declared in provider.data.get(kind, ()):
                yield package, declared


class _Hooks(Mapping[str, HookInfo]):
    def __init__(self, found: Mapping[str, tuple[str, str]]) -> None:
        self._found = found

    def __getitem__(self, conn_type: str) -> HookInfo:
        class_name, package = self._found[conn_type]
        module, _, name = class_name.rpartition(".")
        hook = getattr(importlib.import_module(module), name)
        attribute, title = hook.conn_name_attr, getattr(hook, "hook_name", "")
        return HookInfo(class_name, attribute, package, title, conn_type, hasattr(hook, "test_connection"))

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)
