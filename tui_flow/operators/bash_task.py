"""`@task.bash`: a function that returns the shell command to run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from tui_flow.operators.bash import BashOperator
from tui_flow.sdk.callables import call, determine_kwargs
from tui_flow.sdk.context import Context
from tui_flow.sdk.decorated import DecoratedOperator, task_decorator_factory


class _BashDecoratedOperator(DecoratedOperator, BashOperator):
    template_fields: Collection[str] = ("op_args", "op_kwargs", *BashOperator.template_fields)
    custom_operator_name = "@task.bash"

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        op_args: Collection[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            kwargs_to_upstream={"bash_command": ""},
            python_callable=python_callable,
            op_args=op_args,
            op_kwargs=op_kwargs,
            **kwargs,
        )

    def execute(self, context: Context) -> Any:
        available = context.copied()
        available.update(self.op_kwargs)
        kwargs = determine_kwargs(self.python_callable, self.op_args, available)
        command = call(self.python_callable, self.op_args, kwargs)
        if not isinstance(command, str) or not command.strip():
            raise TypeError(
                f"the function of @task.bash task {self.task_id!r} must return a command as text, not {command!r:.60}"
            )
        self.bash_command = command
        self.render_template_fields(context)
        return super().execute(context)


def bash_task(python_callable: Callable[..., Any] | None = None, **kwargs: Any) -> Any:
    """`@task.bash`: what the function returns is run by bash."""
    return task_decorator_factory(python_callable, decorated_operator_class=_BashDecoratedOperator, **kwargs)
