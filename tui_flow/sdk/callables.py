"""Calling an author's function: which parts of the context its parameters ask for, and what its signature promises."""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from tui_flow.sdk.context import CONTEXT_KEYS, Context

Function = Callable[..., Any]


def determine_kwargs(function: Function, args: Collection[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The part of `kwargs` (a context and more) that `function` takes beside the positional `args`.

    Raises ValueError when a positional argument and a name in `kwargs` would meet in one parameter.
    """
    parameters = _parameters(function)
    if parameters is None:
        return {}
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)][: len(args)]
    for parameter in positional:
        if parameter.name in kwargs:
            raise ValueError(
                f"the argument {parameter.name!r} of {_name(function)} is given twice: "
                "positionally, and by the context or op_kwargs"
            )
    taken = {p.name for p in positional}
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        named = {p.name: kwargs[p.name] for p in parameters if p.name in kwargs and p.name not in taken}
        return {**{k: v for k, v in kwargs.items() if k not in taken}, **_named_lazily(function, kwargs), **named}
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    return {name: kwargs[name] for name in names if name in kwargs and name not in taken}


def _named_lazily(function: Function, kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The lazy values of a context that the code of a function with `**context` names."""
    names = _texts(function)  # looked up in a host too, so that an attempt finds the answer
    return {name: kwargs[name] for name in names & kwargs.lazy_names()} if isinstance(kwargs, Context) else {}


def _texts(function: Function) -> frozenset[str]:
    """The texts in a function's code, in what it defines, and in the functions of its module that it names."""
    try:
        return _cached_texts(function)
    except TypeError:  # a callable that cannot be hashed
        return frozenset()


@functools.lru_cache(maxsize=1000)
def _cached_texts(function: Function) -> frozenset[str]:
    if isinstance(function, functools.partial):
        return _cached_texts(function.func)
    function = inspect.unwrap(function)
    code = getattr(function, "__code__", None)
    found: set[str] = set()
    names_around: Mapping[str, Any] = getattr(function, "__globals__", {})
    pending, seen = ([] if code is None else [code]), set()
    while pending:
        code = pending.pop()
        if code in seen:
            continue
        seen.add(code)
        found.update(const for const in code.co_consts if isinstance(const, str))
        pending += [const for const in code.co_consts if inspect.iscode(const)]
        called = (names_around.get(name) for name in code.co_names)
        pending += [other.__code__ for other in called if inspect.isfunction(other) and _is_beside(other, names_around)]
    return frozenset(found)


def _is_beside(function: Function, names_around: Mapping[str, Any]) -> bool:
    return getattr(function, "__globals__", None) is names_around


def _parameters(function: Function) -> list[inspect.Parameter] | None:
    try:
        return _cached_parameters(function)
    except TypeError:  # a callable that cannot be hashed
        return _read_parameters(function)


def _read_parameters(function: Function) -> list[inspect.Parameter] | None:
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # some builtins have no signature
        return None


_cached_parameters = functools.lru_cache(maxsize=1000)(_read_parameters)
"""A host looks at the functions of its file before it forks; an attempt then finds the answer."""


def _name(function: Function) -> str:
    return getattr(function, "__name__", None) or repr(function)


def call(function: Function, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """The function's result; that of an async function is awaited."""
    result = function(*args, **kwargs)
    if not inspect.iscoroutine(result):
        return result
    import asyncio  # 40 modules that only async tasks need

    return asyncio.run(_awaited(result))


def is_async_callable(function: Any) -> bool:
    """Whether a call gives a coroutine: of an async function, also behind `partial`, or of an async `__call__`."""
    while isinstance(function, functools.partial):
        function = function.func
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__call__)


async def _awaited(result: Any) -> Any:
    return await result


def check_call(function: Function, args: Collection[Any], kwargs: Mapping[str, Any]) -> None:
    """Raises TypeError or ValueError when a task's arguments do not fit; context keys are filled in later."""
    signature = inspect.signature(function)
    filled: list[inspect.Parameter] = []
    for parameter in signature.parameters.values():
        if parameter.name in CONTEXT_KEYS and parameter.kind in (
            parameter.POSITIONAL_OR_KEYWORD,
            parameter.KEYWORD_ONLY,
        ):
            if parameter.default not in (None, inspect.Parameter.empty) and parameter.name not in kwargs:
                raise ValueError(
                    f"{_name(function)}: the parameter {parameter.name!r} is filled from the context, "
                    "so its default can only be None"
                )
            parameter = parameter.replace(default=None)
        filled.append(parameter)
    # Unvalidated: a filled parameter may stand before one without a default.
    loose = inspect.Signature(filled, __validate_parameters__=False)
    try:
        loose.bind(*args, **kwargs)
    except TypeError as err:
        raise TypeError(f"{_name(function)}: {err}") from None


def returns_mapping(function: Function) -> bool:
    """Whether the return annotation is a dict or another mapping, which turns `multiple_outputs` on."""
    if "return" not in getattr(function, "__annotations__", {}):
        return False
    try:
        annotation = typing.get_type_hints(function)["return"]
    except Exception:
        return False
    origin = typing.get_origin(annotation) or annotation
    return isinstance(origin, type) and issubclass(origin, Mapping)
