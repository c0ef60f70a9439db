"""`airflow.utils.yaml`: PyYAML under another name, safe by default and by its C library where that is there."""

from __future__ import annotations

import importlib
from typing import Any


def safe_load(stream: Any) -> Any:
    yaml = _yaml()
    return yaml.load(stream, getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def dump(data: Any, **kwargs: Any) -> str:
    yaml = _yaml()
    return str(yaml.dump(data, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), **kwargs))


def _yaml() -> Any:
    return importlib.import_module("yaml")  # an extra, which only some providers need


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return getattr(_yaml(), name)
