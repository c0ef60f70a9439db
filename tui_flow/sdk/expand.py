"""What a mapped task or task group expands over, and the half-made operator that `.partial()` gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tui_flow.sdk.context import Context
from tui_flow.sdk.exceptions import AirflowException
from tui_flow.sdk.node import AbstractOperator
from tui_flow.sdk.xcom_arg import ResolveMixin, XComArg


@dataclass(frozen=True, slots=True)
class ExpandInput:
    """`expand(a=..., b=...)`: the product of its arguments, the last one fastest."""

    args: Mapping[str, Any]

    def describe(self) -> dict[str, Any]:
        """JSON: the length of each literal, the origin of each result."""
        return {"kind": "expand", "args": {name: _describe(value) for name, value in self.args.items()}}

    def iter_references(self) -> Iterator[tuple[AbstractOperator, str]]:
        return XComArg.iter_xcom_references(dict(self.args))


@dataclass(frozen=True, slots=True)
class ExpandKwargsInput:
    """`expand_kwargs(...)`: one task instance for each dict of arguments."""

    kwargs: Sequence[Mapping[str, Any]] | XComArg
    strict: bool = True

    def describe(self) -> dict[str, Any]:
        return {"kind": "expand_kwargs", "kwargs": _describe(self.kwargs)}

    def iter_references(self) -> Iterator[tuple[AbstractOperator, str]]:
        return XComArg.iter_xcom_references(self.kwargs)


def _describe(value: Any) -> dict[str, Any]:
    return value.describe() if isinstance(value, XComArg) else {"kind": "literal", "length": len(value)}


class MappedArgument(ResolveMixin):
    """An argument of a mapped task group: in each copy of the group another value."""

    def __init__(self, expand_input: ExpandInput | ExpandKwargsInput, name: str) -> None:
        self.expand_input = expand_input
        self.name = name

    def iter_references(self) -> Iterator[tuple[AbstractOperator, str]]:
        return self.expand_input.iter_references()

    def resolve(self, context: Context) -> Any:
        raise AirflowException(f"dynamic task mapping: the argument {self.name!r} of a task group was never expanded")


def check_expand_args(function: str, args: Mapping[str, Any]) -> ExpandInput:
    """Raises TypeError or ValueError for what cannot be expanded over."""
    if not args:
        raise TypeError(f"{function}: expand() needs at least one argument to expand over")
    for name, value in args.items():
        if not isinstance(value, XComArg | Mapping) and (
            not isinstance(value, Sequence) or isinstance(value, str | bytes)
        ):
            raise ValueError(
                f"{function}: expand({name}=...) takes a list, a dict or a task's result, not a {type(value).__name__}"
            )
    return ExpandInput(dict(args))


def check_expand_kwargs(function: str, kwargs: Any, strict: bool) -> ExpandKwargsInput:
    if isinstance(kwargs, XComArg):
        return ExpandKwargsInput(kwargs, strict)
    if not isinstance(kwargs, Sequence) or not all(isinstance(item, Mapping | XComArg) for item in kwargs):
        raise TypeError(f"{function}: expand_kwargs() takes a list of dicts or a task's result, not {kwargs!r:.60}")
    return ExpandKwargsInput(kwargs, strict)


class OperatorPartial:
    """`SomeOperator.partial(...)`: waits for `expand` to say what differs between its task instances."""

    def __init__(self, operator_class: type, kwargs: dict[str, Any], make: Callable[..., Any]) -> None:
        if "task_id" not in kwargs:
            raise TypeError(f"{operator_class.__name__}.partial() needs a task_id")
        self.operator_class = operator_class
        self.kwargs = kwargs
        self._make = make

    def expand(self, **mapped_kwargs: Any) -> Any:
        return self._expand(check_expand_args(self.operator_class.__name__, mapped_kwargs), mapped_kwargs)

    def expand_kwargs(self, kwargs: Any, *, strict: bool = True) -> Any:
        return self._expand(check_expand_kwargs(self.operator_class.__name__, kwargs, strict), {})

    def _expand(self, expand_input: ExpandInput | ExpandKwargsInput, mapped: Mapping[str, Any]) -> Any:
        if twice := sorted(self.kwargs.keys() & mapped.keys()):
            raise TypeError(f"{self.operator_class.__name__}: {', '.join(twice)} given to both partial() and expand()")
        return self._make(operator_class=self.operator_class, expand_input=expand_input, given=self.kwargs)
