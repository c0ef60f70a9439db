"""Small functions of `airflow.utils` that DAG files and operators use."""

from __future__ import annotations

import functools
import hashlib
import importlib
import pkgutil
import random
import re
import socket
import string
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache as cache
from functools import cached_property as cached_property
from functools import reduce
from types import ModuleType
from typing import Any, TypeVar

from tui_flow.sdk.callables import determine_kwargs
from tui_flow.sdk.ids import validate_id
from tui_flow.sdk.xcom_arg import NOTSET

T = TypeVar("T")


def apply_defaults(function: T) -> T:
    """Airflow 1.10's decorator of `__init__`: every operator does this by itself."""
    return function


@dataclass(frozen=True)
class KeywordParameters:
    """The part of a context that a function takes."""

    _kwargs: Mapping[str, Any]

    @classmethod
    def determine(cls, func: Callable[..., Any], args: Collection[Any], kwargs: Mapping[str, Any]) -> KeywordParameters:
        return cls(determine_kwargs(func, args, kwargs))

    def unpacking(self) -> dict[str, Any]:
        return dict(self._kwargs)


def make_kwargs_callable(func: Callable[..., Any]) -> Callable[..., Any]:
    """Takes whatever it is given, and hands on what the function asks for."""

    @functools.wraps(func)
    def kwargs_func(*args: Any, **kwargs: Any) -> Any:
        return func(*args, **determine_kwargs(func, args, kwargs))

    return kwargs_func


def get_hostname() -> str:
    return socket.getfqdn()


def get_host_ip_address() -> str:
    return socket.gethostbyname(socket.getfqdn())


def context_merge(context: dict[str, Any], *args: Any, **kwargs: Any) -> None:
    """Update a context."""
    context.update(*args, **kwargs)


def validate_key(k: str, max_length: int = 250) -> None:
    """Raises where `k` cannot be an id."""
    validate_id("key", k)
    if len(k) > max_length:
        raise ValueError(f"the key {k!r:.60} has more than {max_length} characters")


def chunks(items: list[T], chunk_size: int) -> Iterator[list[T]]:
    if chunk_size <= 0:
        raise ValueError("Chunk size must be a positive integer")
    for start in range(0, len(items), chunk_size):
        yield items[start : start + chunk_size]


def reduce_in_chunks(
    fn: Callable[[Any, list[T]], Any], iterable: list[T], initializer: Any, chunk_size: int = 0
) -> Any:
    if not iterable:
        return initializer
    return reduce(fn, chunks(iterable, chunk_size or len(iterable)), initializer)


def merge_dicts(dict1: Mapping[str, Any], dict2: Mapping[str, Any]) -> dict[str, Any]:
    """`dict2` over `dict1`, dicts inside them merged too."""
    merged = dict(dict1)
    for key, value in dict2.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = merge_dicts(merged[key], value) if both else value
    return merged


def partition(pred: Callable[[T], bool], iterable: Iterable[T]) -> tuple[Iterator[T], Iterator[T]]:
    """Those for which it is false, those for which it is true."""
    items = list(iterable)
    return (x for x in items if not pred(x)), (x for x in items if pred(x))


def is_container(obj: Any) -> bool:
    return hasattr(obj, "__iter__") and not isinstance(obj, str)


def as_tuple(obj: Any) -> tuple[Any, ...]:
    return tuple(obj) if is_container(obj) else (obj,)


def as_flattened_list(iterable: Iterable[Iterable[T]]) -> list[T]:
    return [item for part in iterable for item in part]


def exactly_one(*args: Any) -> bool:
    return sum(1 for arg in args if arg) == 1


def at_most_one(*args: Any) -> bool:
    return sum(1 for arg in args if arg is not NOTSET and arg) <= 1


def prune_dict(val: Any, mode: str = "strict") -> Any:
    """Without None values, recursively; with mode "truthy" without empty ones."""
    if mode not in ("strict", "truthy"):
        raise ValueError("allowed values for `mode` are 'strict' and 'truthy'")

    def is_empty(value: Any) -> bool:
        return not value if mode == "truthy" else value is None

    if isinstance(val, dict):
        pruned = {key: prune_dict(value, mode) for key, value in val.items() if not is_empty(value)}
        return {key: value for key, value in pruned.items() if not is_empty(value) or not isinstance(val[key], dict)}
    if isinstance(val, list):
        return [prune_dict(value, mode) for value in val if not is_empty(value)]
    return val


def convert_camel_to_snake(camel_str: str) -> str:
    return re.sub("(?!^)([A-Z]+)", r"_\1", camel_str).lower()


def result(task: T) -> T:
    """Airflow's mark of the task whose value is the DAG's; no value is a run's own here."""
    return task


def import_string(dotted_path: str) -> Any:
    """What a dotted path names. Raises ImportError."""
    module, _, name = dotted_path.rpartition(".")
    if not module:
        raise ImportError(f"{dotted_path} doesn't look like a module path")
    try:
        return getattr(importlib.import_module(module), name)
    except AttributeError:
        raise ImportError(f'Module "{module}" does not define a "{name}" attribute/class') from None


def is_valid_dotpath(path: str) -> bool:
    return bool(re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]*(\.[a-zA-Z_][a-zA-Z0-9_]*)*", path))


def qualname(o: Any) -> str:
    """`module.Class` of a class, a function or an instance's class."""
    named = o if callable(o) and hasattr(o, "__qualname__") else type(o)
    return f"{named.__module__}.{named.__qualname__}"


def iter_namespace(ns: ModuleType) -> Iterator[pkgutil.ModuleInfo]:
    """The modules of a package, under their dotted names."""
    return pkgutil.iter_modules(ns.__path__, f"{ns.__name__}.")


def to_boolean(astring: str | None) -> bool:
    return (astring or "").strip().lower() in ("on", "t", "true", "y", "yes", "1")


def get_random_string(length: int = 8, choices: str = string.ascii_letters + string.digits) -> str:
    return "".join(random.choices(choices, k=length))


def md5(text: bytes = b"", /) -> Any:
    """A hash that no secret depends on."""
    return hashlib.md5(text, usedforsecurity=False)


def get_attr_renderer() -> dict[str, Any]:
    """Airflow 2's web pages coloured these kinds of text; providers of its time ask which."""
    return {}
