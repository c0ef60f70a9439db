"""The real program on a pseudo-terminal of its own: keys go in, the bytes that it writes come out."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from tui_flow.settings import Home

PROGRAM = (sys.executable, "-c", "from tui_flow.cli.main import main; main()")
_DROPPED = ("NO_COLOR", "TMUX", "STY", "LC_ALL", "LC_CTYPE", "COLUMNS", "LINES", "COLORFGBG")

_CUT = re.compile(
    rb"(?:\x1b(?:\[[0-?]*[ -/]*|[\]P_^X][^\x07\x1b]*)?"
    rb"|[\xc0-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf7][\x80-\xbf]{0,2})\Z"
)
"""An end that lies within an escape sequence or a sign."""


@dataclass
class Terminal:
    """What is known of a program on a pseudo-terminal."""

    pid: int
    fd: int
    written: bytearray = field(default_factory=bytearray)
    """All that it has written so far."""
    last_at: float = 0.0
    """When the last byte came, on the clock of `time.perf_counter`."""
    status: int | None = None
    """Its wait status; None: it runs."""

    def take(self, timeout_s: float) -> bytes:
        """What it writes next; empty where it writes nothing for so long, or has ended."""
        if self.fd < 0 or not select.select([self.fd], [], [], timeout_s)[0]:
            return b""
        try:
            data = os.read(self.fd, 1 << 16)
        except OSError:  # the other end is closed
            return b""
        self.last_at = time.perf_counter()
        self.written += data
        return data

    def rest(self, quiet_s: float = 0.15) -> bytes:
        """What it writes until it has been silent for a while."""
        out = b""
        while data := self.take(quiet_s):
            out += data
        return out

    def rest_for(self, seconds: float) -> bytes:
        """What it writes in that time."""
        end, out = time.perf_counter() + seconds, b""
        while (left := end - time.perf_counter()) > 0:
            out += self.take(left)
        return out

    def all_written(self) -> bytes:
        """All that it has written, read on to where neither a sequence nor a sign is cut in its middle."""
        end = time.perf_counter() + 10.0
        while _CUT.search(self.written[-200:]) and time.perf_counter() < end:
            self.take(0.2)
        return bytes(self.written)

    def wait_for(self, text: str, timeout_s: float = 30.0, since: int = 0) -> None:
        """Until it has written the text. Raises AssertionError where it does not."""
        end = time.perf_counter() + timeout_s
        while text.encode() not in self.written[since:]:
            self.take(0.2)
            assert time.perf_counter() < end and self.is_alive, f"{text!r} never came: {bytes(self.written[-2000:])!r}"

    def press(self, keys: str, quiet_s: float = 0.15) -> bytes:
        """What it writes after these keys."""
        os.write(self.fd, keys.encode())
        return self.rest(quiet_s)

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    @property
    def is_alive(self) -> bool:
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.status = status if pid else None
        return self.status is None

    def hang_up(self) -> None:
        """The connection drops."""
        os.close(self.fd)
        self.fd = -1

    def ends_within(self, timeout_s: float) -> bool:
        end = time.perf_counter() + timeout_s
        while self.is_alive and time.perf_counter() < end:
            if not self.take(0.05):
                select.select([], [], [], 0.02)
        return not self.is_alive


@contextmanager
def terminal(
    home: Home,
    size: tuple[int, int] = (100, 30),
    env: Mapping[str, str] | None = None,
    ignores_hang_up: bool = False,
    program: Sequence[str] = PROGRAM,
) -> Iterator[Terminal]:
    """`tuiflow` without arguments, or another program; killed where it has not ended by itself."""
    environ = {name: value for name, value in os.environ.items() if name not in _DROPPED}
    environ |= {"TERM": "xterm-256color", "LANG": "C.UTF-8", "EDITOR": "true", "PAGER": "true", "VISUAL": "true"}
    environ |= {"TUIFLOW_HOME": str(home.root), **(env or {})}
    pid, fd = pty.fork()
    if pid == 0:
        with contextlib.suppress(BaseException):
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
            if ignores_hang_up:
                signal.signal(signal.SIGHUP, signal.SIG_IGN)
            os.execve(program[0], list(program), environ)
        os._exit(127)
    shown = Terminal(pid, fd)
    try:
        yield shown
    finally:
        if shown.is_alive:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        if shown.fd >= 0:
            os.close(shown.fd)
