"""The home's socket with real peers: good ones, broken ones, greedy ones and strangers."""

from __future__ import annotations

import logging
import os
import select
import socket
import struct
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tui_flow import client as client_side
from tui_flow.client import Client, connect
from tui_flow.errors import BadInput, HomeNotWritable, ProtocolError, SchedulerUnreachable
from tui_flow.messages import PROTOCOL, FrameBuffer, Message, encode
from tui_flow.scheduler import server as server_side
from tui_flow.scheduler.server import Peer, Server

HELLO = encode({"kind": "hello", "protocol": PROTOCOL, "role": "client"})


class Echo:
    """A server in a thread: answers requests with their arguments, and notes who came and went."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.heard: list[Message] = []
        self.gone: list[str] = []
        self._poller = select.epoll()
        self._stop_read, self._stop_write = os.pipe()
        self._poller.register(self._stop_read, select.EPOLLIN)
        self.server = Server(path, self._poller, self._on_message, lambda peer: self.gone.append(peer.role))
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        while True:
            for fd, _ in self._poller.poll():
                if fd == self._stop_read:
                    return
                if self.server.handles(fd):
                    self.server.serve(fd)
            self.server.drop_closed()

    def _on_message(self, peer: Peer, message: Message) -> None:
        self.heard.append(message)
        match message:
            case {"kind": "request", "verb": "echo"}:
                peer.answer(message["request_id"], message["args"])
            case {"kind": "request", "verb": "big"}:
                peer.answer(message["request_id"], "x" * message["args"]["size"])
            case {"kind": "request", "verb": "refuse"}:
                peer.refuse(message["request_id"], BadInput("not so"))
            case {"kind": "request"}:
                raise KeyError(message["verb"])
            case {"kind": "odd"}:
                raise TypeError("odd")

    def __enter__(self) -> Echo:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        os.write(self._stop_write, b".")
        self._thread.join(10)
        assert not self._thread.is_alive()
        self.server.close()
        for fd in (self._stop_read, self._stop_write):
            os.close(fd)
        self._poller.close()


@pytest.fixture
def echo(tmp_path: Path) -> Iterator[Echo]:
    with Echo(tmp_path / "s.sock") as found:
        yield found


def ask(client: Client, verb: str = "echo", **args: Any) -> Any:
    return client.request(verb, args, timeout_s=20)


def ended(sock: socket.socket) -> bool:
    """Whether the other end hangs up; what it says before does not matter."""
    sock.settimeout(20)
    try:
        while sock.recv(1 << 16):
            pass
    except ConnectionResetError:
        pass
    return True


def test_many_peers_at_once(echo: Echo) -> None:
    clients = [Client(echo.path) for _ in range(200)]
    for number, each in enumerate(clients):
        each.send({"kind": "request", "request_id": "r", "verb": "echo", "args": {"n": number}})
    for number, each in enumerate(clients):
        answer = each.receive()
        assert answer["value"] == {"n": number}
        each.close()
    assert ask(Client(echo.path), n=1) == {"n": 1}


def test_frames_in_pieces(echo: Echo) -> None:
    sock = connect(echo.path)
    data = HELLO + encode({"kind": "request", "request_id": "r", "verb": "echo", "args": {"text": "ü" * 50}})
    for byte in data:
        sock.send(bytes([byte]))
    sock.settimeout(20)
    frames, answers = FrameBuffer(), list[Message]()
    while not answers:
        answers += frames.feed(sock.recv(1))
    assert answers[0]["value"] == {"text": "ü" * 50}
    sock.close()


def test_a_refusal_is_raised_at_the_other_end(echo: Echo) -> None:
    with Client(echo.path) as client, pytest.raises(BadInput, match="not so"):
        ask(client, "refuse")


def test_what_cannot_be_dealt_with_ends_neither_the_server_nor_the_connection(
    echo: Echo, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.CRITICAL, "tui_flow.scheduler"), Client(echo.path) as client:
        with pytest.raises(ProtocolError, match="cannot deal with this request: KeyError: 'unheard_of'"):
            ask(client, "unheard_of")
        assert ask(client, n=2) == {"n": 2}


def test_a_message_that_makes_no_sense_ends_its_connection_only(echo: Echo, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.CRITICAL, "tui_flow.scheduler"):
        sock = connect(echo.path)
        sock.send(HELLO + encode({"kind": "odd"}))
        assert ended(sock)
    assert ask(Client(echo.path), n=3) == {"n": 3}
    sock.close()


@pytest.mark.parametrize(
    "data",
    [
        struct.pack(">I", 2**32 - 1),
        struct.pack(">I", 3) + b"abc",
        struct.pack(">I", 2) + b"[]",
        b"GET / HTTP/1.1\r\n\r\n",
        HELLO + b"\xff" * 64,
    ],
    ids=lambda data: repr(data[:8]),
)
def test_what_is_no_frame_ends_the_connection(echo: Echo, data: bytes) -> None:
    sock = connect(echo.path)
    sock.send(data)
    assert ended(sock)
    assert ask(Client(echo.path), n=4) == {"n": 4}
    sock.close()


def test_another_protocol_is_told_so(echo: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    sock = connect(echo.path)
    sock.send(encode({"kind": "hello", "protocol": PROTOCOL + 1, "role": "client"}))
    sock.settimeout(20)
    (answer,) = FrameBuffer().feed(sock.recv(1 << 16))
    assert answer["error"]["type"] == "ProtocolError"
    assert ended(sock)
    sock.close()
    monkeypatch.setattr(client_side, "PROTOCOL", PROTOCOL + 1)  # a client of another release
    for _ in range(20):  # whoever is first: its request, or the end of the connection
        with pytest.raises(ProtocolError, match="the scheduler is of another version; `tuiflow down`"):
            Client(echo.path).request("echo", {"n": 1}, timeout_s=20)


def test_nothing_is_heard_before_the_hello(echo: Echo) -> None:
    sock = connect(echo.path)
    sock.send(encode({"kind": "request", "request_id": "r", "verb": "echo", "args": {"silent": 1}}))
    assert ask(Client(echo.path), n=5) == {"n": 5}
    assert not any(message.get("args") == {"silent": 1} for message in echo.heard)
    sock.close()


def test_who_does_not_read_is_not_listened_to_and_blocks_nobody(echo: Echo) -> None:
    greedy = connect(echo.path)
    greedy.send(HELLO)
    greedy.setblocking(False)
    order = encode({"kind": "request", "request_id": "r", "verb": "big", "args": {"size": 100_000}})
    asked = 0
    with pytest.raises(BlockingIOError):
        while asked < 100_000:
            assert greedy.send(order) == len(order)
            asked += 1
    with Client(echo.path) as client:
        for number in range(20):
            assert ask(client, n=number) == {"n": number}
    heard = sum(message.get("verb") == "big" for message in echo.heard)
    assert 10 <= heard <= 40 < asked, "a MiB of answers, and what the kernel keeps"
    frames, read = FrameBuffer(), 0
    greedy.settimeout(20)
    while read < asked:  # it reads again, and gets everything
        read += len(list(frames.feed(greedy.recv(1 << 18))))
    greedy.close()


def test_a_flood_of_requests_does_not_keep_others_from_theirs(echo: Echo) -> None:
    stop = threading.Event()

    def flood() -> None:
        order = encode({"kind": "request", "request_id": "f", "verb": "echo", "args": {}}) * 100
        sock = connect(echo.path)
        sock.send(HELLO)
        reader = threading.Thread(target=ended, args=(sock,))
        reader.start()
        while not stop.is_set():
            sock.sendall(order)
        sock.shutdown(socket.SHUT_WR)
        reader.join(20)
        sock.close()

    thread = threading.Thread(target=flood)
    thread.start()
    try:
        with Client(echo.path) as client:
            for number in range(50):
                assert ask(client, n=number) == {"n": number}
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()


def test_who_says_nothing_makes_room_for_others(echo: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_side, "MAX_PEERS", 5)
    known = Client(echo.path)
    assert ask(known, n=1) == {"n": 1}
    silent = [connect(echo.path) for _ in range(10)]
    with Client(echo.path) as client:
        assert ask(client, n=6) == {"n": 6}
    assert ask(known, n=2) == {"n": 2}
    assert ended(silent[0])
    for sock in silent:
        sock.close()
    known.close()


def test_when_everybody_is_known_a_newcomer_is_turned_away(echo: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_side, "MAX_PEERS", 3)
    clients = [Client(echo.path) for _ in range(3)]
    for each in clients:
        ask(each)
    with pytest.raises(SchedulerUnreachable):
        Client(echo.path).request("echo", {}, timeout_s=20)
    clients.pop().close()
    wait_for(lambda: echo.gone == ["client"])
    assert ask(Client(echo.path), n=7) == {"n": 7}


def wait_for(look: Any) -> None:
    done = threading.Event()
    for _ in range(1000):
        if look():
            return
        done.wait(0.01)
    raise AssertionError("not in 10 s")


def test_the_end_of_a_peer_is_told(echo: Echo) -> None:
    client = Client(echo.path, role="host")
    client.send({"kind": "anything"})
    client.close()
    wait_for(lambda: echo.gone == ["host"])


def test_without_a_scheduler(tmp_path: Path) -> None:
    with pytest.raises(SchedulerUnreachable, match=r"no scheduler answers at .*s\.sock; `tuiflow up` starts one"):
        Client(tmp_path / "s.sock")


def test_a_scheduler_that_goes_away_while_it_is_asked(echo: Echo) -> None:
    path = echo.path.with_name("dying.sock")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    for says in (b"", HELLO[:7]):
        client = Client(path)
        sock, _ = listener.accept()
        sock.send(says)
        sock.close()
        for _ in range(2):  # found out by reading, then by writing
            with pytest.raises(SchedulerUnreachable, match="went away|did not answer"):
                client.request("echo", {}, timeout_s=20)
        client.close()
    listener.close()


def test_a_path_longer_than_107_bytes(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 25) / ("longer" * 20)
    folder.mkdir(parents=True)
    assert len(bytes(folder)) > 200
    with Echo(folder / "s.sock") as echo:
        assert ask(Client(echo.path), n=8) == {"n": 8}
        assert echo.path.stat().st_mode & 0o777 == 0o600
    assert not echo.path.exists()


def test_a_socket_that_an_earlier_scheduler_left_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "s.sock"
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(path))
    left.close()
    with Echo(path) as echo:
        assert ask(Client(echo.path), n=9) == {"n": 9}


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    poller = select.epoll()
    with pytest.raises(HomeNotWritable, match="cannot make the socket"):
        Server(tmp_path / "gone" / "s.sock", poller, lambda _peer, _message: None, lambda _peer: None)
    poller.close()


@contextmanager
def stranger(path: Path) -> Iterator[tuple[int, int]]:
    """A process of another user, which connects once it is told to: its pid, and a pipe to tell it."""
    order_read, order_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            os.read(order_read, 1)
            code = 0 if is_hung_up_on(path) else 3
        finally:
            os._exit(code)
    os.close(order_read)
    yield pid, order_write
    os.close(order_write)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0, "the stranger was not hung up on"


def is_hung_up_on(path: Path) -> bool:
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(str(path))
    sock.settimeout(20)
    try:
        sock.send(HELLO + encode({"kind": "request", "request_id": "r", "verb": "echo", "args": {}}))
        return sock.recv(100) == b""
    except (BrokenPipeError, ConnectionResetError):
        return True


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_another_user_is_hung_up_on_even_where_the_file_would_let_it_in() -> None:
    with tempfile.TemporaryDirectory(prefix="tuiflow-test-") as name:
        path = Path(name) / "s.sock"
        with stranger(path) as (pid, order), Echo(path) as echo:
            assert path.stat().st_mode & 0o777 == 0o600
            Path(name).chmod(0o755)
            path.chmod(0o666)
            os.write(order, b".")
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
            assert ask(Client(path), n=1) == {"n": 1}
            assert [message["kind"] for message in echo.heard] == ["hello", "request"]
