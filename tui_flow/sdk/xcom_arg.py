"""`XComArg`: the result of a task, before there is one. Passing it on sets a dependency."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, zip_longest
from typing import Any, Self

from tui_flow.sdk.context import Context
from tui_flow.sdk.edges import DependencyMixin, EdgeModifier, Linkable
from tui_flow.sdk.exceptions import AirflowException, XComNotFound
from tui_flow.sdk.node import AbstractOperator, level_ids

XCOM_RETURN_KEY = "return_value"


class ArgNotSet:
    """The type of NOTSET."""

    def __repr__(self) -> str:
        return "NOTSET"

    def __bool__(self) -> bool:
        return False


NOTSET: Any = ArgNotSet()
"""Stands for an argument that was not given, where None means something."""


def is_arg_set(value: Any) -> bool:
    return not isinstance(value, ArgNotSet)


class ResolveMixin:
    """Anything that stands for a value that only a running task has."""

    def iter_references(self) -> Iterator[tuple[AbstractOperator, str]]:
        """The (task, XCom key) pairs that it needs."""
        raise NotImplementedError

    def resolve(self, context: Context) -> Any:
        """The value."""
        raise NotImplementedError


class Elements(Sequence[Any]):
    """A sequence whose elements are made when they are asked for."""

    def __init__(self, length: Callable[[], int], element: Callable[[int], Any]) -> None:
        self._length, self._element = length, element

    def __len__(self) -> int:
        return self._length()

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self._element(place) for place in range(*index.indices(len(self)))]
        return self._element(index)


class XComArg(ResolveMixin, DependencyMixin):
    """`XComArg(task, key=...)`, the same as `task.output`, and what calling a `@task` function gives back."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        made: Any = object.__new__(PlainXComArg if cls is XComArg else cls)
        return made  # type: ignore[no-any-return]

    def __init__(self, operator: AbstractOperator, key: str = XCOM_RETURN_KEY) -> None:
        """Overridden by every kind; here for `XComArg(task)`."""

    @staticmethod
    def iter_xcom_references(arg: Any) -> Iterator[tuple[AbstractOperator, str]]:
        """The (task, key) pairs anywhere inside `arg`."""
        for reference in _find_references(arg):
            yield from reference.iter_references()

    @staticmethod
    def apply_upstream_relationship(operator: AbstractOperator, arg: Any) -> None:
        """Have `operator` run after every task whose result is inside `arg`."""
        for task, _key in XComArg.iter_xcom_references(arg):
            if task is not operator:
                operator.set_upstream(task)

    def __getitem__(self, item: str) -> XComArg:
        raise TypeError(f"{type(self).__name__} has no keys; index the task's result itself")

    @property
    def roots(self) -> list[AbstractOperator]:
        return [task for task, _key in self.iter_references()]

    @property
    def leaves(self) -> list[AbstractOperator]:
        return self.roots

    def set_upstream(self, other: Linkable, edge_modifier: EdgeModifier | None = None) -> None:
        for task in self.roots:
            task.set_upstream(other, edge_modifier)

    def set_downstream(self, other: Linkable, edge_modifier: EdgeModifier | None = None) -> None:
        for task in self.leaves:
            task.set_downstream(other, edge_modifier)

    def as_setup(self) -> XComArg:
        for task in self.roots:
            task.as_setup()
        return self

    def as_teardown(self, *, setups: Any = None, on_failure_fail_dagrun: bool | None = None) -> XComArg:
        for task in self.roots:
            task.as_teardown(setups=setups, on_failure_fail_dagrun=on_failure_fail_dagrun)
        return self

    def map(self, f: Callable[[Any], Any]) -> MapXComArg:
        return MapXComArg(self, (f,))

    def zip(self, *others: XComArg, fillvalue: Any = NOTSET) -> ZipXComArg:
        return ZipXComArg((self, *_results("zip", others)), fillvalue=fillvalue)

    def concat(self, *others: XComArg) -> ConcatXComArg:
        return ConcatXComArg((self, *_results("concat", others)))

    def describe(self) -> dict[str, Any]:
        """JSON that says where the value comes from: `{"kind": "xcom", "task_id": ..., "key": ...}` and the like."""
        raise NotImplementedError

    def elements(self, context: Context) -> Sequence[Any]:
        """What a mapped task expands over; an element costs no more than itself."""
        return elements_of(self.resolve(context))

    def __enter__(self) -> Any:
        """The scope, as for the tasks themselves."""
        return [task.__enter__() for task in self.roots][-1]  # type: ignore[attr-defined]

    def __exit__(self, *exc_info: Any) -> None:
        for task in reversed(self.roots):
            task.__exit__(*exc_info)  # type: ignore[attr-defined]


class PlainXComArg(XComArg):
    """One XCom of one task."""

    def __init__(self, operator: AbstractOperator, key: str = XCOM_RETURN_KEY) -> None:
        self.operator = operator
        self.key = key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PlainXComArg) and self.operator is other.operator and self.key == other.key

    def __hash__(self) -> int:
        return hash((id(self.operator), self.key))

    def __getitem__(self, item: str) -> XComArg:
        if not isinstance(item, str):
            raise ValueError(
                f"a task's result can only be indexed with a string, not with {type(item).__name__} {item!r:.40}"
            )
        return PlainXComArg(self.operator, item)

    def __iter__(self) -> Iterator[Any]:
        raise TypeError(
            "a task's result cannot be iterated while the DAG is defined; iterate inside a task, or use .expand()"
        )

    def __str__(self) -> str:
        task_id, dag_id = self.operator.task_id, self.operator.dag_id
        return f"{{{{ task_instance.xcom_pull(task_ids={task_id!r}, dag_id={dag_id!r}, key={self.key!r}) }}}}"

    def __repr__(self) -> str:
        return f"XComArg({self.operator!r}{'' if self.key == XCOM_RETURN_KEY else f', {self.key!r}'})"

    def iter_references(self) -> Iterator[tuple[AbstractOperator, str]]:
        yield self.operator, self.key

    def describe(self) -> dict[str, Any]:
        return {"kind": "xcom", "task_id": self.operator.task_id, "key": self.key}

    def resolve(self, context: Context) -> Any:
        ti, task_id = context["ti"], self.operator.task_id
        if levels := level_ids(self.operator):
            return ti.xcom_of_mapped(task_id, levels, self.key)
        result = ti.xcom_pull(task_ids=task_id, key=self.key, default=NOTSET)
        if result is not NOTSET:
            return result
        if self.key == XCOM_RETURN_KEY or getattr(self.operator, "multiple_outputs", False):
            return None
        raise XComNotFound(ti.dag_id, task_id, self.key)


def _results(method: str, given: Sequence[Any]) -> Sequence[XComArg]:
    if (odd := next((value for value in given if not isinstance(value, XComArg)), None)) is not None:
        raise TypeError(f"{method}() takes results of tasks, not {odd!r:.60}")
    return given


class MapXComArg(XComArg):
    """`arg.map(f)`: `f` over each element; AirflowSkipException in `f` skips that element."""

    def __init__(self, arg: XComArg, callables: Sequence[Callable[[Any], Any]]) -> None:
        for function in callables:
            if getattr(function, "is_task_decorator", False):
                raise ValueError("map() takes a plain function; a @task function cannot be called on elements")
            if not callable(function):
                raise TypeError(f"map() takes a function, not {function!r:.60}")
        self.arg, self.callables = arg, tuple(callables)

    def map(self, f: Callable[[Any], Any]) -> MapXComArg:
        return MapXComArg(self.arg, (*self.callables, f))

    def iter_references(self) -> Iterator[tuple[AbstractOperator, str]]:
        return self.arg.iter_references()

    def describe(self) -> dict[str, Any]:
        return {"kind": "map", "arg": self.arg.describe()}

    def resolve(self, context: Context) -> list[Any]:
        return [self.apply(element) for element in elements_of(self.arg.resolve(context))]

    def elements(self, context: Context) -> Sequence[Any]:
        arg = self.arg.elements(context)
        return Elements(lambda: len(arg), lambda place: self.apply(arg[place]))

    def apply(self, element: Any) -> Any:
        """One element. A skip raised by the function passes through: it skips the task instance of that element."""
        for function in self.callables:
            element = function(element)
        return element


class ZipXComArg(XComArg):
    """`a.zip(b)`: tuples of the elements at the same place; the shortest ends it unless there is a `fillvalue`."""

    def __init__(self, args: Sequence[XComArg], *, fillvalue: Any = NOTSET) -> None:
        self.args, self.fillvalue = tuple(args), fillvalue

    def iter_references(self) -> Iterator[tuple[AbstractOperator, str]]:
        return chain.from_iterable(arg.iter_references() for arg in self.args)

    def describe(self) -> dict[str, Any]:
        longest = self.fillvalue is not NOTSET
        return {"kind": "zip", "args": [arg.describe() for arg in self.args], "longest": longest}

    def resolve(self, context: Context) -> list[Any]:
        columns = [elements_of(arg.resolve(context)) for arg in self.args]
        if self.fillvalue is NOTSET:
            return list(zip(*columns, strict=False))
        return list(zip_longest(*columns, fillvalue=self.fillvalue))

    def elements(self, context: Context) -> Sequence[Any]:
        columns = [arg.elements(context) for arg in self.args]
        is_short = self.fillvalue is NOTSET

        def element(place: int) -> tuple[Any, ...]:
            return tuple(column[place] if is_short or place < len(column) else self.fillvalue for column in columns)

        return Elements(lambda: (min if is_short else max)(map(len, columns)), element)


class ConcatXComArg(XComArg):
    """`a.concat(b)`: the elements of `a`, then those of `b`."""

    def __init__(self, args: Sequence[XComArg]) -> None:
        self.args = tuple(args)

    def concat(self, *others: XComArg) -> ConcatXComArg:
        return ConcatXComArg((*self.args, *_results("concat", others)))

    def iter_references(self) -> Iterator[tuple[AbstractOperator, str]]:
        return chain.from_iterable(arg.iter_references() for arg in self.args)

    def describe(self) -> dict[str, Any]:
        return {"kind": "concat", "args": [arg.describe() for arg in self.args]}

    def resolve(self, context: Context) -> list[Any]:
        return list(chain.from_iterable(elements_of(arg.resolve(context)) for arg in self.args))

    def elements(self, context: Context) -> Sequence[Any]:
        parts = [arg.elements(context) for arg in self.args]

        def element(place: int) -> Any:
            for part in parts:
                if place < len(part):
                    return part[place]
                place -= len(part)
            raise IndexError(place)

        return Elements(lambda: sum(map(len, parts)), element)


def elements_of(value: Any) -> Sequence[Any]:
    """What a mapped task expands over: a list's elements, a dict's items. Raises AirflowException for anything else."""
    if isinstance(value, Mapping):
        return list(value.items())
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return value
    raise AirflowException(
        f"cannot go through the elements of a {type(value).__name__}; the task must return a list or a dict"
    )


def _find_references(arg: Any) -> Iterator[ResolveMixin]:
    if isinstance(arg, ResolveMixin):
        yield arg
    elif isinstance(arg, str | bytes | int | float) or arg is None:
        return
    elif isinstance(arg, tuple | set | list | frozenset):
        for element in arg:
            yield from _find_references(element)
    elif isinstance(arg, dict):
        for element in arg.values():
            yield from _find_references(element)
    elif isinstance(arg, AbstractOperator):
        for name in arg.template_fields:
            yield from _find_references(getattr(arg, name, None))
