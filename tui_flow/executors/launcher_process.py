"""The scheduler's end of the launcher: start it, talk to it, start it again when it dies."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tui_flow.messages import FrameBuffer, Message, encode
from tui_flow.runtime.processes import python_module

_NOT_FOR_TASKS = {
    "CREDENTIALS_DIRECTORY",
    "GPG_AGENT_INFO",
    "NOTIFY_SOCKET",
    "SSH_AGENT_PID",
    "SSH_AUTH_SOCK",
    "TUIFLOW_SECRETS_KEY_FILE",
    "WATCHDOG_PID",
    "WATCHDOG_USEC",
}
"""Environment variables of the scheduler that tasks do not inherit: agents, credentials, the service manager."""


_LONG_LOG_BYTES = 10 << 20


class LauncherProcess:
    """Call `start` before the database is opened: the child inherits nothing of it."""

    def __init__(self, config: Message, log: Path) -> None:
        self._config = config
        self._log = log
        self._socket: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._frames = FrameBuffer()

    def start(self) -> None:
        ours, theirs = socket.socketpair()
        self._log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._set_a_long_log_aside()
        log = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            self._process = subprocess.Popen(
                [*python_module("tui_flow.runtime.launcher"), str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                env={name: value for name, value in os.environ.items() if name not in _NOT_FOR_TASKS},
            )
        finally:
            os.close(log)
            theirs.close()
        ours.setblocking(True)
        self._socket = ours
        self._frames = FrameBuffer()
        self.send({"kind": "config", **self._config})

    def _set_a_long_log_aside(self) -> None:
        """Keep one earlier log. Hosts that live on write to that, by their open descriptor."""
        with contextlib.suppress(OSError):
            if self._log.stat().st_size > _LONG_LOG_BYTES:
                self._log.replace(self._log.with_name(self._log.name + ".1"))

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def fileno(self) -> int:
        assert self._socket is not None, "started"
        return self._socket.fileno()

    def send(self, message: Message) -> None:
        """Hand an order over; a dead launcher is noticed by `receive`."""
        if self._socket:
            with contextlib.suppress(OSError):
                self._socket.sendall(encode(message))

    def receive(self) -> Iterator[Message]:
        """What it says; the last message of a dead launcher is `launcher_died`."""
        assert self._socket is not None, "started"
        try:
            data = self._socket.recv(1 << 18)
        except OSError:
            data = b""
        if data:
            yield from self._frames.feed(data)
            return
        code = self._process.wait() if self._process else None
        yield {"kind": "launcher_died", "code": code}

    def close(self) -> None:
        """Let it go: it exits when its last host has."""
        if self._socket:
            self._socket.close()
            self._socket = None
