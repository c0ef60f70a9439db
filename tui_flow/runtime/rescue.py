"""A rescuer: pumps the output of attempts whose host died, so that they neither block nor break. Forked by the
launcher.

It finds them by their journals (claimed by that host, lock held), their pipes and log through /proc. How they ended is
read from their journals by the scheduler; an attempt that dies by a signal without its host is lost, which is said
honestly.
"""

from __future__ import annotations

import contextlib
import os
import select
from pathlib import Path

from tui_flow.journal import Liveness, look, take_over
from tui_flow.logs import CappedLog, Level, LineStamper, Source, stamp
from tui_flow.messages import Message
from tui_flow.runtime.processes import name_process
from tui_flow.runtime.settling import pid_of


def rescue_main(config: Message, order: Message) -> int:
    name_process("tuiflow-rescue")
    pump = _Pump(Path(config["logs"]), config["log_head_bytes"], config["log_tail_bytes"])
    for path in Path(config["journal"]).iterdir():
        liveness, entry = look(path)
        claim = (entry.claim if entry else None) or {}
        if liveness is not Liveness.ALIVE or claim.get("host") != order["host_pid"]:
            continue
        if (pid := pid_of(path, claim)) is not None:
            pump.add(path, pid, bool(claim.get("masked")))
    pump.run()
    return 0


class _Pump:
    def __init__(self, logs: Path, head_bytes: int, tail_bytes: int) -> None:
        self._logs = logs
        self._head, self._tail = head_bytes, tail_bytes
        self._poll = select.epoll()
        self._streams: dict[int, tuple[CappedLog, LineStamper | None]] = {}
        """By descriptor; without a stamper the output is not shown."""
        self._processes: dict[int, list[int]] = {}
        """By pidfd, the process's streams."""
        self._taken: dict[int, int] = {}
        """By pidfd, the descriptor that tells others that its output is pumped here."""

    def add(self, journal: Path, pid: int, is_masked: bool) -> None:
        """Pump for one attempt; a process that is gone already, or that another rescuer pumps for, is passed over."""
        log_path = self._log_of(pid)
        if log_path is None:
            return
        try:
            taken = take_over(journal)
        except FileNotFoundError:
            return
        if taken is None:
            return
        try:
            pidfd = os.pidfd_open(pid)
        except OSError:
            os.close(taken)
            return
        self._taken[pidfd] = taken
        log = CappedLog(log_path, self._head, self._tail)
        log.write(stamp("the host of this attempt died; its output is pumped by a rescuer", Source.TUIFLOW, Level.WARN))
        if is_masked:
            log.write(
                stamp("raw output is not shown from here: its secrets died with the host", Source.TUIFLOW, Level.WARN)
            )
        fds = []
        for number, source in ((1, Source.STDOUT), (2, Source.STDERR)):
            with contextlib.suppress(OSError):
                fd = os.open(f"/proc/{pid}/fd/{number}", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
                self._streams[fd] = (log, None if is_masked else LineStamper(source))
                self._poll.register(fd, select.EPOLLIN)
                fds.append(fd)
        self._processes[pidfd] = fds
        self._poll.register(pidfd, select.EPOLLIN)

    def run(self) -> None:
        while self._processes:
            for fd, _events in self._poll.poll():
                if fd in self._processes:
                    self._end(fd)
                elif fd in self._streams:
                    self._read(fd)

    def _read(self, fd: int) -> bool:
        try:
            data = os.read(fd, 1 << 16)
        except BlockingIOError:
            return False
        log, stamper = self._streams[fd]
        if stamper is not None and (lines := stamper.feed(data)):
            log.write(lines)
        if not data:
            with contextlib.suppress(FileNotFoundError):
                self._poll.unregister(fd)
        return bool(data)

    def _end(self, pidfd: int) -> None:
        for fd in self._processes.pop(pidfd):
            while self._read(fd):
                pass
            log, stamper = self._streams.pop(fd)
            if stamper is not None and (lines := stamper.flush()):
                log.write(lines)
            os.close(fd)
        os.close(self._taken.pop(pidfd))
        os.close(pidfd)

    def _log_of(self, pid: int) -> Path | None:
        """The log that the process has open."""
        with contextlib.suppress(OSError):
            for name in os.listdir(f"/proc/{pid}/fd"):
                with contextlib.suppress(OSError):
                    target = Path(os.readlink(f"/proc/{pid}/fd/{name}"))
                    if target.is_relative_to(self._logs):
                        return target
        return None
