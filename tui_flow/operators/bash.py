"""`BashOperator`: runs a shell command; the last line of its stdout is the result."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, ClassVar

from tui_flow.operators.subprocess_hook import SubprocessHook
from tui_flow.sdk.context import Context
from tui_flow.sdk.context_env import MAX_VALUE_BYTES, context_to_env
from tui_flow.sdk.exceptions import AirflowException, AirflowSkipException
from tui_flow.sdk.operator import BaseOperator


def _unchanged(result: str) -> str:
    return result


class BashOperator(BaseOperator):
    """Runs `bash -c bash_command`, in `cwd` or in an empty folder of its own.

    Exit code 0 is success, one of `skip_on_exit_code` skipped, any other failed. A command that ends in `.sh` or
    `.bash` names a template file; a space behind it makes it a command again.
    """

    template_fields: Collection[str] = ("bash_command", "env", "cwd")
    template_fields_renderers: ClassVar[dict[str, str]] = {"bash_command": "bash", "env": "json"}
    template_ext: Collection[str] = (".sh", ".bash")
    ui_color = "#f0ede4"
    runs_shell = True

    def __init__(
        self,
        *,
        bash_command: str,
        env: dict[str, str] | None = None,
        append_env: bool = False,
        output_encoding: str = "utf-8",
        skip_on_exit_code: int | Iterable[int] | None = 99,
        cwd: str | None = None,
        output_processor: Callable[[str], Any] | None = None,
        skip_exit_code: int | None = None,
        **kwargs: Any,
    ) -> None:
        """`skip_exit_code` is an older name of `skip_on_exit_code`."""
        super().__init__(**kwargs)
        self.bash_command = bash_command
        self.env, self.append_env = env, append_env
        self.output_encoding = output_encoding
        self.skip_on_exit_code = exit_codes(skip_on_exit_code if skip_exit_code is None else skip_exit_code)
        self.cwd = cwd
        self.output_processor = output_processor or _unchanged

    @cached_property
    def subprocess_hook(self) -> SubprocessHook:
        return SubprocessHook()

    def is_plain_command(self) -> bool:
        """Whether a host may start it without Python: text that is no file, and nothing to do with the output."""
        command = self.bash_command
        if not isinstance(command, str) or self._is_file(command):
            return False
        return self.output_processor is _unchanged and self.output_encoding.lower() in ("utf-8", "utf8")

    def get_env(self, context: Context) -> dict[str, str]:
        """The command's environment: this process's, or `env` (on top of it with `append_env`), and the context."""
        given = dict(self.env or {})
        base = dict(os.environ) if self.env is None or self.append_env else {}
        for name in _KEPT:
            if name in os.environ:
                base.setdefault(name, os.environ[name])
        for name, value in given.items():
            _check_variable(self.task_id, name, value)
        return {**base, **given, **context_to_env(context)}

    def execute(self, context: Context) -> Any:
        check_folder(self.cwd)
        command = [shutil.which("bash") or "bash", "-c", self.bash_command]
        self.log.info("Running command: %s", self.bash_command)
        with working_folder(self.cwd) as folder:
            hook = self.subprocess_hook
            result = hook.run_command(command, self.get_env(context), self.output_encoding, folder, on_line=print)
        check_exit_code(result.exit_code, self.skip_on_exit_code)
        return self.output_processor(result.output)

    def on_kill(self) -> None:
        self.subprocess_hook.send_sigterm()


_KEPT = ("TUIFLOW_ATTEMPT",)
"""Marks the processes of an attempt: kept also where `env` replaces the environment."""


def exit_codes(codes: int | Iterable[int] | None) -> tuple[int, ...]:
    """None, one or several exit codes as a tuple."""
    if codes is None:
        return ()
    return (codes,) if isinstance(codes, int) else tuple(codes)


@contextmanager
def working_folder(cwd: str | None) -> Iterator[str]:
    """`cwd`, or a new empty folder that is removed afterwards."""
    if cwd is not None:
        yield cwd
        return
    with tempfile.TemporaryDirectory(prefix="tuiflow-") as folder:
        yield folder


def check_folder(cwd: str | None) -> None:
    if cwd is not None and not os.path.isdir(cwd):
        what = "is not a folder" if os.path.exists(cwd) else "does not exist"
        raise AirflowException(f"cwd {cwd!r} {what}; the command was not started")


def check_exit_code(exit_code: int, skip_on_exit_code: Collection[int]) -> None:
    """Raises what a command's exit code means: nothing for 0."""
    if exit_code in skip_on_exit_code:
        raise AirflowSkipException(f"Bash command returned exit code {exit_code}. Skipping.")
    if exit_code != 0:
        died = f" (killed by signal {-exit_code})" if exit_code < 0 else ""
        raise AirflowException(f"Bash command failed. The command returned a non-zero exit code {exit_code}{died}.")


def _check_variable(task_id: str, name: str, value: Any) -> None:
    if not isinstance(value, str):
        raise AirflowException(f"env of {task_id!r}: the value of {name!r} must be text, not {value!r:.60}")
    if "\0" in value or len(value.encode(errors="surrogateescape")) > MAX_VALUE_BYTES:
        raise AirflowException(
            f"env of {task_id!r}: the value of {name!r} has a NUL or more than {MAX_VALUE_BYTES} bytes"
        )
