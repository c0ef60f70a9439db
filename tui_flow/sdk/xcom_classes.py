"""XComs of classes: dataclasses, attrs, enums, named tuples, pydantic models, collections, pendulum, numpy, pandas.

By duck typing, and nothing is imported to look at a value: what is not loaded cannot be its type.
"""

from __future__ import annotations

import dataclasses
import importlib
import sys
from collections.abc import Callable
from enum import Enum
from typing import Any, NamedTuple

from tui_flow.sdk.exceptions import XComNotSerializable


class Packed(NamedTuple):
    """A value of a class: where the class is, how to rebuild it, and from what."""

    path: str
    kind: str
    content: Any


def pack(value: Any) -> Packed | None:
    """None for a value of no known kind. Raises XComNotSerializable for a class that could not be found again."""
    kind_content = _kind_and_content(value)
    if kind_content is None:
        return None
    path = f"{type(value).__module__}:{type(value).__qualname__}"
    if "<locals>" in path or _class_at(path) is not type(value):
        raise XComNotSerializable(
            f"{path} is not a top-level class of a module, so an XCom of it could not be read again"
        )
    return Packed(path, *kind_content)


def _kind_and_content(value: Any) -> tuple[str, Any] | None:
    cls = type(value)
    package = cls.__module__.partition(".")[0]
    if isinstance(value, Enum):
        return "enum", value.name
    if dataclasses.is_dataclass(value):
        return "fields", {f.name: getattr(value, f.name) for f in dataclasses.fields(value) if f.init}
    if isinstance(value, tuple) and hasattr(cls, "_fields"):
        return "items", list(value)
    if hasattr(cls, "model_dump") and hasattr(cls, "model_validate"):
        return "model", value.model_dump(mode="python")
    if hasattr(cls, "__attrs_attrs__"):
        return "fields", {f.alias: getattr(value, f.name) for f in cls.__attrs_attrs__ if f.init}
    if (path := f"{cls.__module__}:{cls.__qualname__}") in _CONTAINERS:
        return _CONTAINERS[path](value)
    if package == "ipaddress" or path == "zoneinfo:ZoneInfo":
        return "text", str(value)
    if hasattr(cls, "serialize") and hasattr(cls, "deserialize"):
        return "serialized", [getattr(cls, "__version__", 1), value.serialize()]
    if package == "pendulum":
        return _pack_pendulum(value)
    if package == "numpy":
        return _pack_numpy(value)
    if package == "pandas":
        return _pack_pandas(value)
    return None


def _pack_defaultdict(value: Any) -> tuple[str, Any]:
    factory = value.default_factory
    if factory is None:
        return "defaults", [None, dict(value)]
    path = f"{factory.__module__}:{factory.__qualname__}"
    if not isinstance(factory, type) or "<" in path:
        raise XComNotSerializable("a defaultdict cannot be an XCom unless its factory is a class; return a dict of it")
    return "defaults", [path, dict(value)]


_CONTAINERS: dict[str, Callable[[Any], tuple[str, Any]]] = {
    "collections:OrderedDict": lambda value: ("pairs", [list(pair) for pair in value.items()]),
    "collections:Counter": lambda value: ("mapping", dict(value)),
    "collections:defaultdict": _pack_defaultdict,
    "collections:deque": lambda value: ("deque", [list(value), value.maxlen]),
    "builtins:bytearray": lambda value: ("text", bytes(value)),
    "builtins:range": lambda value: ("items", [value.start, value.stop, value.step]),
}


def _pack_pendulum(value: Any) -> tuple[str, Any] | None:
    name = type(value).__name__
    if name == "DateTime":
        return "moment", [value.isoformat(), value.timezone_name, value.fold]
    return ("iso", value.isoformat()) if name in ("Date", "Time") else None


def _pack_pandas(value: Any) -> tuple[str, Any] | None:
    name = type(value).__name__
    if name == "DataFrame":
        return "frame", {**value.to_dict(orient="tight"), "dtypes": [str(dtype) for dtype in value.dtypes]}
    return ("text", value.isoformat()) if name in ("Timestamp", "Timedelta") else None


def _pack_numpy(value: Any) -> tuple[str, Any] | None:
    if type(value).__name__ == "ndarray":
        return "array", [value.dtype.str, list(value.shape), value.ravel().tolist()]
    return ("scalar", value.item()) if hasattr(value, "item") and hasattr(value, "dtype") else None


def unpack(path: str, kind: str, content: Any) -> Any:
    """The value again; imports its class."""
    cls = _class_at(path)
    match kind:
        case "enum":
            return cls[content]
        case "fields":
            return cls(**content)
        case "items":
            return cls(*content)
        case "model":
            return cls.model_validate(content)
        case "serialized":
            version, data = content
            return cls.deserialize(data, version)
        case "moment":
            return _moment(cls, *content)
        case "iso":
            return cls.fromisoformat(content)
        case "scalar" | "text" | "pairs" | "mapping":
            return cls(content)
        case "deque":
            return cls(*content)
        case "defaults":
            return cls(_class_at(content[0]) if content[0] else None, content[1])
        case "array":
            dtype, shape, values = content
            return importlib.import_module("numpy").array(values, dtype=dtype).reshape(shape)
        case "frame":
            dtypes = content.pop("dtypes")
            frame = cls.from_dict(content, orient="tight")
            return frame.astype(dict(zip(frame.columns, dtypes, strict=True)))
        case _:
            raise XComNotSerializable(f"XCom of unknown kind {kind!r}; it was written by a newer version")


def _moment(cls: Any, text: str, zone: str | None, fold: int) -> Any:
    from datetime import datetime

    pendulum = importlib.import_module("pendulum")
    naive = datetime.fromisoformat(text)
    if zone is None and naive.tzinfo is None:
        return cls.instance(naive, tz=None).replace(tzinfo=None, fold=fold)
    where = pendulum.timezone(zone) if zone and zone[0] not in "+-" else naive.tzinfo
    return cls.instance(naive.replace(tzinfo=None, fold=fold), tz=where)


def are_same(before: Any, after: Any) -> bool:
    """Equality, also of arrays and frames."""
    if hasattr(before, "equals"):
        return bool(before.equals(after))
    same = before == after
    if not hasattr(same, "all"):
        return bool(same)
    is_alike = before.shape == after.shape and before.dtype == after.dtype
    return bool(is_alike and (same.all() or (not before.dtype.hasobject and before.tobytes() == after.tobytes())))


def _class_at(path: str) -> Any:
    module_name, _, qualname = path.partition(":")
    module = sys.modules.get(module_name) or importlib.import_module(module_name)
    found: Any = module
    for name in qualname.split("."):
        found = getattr(found, name)
    return found
