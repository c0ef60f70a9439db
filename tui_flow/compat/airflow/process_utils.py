"""`airflow.utils.process_utils`, `.timeout` and `.file`."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from getpass import getuser as getuser
from tempfile import TemporaryDirectory as TemporaryDirectory
from types import FrameType, TracebackType
from typing import Any

from tui_flow.sdk import backend
from tui_flow.sdk.exceptions import AirflowTaskTimeout

_log = logging.getLogger("tui_flow.task")


def execute_in_subprocess(cmd: list[str], cwd: str | None = None, env: Mapping[str, str] | None = None) -> None:
    """Run a command and log its output. Raises CalledProcessError."""
    execute_in_subprocess_with_kwargs(cmd, cwd=cwd, env=env)


def execute_in_subprocess_with_kwargs(cmd: list[str], **kwargs: Any) -> None:
    _log.info("running %s", " ".join(cmd))
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "pass_fds": tuple(backend.runtime_fds)}
    with subprocess.Popen(cmd, **{**options, **kwargs}) as process:
        for line in process.stdout or ():
            _log.info("%s", line.decode(errors="backslashreplace").rstrip())
        exit_code = process.wait()
    if exit_code:
        raise subprocess.CalledProcessError(exit_code, cmd)


@contextmanager
def patch_environ(new_env_variables: Mapping[str, str]) -> Iterator[None]:
    """Environment variables for the length of a `with` block."""
    before = {name: os.environ.get(name) for name in new_env_variables}
    os.environ.update(new_env_variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class timeout:
    """Raises AirflowTaskTimeout inside the `with` block once `seconds` have passed."""

    def __init__(self, seconds: float = 1, error_message: str = "Timeout") -> None:
        self._seconds, self._message = seconds, error_message
        self._before: Any = None

    def _raise(self, number: int, frame: FrameType | None) -> None:
        raise AirflowTaskTimeout(f"{self._message}, after {self._seconds} s")

    def __enter__(self) -> None:
        self._before = signal.signal(signal.SIGALRM, self._raise)
        signal.setitimer(signal.ITIMER_REAL, self._seconds)

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._before)


def mkdirs(path: str, mode: int) -> None:
    os.makedirs(path, mode=mode, exist_ok=True)
