"""The home's Unix socket: peers connect, say who they are, and exchange frames. No verbs and no rules here.

Only the owner's processes get in: the socket is 0600 and the peer's credentials are checked. A peer that speaks another
protocol or makes no sense is disconnected, one that does not read its answers is not listened to; nobody else notices.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import socket
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

from tui_flow.client import error_to, with_short_path
from tui_flow.errors import HomeNotWritable, ProtocolError, TuiflowError
from tui_flow.messages import PROTOCOL, FrameBuffer, Message, encode
from tui_flow.spec import Json

MAX_PEERS = 512
_MAX_QUEUED_BYTES = 256 * 1024 * 1024
_CHOKED_BYTES = 1024 * 1024
"""Who has this much to read first is not listened to; hosts are: what they say does not ask for an answer."""
_log = logging.getLogger("tui_flow.scheduler")
_CREDENTIALS = struct.Struct("3i")


class Peer:
    """One connection."""

    def __init__(self, sock: socket.socket, poller: select.epoll) -> None:
        self._socket = sock
        self._poller = poller
        self._frames = FrameBuffer()
        self._out = bytearray()
        self._events = select.EPOLLIN
        self.role = ""
        """`client`, `host`, `parse` or `attempt`, once it has said hello."""
        self.facts: Message = {}
        self.is_open = True

    def fileno(self) -> int:
        return self._socket.fileno()

    def send(self, message: Message) -> None:
        if not self.is_open:
            return
        self._out += encode(message)
        self.flush()

    def answer(self, request_id: str, value: Json) -> None:
        self.send({"kind": "answer", "request_id": request_id, "ok": True, "value": value})

    def refuse(self, request_id: str, err: TuiflowError) -> None:
        self.send({"kind": "answer", "request_id": request_id, "ok": False, "error": error_to(err)})

    def flush(self) -> None:
        try:
            while self._out:
                sent = self._socket.send(self._out)
                del self._out[:sent]
        except BlockingIOError:
            pass
        except OSError:
            self._out.clear()
            self.is_open = False
        if len(self._out) > _MAX_QUEUED_BYTES:
            self.is_open = False
        if self.is_open:
            self._wait_for(self._is_choked(), bool(self._out))

    def _is_choked(self) -> bool:
        return len(self._out) > _CHOKED_BYTES and self.role != "host"

    def _wait_for(self, is_choked: bool, is_writing: bool) -> None:
        events = (0 if is_choked else select.EPOLLIN) | (select.EPOLLOUT if is_writing else 0)
        if events != self._events:
            self._events = events
            self._poller.modify(self.fileno(), events)

    def receive(self) -> Iterator[Message]:
        """What has arrived, one by one while the answers are read; `is_open` turns False at the connection's end."""
        if self._is_choked():
            return
        try:
            for message in self._frames.feed(self._read()):
                yield message
                if self._is_choked():
                    return
        except ProtocolError:
            self.is_open = False

    def _read(self) -> bytes:
        try:
            data = self._socket.recv(1 << 18)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if not data:
            self.is_open = False
        return data

    def close(self) -> None:
        self._socket.close()


class Server:
    """Listens, and hands each message to `on_message(peer, message)` and each lost peer to `on_gone(peer)`."""

    def __init__(
        self,
        path: Path,
        poller: select.epoll,
        on_message: Callable[[Peer, Message], None],
        on_gone: Callable[[Peer], None],
    ) -> None:
        self._path = path
        self._poller = poller
        self._on_message = on_message
        self._on_gone = on_gone
        self._peers: dict[int, Peer] = {}
        self._has_more = False
        """Somebody waits whom no descriptor was left for."""
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        self._bind()
        poller.register(self._socket.fileno(), select.EPOLLIN | select.EPOLLET)

    def _bind(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()
        mask = os.umask(0o177)
        try:
            with_short_path(self._path, self._socket.bind)
        except OSError as err:
            raise HomeNotWritable(
                f"cannot make the socket {self._path}: {err.strerror}; is that folder writable?"
            ) from err
        finally:
            os.umask(mask)
        self._socket.listen(256)
        self._socket.setblocking(False)

    def handles(self, fd: int) -> bool:
        return fd == self._socket.fileno() or fd in self._peers

    def serve(self, fd: int) -> None:
        """Deal with a descriptor that the poller found ready."""
        if fd == self._socket.fileno():
            self._accept()
            return
        peer = self._peers[fd]
        peer.flush()
        for message in peer.receive():
            self._dispatch(peer, message)
        if not peer.is_open:
            self._drop(fd, peer)

    def drop_closed(self) -> None:
        """Forget peers that broke while something was sent to them; let in who waits for the room."""
        for fd, peer in [(fd, peer) for fd, peer in self._peers.items() if not peer.is_open]:
            self._drop(fd, peer)
        if self._has_more:
            self._accept()

    def close(self) -> None:
        for fd, peer in list(self._peers.items()):
            self._poller.unregister(fd)
            peer.close()
        self._peers.clear()
        self._poller.unregister(self._socket.fileno())
        self._socket.close()
        with contextlib.suppress(OSError):
            self._path.unlink()

    def _accept(self) -> None:
        self._has_more = False
        while True:
            try:
                sock, _ = self._socket.accept()
            except BlockingIOError:
                return
            except OSError:
                self._has_more = True
                return
            _pid, uid, _gid = _CREDENTIALS.unpack(
                sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
            )
            if uid not in (os.getuid(), 0) or not self._has_room():
                sock.close()
                continue
            sock.setblocking(False)
            peer = Peer(sock, self._poller)
            self._peers[peer.fileno()] = peer
            self._poller.register(peer.fileno(), select.EPOLLIN)

    def _has_room(self) -> bool:
        """At the limit, whoever has said nothing for the longest makes room."""
        if len(self._peers) >= MAX_PEERS:
            silent = next(((fd, peer) for fd, peer in self._peers.items() if not peer.role), None)
            if silent is not None:
                self._drop(*silent)
        return len(self._peers) < MAX_PEERS

    def _dispatch(self, peer: Peer, message: Message) -> None:
        if message["kind"] == "hello":
            if message.get("protocol") != PROTOCOL:
                err = ProtocolError("the scheduler is of another version; `tuiflow down` and `tuiflow up` restart it")
                peer.refuse("", err)
                peer.is_open = False
                return
            peer.role, peer.facts = str(message.get("role")), message
        if not peer.role:
            return
        try:
            self._on_message(peer, message)
        except Exception as err:  # the edge to other processes: what one of them says never ends the scheduler
            _log.exception("a message %r of a %s cannot be dealt with", message["kind"], peer.role)
            if message["kind"] == "request":
                problem = ProtocolError(f"the scheduler cannot deal with this request: {type(err).__name__}: {err}")
                peer.refuse(str(message.get("request_id")), problem)
            else:
                peer.is_open = False

    def _drop(self, fd: int, peer: Peer) -> None:
        del self._peers[fd]
        with contextlib.suppress(OSError):
            self._poller.unregister(fd)
        peer.close()
        peer.is_open = False
        self._on_gone(peer)
