"""`PythonOperator`: calls a function. `@task` builds on it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, ClassVar

from tui_flow.sdk.callables import call, determine_kwargs
from tui_flow.sdk.context import Context
from tui_flow.sdk.exceptions import AirflowException
from tui_flow.sdk.operator import BaseOperator


class PythonOperator(BaseOperator):
    """Calls `python_callable(*op_args, **op_kwargs)`, with the context's values for parameters of their names."""

    template_fields: Collection[str] = ("templates_dict", "op_args", "op_kwargs")
    template_fields_renderers: ClassVar[dict[str, str]] = {"templates_dict": "json", "op_args": "py", "op_kwargs": "py"}
    ui_color = "#ffefeb"
    shallow_copy_attrs: Sequence[str] = ("python_callable", "op_kwargs")

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        op_args: Collection[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        templates_dict: dict[str, Any] | None = None,
        templates_exts: Sequence[str] | None = None,
        show_return_value_in_logs: bool = True,
        provide_context: bool | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not callable(python_callable):
            raise AirflowException(
                f"python_callable of task {self.task_id!r} cannot be called: {python_callable!r:.80}"
            )
        self.python_callable = python_callable
        self.op_args: Any = op_args if op_args is not None else ()
        self.op_kwargs: Any = op_kwargs if op_kwargs is not None else {}
        self.templates_dict = templates_dict
        self.show_return_value_in_logs = show_return_value_in_logs
        if templates_exts:
            self.template_ext = templates_exts

    def execute(self, context: Context) -> Any:
        available = _with(context, self.op_kwargs, self.templates_dict)
        self.op_kwargs = determine_kwargs(self.python_callable, self.op_args, available)
        return self.finish(self.execute_callable(), context)

    def finish(self, result: Any, context: Context) -> Any:
        """What the function's result becomes: the `Metadata` in it is announced, the rest is logged and returned."""
        if self.outlets or inspect.isgenerator(result):
            from tui_flow.sdk.outlet_events import announced  # only tasks with outlets need it

            result = announced(result, context["outlet_events"])
        if result is not None:
            shown = f"was: {result}" if self.show_return_value_in_logs else "not shown"
            self.log.info("Done. Returned value %s", shown)
        return result

    def execute_callable(self) -> Any:
        """The function's result."""
        return call(self.python_callable, self.op_args, self.op_kwargs)


def _with(context: Context, op_kwargs: Mapping[str, Any], templates_dict: Any) -> Mapping[str, Any]:
    """The context, over it the task's own arguments; lazy values of the context stay lazy."""
    available = context.copied()
    available.update(op_kwargs)
    available["templates_dict"] = templates_dict
    return available
