"""`BashSensor`: waits until a command exits with 0."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection
from typing import Any

from tui_flow.operators.subprocess_hook import SubprocessHook
from tui_flow.sdk.context import Context
from tui_flow.sdk.exceptions import AirflowFailException
from tui_flow.sdk.sensor import BaseSensorOperator


class BashSensor(BaseSensorOperator):
    """Any other exit code means not yet; with `retry_exit_code` only that one does and the rest fail the sensor."""

    template_fields: Collection[str] = ("bash_command", "env")
    template_ext: Collection[str] = (".sh", ".bash")

    def __init__(
        self,
        *,
        bash_command: str,
        env: dict[str, str] | None = None,
        output_encoding: str = "utf-8",
        retry_exit_code: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.bash_command = bash_command
        self.env = env
        self.output_encoding = output_encoding
        self.retry_exit_code = retry_exit_code
        self._hook = SubprocessHook()

    def poke(self, context: Context) -> bool:
        env = dict(os.environ) if self.env is None else dict(self.env)
        command = [shutil.which("bash") or "bash", "-c", self.bash_command]
        exit_code = self._hook.run_command(command, env, self.output_encoding).exit_code
        if exit_code == 0:
            return True
        if self.retry_exit_code is None or exit_code == self.retry_exit_code:
            self.log.info("Non-zero return code %s and no result yet", exit_code)
            return False
        raise AirflowFailException(f"Command exited with return code {exit_code}")

    def on_kill(self) -> None:
        self._hook.send_sigterm()
