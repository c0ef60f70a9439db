"""A host's line to whoever is the scheduler: never blocks, loses no report, comes back after every scheduler crash."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tui_flow.client import connect
from tui_flow.errors import ProtocolError
from tui_flow.messages import FrameBuffer, Message, encode

_RETRY_S = 0.2


class SchedulerLink:
    """One non-blocking connection at a time; `hello` is said anew on each."""

    def __init__(self, path: Path, hello: Callable[[], Message]) -> None:
        self._path = path
        self._hello = hello
        self._socket: socket.socket | None = None
        self._frames = FrameBuffer()
        self._out = bytearray()
        self.lost_at: float | None = time.monotonic()
        """Since when nobody answers; None while connected."""
        self._retry_at = 0.0

    @property
    def fd(self) -> int | None:
        return self._socket.fileno() if self._socket else None

    @property
    def wants_to_write(self) -> bool:
        return bool(self._out)

    def retry_due(self) -> float | None:
        """Monotonic time of the next attempt to connect; None while connected."""
        return None if self._socket else self._retry_at

    def try_connect(self) -> bool:
        """Connect if nobody is and it is time; True when a new connection was made."""
        if self._socket or time.monotonic() < self._retry_at:
            return False
        self._retry_at = time.monotonic() + _RETRY_S
        try:
            self._socket = connect(self._path)
        except OSError:
            return False
        self._socket.setblocking(False)
        self._frames = FrameBuffer()
        self._out.clear()
        self.lost_at = None
        self.send(self._hello())
        return True

    def send(self, message: Message) -> None:
        """Queue for the next `flush`; silently dropped while nobody is connected (a hello tells the state anew)."""
        if self._socket is not None:
            self._out += encode(message)

    def flush(self) -> None:
        try:
            while self._out and self._socket:
                sent = self._socket.send(self._out)
                del self._out[:sent]
        except BlockingIOError:
            pass
        except OSError:
            self.close()

    def receive(self) -> Iterator[Message]:
        """All messages that have arrived."""
        while self._socket:
            try:
                data = self._socket.recv(1 << 18)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                self.close()
                return
            try:
                yield from self._frames.feed(data)
            except ProtocolError:
                self.close()
                return
            if len(data) < 1 << 18:
                return

    def close(self) -> None:
        if self._socket:
            with contextlib.suppress(OSError):
                self._socket.close()
            self._socket = None
            self.lost_at = time.monotonic()
            self._retry_at = time.monotonic() + 0.02
