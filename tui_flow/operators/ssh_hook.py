"""`SSHHook`: commands on another machine, through paramiko."""

from __future__ import annotations

import io
import os
import selectors
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from tui_flow.sdk.connection import Connection
from tui_flow.sdk.exceptions import AirflowException
from tui_flow.sdk.extras import extra
from tui_flow.sdk.hook import BaseHook

CONNECT_TIMEOUT_S = 10
COMMAND_TIMEOUT_S = 10
_CHUNK_BYTES = 64 * 1024
_TICK_S = 0.2
"""How long to wait for output before asking whether the command has ended: its end makes nothing readable."""
_KEY_CLASSES = ("Ed25519Key", "ECDSAKey", "RSAKey")


class SSHHook(BaseHook):
    """Arguments go before what the connection says. Its extra: `key_file`, `private_key`, `private_key_passphrase`,
    `conn_timeout`, `cmd_timeout`, `compress`, `look_for_keys`, `host_key`, `no_host_key_check` (true unless a
    `host_key` is given), `disabled_algorithms`."""

    conn_name_attr = "ssh_conn_id"
    default_conn_name = "ssh_default"
    conn_type = "ssh"
    hook_name = "SSH"

    def __init__(
        self,
        ssh_conn_id: str | None = None,
        remote_host: str = "",
        username: str | None = None,
        password: str | None = None,
        key_file: str | None = None,
        port: int | None = None,
        conn_timeout: float | None = None,
        cmd_timeout: float | None | object = ...,
        keepalive_interval: int = 30,
        banner_timeout: float = 30.0,
        auth_timeout: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.ssh_conn_id, self.remote_host = ssh_conn_id, remote_host
        self.username, self.password, self.key_file, self.port = username, password, key_file, port
        self.conn_timeout, self._cmd_timeout = conn_timeout, cmd_timeout
        self.keepalive_interval, self.banner_timeout, self.auth_timeout = (
            keepalive_interval,
            banner_timeout,
            auth_timeout,
        )
        self.client: Any = None

    @cached_property
    def connection(self) -> Connection:
        return self.get_connection(self.ssh_conn_id) if self.ssh_conn_id else Connection()

    @cached_property
    def options(self) -> dict[str, Any]:
        return self.connection.extra_dejson

    @property
    def cmd_timeout(self) -> float | None:
        """Seconds without output after which a command is given up; None for never."""
        given = (
            self._cmd_timeout if self._cmd_timeout is not ... else self.options.get("cmd_timeout", COMMAND_TIMEOUT_S)
        )
        return None if given is None else float(str(given))

    def get_conn(self) -> Any:
        """A connected `paramiko.SSHClient`, to be closed by the caller. Raises AirflowException without a host."""
        with extra("ssh", type(self).__name__):
            import paramiko
        host = self.remote_host or self.connection.host
        if not host:
            raise AirflowException(f"{type(self).__name__} has no host: give remote_host, or a connection that has one")
        self.client = client = paramiko.SSHClient()
        self._trust(client, host)
        try:
            client.connect(**self._arguments(host))
        except BaseException:
            client.close()
            raise
        transport = client.get_transport()
        if self.keepalive_interval and transport is not None:
            transport.set_keepalive(self.keepalive_interval)
        return client

    def _arguments(self, host: str) -> dict[str, Any]:
        key_file = self.key_file or self.options.get("key_file")
        return {
            "hostname": host,
            "port": self.port or self.connection.port or 22,
            "username": self.username or self.connection.login,
            "password": self.password or self.connection.password,
            "pkey": self._private_key(),
            "key_filename": os.path.expanduser(key_file) if key_file else None,
            "passphrase": self.options.get("private_key_passphrase"),
            "timeout": float(self.conn_timeout or self.options.get("conn_timeout") or CONNECT_TIMEOUT_S),
            "compress": _is_on(self.options.get("compress", True)),
            "look_for_keys": _is_on(self.options.get("look_for_keys", True)),
            "banner_timeout": self.banner_timeout,
            "auth_timeout": self.auth_timeout,
            "disabled_algorithms": self.options.get("disabled_algorithms"),
        }

    def _trust(self, client: Any, host: str) -> None:
        """Which host keys are taken: the connection's, else known ones, else (with a warning) any."""
        import paramiko

        wanted = self.options.get("host_key")
        if wanted:
            kind, _, data = wanted.rpartition(" ")
            key = paramiko.PKey.from_type_string(kind.split()[-1] if kind else "ssh-rsa", _decoded(data))
            port = self.port or self.connection.port or 22
            client.get_host_keys().add(host if port == 22 else f"[{host}]:{port}", key.get_name(), key)
        elif _is_on(self.options.get("no_host_key_check", True)):
            self.log.warning("The host key of %s is not checked; no_host_key_check=false in the extra checks it", host)
            client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
            return
        else:
            client.load_system_host_keys()
        client.set_missing_host_key_policy(paramiko.RejectPolicy())

    def _private_key(self) -> Any:
        text = self.options.get("private_key")
        if not text:
            return None
        import paramiko

        problems = []
        for name in _KEY_CLASSES:
            try:
                key_class = getattr(paramiko, name)
                return key_class.from_private_key(io.StringIO(text), self.options.get("private_key_passphrase"))
            except (paramiko.SSHException, ValueError) as err:
                problems.append(f"{name}: {err}")
        raise AirflowException(
            f"the private_key of connection {self.ssh_conn_id!r} cannot be read: {'; '.join(problems)}"
        )

    def exec_ssh_client_command(
        self,
        ssh_client: Any,
        command: str,
        get_pty: bool = False,
        environment: Mapping[str, str] | None = None,
        timeout: float | None | object = ...,
    ) -> tuple[int, bytes, bytes]:
        """(exit code, stdout, stderr) of a command; each line is logged as it comes.

        Raises AirflowException when nothing comes for `timeout` seconds.
        """
        self.log.info("Running command: %s", command)
        stdin, stdout, stderr = ssh_client.exec_command(command, get_pty=get_pty, environment=environment)
        stdin.close()
        channel = stdout.channel
        channel.shutdown_write()
        patience = self.cmd_timeout if timeout is ... else timeout
        out, err = _Lines(self.log.info), _Lines(self.log.warning)
        try:
            self._pump(channel, out, err, None if patience is None else float(str(patience)))
        finally:
            out.flush()
            err.flush()
            stdout.close()
            stderr.close()
        return channel.recv_exit_status(), out.data, err.data

    def _pump(self, channel: Any, out: _Lines, err: _Lines, timeout_s: float | None) -> None:
        heard = time.monotonic()
        with selectors.DefaultSelector() as selector:
            selector.register(channel, selectors.EVENT_READ)
            while True:
                # Asked before the rest is read: what comes in between would be lost.
                is_over = channel.exit_status_ready() and (channel.eof_received or channel.closed)
                is_closed = channel.closed
                while channel.recv_ready() or channel.recv_stderr_ready():
                    heard = time.monotonic()
                    if channel.recv_ready():
                        out.add(channel.recv(_CHUNK_BYTES))
                    if channel.recv_stderr_ready():
                        err.add(channel.recv_stderr(_CHUNK_BYTES))
                if is_over:
                    return
                if is_closed:
                    raise AirflowException("the SSH connection was closed before the command ended")
                if timeout_s is not None and time.monotonic() - heard > timeout_s:
                    raise AirflowException(f"SSH command timed out: no output for {timeout_s:g} s (cmd_timeout)")
                selector.select(_TICK_S)

    def test_connection(self) -> tuple[bool, str]:
        """Whether the machine lets us in and runs a command."""
        with self.get_conn() as client:
            exit_code, out, _err = self.exec_ssh_client_command(client, "echo tuiflow")
        return (
            exit_code == 0,
            f"{self.remote_host or self.connection.host} lets us in and answered {out.decode().strip()!r}",
        )


class _Lines:
    """What a stream gave, said line by line."""

    def __init__(self, say: Callable[..., None]) -> None:
        self.data = b""
        self._said = 0
        self._say = say

    def add(self, chunk: bytes) -> None:
        self.data += chunk
        while (end := self.data.find(b"\n", self._said)) >= 0:
            self._say("%s", self.data[self._said : end].decode("utf-8", "backslashreplace").rstrip())
            self._said = end + 1

    def flush(self) -> None:
        if rest := self.data[self._said :]:
            self._say("%s", rest.decode("utf-8", "backslashreplace"))
            self._said = len(self.data)


def _decoded(text: str) -> bytes:
    import base64

    return base64.b64decode(text)


def _is_on(value: Any) -> bool:
    return value.strip().lower() not in ("false", "0", "no", "off", "") if isinstance(value, str) else bool(value)
