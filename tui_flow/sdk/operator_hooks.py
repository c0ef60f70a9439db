"""The part of an operator that runs in an attempt: rendering, the hooks around `execute`, deferral, logging."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NoReturn

from tui_flow.sdk.context import Context
from tui_flow.sdk.exceptions import TaskDeferralError, TaskDeferralTimeout, TaskDeferred
from tui_flow.sdk.templater import Templater

if TYPE_CHECKING:
    import jinja2


TRIGGER_FAILED = "__fail__"
"""The method of a task whose trigger failed or did not fire in time."""
TRIGGER_TIMED_OUT = "Trigger timeout"


def call_with_result(hook: Callable[..., Any], context: Context, result: Any) -> None:
    """Call what follows `execute`; one that takes the context alone gets no result."""
    try:
        inspect.signature(hook).bind(context, result)
    except TypeError:
        hook(context)
        return
    except ValueError:  # some built-in functions do not say what they take
        pass
    hook(context, result)


class OperatorHooks(Templater):
    """What the runtime calls on a task, in this order: render_template_fields, pre_execute, execute, post_execute."""

    _dag: Any
    logger_name: str | None = None
    render_template_as_native_obj: bool | None = None
    _results: tuple[Any, ...] = ()
    """Arguments that are results of other tasks: nothing in them is a template."""
    _pre_execute_hook: Callable[[Any], None] | None = None
    _post_execute_hook: Callable[[Any, Any], None] | None = None

    @property
    def log(self) -> logging.Logger:
        return logging.getLogger(f"tui_flow.task.{self.logger_name}" if self.logger_name else "tui_flow.task")

    def render_template_fields(self, context: Mapping[str, Any], jinja_env: jinja2.Environment | None = None) -> None:
        """Replace the template fields by what they render to."""
        environment = jinja_env or self.get_template_env()
        if type(self).prepare_template is not Templater.prepare_template:
            self.resolve_template_files()  # it is told of the files' contents, not of their names
        seen = {id(value) for value in self._results}
        self._do_render_template_fields(self, self.template_fields, context, environment, seen)

    def get_template_env(self, dag: Any = None) -> jinja2.Environment:
        dag = dag or self._dag
        if dag is None or self.render_template_as_native_obj is None:
            return super().get_template_env(dag)
        environment: jinja2.Environment = dag.get_template_env(native=self.render_template_as_native_obj)
        return environment

    def pre_execute(self, context: Context) -> None:
        """Before `execute`; what it raises prevents the task."""
        if self._pre_execute_hook is not None:
            self._pre_execute_hook(context)

    def execute(self, context: Context) -> Any:
        """What the task does; what it returns is its XCom."""
        raise NotImplementedError(f"{type(self).__name__} has no execute(context)")

    def post_execute(self, context: Context, result: Any = None) -> None:
        """After `execute`; what it raises fails the task."""
        if self._post_execute_hook is not None:
            call_with_result(self._post_execute_hook, context, result)

    def on_kill(self) -> None:
        """Called when the attempt is told to end: stop what runs elsewhere on its behalf."""

    def defer(
        self,
        *,
        trigger: Any,
        method_name: str,
        kwargs: dict[str, Any] | None = None,
        timeout: timedelta | int | float | None = None,
    ) -> NoReturn:
        """End the attempt and go on in `method_name` once the trigger fires."""
        raise TaskDeferred(trigger=trigger, method_name=method_name, kwargs=kwargs, timeout=timeout)

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Context) -> Any:
        """Go on after a trigger. Raises TaskDeferralError, or TaskDeferralTimeout, where it came to nothing."""
        kwargs = dict(next_kwargs or {})
        if next_method != TRIGGER_FAILED:
            return getattr(self, next_method)(context, **kwargs)
        if kwargs.get("traceback"):
            self.log.error("Trigger failed:\n%s", "\n".join(kwargs["traceback"]))
        error = kwargs.get("error", "Unknown")
        raise TaskDeferralTimeout(error) if error == TRIGGER_TIMED_OUT else TaskDeferralError(error)

    def dry_run(self) -> None:
        """Log the rendered template fields."""
        for name in self.template_fields:
            self.log.info("%s: %s", name, getattr(self, name, None))
