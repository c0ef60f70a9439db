"""Functions that become tasks when they are called inside a DAG: what `@task` and each decorator like it is made of."""

from __future__ import annotations

import functools
import inspect
import re
import textwrap
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol, overload

from tui_flow.errors import did_you_mean
from tui_flow.sdk.callables import check_call, returns_mapping
from tui_flow.sdk.current import DagContext, TaskGroupContext
from tui_flow.sdk.expand import ExpandInput, ExpandKwargsInput, check_expand_args, check_expand_kwargs
from tui_flow.sdk.operator import BaseOperator, MappedOperator
from tui_flow.sdk.python import PythonOperator
from tui_flow.sdk.xcom_arg import XComArg

Function = Callable[..., Any]


def get_unique_task_id(task_id: str, dag: Any = None, task_group: Any = None) -> str:
    """`task_id`, or with `__1`, `__2`, ... behind it when the DAG has a task of that name."""
    dag = dag or DagContext.get_current()
    if dag is None:
        return task_id
    group = task_group or TaskGroupContext.get_current(dag)
    if group.child_id(task_id) not in dag.used_ids:
        return task_id
    core = re.sub(r"__\d+$", "", task_id)
    counters: dict[str, int] = dag.task_id_suffixes
    full = group.child_id(core)
    number = counters.get(full, 0) + 1
    while group.child_id(f"{core}__{number}") in dag.used_ids:
        number += 1
    counters[full] = number
    return f"{core}__{number}"


class DecoratedOperator(BaseOperator):
    """An operator made from a function: its arguments are templates, its docstring is the documentation."""

    template_fields: Collection[str] = ("op_args", "op_kwargs")
    shallow_copy_attrs: Sequence[str] = ("python_callable",)

    def __init__(
        self,
        *,
        python_callable: Function,
        task_id: str,
        op_args: Collection[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        multiple_outputs: bool = False,
        doc_md: str | None = None,
        kwargs_to_upstream: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """`kwargs_to_upstream` is for an operator class further up that takes the function itself."""
        op_args, op_kwargs = tuple(op_args or ()), dict(op_kwargs or {})
        check_call(python_callable, op_args, op_kwargs)
        kwargs.update(kwargs_to_upstream or {})
        documentation = doc_md or (textwrap.dedent(python_callable.__doc__) if python_callable.__doc__ else None)
        super().__init__(task_id=task_id, multiple_outputs=multiple_outputs, doc_md=documentation, **kwargs)
        self.python_callable = python_callable
        self.op_args, self.op_kwargs = op_args, op_kwargs

    def get_python_source(self) -> str:
        """The function as it stands in its file, without decorators; for operators that run it elsewhere."""
        import ast  # 5 ms, for those alone

        text = textwrap.dedent(inspect.getsource(self.python_callable))
        return "".join(text.splitlines(keepends=True)[ast.parse(text).body[0].lineno - 1 :])


class HandingOnOperator(DecoratedOperator):
    """Hands the function on to the operator class behind it, which checks and calls it."""

    def __init__(
        self,
        *,
        python_callable: Function,
        op_args: Collection[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        given: dict[str, Any] = {"python_callable": python_callable, "op_args": op_args, "op_kwargs": op_kwargs}
        super().__init__(kwargs_to_upstream=given, **given, **kwargs)


class PythonDecoratedOperator(HandingOnOperator, PythonOperator):
    """What `@task` makes."""

    template_fields: Collection[str] = ("templates_dict", "op_args", "op_kwargs")
    custom_operator_name = "@task"


class TaskDecorator:
    """A decorated function: call it in a DAG to make a task; `override`, `partial` and `expand` vary it."""

    is_task_decorator = True

    def __init__(
        self,
        function: Function,
        operator_class: type[BaseOperator],
        kwargs: dict[str, Any],
        multiple_outputs: bool | None,
    ) -> None:
        function = getattr(function, "function", function) if isinstance(function, TaskDecorator) else function
        if not callable(function):
            raise TypeError(f"@task decorates functions, not {function!r:.80}")
        if "self" in inspect.signature(function).parameters:
            raise TypeError(f"@task does not work on methods ({function.__qualname__}); use a plain function")
        self.function: Function = function
        self.operator_class = operator_class
        self.kwargs = kwargs
        self.multiple_outputs = multiple_outputs
        self.is_setup = self.is_teardown = False
        self.on_failure_fail_dagrun = False
        functools.update_wrapper(self, function)

    @property
    def _outputs(self) -> bool:
        return returns_mapping(self.function) if self.multiple_outputs is None else self.multiple_outputs

    def _task_id(self) -> str:
        task_id = self.kwargs.get("task_id") or self.function.__name__.replace("<lambda>", "lambda")
        return get_unique_task_id(task_id, self.kwargs.get("dag"), self.kwargs.get("task_group"))

    def __call__(self, *args: Any, **kwargs: Any) -> XComArg:
        """Make a task; what comes back stands for its result."""
        task = self.operator_class(
            **{
                **self.kwargs,
                "task_id": self._task_id(),
                "python_callable": self.function,
                "op_args": args,
                "op_kwargs": kwargs,
                "multiple_outputs": self._outputs,
            }
        )
        return XComArg(self._as_declared(task))

    def _as_declared(self, task: BaseOperator) -> BaseOperator:
        if self.is_setup:
            task.as_setup()
        if self.is_teardown:
            task.as_teardown(on_failure_fail_dagrun=self.on_failure_fail_dagrun)
        return task

    def _like_this(self, **kwargs: Any) -> TaskDecorator:
        other = TaskDecorator(self.function, self.operator_class, {**self.kwargs, **kwargs}, self.multiple_outputs)
        other.is_setup, other.is_teardown = self.is_setup, self.is_teardown
        other.on_failure_fail_dagrun = self.on_failure_fail_dagrun
        return other

    def override(self, **kwargs: Any) -> TaskDecorator:
        """The same function with other operator arguments, for example another `task_id`."""
        multiple_outputs = kwargs.pop("multiple_outputs", self.multiple_outputs)
        other = self._like_this(**kwargs)
        other.multiple_outputs = multiple_outputs
        return other

    def partial(self, **kwargs: Any) -> TaskDecorator:
        """Arguments of the function that all task instances of a later `expand` share."""
        self._check_names("partial", kwargs)
        return self._like_this(shared_op_kwargs={**self.kwargs.get("shared_op_kwargs", {}), **kwargs})

    def expand(self, **kwargs: Any) -> XComArg:
        """One task instance for each combination of the arguments' elements."""
        self._check_names("expand", kwargs)
        if twice := sorted(self.kwargs.get("shared_op_kwargs", {}).keys() & kwargs.keys()):
            raise TypeError(f"{self.__name__}: {', '.join(twice)} given to both partial() and expand()")
        return self._mapped(check_expand_args(self.__name__, kwargs))

    def expand_kwargs(self, kwargs: Any, *, strict: bool = True) -> XComArg:
        """One task instance for each dict of arguments."""
        return self._mapped(check_expand_kwargs(self.__name__, kwargs, strict))

    def _mapped(self, expand_input: ExpandInput | ExpandKwargsInput) -> XComArg:
        given = {name: value for name, value in self.kwargs.items() if name != "shared_op_kwargs"}
        shared = self.kwargs.get("shared_op_kwargs", {})
        given.update(
            task_id=self._task_id(),
            python_callable=self.function,
            op_kwargs=shared,
            multiple_outputs=self._outputs,
            doc_md=given.get("doc_md") or self.function.__doc__,
        )
        task = DecoratedMappedOperator(operator_class=self.operator_class, expand_input=expand_input, given=given)
        return XComArg(self._as_declared(task))

    def _check_names(self, method: str, kwargs: Mapping[str, Any]) -> None:
        parameters = inspect.signature(self.function).parameters
        if any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
            return
        if unknown := sorted(kwargs.keys() - parameters.keys()):
            raise TypeError(
                f"{method}() got the argument {unknown[0]!r}, which {self.__name__}() does not take"
                f"{did_you_mean(unknown[0], parameters)}"
            )

    __name__: str


class DecoratedMappedOperator(MappedOperator):
    """A mapped `@task`: what it expands over are arguments of the function, not of the operator."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)

    def unmap(self, resolved: Mapping[str, Any]) -> BaseOperator:
        return super().unmap({"op_kwargs": {**self.partial_kwargs["op_kwargs"], **resolved}})

    def shared_names(self) -> set[str]:
        return set(self.partial_kwargs["op_kwargs"])


class Decorates(Protocol):
    """`@task` and each decorator like it, with and without arguments."""

    @overload
    def __call__(self, python_callable: Function, /) -> TaskDecorator: ...

    @overload
    def __call__(self, python_callable: None = None, **kwargs: Any) -> Callable[[Function], TaskDecorator]: ...


def task_decorator_factory(
    python_callable: Function | None = None,
    *,
    multiple_outputs: bool | None = None,
    decorated_operator_class: type[BaseOperator],
    **kwargs: Any,
) -> Any:
    """A decorator that makes `decorated_operator_class` tasks, usable with and without parentheses."""
    if python_callable is not None:
        return TaskDecorator(python_callable, decorated_operator_class, kwargs, multiple_outputs)
    return lambda function: TaskDecorator(function, decorated_operator_class, dict(kwargs), multiple_outputs)
