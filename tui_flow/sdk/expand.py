"""What a mapped task or task group expands over, and the half-made operator that `.partial()` gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tui_flow.mapping import sources_of
from tui_flow.sdk.context import Context
from tui_flow.sdk.exceptions import AirflowException
from tui_flow.sdk.node import AbstractOperator, levels_of
from tui_flow.sdk.xcom_arg import XCOM_RETURN_KEY, PlainXComArg, ResolveMixin, XComArg, elements_of


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of one task instance."""

    values: dict[str, Any]
    results: tuple[Any, ...] = ()
    """Those of the values that come from results: data, in which nothing is a template."""


@dataclass(frozen=True, slots=True)
class ExpandInput:
    """`expand(a=..., b=...)`: the product of its arguments, the last one fastest."""

    args: Mapping[str, Any]
    strict: bool = True

    def describe(self) -> dict[str, Any]:
        """JSON: the length of each literal, the origin of each result."""
        return {"kind": "expand", "args": {name: _describe(value) for name, value in self.args.items()}}

    def iter_references(self) -> Iterator[tuple[AbstractOperator, str]]:
        return XComArg.iter_xcom_references(dict(self.args))

    def arguments(self, context: Context, place: int) -> Arguments:
        """Of the combination at this place."""
        found: dict[str, Any] = {}
        results = []
        slowest = next(iter(self.args))
        for name in reversed(list(self.args)):
            value = self.args[name]
            elements = value.elements(context) if isinstance(value, XComArg) else elements_of(value)
            if name != slowest:
                place, at = divmod(place, len(elements))
            else:
                at = place
            found[name] = elements[at]
            if isinstance(value, XComArg):
                results.append(found[name])
        return Arguments(found, tuple(results))


@dataclass(frozen=True, slots=True)
class ExpandKwargsInput:
    """`expand_kwargs(...)`: one task instance for each dict of arguments."""

    kwargs: Sequence[Mapping[str, Any]] | XComArg
    strict: bool = True

    def describe(self) -> dict[str, Any]:
        return {"kind": "expand_kwargs", "kwargs": _describe(self.kwargs)}

    def iter_references(self) -> Iterator[tuple[AbstractOperator, str]]:
        return XComArg.iter_xcom_references(self.kwargs)

    def arguments(self, context: Context, place: int) -> Arguments:
        """Of the dict at this place. Raises AirflowException when it is none."""
        is_result = isinstance(self.kwargs, XComArg)
        value = self.kwargs.elements(context)[place] if isinstance(self.kwargs, XComArg) else self.kwargs[place]
        if isinstance(value, XComArg):
            value, is_result = value.resolve(context), True
        if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
            raise AirflowException(
                f"expand_kwargs() expands over dicts with text keys, but element {place} is {value!r:.80}"
            )
        return Arguments(dict(value), tuple(value.values()) if is_result else ())


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
        ti = context["ti"]
        group = next(level for level in levels_of(ti.task) if level.expand_input is self.expand_input)
        found = self.expand_input.arguments(context, ti.place_in(group.node_id)).values
        if self.name not in found:
            raise AirflowException(f"the task group {group.node_id!r} got no argument {self.name!r} in this copy")
        value = found[self.name]
        return value.resolve(context) if isinstance(value, ResolveMixin) else value


def mapped_over(dag: Any) -> frozenset[str]:
    """The tasks whose results decide how many task instances others have; found once for each DAG."""
    known: frozenset[str] | None = dag.__dict__.get("_mapped_over")
    if known is None:
        levels = {level.node_id: level for task in dag.tasks for level in levels_of(task)}
        sources = {source for level in levels.values() for source in sources_of(level.expand_input.describe())}
        known = dag.__dict__["_mapped_over"] = frozenset(sources)
    return known


def check_expand_args(function: str, args: Mapping[str, Any]) -> ExpandInput:
    """Raises TypeError or ValueError for what cannot be expanded over."""
    if not args:
        raise TypeError(f"{function}: expand() needs at least one argument to expand over")
    for name, value in args.items():
        _check_whole(function, value)
        if not isinstance(value, XComArg | Mapping) and (
            not isinstance(value, Sequence) or isinstance(value, str | bytes)
        ):
            raise ValueError(
                f"{function}: expand({name}=...) takes a list, a dict or a task's result, not a {type(value).__name__}"
            )
    return ExpandInput(dict(args))


def check_expand_kwargs(function: str, kwargs: Any, strict: bool) -> ExpandKwargsInput:
    _check_whole(function, kwargs)
    if isinstance(kwargs, XComArg):
        return ExpandKwargsInput(kwargs, strict)
    if not isinstance(kwargs, Sequence) or not all(isinstance(item, Mapping | XComArg) for item in kwargs):
        raise TypeError(f"{function}: expand_kwargs() takes a list of dicts or a task's result, not {kwargs!r:.60}")
    return ExpandKwargsInput(kwargs, strict)


def _check_whole(function: str, value: Any) -> None:
    """What is expanded over is a task's whole result, and the same for every copy of a mapped task group."""
    if isinstance(value, MappedArgument):
        raise ValueError(
            f"{function}: cannot expand over {value.name!r}, an argument of a mapped task group: its length may differ "
            "from copy to copy; loop over it inside the task"
        )
    for part in (value, *getattr(value, "args", ()), getattr(value, "arg", None)):
        if isinstance(part, PlainXComArg):
            if part.key != XCOM_RETURN_KEY:
                raise ValueError(
                    f"{function}: cannot expand over the XCom {part.key!r} of task {part.operator.task_id!r}; "
                    "only over what a task returns"
                )
        elif isinstance(part, XComArg) and part is not value:
            _check_whole(function, part)


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
