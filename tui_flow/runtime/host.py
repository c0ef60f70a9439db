"""A host: one DAG file version, imported once, warm; it starts attempts, is their parent, and reports their end.

Theory of operation. One epoll loop over the line to the scheduler, the raw output pipes of its attempts and child
exits. For each Workload it opens and locks the attempt's journal (see `journal`), starts the attempt (a fork; a spawned
shell; or a fresh interpreter when the file is unsafe to fork from) and keeps the lock until the attempt is reaped, its
leftover processes are ended and a result stands in the journal. It depends on no ancestor: when the scheduler dies it
goes on and connects to the next one.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import os
import resource
import select
import signal
import time
from dataclasses import replace
from pathlib import Path

from tui_flow import journal as journals
from tui_flow.journal import Journal, crash_point
from tui_flow.messages import PROTOCOL, Message, Report, Workload
from tui_flow.runtime import spawn
from tui_flow.runtime.file_backend import importing
from tui_flow.runtime.link import SchedulerLink
from tui_flow.runtime.output import AttemptOutput
from tui_flow.runtime.processes import (
    become_subreaper,
    name_process,
    prefer_as_oom_victim,
    read_children,
    read_marker,
    seconds_since_boot,
)
from tui_flow.runtime.reports import TIMEOUT_SLACK_S, report_from_exit, report_from_result, utc_now, xcom_of_last_line
from tui_flow.runtime.running import RunningAttempt
from tui_flow.runtime.scratch import remove_spares
from tui_flow.runtime.served import ServedFile, ServeFailed, serve_file
from tui_flow.runtime.task_instance import RETURN_KEY
from tui_flow.runtime.warmup import warm_up
from tui_flow.state import AttemptState

_EXIT_WHEN_ORPHANED_S = 30.0
_NO_ROOM = frozenset({errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.ENOSPC})
"""Errors of a full machine: they pass."""
_SHORT_LINE_CHARS = 1500


def serve_main(config: Message, order: Message) -> int:
    name_process("tuiflow-host")
    become_subreaper()
    prefer_as_oom_victim()
    config = {**config, "host_pid": os.getpid(), "host_start": round(seconds_since_boot(), 3)}
    try:
        with importing(Path(config["socket"])):
            served = serve_file(order["load"])
    except ServeFailed as err:
        return _say_failed(config, order, str(err))
    warm_up(served)
    host = Host(config, order["host_id"], served)
    gc.collect()
    gc.freeze()
    host.run()
    remove_spares()
    return 0


def _say_failed(config: Message, order: Message, message: str) -> int:
    link = SchedulerLink(
        Path(config["socket"]),
        lambda: {"kind": "hello", "protocol": PROTOCOL, "role": "parse", "host_id": order["host_id"]},
    )
    if link.try_connect():
        link.send({"kind": "host_failed", "host_id": order["host_id"], "message": message})
        link.flush()
        link.close()
    return 0


class Host:
    def __init__(self, config: Message, host_id: str, served: ServedFile) -> None:
        self._config = config
        self._host_id = host_id
        self._served = served
        self._running: dict[int, RunningAttempt] = {}
        """By pid."""
        self._pipes: dict[int, RunningAttempt] = {}
        self._unsent: list[Message] = []
        self._evicted = False
        self._output = AttemptOutput(served.masker)
        _occupy_low_descriptors()
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._epoll = select.epoll()
        self._epoll.register(self._wake_read, select.EPOLLIN)
        self._link = SchedulerLink(Path(config["socket"]), self._hello)
        self._link_fd: int | None = None
        self._link_events = 0

    def run(self) -> None:
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        while not self._is_done():
            self._keep_connected()
            for fd, _events in self._epoll.poll(self._seconds_to_next()):
                if fd == self._wake_read:
                    os.read(fd, 4096)
                elif fd == self._link_fd:
                    self._converse()
                elif fd in self._pipes and not self._pipes[fd].pump(fd):
                    self._forget_pipe(fd)
            self._reap()
            self._enforce_limits()
            self._link.flush()

    # The line to the scheduler

    def _hello(self) -> Message:
        return {
            "kind": "hello",
            "protocol": PROTOCOL,
            "role": "host",
            "host_id": self._host_id,
            "pid": os.getpid(),
            "file": self._served.file,
            "dags_folder": self._served.load["dags_folder"],
            "source_version": self._served.source_version,
            "attempts": [attempt.workload.attempt_id for attempt in self._running.values()],
            "fork_unsafe": self._served.fork_unsafe,
        }

    def _keep_connected(self) -> None:
        if self._link.try_connect():
            self._link_fd = None  # a new connection may have the number of the old one
            unsent, self._unsent = self._unsent, []
            for message in unsent:
                self._send(message)
            self._link.flush()
        fd, events = self._link.fd, select.EPOLLIN | (select.EPOLLOUT if self._link.wants_to_write else 0)
        if fd is not None and fd != self._link_fd:
            self._epoll.register(fd, events)
        elif fd is not None and events != self._link_events:
            self._epoll.modify(fd, events)
        self._link_fd, self._link_events = fd, events

    def _converse(self) -> None:
        self._link.flush()
        for message in self._link.receive():
            match message["kind"]:
                case "work":
                    self._start([Workload.from_dict(data) for data in message["workloads"]])
                case "stop":
                    self._stop(message["attempt_id"], message["grace_s"], message["reason"])
                case "evict":
                    self._evicted = True

    def _send(self, message: Message) -> None:
        self._link.send(message)
        if self._link.fd is None:
            self._unsent.append(message)

    # Attempts

    def _start(self, workloads: list[Workload]) -> None:
        starts = [start for workload in workloads if (start := self._prepare(workload)) is not None]
        host_fds = self._inherited_fds() + [fd for start in starts for fd in start.fds()]
        launched = [start for start in starts if self._launch(start, host_fds)]
        for start in launched:
            attempt = start.running()
            self._running[attempt.pid] = attempt
            for fd in attempt.pipes:
                self._pipes[fd] = attempt
                self._epoll.register(fd, select.EPOLLIN)
            attempt_id = attempt.workload.attempt_id
            self._send({"kind": "started", "attempt_id": attempt_id, "pid": attempt.pid, "at": utc_now()})

    def _prepare(self, workload: Workload) -> spawn.Start | None:
        crash_point("host.received")
        try:
            journal = journals.supervise(workload.journal)
        except OSError as err:
            self._has_no_room(workload, err)
            return None
        if journal is None:
            return None
        try:
            return spawn.Start(self._config, self._served, workload, journal, self._output)
        except (OSError, ValueError) as err:
            self._not_started(workload, journal, err)
            return None

    def _launch(self, start: spawn.Start, host_fds: list[int]) -> bool:
        try:
            start.launch(host_fds)
        except (OSError, ValueError) as err:
            self._not_started(start.workload, start.journal, err)
            return False
        crash_point("host.forked")
        return True

    def _not_started(self, workload: Workload, journal: Journal, err: OSError | ValueError) -> None:
        """Where there is no room, it starts again later; what no process can have would not start then either."""
        if isinstance(err, OSError) and err.errno in _NO_ROOM:
            journal.amend_claim({"void": 1})
            self._has_no_room(workload, err)
        else:
            why = err.strerror if isinstance(err, OSError) else str(err)
            report = Report(workload.attempt_id, AttemptState.FAILED, utc_now(), reason=f"it cannot be started: {why}")
            journal.write_claim({"attempt": workload.attempt_id, "at": report.at})
            _write_report(journal, report)
            self._send({"kind": "report", **report.to_dict()})
        journal.close()

    def _has_no_room(self, workload: Workload, err: OSError) -> None:
        self._send({"kind": "no_room", "attempt_id": workload.attempt_id, "message": err.strerror or str(err)})

    def _inherited_fds(self) -> list[int]:
        """Descriptors that a forked attempt must close first: our own and its siblings'."""
        fds = [self._wake_read, self._wake_write, self._epoll.fileno()]
        if self._link_fd is not None:
            fds.append(self._link_fd)
        for attempt in self._running.values():
            fds.extend(attempt.fds())
        return fds

    def _stop(self, attempt_id: int, grace_s: float, reason: str) -> None:
        for attempt in self._running.values():
            if attempt.workload.attempt_id == attempt_id:
                attempt.kill_reason = reason
                attempt.note(f"asked to end: {reason}")
                attempt.terminate(grace_s)

    def _reap(self) -> None:
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            attempt = self._running.pop(pid, None)
            if attempt is not None:
                self._end(attempt, status, usage)

    def _end(self, attempt: RunningAttempt, status: int, usage: resource.struct_rusage) -> None:
        crash_point("host.reaped")
        self._sweep(attempt)
        for fd in attempt.pipes:
            attempt.drain(fd)
            self._forget_pipe(fd)
        message = self._report(attempt, status, usage)
        crash_point("host.result")
        attempt.close()
        self._send(message)

    def _report(self, attempt: RunningAttempt, status: int, usage: resource.struct_rusage) -> Message:
        entry = attempt.journal.read()
        attempt_id = attempt.workload.attempt_id
        if entry.claim is None:
            attempt.journal.write_claim({"void": 1})
            return {"kind": "void", "attempt_id": attempt_id}
        if entry.result is not None:
            report = report_from_result(attempt_id, entry)
            if report.state == AttemptState.KILLED and attempt.kill_reason is not None:
                report = replace(report, reason=attempt.kill_reason)
            if not attempt.workload.callback:
                attempt.note_end(report)
            return {"kind": "report", **report.to_dict()}
        report = report_from_exit(
            attempt_id,
            entry,
            status,
            usage,
            kill_reason=attempt.kill_reason,
            timed_out=attempt.timed_out,
            skip_exit_codes=attempt.skip_exit_codes,
        )
        if (
            attempt.is_shell
            and not attempt.workload.callback
            and report.state in (AttemptState.SUCCESS, AttemptState.SKIPPED)
        ):
            report = spawn.without_callbacks(report)
        if (last_line := attempt.last_line(entry)) is not None:
            report = replace(report, effects=(*report.effects, xcom_of_last_line(entry, last_line)))
        attempt.note_end(report)
        _write_report(attempt.journal, report, last_line)
        return {"kind": "report", **report.to_dict()}

    def _sweep(self, attempt: RunningAttempt) -> None:
        """End what the attempt left behind: its process group, and orphans that became our children."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(attempt.pid, signal.SIGKILL)
        while True:
            strays = self._strays()
            if not strays:
                return
            for pid in strays:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, 0)

    def _strays(self) -> list[int]:
        """Children that belong to no running attempt. A shell attempt's orphans are our children while it runs; they
        carry its marker."""
        others = {attempt.workload.journal for attempt in self._running.values()}
        strays = [pid for pid in read_children() if pid not in self._running]
        return [pid for pid in strays if read_marker(pid) not in others] if others else strays

    def _enforce_limits(self) -> None:
        now = time.monotonic()
        for attempt in self._running.values():
            attempt.enforce(now, self._config["kill_grace_s"], TIMEOUT_SLACK_S)

    # The loop's ends

    def _forget_pipe(self, fd: int) -> None:
        if self._pipes.pop(fd, None) is not None:
            self._epoll.unregister(fd)

    def _seconds_to_next(self) -> float:
        due: list[float] = [d for a in self._running.values() if (d := a.next_deadline(TIMEOUT_SLACK_S)) is not None]
        if (retry := self._link.retry_due()) is not None:
            due.append(retry)
        return max(0.0, min(due) - time.monotonic()) if due else -1

    def _is_done(self) -> bool:
        if self._running:
            return False
        lost_at = self._link.lost_at
        return self._evicted or (lost_at is not None and time.monotonic() - lost_at > _EXIT_WHEN_ORPHANED_S)


def _write_report(journal: Journal, report: Report, last_line: str | None = None) -> None:
    """The result, with a short last line in its reserved block: there it is safe also from a full disk."""
    result = {k: v for k, v in report.to_dict().items() if k not in ("effects", "attempt_id")}
    if last_line is not None and len(last_line) <= _SHORT_LINE_CHARS:
        result["last_line"] = last_line
    elif last_line is not None:
        with contextlib.suppress(OSError):  # then only the report has it
            journal.add_effect({"kind": "xcom", "key": RETURN_KEY, "value": last_line})
    journal.write_result(result)


def _occupy_low_descriptors() -> None:
    """Spawned attempts get descriptors below 10 by number, so none of ours may lie there."""
    while (fd := os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)) < 10:
        pass
    os.close(fd)
