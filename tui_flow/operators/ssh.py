"""`SSHOperator`: runs a command on another machine."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Collection, Iterable
from functools import cached_property
from typing import Any, ClassVar

from tui_flow.operators.bash import exit_codes
from tui_flow.operators.ssh_hook import SSHHook
from tui_flow.sdk.context import Context
from tui_flow.sdk.exceptions import AirflowException, AirflowSkipException
from tui_flow.sdk.operator import BaseOperator


class SSHOperator(BaseOperator):
    """The result is the command's stdout in base64, as in Airflow; the exit code is pushed as XCom `ssh_exit`.

    With `get_pty` (which `sudo` gets by itself) killing the task ends the command over there too. `cmd_timeout` is
    how many seconds it may say nothing; None for ever.
    """

    template_fields: Collection[str] = ("command", "environment", "remote_host")
    template_ext: Collection[str] = (".sh", ".bash", ".csh", ".zsh", ".dash", ".ksh")
    template_fields_renderers: ClassVar[dict[str, str]] = {"command": "bash", "environment": "python"}

    def __init__(
        self,
        *,
        ssh_hook: SSHHook | None = None,
        ssh_conn_id: str | None = None,
        remote_host: str | None = None,
        command: str | None = None,
        conn_timeout: float | None = None,
        cmd_timeout: float | None | object = ...,
        environment: dict[str, str] | None = None,
        get_pty: bool = False,
        banner_timeout: float = 30.0,
        skip_on_exit_code: int | Iterable[int] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.given_hook, self.ssh_conn_id, self.remote_host = ssh_hook, ssh_conn_id, remote_host
        self.command, self.environment, self.get_pty = command, environment, get_pty
        self.conn_timeout, self.cmd_timeout, self.banner_timeout = conn_timeout, cmd_timeout, banner_timeout
        self.skip_on_exit_code = exit_codes(skip_on_exit_code)

    @cached_property
    def ssh_hook(self) -> SSHHook:
        if self.given_hook is not None:
            self.given_hook.remote_host = self.remote_host or self.given_hook.remote_host
            return self.given_hook
        if not self.ssh_conn_id and not self.remote_host:
            raise AirflowException(f"task {self.task_id!r} needs ssh_conn_id, ssh_hook or remote_host")
        return SSHHook(
            ssh_conn_id=self.ssh_conn_id,
            remote_host=self.remote_host or "",
            conn_timeout=self.conn_timeout,
            cmd_timeout=self.cmd_timeout,
            banner_timeout=self.banner_timeout,
        )

    def execute(self, context: Context) -> str:
        if not self.command:
            raise AirflowException(f"task {self.task_id!r}: SSH command not specified")
        with self.ssh_hook.get_conn() as client:
            exit_code, out, _err = self.ssh_hook.exec_ssh_client_command(
                client,
                self.command,
                get_pty=self.get_pty or self.command.startswith("sudo"),
                environment=self.environment,
                timeout=self.cmd_timeout,
            )
        self._check(exit_code, context)
        return b64encode(out).decode()

    def _check(self, exit_code: int, context: Context) -> None:
        if self.do_xcom_push:
            context["ti"].xcom_push(key="ssh_exit", value=exit_code)
        if exit_code in self.skip_on_exit_code:
            raise AirflowSkipException(f"SSH command returned exit code {exit_code}. Skipping.")
        if exit_code != 0:
            raise AirflowException(f"SSH operator error: exit status = {exit_code}")

    def on_kill(self) -> None:
        if self.ssh_hook.client is not None:
            self.ssh_hook.client.close()
