"""`@task.docker`: a function that runs in a container, by the Python of its image."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tui_flow.operators.docker import DockerOperator
from tui_flow.operators.isolated_call import (
    SCRIPT,
    arguments_for,
    check_function,
    function_text,
    read_error,
    read_result,
    write_call,
)
from tui_flow.sdk.context import Context
from tui_flow.sdk.decorated import DecoratedOperator, task_decorator_factory
from tui_flow.sdk.exceptions import AirflowException

FOLDER = "/tuiflow-call"
"""Where the container sees the call."""


class _DockerDecoratedOperator(DecoratedOperator, DockerOperator):
    template_fields: Collection[str] = ("op_args", "op_kwargs", *DockerOperator.template_fields)
    custom_operator_name = "@task.docker"

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        op_args: Collection[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        python_command: str = "python3",
        serializer: str = "pickle",
        **kwargs: Any,
    ) -> None:
        check_function(python_callable, "@task.docker")
        if "command" in kwargs:
            raise ValueError("@task.docker runs its function; `command` belongs to DockerOperator")
        super().__init__(python_callable=python_callable, op_args=op_args, op_kwargs=op_kwargs, **kwargs)
        self.python_command, self.serializer = python_command, serializer

    def execute(self, context: Context) -> Any:
        with ExitStack() as stack:
            outer = stack.enter_context(tempfile.TemporaryDirectory(prefix="tuiflow-call-"))
            folder = Path(outer) / "call"
            folder.mkdir()
            self._write_call(folder, context)
            os.chmod(folder, 0o777)  # the container's user may be another; the folder around it is closed
            mount = {"Type": "bind", "Source": str(folder), "Target": FOLDER}
            command = [self.python_command, f"{FOLDER}/{SCRIPT}"]
            container = self.container(context, command, [mount, *self.temporary_mounts(stack)])
            try:
                self.run_container(container)
            except AirflowException as err:
                if error := read_error(folder):
                    err.add_note(error)
                raise
            return read_result(folder, self.serializer)

    def _write_call(self, folder: Path, context: Context) -> None:
        kwargs, dates = arguments_for(self.python_callable, self.op_args, self.op_kwargs, context)
        write_call(folder, function_text(self.python_callable), (self.op_args, kwargs), dates, self.serializer)
        for path in folder.iterdir():
            path.chmod(0o644)


def docker_task(python_callable: Callable[..., Any] | None = None, **kwargs: Any) -> Any:
    """`@task.docker(image=...)`: the function runs in a container."""
    return task_decorator_factory(python_callable, decorated_operator_class=_DockerDecoratedOperator, **kwargs)
