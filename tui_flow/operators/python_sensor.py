"""`PythonSensor` and `@task.sensor`: wait until a function's result is true."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from tui_flow.sdk.callables import call, determine_kwargs
from tui_flow.sdk.context import Context
from tui_flow.sdk.decorated import HandingOnOperator, task_decorator_factory
from tui_flow.sdk.sensor import BaseSensorOperator, PokeReturnValue


class PythonSensor(BaseSensorOperator):
    """Calls `python_callable` at each poke."""

    template_fields: Collection[str] = ("templates_dict", "op_args", "op_kwargs")
    shallow_copy_attrs: Sequence[str] = ("python_callable",)

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        op_args: Collection[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        templates_dict: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.python_callable = python_callable
        self.op_args: Any = op_args or ()
        self.op_kwargs: Any = op_kwargs or {}
        self.templates_dict = templates_dict

    def poke(self, context: Context) -> bool | PokeReturnValue:
        available = context.copied()
        available.update(self.op_kwargs)
        available["templates_dict"] = self.templates_dict
        kwargs = determine_kwargs(self.python_callable, self.op_args, available)
        result = call(self.python_callable, self.op_args, kwargs)
        return result if isinstance(result, PokeReturnValue) else PokeReturnValue(bool(result))


class _SensorDecoratedOperator(HandingOnOperator, PythonSensor):
    template_fields: Collection[str] = ("templates_dict", "op_args", "op_kwargs")
    custom_operator_name = "@task.sensor"


def sensor_task(python_callable: Callable[..., Any] | None = None, **kwargs: Any) -> Any:
    """`@task.sensor`: the function says whether the wait is over; a `PokeReturnValue` also what to push."""
    return task_decorator_factory(python_callable, decorated_operator_class=_SensorDecoratedOperator, **kwargs)
