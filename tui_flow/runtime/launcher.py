"""The launcher: a small single-threaded process, started before the database is opened, that forks hosts.

`python -m tui_flow.runtime.launcher FD` where FD is one end of a socket pair to the scheduler. It has imported what
every host needs, so a host is one fork away. It is the parent of all hosts: it says how they ended, and when one dies
with attempts alive it forks a *rescuer* that pumps their output on and reports their end. When the scheduler goes away
it stays for as long as it has hosts.
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
import signal
import socket
import sys
from dataclasses import dataclass

from tui_flow.loader.parse_log import ParseLog
from tui_flow.messages import FrameBuffer, Message, encode
from tui_flow.runtime.processes import become_subreaper, name_process


@dataclass(slots=True)
class _Host:
    host_id: str
    mode: str
    parse_log: ParseLog | None = None
    """What a file says while it is imported, also when that ends the process."""


class Launcher:
    def __init__(self, line: socket.socket) -> None:
        self._line: socket.socket | None = line
        self._frames = FrameBuffer()
        self._hosts: dict[int, _Host] = {}
        self._config: Message = {}
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._epoll = select.epoll()
        self._epoll.register(line.fileno(), select.EPOLLIN)
        self._epoll.register(self._wake_read, select.EPOLLIN)

    def run(self) -> None:
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        while self._line or self._hosts:
            for fd, _events in self._epoll.poll():
                if fd == self._wake_read:
                    os.read(fd, 4096)
                    self._reap()
                elif self._line:
                    self._receive(self._line)

    def _receive(self, line: socket.socket) -> None:
        try:
            data = line.recv(1 << 18)
        except OSError:  # a scheduler that was killed before it had read everything
            data = b""
        if not data:
            self._epoll.unregister(line.fileno())
            line.close()
            self._line = None
            return
        for message in self._frames.feed(data):
            self._obey(message)

    def _obey(self, message: Message) -> None:
        match message["kind"]:
            case "config":
                self._config = message
            case "start_host":
                self._start(message)
            case "rescue":
                self._start({**message, "mode": "rescue", "host_id": f"rescue-{message['host_pid']}"})
            case "kill_host":
                self._kill(message["host_id"])

    def _start(self, order: Message) -> None:
        parse_log = None
        try:
            parse_log = ParseLog() if order["mode"] == "parse" else None
            pid = os.fork()
        except OSError as err:
            if parse_log:
                parse_log.close()
            message = f"cannot fork: {err.strerror}"
            self._send({"kind": "no_room", "host_id": order["host_id"], "mode": order["mode"], "message": message})
            return
        if pid == 0:
            self._become_host(order, parse_log)
        self._hosts[pid] = _Host(order["host_id"], order["mode"], parse_log)
        self._send({"kind": "host_started", "host_id": order["host_id"], "pid": pid})

    def _become_host(self, order: Message, parse_log: ParseLog | None) -> None:
        status = 70
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._epoll.close()
            os.close(self._wake_read)
            os.close(self._wake_write)
            if self._line:
                self._line.close()
            os.setsid()
            status = _host_main(self._config, order, parse_log)
        except BaseException:
            import traceback  # only on the way out of a failed host

            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def _kill(self, host_id: str) -> None:
        for pid, host in self._hosts.items():
            if host.host_id == host_id:
                os.kill(pid, signal.SIGKILL)
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(pid, signal.SIGKILL)

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            host = self._hosts.pop(pid, None)
            if host is None:
                continue
            self._ended(pid, host, os.waitstatus_to_exitcode(status))

    def _ended(self, pid: int, host: _Host, code: int) -> None:
        said = ""
        if host.parse_log:
            said = host.parse_log.text() if code else ""
            host.parse_log.close()
        self._send({"kind": "host_exited", "host_id": host.host_id, "mode": host.mode, "code": code, "output": said})
        if host.mode == "serve" and code:
            self._start({"mode": "rescue", "host_id": f"rescue-{pid}", "host_pid": pid})

    def _send(self, message: Message) -> None:
        if self._line:
            try:
                self._line.sendall(encode(message))
            except OSError:
                return


def _host_main(config: Message, order: Message, parse_log: ParseLog | None) -> int:
    from tui_flow.runtime import host, parse, rescue  # imported by `preload` long before the fork

    match order["mode"]:
        case "parse":
            assert parse_log is not None, "made for every parse"
            return parse.parse_main(config, order, parse_log)
        case "rescue":
            return rescue.rescue_main(config, order)
        case "triggers":
            from tui_flow.runtime import triggerer  # asyncio, for this one only

            return triggerer.serve_triggers(config, order)
        case _:
            return host.serve_main(config, order)


def preload() -> None:
    """Import what hosts and attempts use, so that nothing is imported after a fork."""
    import jinja2.ext
    import jinja2.nativetypes
    import jinja2.sandbox
    import pendulum

    import tui_flow.loader.load
    import tui_flow.operators.bash
    import tui_flow.operators.python
    import tui_flow.runtime.host
    import tui_flow.runtime.parse
    import tui_flow.runtime.rescue
    import tui_flow.sdk.templating

    del jinja2, pendulum, tui_flow


def main() -> None:
    os.umask(0o077)
    name_process("tuiflow-launch")
    become_subreaper()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    line = socket.socket(fileno=int(sys.argv[1]))
    preload()
    gc.collect()
    gc.freeze()
    Launcher(line).run()


if __name__ == "__main__":
    main()
