"""`IsolatedPythonOperator`: what operators share that call a function in another Python than the DAG file's."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from tui_flow.operators.bash import exit_codes
from tui_flow.operators.isolated_call import (
    SCRIPT,
    SERIALIZERS,
    arguments_for,
    check_function,
    function_text,
    read_error,
    read_result,
    write_call,
)
from tui_flow.operators.subprocess_hook import SubprocessHook
from tui_flow.sdk.context import Context
from tui_flow.sdk.exceptions import AirflowException, AirflowSkipException
from tui_flow.sdk.python import PythonOperator

_KEPT = ("TUIFLOW_ATTEMPT",)
"""Marks the processes of an attempt: kept also where `inherit_env` is off."""


class IsolatedPythonOperator(PythonOperator):
    """Subclasses say with which Python: they implement `execute_isolated`."""

    template_fields: Collection[str] = ("templates_dict", "op_args", "op_kwargs", "env_vars")
    template_fields_renderers: ClassVar[dict[str, str]] = {
        **PythonOperator.template_fields_renderers,
        "env_vars": "json",
    }

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        serializer: str | None = None,
        use_dill: bool = False,
        op_args: Collection[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        string_args: Iterable[str] | None = None,
        expect_airflow: bool = True,
        skip_on_exit_code: int | Iterable[int] | None = None,
        env_vars: dict[str, str] | None = None,
        inherit_env: bool = True,
        **kwargs: Any,
    ) -> None:
        check_function(python_callable, type(self).__name__)
        super().__init__(python_callable=python_callable, op_args=op_args, op_kwargs=op_kwargs, **kwargs)
        self.serializer = serializer or ("dill" if use_dill else "pickle")
        if self.serializer not in SERIALIZERS:
            raise AirflowException(
                f"task {self.task_id!r}: there is no serializer {serializer!r}; there are {', '.join(SERIALIZERS)}"
            )
        self.string_args = list(string_args or ())
        self.expect_airflow, self.inherit_env, self.env_vars = expect_airflow, inherit_env, env_vars
        self.skip_on_exit_code = exit_codes(skip_on_exit_code)

    @cached_property
    def subprocess_hook(self) -> SubprocessHook:
        return SubprocessHook()

    def execute(self, context: Context) -> Any:
        result = self.execute_isolated(context)
        if result is not None:
            shown = f"was: {result}" if self.show_return_value_in_logs else "not shown"
            self.log.info("Done. Returned value %s", shown)
        return result

    def execute_isolated(self, context: Context) -> Any:
        """The function's result. Raises AirflowException or AirflowSkipException as the process ends."""
        raise NotImplementedError(f"{type(self).__name__} has no execute_isolated(context)")

    def write_call(self, folder: Path, context: Context) -> None:
        """Leave in `folder` what the other Python is to do; its script is `SCRIPT`."""
        own = dict(self.op_kwargs)
        if self.templates_dict:
            own["templates_dict"] = self.templates_dict
        kwargs, dates = arguments_for(self.python_callable, self.op_args, own, context)
        text = function_text(self.python_callable)
        write_call(folder, text, (self.op_args, kwargs), dates, self.serializer, self.string_args)

    def call_with(self, python: str | os.PathLike[str], context: Context) -> Any:
        """The result of the function, called by that interpreter of this machine."""
        with tempfile.TemporaryDirectory(prefix="tuiflow-call-") as name:
            folder = Path(name)
            self.write_call(folder, context)
            command: Sequence[str] = [os.fspath(python), str(folder / SCRIPT)]
            ended = self.subprocess_hook.run_command(command, self.environment(), on_line=print)
            self.check_exit_code(ended.exit_code, folder)
            return read_result(folder, self.serializer)

    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        inherited = {**os.environ, "PYTHONUNBUFFERED": "1"} if self.inherit_env else kept
        return {**inherited, **{name: str(value) for name, value in (self.env_vars or {}).items()}}

    def check_exit_code(self, exit_code: int, folder: Path) -> None:
        if exit_code in self.skip_on_exit_code:
            raise AirflowSkipException(f"Process exited with code {exit_code}. Skipping.")
        if exit_code != 0:
            error = read_error(folder)
            raise AirflowException(f"Process returned non-zero exit status {exit_code}.{error and f' {error}' or ''}")

    def on_kill(self) -> None:
        self.subprocess_hook.send_sigterm()
