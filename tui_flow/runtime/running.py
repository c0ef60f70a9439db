"""An attempt that a host is the parent of: its pipes, its log, its deadlines."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path

from tui_flow.journal import Entry, Journal
from tui_flow.logs import CappedLog, Level, LineStamper, Masker, Source, close_log, stamp
from tui_flow.messages import Report, Workload
from tui_flow.runtime.reports import end_line, seconds_of
from tui_flow.runtime.scratch import give_back
from tui_flow.sdk import xcom

_READ_BYTES = 1 << 16
_KILL_AGAIN_S = 1.0
"""How long to wait at least for the end of what SIGKILL does not end at once."""


@dataclass(slots=True)
class Output:
    """Where an attempt's raw output goes: the pipes that its host reads, and the log that both write."""

    log: CappedLog
    stdout: int
    stderr: int
    masker: Masker
    head_bytes: int
    tail_bytes: int


@dataclass(slots=True)
class RunningAttempt:
    workload: Workload
    journal: Journal
    pid: int
    output: Output
    is_shell: bool = False
    push_last_line_of_stdout: bool = False
    skip_exit_codes: tuple[int, ...] = ()
    started: float = field(default_factory=time.monotonic)
    scratch: str | None = None
    """A working folder that goes with the attempt."""
    kill_reason: str | None = None
    timed_out: bool = False
    pipes: dict[int, LineStamper] = field(default_factory=dict)
    _kill_at: float | None = None
    _last_line: bytes = b""

    def __post_init__(self) -> None:
        self.pipes[self.output.stdout] = LineStamper(Source.STDOUT, masker=self.output.masker)
        self.pipes[self.output.stderr] = LineStamper(Source.STDERR, masker=self.output.masker)

    # Output

    def pump(self, fd: int) -> bool:
        """Move what has arrived into the log; False at the stream's end."""
        try:
            data = os.read(fd, _READ_BYTES)
        except BlockingIOError:
            return True
        except OSError:
            return False
        if not data:
            return False
        if self.push_last_line_of_stdout and fd == self.output.stdout:
            self._remember_last_line(data)
        if lines := self.pipes[fd].feed(data):
            self.output.log.write(lines)
        return True

    def drain(self, fd: int) -> None:
        """What is left in a pipe once everything that wrote to it is gone, and the unfinished last line."""
        while self._has_data(fd) and self.pump(fd):
            pass
        if lines := self.pipes[fd].flush():
            self.output.log.write(lines)

    def _has_data(self, fd: int) -> bool:
        poll = select.poll()  # unlike `select`, it knows descriptors over 1023
        poll.register(fd, select.POLLIN)
        return bool(poll.poll(0))

    def _remember_last_line(self, data: bytes) -> None:
        joined = self._last_line + data
        self._last_line = joined[joined.rfind(b"\n", 0, -1) + 1 :][-_READ_BYTES:]

    def last_line(self, entry: Entry) -> str | None:
        """The last line of a shell command's output, as the value of its XCom; None where it pushes none."""
        if not self.push_last_line_of_stdout or entry.exit_code != 0:
            return None
        return xcom.encode(self._last_line.decode("utf-8", "backslashreplace").rstrip())

    def note(self, text: str, level: Level = Level.INFO) -> None:
        """A line of our own in the attempt's log."""
        self.output.log.write(stamp(text.replace("\n", " "), Source.TUIFLOW, level))

    def note_end(self, report: Report) -> None:
        """Below all its output: only the host knows when the last of that has arrived."""
        seconds = seconds_of(report)
        if seconds is None:
            seconds = time.monotonic() - self.started
        self.note(*end_line(report.state, seconds, report.reason))

    # Its end

    def fds(self) -> list[int]:
        return [*self.pipes, self.journal.fd, self.output.log.fileno()]

    def signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    def terminate(self, grace_s: float) -> None:
        """SIGTERM now, SIGKILL when the grace is over; asking again does not make it longer."""
        self.signal(signal.SIGTERM)
        kill_at = time.monotonic() + grace_s
        self._kill_at = kill_at if self._kill_at is None else min(kill_at, self._kill_at)

    def next_deadline(self, slack_s: float) -> float | None:
        if self._kill_at is not None:
            return self._kill_at
        if self.workload.timeout_s is None:
            return None
        return self.started + self.workload.timeout_s + (0 if self.is_shell else slack_s)

    def enforce(self, now: float, grace_s: float, slack_s: float) -> None:
        """Signal an attempt that is over its time; a Python attempt raises its time-out itself first."""
        deadline = self.next_deadline(slack_s)
        if deadline is None or now < deadline:
            return
        if self._kill_at is None:
            self.timed_out = True
            self.note(f"execution_timeout of {self.workload.timeout_s:g} s is over", Level.ERROR)
            self.terminate(grace_s)
        else:
            self.note(f"still alive {grace_s:g} s after SIGTERM: SIGKILL", Level.WARN)
            self.signal(signal.SIGKILL)
            self._kill_at = now + max(grace_s, _KILL_AGAIN_S)

    def close(self) -> None:
        """Let go of everything; the lock falls here."""
        for fd in self.pipes:
            os.close(fd)
        if self.scratch is not None:
            give_back(self.scratch)
        self.output.log.close()
        close_log(Path(self.workload.log), self.output.head_bytes, self.output.tail_bytes)
        self.journal.close()
