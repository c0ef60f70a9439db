"""`@task_group`: a function whose tasks form a task group each time it is called."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, overload

from tui_flow.sdk.edges import DependencyMixin
from tui_flow.sdk.expand import ExpandInput, ExpandKwargsInput, MappedArgument, check_expand_args, check_expand_kwargs
from tui_flow.sdk.taskgroup import TaskGroup

Function = Callable[..., Any]
_GROUP_ARGUMENTS = frozenset(inspect.signature(TaskGroup.__init__).parameters) - {"self"}


class TaskGroupDecorator:
    """A decorated function; `override` varies the group's arguments."""

    is_task_group_decorator = True

    def __init__(
        self, function: Function, group_args: Mapping[str, Any], shared: Mapping[str, Any] | None = None
    ) -> None:
        self.function = function
        self.group_args = dict(group_args)
        self.shared = dict(shared or {})
        functools.update_wrapper(self, function)

    def __call__(self, *args: Any, **kwargs: Any) -> DependencyMixin:
        """Make the group; what comes back is the function's result when it can be linked, else the group."""
        with TaskGroup(**self._arguments()) as group:
            result = self.function(*args, **{**self.shared, **kwargs})
        return _linkable(result, group)

    def _arguments(self) -> dict[str, Any]:
        return {
            "group_id": self.function.__name__,
            "doc_md": self.function.__doc__,
            "add_suffix_on_collision": True,
            **self.group_args,
        }

    def override(self, **kwargs: Any) -> TaskGroupDecorator:
        return TaskGroupDecorator(self.function, {**self.group_args, **kwargs}, self.shared)

    def partial(self, **kwargs: Any) -> TaskGroupDecorator:
        """Arguments of the function that all copies of the group share."""
        return TaskGroupDecorator(self.function, self.group_args, {**self.shared, **kwargs})

    def expand(self, **kwargs: Any) -> DependencyMixin:
        """One copy of the group for each combination of the arguments' elements."""
        return self._expand(check_expand_args(self.function.__name__, kwargs), list(kwargs))

    def expand_kwargs(self, kwargs: Any) -> DependencyMixin:
        """One copy of the group for each dict of arguments."""
        names = [name for name in inspect.signature(self.function).parameters if name not in self.shared]
        return self._expand(check_expand_kwargs(self.function.__name__, kwargs, True), names)

    def _expand(self, expand_input: ExpandInput | ExpandKwargsInput, names: list[str]) -> DependencyMixin:
        arguments = {name: MappedArgument(expand_input, name) for name in names}
        with MappedTaskGroup(expand_input=expand_input, **self._arguments()) as group:
            result = self.function(**self.shared, **arguments)
        return _linkable(result, group)


class MappedTaskGroup(TaskGroup):
    """A group that a run has several copies of."""

    def __init__(self, *, expand_input: ExpandInput | ExpandKwargsInput, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.expand_input = expand_input

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        super().__exit__(exc_type, exc, traceback)
        for task, _key in self.expand_input.iter_references():
            self.set_upstream(task)


def _linkable(result: Any, group: TaskGroup) -> DependencyMixin:
    several = isinstance(result, list | tuple) and result and all(isinstance(part, DependencyMixin) for part in result)
    return result if isinstance(result, DependencyMixin) or several else group


@overload
def task_group(group_id: Function, /) -> TaskGroupDecorator: ...


@overload
def task_group(group_id: str | None = None, **kwargs: Any) -> Callable[[Function], TaskGroupDecorator]: ...


def task_group(group_id: str | Function | None = None, **kwargs: Any) -> Any:
    """`@task_group`, with or without the arguments of `TaskGroup`."""
    if callable(group_id):
        return TaskGroupDecorator(group_id, kwargs)
    if unknown := sorted(kwargs.keys() - _GROUP_ARGUMENTS):
        raise TypeError(f"@task_group does not take the argument {unknown[0]!r}")
    group_args = kwargs if group_id is None else {"group_id": group_id, **kwargs}
    return lambda function: TaskGroupDecorator(function, group_args)
