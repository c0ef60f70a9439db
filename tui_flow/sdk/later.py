"""A value that is made when first used: what `f(**context)` hands on of the values that cost a question."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

_UNMADE = object()
_FORWARDED = [
    "__abs__",
    "__add__",
    "__and__",
    "__bool__",
    "__bytes__",
    "__call__",
    "__contains__",
    "__delitem__",
    "__dir__",
    "__divmod__",
    "__enter__",
    "__eq__",
    "__exit__",
    "__float__",
    "__floordiv__",
    "__format__",
    "__ge__",
    "__getitem__",
    "__gt__",
    "__hash__",
    "__int__",
    "__iter__",
    "__le__",
    "__len__",
    "__lt__",
    "__mod__",
    "__mul__",
    "__ne__",
    "__neg__",
    "__next__",
    "__or__",
    "__pos__",
    "__radd__",
    "__repr__",
    "__reversed__",
    "__rmul__",
    "__rsub__",
    "__setitem__",
    "__str__",
    "__sub__",
    "__truediv__",
    "__xor__",
]


class Later:
    """Behaves as the value does, but is no `None` even where the value is."""

    __slots__ = ("_make", "_value")

    def __init__(self, make: Callable[[], Any]) -> None:
        object.__setattr__(self, "_make", make)
        object.__setattr__(self, "_value", _UNMADE)

    def __getattr__(self, name: str) -> Any:
        return getattr(value_of(self), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(value_of(self), name, value)

    @property
    def __class__(self) -> type:
        return type(value_of(self))

    @__class__.setter
    def __class__(self, kind: type) -> None:
        raise TypeError("a value keeps its class")

    def __reduce_ex__(self, protocol: Any) -> Any:
        return _itself, (value_of(self),)


def value_of(value: Any) -> Any:
    """The value that stands behind a `Later`; any other value is itself."""
    if type(value) is not Later:
        return value
    if object.__getattribute__(value, "_value") is _UNMADE:
        object.__setattr__(value, "_value", object.__getattribute__(value, "_make")())
    return object.__getattribute__(value, "_value")


def _itself(value: Any) -> Any:
    return value


def _forwarded(name: str) -> Callable[..., Any]:
    by_language: dict[str, Callable[..., Any]] = {
        "__bool__": bool,
        "__eq__": operator.eq,
        "__ne__": operator.ne,
        "__iter__": iter,
    }

    def method(self: Later, *args: Any) -> Any:
        found = value_of(self)
        if name in by_language:
            return by_language[name](found, *args)
        if not hasattr(type(found), name):
            raise TypeError(f"{type(found).__name__!r} object has no {name}")
        return getattr(type(found), name)(found, *args)

    return method


for _name in _FORWARDED:
    setattr(Later, _name, _forwarded(_name))
