"""The client's side of the home's socket: connect, say hello, ask, get the answer or the error it stands for.

Used by the command line, the dashboard and (through `runtime.channel`) by attempts. Nothing here knows the verbs.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tui_flow import errors
from tui_flow.errors import ProtocolError, SchedulerUnreachable, TuiflowError
from tui_flow.messages import PROTOCOL, FrameBuffer, Message, encode
from tui_flow.spec import Json

_MAX_SOCKET_PATH_BYTES = 107


def connect(path: Path) -> socket.socket:
    """A connected stream socket. Raises OSError (no socket, nobody listening)."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        with_short_path(path, sock.connect)
    except BaseException:
        sock.close()
        raise
    return sock


def with_short_path(path: Path, use: Any) -> None:
    """Call `use(address)`; an address over the kernel's 107 bytes goes through a descriptor of its folder."""
    if len(os.fsencode(path)) <= _MAX_SOCKET_PATH_BYTES:
        use(str(path))
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        use(f"/proc/self/fd/{folder}/{path.name}")
    finally:
        os.close(folder)


def new_request_id() -> str:
    return secrets.token_hex(12)


class Client:
    """One connection. Not for use from several threads at once."""

    def __init__(self, path: Path, role: str = "client", **facts: Json) -> None:
        try:
            self._socket = connect(path)
        except OSError as err:
            raise SchedulerUnreachable(f"no scheduler answers at {path}; `tuiflow up` starts one") from err
        self._frames = FrameBuffer()
        self._waiting: list[Message] = []
        self.send({"kind": "hello", "protocol": PROTOCOL, "role": role, "pid": os.getpid(), **facts})

    def send(self, message: Mapping[str, Any]) -> None:
        try:
            self._socket.sendall(encode(message))
        except OSError as err:
            self._hear_refusal()
            raise SchedulerUnreachable("the scheduler went away while it was being asked") from err

    def _hear_refusal(self) -> None:
        """A scheduler that hangs up says why first. Raises what it said."""
        with contextlib.suppress(SchedulerUnreachable, OSError):
            self._socket.settimeout(0)
            while True:
                _check_welcome(self.receive())

    def request(
        self, verb: str, args: Mapping[str, Json], *, request_id: str | None = None, timeout_s: float | None = 60.0
    ) -> Json:
        """The answer's value. Raises the error that the scheduler answered, or SchedulerUnreachable."""
        request_id = request_id or new_request_id()
        self.send({"kind": "request", "request_id": request_id, "verb": verb, "args": dict(args)})
        self._socket.settimeout(timeout_s)
        while True:
            message = self.receive()
            _check_welcome(message)
            if message["kind"] == "answer" and message["request_id"] == request_id:
                return value_of(message)

    def receive(self) -> Message:
        """The next message, whatever it is. Raises SchedulerUnreachable at the connection's end or time-out."""
        while not self._waiting:
            try:
                data = self._socket.recv(1 << 18)
            except OSError as err:
                raise SchedulerUnreachable(f"the scheduler did not answer: {err}") from err
            if not data:
                raise SchedulerUnreachable("the scheduler went away before it answered")
            self._waiting.extend(self._frames.feed(data))
        return self._waiting.pop(0)

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()


def _check_welcome(message: Message) -> None:
    """Raises the error of an answer to nothing that was asked: the hello was refused."""
    if message["kind"] == "answer" and message["request_id"] == "":
        raise error_from(message.get("error") or {})


def value_of(answer: Message) -> Json:
    if answer.get("ok"):
        return answer.get("value")
    raise error_from(answer.get("error") or {})


def error_from(data: Mapping[str, Any]) -> TuiflowError:
    """The exception that an `error` object stands for, of its own class where it is one of ours."""
    cls = getattr(errors, str(data.get("type")), None)
    if not (isinstance(cls, type) and issubclass(cls, TuiflowError)):
        cls = ProtocolError
    err: TuiflowError = cls.__new__(cls)
    Exception.__init__(err, str(data.get("message", "the scheduler answered with an error")))
    return err


def error_to(err: TuiflowError) -> Message:
    return {"type": type(err).__name__, "message": str(err), "exit_code": err.exit_code}
