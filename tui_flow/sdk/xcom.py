"""XCom values as typed JSON text: what a task pulls equals what another pushed, type included, or the push fails.

Plain JSON stays as it is. Everything else is `{"$t": <type>, "v": <value>}`; dicts whose keys are not plain strings, or
begin with `$`, are tagged too, so that data never reads as a tag. Classes (dataclasses, enums, named tuples, models)
are stored by name and fields; reading them imports the class, so front ends use `plain`, which never does.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import math
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from pathlib import Path, PosixPath, PurePosixPath
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tui_flow.sdk import xcom_classes
from tui_flow.sdk.exceptions import XComNotSerializable

XCOM_RETURN_KEY = "return_value"
_MAX_DEPTH = 200
_LONGEST_PLACE = 200
_ADVICE = "return plain data (text, numbers, lists, dicts, dates), or write a file and return its path"


def encode(value: Any) -> str:
    """The text that `decode` makes an equal value of. Raises XComNotSerializable where there is none."""
    try:
        text = json.dumps(_pack(value, 0), separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        text.encode()
        back = decode(text)
    except XComNotSerializable:
        raise
    except RecursionError:
        raise XComNotSerializable(
            f"a value of type {_name(value)} that contains itself cannot be an XCom; {_ADVICE}"
        ) from None
    except UnicodeEncodeError as err:
        raise XComNotSerializable(
            f"text with a lone surrogate ({err}) cannot be an XCom; decode the bytes first"
        ) from None
    except Exception as err:
        raise XComNotSerializable(
            f"a value of type {_name(value)} cannot be an XCom ({type(err).__name__}: {err}); {_ADVICE}"
        ) from err
    if not _is_same(value, back):
        raise XComNotSerializable(
            f"this {_name(value)} would not come back from the XCom store as it went in; {_ADVICE}"
        )
    return text


def culprit(value: Any) -> str:
    """Which part of a value that is refused it is, like `['rows'][3]`; empty: the value itself."""
    parts: Any = ()
    if isinstance(value, dict):
        parts = value.items()
    elif isinstance(value, list | tuple):
        parts = enumerate(value)
    for key, part in parts:
        try:
            encode(part)
        except XComNotSerializable:
            return f"[{key!r}]{culprit(part)}"[:_LONGEST_PLACE]
    return ""


def decode(text: str) -> Any:
    """The value of an encoded text."""
    return _unpack(json.loads(text))


def plain(text: str) -> Any:
    """The value as JSON-like data for people: tags dropped, nothing imported."""
    return _readable(json.loads(text))


def _name(value: Any) -> str:
    cls = type(value)
    return cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"


def _pack(value: Any, depth: int) -> Any:
    if depth > _MAX_DEPTH:
        raise RecursionError
    cls = type(value)
    if value is None or cls is bool or cls is int or cls is str:
        return value
    if cls is float:
        return value if math.isfinite(value) else {"$t": "float", "v": repr(value)}
    if cls is list:
        return [_pack(part, depth + 1) for part in value]
    if cls is dict:
        return _pack_dict(value, depth)
    if cls in COLLECTIONS:
        return {"$t": cls.__name__, "v": [_pack(part, depth + 1) for part in value]}
    if cls in PACKERS:
        name, pack, _ = PACKERS[cls]
        return {"$t": name, "v": pack(value)}
    if (packed := xcom_classes.pack(value)) is not None:
        return {"$t": "class", "c": packed.path, "k": packed.kind, "v": _pack(packed.content, depth + 1)}
    raise XComNotSerializable(f"a value of type {_name(value)} cannot be an XCom; {_ADVICE}")


def _pack_dict(value: dict[Any, Any], depth: int) -> Any:
    if all(type(key) is str and not key.startswith("$") for key in value):
        return {key: _pack(part, depth + 1) for key, part in value.items()}
    return {"$t": "dict", "v": [[_pack(key, depth + 1), _pack(part, depth + 1)] for key, part in value.items()]}


def _unpack(data: Any) -> Any:
    if isinstance(data, list):
        return [_unpack(part) for part in data]
    if not isinstance(data, dict):
        return data
    tag = data.get("$t")
    if tag is None:
        return {key: _unpack(part) for key, part in data.items()}
    content = data["v"]
    if tag == "dict":
        return {_unpack(key): _unpack(part) for key, part in content}
    if tag == "class":
        return xcom_classes.unpack(data["c"], data["k"], _unpack(content))
    if tag in _BY_NAME:
        return _BY_NAME[tag](content)
    return _COLLECTION_OF[tag](_unpack(part) for part in content)


def _readable(data: Any) -> Any:
    if isinstance(data, list):
        return [_readable(part) for part in data]
    if not isinstance(data, dict):
        return data
    if "$t" not in data:
        return {key: _readable(part) for key, part in data.items()}
    if data["$t"] == "dict":
        return {str(_readable(key)): _readable(part) for key, part in data["v"]}
    content = _readable(data["v"])
    if data["$t"] == "timedelta":
        return str(timedelta(*content))
    return content[0] if data["$t"] in _FIRST_IS_READABLE or data.get("k") == "moment" else content


def _pack_datetime(value: datetime) -> list[Any]:
    zone = value.tzinfo
    key = "UTC" if zone is UTC else zone.key if isinstance(zone, ZoneInfo) else None
    if zone is not None and key is None and not isinstance(zone, timezone):
        raise XComNotSerializable(f"a datetime in a zone of type {_name(zone)} cannot be an XCom; use zoneinfo or UTC")
    return [value.isoformat(), ("zone:" if isinstance(zone, ZoneInfo) else "") + key if key else None, value.fold]


def _unpack_datetime(data: list[Any]) -> datetime:
    text, key, fold = data
    value = datetime.fromisoformat(text)
    if key is not None:
        zone: tzinfo = ZoneInfo(key.removeprefix("zone:")) if key.startswith("zone:") else UTC
        value = value.replace(tzinfo=zone)
    return value.replace(fold=fold)


COLLECTIONS = (tuple, set, frozenset)
_COLLECTION_OF: dict[str, Callable[[Any], Any]] = {cls.__name__: cls for cls in COLLECTIONS}
PACKERS: dict[type, tuple[str, Callable[[Any], Any], Callable[[Any], Any]]] = {
    float: ("float", repr, float),
    datetime: ("datetime", _pack_datetime, _unpack_datetime),
    date: ("date", date.isoformat, date.fromisoformat),
    time: ("time", lambda t: [t.isoformat(), t.fold], lambda v: time.fromisoformat(v[0]).replace(fold=v[1])),
    timedelta: ("timedelta", lambda d: [d.days, d.seconds, d.microseconds], lambda v: timedelta(v[0], v[1], v[2])),
    Decimal: ("decimal", str, Decimal),
    UUID: ("uuid", str, UUID),
    PosixPath: ("path", str, Path),
    PurePosixPath: ("purepath", str, PurePosixPath),
    bytes: ("bytes", lambda b: base64.b64encode(b).decode(), base64.b64decode),
    complex: ("complex", lambda c: [repr(c.real), repr(c.imag)], lambda v: complex(float(v[0]), float(v[1]))),
}
_BY_NAME = {name: unpack for name, _, unpack in PACKERS.values()}
_FIRST_IS_READABLE = frozenset({"datetime", "time"})


def _is_same(before: Any, after: Any) -> bool:
    """Equal, and of the same types all the way down; NaN equals NaN."""
    if type(before) is not type(after):
        return False
    if isinstance(before, float | datetime | time | Decimal):
        return repr(before) == repr(after)  # tells NaNs, signs of zero, zones and folds apart, which `==` does not
    if getattr(before, "default_factory", None) is not getattr(after, "default_factory", None):
        return False
    if isinstance(before, dict):
        pairs = zip(before.items(), after.items(), strict=False)
        return len(before) == len(after) and all(_is_same(k, k2) and _is_same(v, v2) for (k, v), (k2, v2) in pairs)
    if isinstance(before, list | tuple):
        return len(before) == len(after) and all(map(_is_same, before, after))
    if isinstance(before, set | frozenset):
        return len(before) == len(after) and {(type(x), repr(x)) for x in before} == {(type(x), repr(x)) for x in after}
    if dataclasses.is_dataclass(before):
        names = [f.name for f in dataclasses.fields(before)]
        return all(_is_same(getattr(before, name), getattr(after, name)) for name in names)
    return xcom_classes.are_same(before, after)
