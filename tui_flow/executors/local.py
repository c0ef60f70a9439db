"""The local executor: warm hosts, one per DAG file version, forked by the launcher.

Theory of operation. A workload goes to the host of its (file, source version): to a warm one at once, else to one that
is being started. Hosts answer over the scheduler's socket; the scheduler passes their messages to `receive`. An attempt
whose host is not connected (it died, or it served an earlier scheduler) is *watched*: its journal is looked at until it
says how the attempt ended.
"""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from tui_flow import journal
from tui_flow.executors.base import Executor
from tui_flow.executors.launcher_process import LauncherProcess
from tui_flow.executors.watched import Watched, WatchList
from tui_flow.loader.failure import describe_exit
from tui_flow.messages import Message, Report, Workload
from tui_flow.runtime.reports import utc_now
from tui_flow.spec import Json
from tui_flow.state import AttemptState

_FIRST_LOOK_S = 0.3
"""A rescuer gets this long to pump what a dead host left."""
_NO_ROOM_PAUSE_S = 1.0
_WORKLOADS_A_MESSAGE = 32
"""Far below the size limit of a message, whatever XComs travel with them."""
_NO_LOG = Path("/dev/null")

HostKey = tuple[str, str]
"""(DAG file, source version)."""


class Peer(Protocol):
    """The scheduler's end of a host's connection."""

    def send(self, message: Message) -> None: ...


@dataclass(slots=True)
class _Host:
    host_id: str
    key: HostKey
    peer: Peer | None = None
    """None until it has imported its file and connected."""
    give_up_at: float = math.inf
    """When an import that goes on then has taken too long."""
    is_late: bool = False
    """It is being killed for that."""
    alive: dict[int, Path] = field(default_factory=dict)
    """Attempts that were handed to it, or that it said it has: their logs by id."""
    waiting: list[Workload] = field(default_factory=list)
    idle_since: float = field(default_factory=time.monotonic)


class LocalExecutor(Executor):
    def __init__(
        self,
        launcher: LauncherProcess,
        *,
        journal_folder: Path,
        load_order: Callable[[str, str], Json],
        parallelism: int,
        max_warm_hosts: int,
        host_idle_s: float,
        kill_grace_s: float,
        import_timeout_s: float,
    ) -> None:
        """`load_order(file, source_version)` is what a host needs to load exactly that version."""
        self._launcher = launcher
        self._journals = journal_folder
        self._load_order = load_order
        self.parallelism = parallelism
        self._max_warm = max_warm_hosts
        self._idle_s = host_idle_s
        self._grace_s = kill_grace_s
        self._import_timeout_s = import_timeout_s
        self._hosts: dict[str, _Host] = {}
        self._by_key: dict[HostKey, _Host] = {}
        self._host_of: dict[int, _Host] = {}
        self._watched = WatchList(kill_grace_s)
        self._reports: list[Report] = []
        self._no_room_until = 0.0

    # The five

    def submit(self, workload: Workload) -> None:
        try:
            journal.create(self.journal_path(workload.attempt_id))
        except OSError as err:
            self._no_room_until = time.monotonic() + _NO_ROOM_PAUSE_S
            self._reports.append(_void(workload.attempt_id, f"cannot make its journal: {err.strerror}"))
            return
        journal.crash_point("launch.created")
        host = self._host_for((workload.file, workload.source_version))
        self._host_of[workload.attempt_id] = host
        host.waiting.append(workload)

    def stop(self, attempt_id: int, reason: str) -> None:
        self._watched.stop(attempt_id)
        host = self._host_of.get(attempt_id)
        if host is None:
            return
        for workload in host.waiting:
            if workload.attempt_id == attempt_id:
                host.waiting.remove(workload)
                journal.void(self.journal_path(attempt_id))
                self._finish(Report(attempt_id=attempt_id, state=AttemptState.KILLED, at=utc_now(), reason=reason))
                return
        if host.peer:
            host.peer.send({"kind": "stop", "attempt_id": attempt_id, "grace_s": self._grace_s, "reason": reason})

    def poll(self) -> list[Report]:
        self._give_up_on_imports()
        self._look_at_watched()
        reports, self._reports = self._reports, []
        return reports

    def slots(self) -> int:
        if time.monotonic() < self._no_room_until:
            return 0
        return self.parallelism - len(self._host_of) - len(self._watched)

    def close(self) -> None:
        for host in self._hosts.values():
            if _is_idle(host) and host.peer:
                host.peer.send({"kind": "evict"})
        self._launcher.close()

    # What the scheduler's loop calls besides

    def journal_path(self, attempt_id: int) -> Path:
        return self._journals / str(attempt_id)

    def flush(self) -> None:
        """Send what was submitted, one message a host."""
        for host in self._hosts.values():
            if host.waiting and host.peer:
                for workload in host.waiting:
                    host.alive[workload.attempt_id] = Path(workload.log)
                for first in range(0, len(host.waiting), _WORKLOADS_A_MESSAGE):
                    work = [workload.to_dict() for workload in host.waiting[first : first + _WORKLOADS_A_MESSAGE]]
                    host.peer.send({"kind": "work", "workloads": work})
                host.waiting = []
                journal.crash_point("launch.sent")

    def prepare(self, file: str, source_version: str) -> None:
        """Have a host warm soon: something of this file falls due."""
        self._host_for((file, source_version)).idle_since = time.monotonic()

    def watch(self, attempt_id: int, log: Path, *, same_boot: bool) -> None:
        """Answer for an attempt of an earlier scheduler through its journal."""
        path = self.journal_path(attempt_id)
        self._watched.add(Watched(attempt_id, path, log, same_boot, next_look=0.0))
        liveness, entry = journal.look(path)
        if same_boot and liveness is journal.Liveness.ALIVE and entry is not None and entry.claim is not None:
            self._begun(attempt_id, entry.claim["at"], entry.claim.get("pid"))

    def next_wake(self) -> float | None:
        """Monotonic time at which `poll` or `evict_idle` has something to do by itself."""
        due = [] if (look := self._watched.next_look()) is None else [look]
        due += [host.idle_since + self._idle_s for host in self._hosts.values() if _is_idle(host)]
        due += [host.give_up_at for host in self._hosts.values() if host.peer is None and not host.is_late]
        if self._no_room_until > time.monotonic():
            due.append(self._no_room_until)
        return min(due, default=None)

    def evict_idle(self) -> None:
        idle = sorted((host for host in self._hosts.values() if _is_idle(host)), key=lambda host: host.idle_since)
        too_many = len(self._hosts) - self._max_warm
        now = time.monotonic()
        for position, host in enumerate(idle):
            if position < too_many or now - host.idle_since >= self._idle_s:
                self._forget(host)
                if host.peer:
                    host.peer.send({"kind": "evict"})

    def hosts(self) -> list[dict[str, Json]]:
        """For `tuiflow status`: what is warm and what it runs."""
        return [
            {
                "host_id": h.host_id,
                "file": h.key[0],
                "attempts": len(h.alive) + len(h.waiting),
                "ready": h.peer is not None,
            }
            for h in self._hosts.values()
        ]

    # Messages

    def hello(self, peer: Peer, message: Message) -> None:
        """A host has connected: one that we started, or one of an earlier scheduler with its attempts."""
        key, host_id = (message["file"], message["source_version"]), message["host_id"]
        host = self._hosts.get(host_id)
        if host is not None and host.peer is not None:
            # it was importing when its launcher died, and another was ordered in its place
            host, host_id = None, secrets.token_hex(8)
        if host is None:
            host = _Host(host_id, key)
            self._hosts[host.host_id] = host
            if message["dags_folder"] == self._load_order(*key)["dags_folder"]:
                self._by_key.setdefault(key, host)
        host.peer = peer
        for attempt_id in message["attempts"]:
            watched = self._watched.pop(attempt_id)
            host.alive[attempt_id] = watched.log if watched else _NO_LOG
            self._host_of[attempt_id] = host

    def disconnected(self, peer: Peer) -> None:
        for host in [host for host in self._hosts.values() if host.peer is peer]:
            self._abandon(host)

    def receive(self, message: Message) -> None:
        """A host's or the launcher's message."""
        match message["kind"]:
            case "started":
                self._begun(message["attempt_id"], message["at"], message["pid"])
            case "report":
                self._finish(Report.from_dict({k: v for k, v in message.items() if k != "kind"}))
            case "void":
                self._finish(_void(message["attempt_id"], "its process ended before it began"))
            case "no_room":
                self._no_room(message)
            case "host_failed":
                self._host_failed(message["host_id"], message["message"])
            case "host_exited":
                self._host_exited(message)
            case "launcher_died":
                self._restart_launcher()

    # Within

    def _host_for(self, key: HostKey) -> _Host:
        host = self._by_key.get(key)
        if host is None:
            host = _Host(secrets.token_hex(8), key)
            self._hosts[host.host_id] = self._by_key[key] = host
            self._order(host)
            self.evict_idle()
        return host

    def _order(self, host: _Host) -> None:
        host.give_up_at = time.monotonic() + self._import_timeout_s
        load = self._load_order(*host.key)
        self._launcher.send({"kind": "start_host", "mode": "serve", "host_id": host.host_id, "load": load})

    def _give_up_on_imports(self) -> None:
        """End hosts whose import never ends; what waits for them fails when their exit is heard of."""
        now = time.monotonic()
        for host in self._hosts.values():
            if host.peer is None and not host.is_late and now >= host.give_up_at:
                host.is_late = True
                self._launcher.send({"kind": "kill_host", "host_id": host.host_id})

    def _begun(self, attempt_id: int, at: str, pid: int | None) -> None:
        self._reports.append(Report(attempt_id=attempt_id, state=AttemptState.RUNNING, at=at, pid=pid))

    def _finish(self, report: Report) -> None:
        """An end, told once: that of an attempt which nobody answers for here was told before."""
        watched = self._watched.pop(report.attempt_id)
        host = self._host_of.pop(report.attempt_id, None)
        if watched is None and host is None:
            return
        if host is not None:
            host.alive.pop(report.attempt_id, None)
            host.idle_since = time.monotonic()
        self._reports.append(report)

    def _host_failed(self, host_id: str, message: str) -> None:
        host = self._hosts.get(host_id)
        if host is None:
            return
        self._forget(host)
        for workload in host.waiting:
            journal.void(self.journal_path(workload.attempt_id))
            self._finish(
                Report(
                    attempt_id=workload.attempt_id,
                    state=AttemptState.FAILED,
                    at=utc_now(),
                    reason=message,
                    callbacks_done=True,
                )
            )

    def _no_room(self, message: Message) -> None:
        """A host has no room for an attempt, or the launcher none for a host (a rescuer is asked for again anyway).
        What could not start is void, and starts again in a moment."""
        host = self._hosts.get(message.get("host_id", ""))
        ids = [message["attempt_id"]] if "attempt_id" in message else []
        if host:
            ids += [workload.attempt_id for workload in host.waiting]
            self._forget(host)
        self._no_room_until = time.monotonic() + _NO_ROOM_PAUSE_S
        for attempt_id in ids:
            journal.void(self.journal_path(attempt_id))
            self._finish(_void(attempt_id, message["message"]))

    def _host_exited(self, message: Message) -> None:
        host = self._hosts.get(message["host_id"])
        if host is None:
            return
        if host.peer is None and host.waiting:
            timeout_s = self._import_timeout_s if host.is_late else None
            failure = describe_exit(host.key[0], message["code"], "", timed_out_after_s=timeout_s)
            self._host_failed(host.host_id, failure.message)
        else:
            self._abandon(host)

    def _abandon(self, host: _Host) -> None:
        """Its attempts are answered for by their journals from now on; what it never got goes to another host."""
        self._forget(host)
        now = time.monotonic()
        for attempt_id, log in host.alive.items():
            self._host_of.pop(attempt_id, None)
            path = self.journal_path(attempt_id)
            self._watched.add(Watched(attempt_id, path, log, True, next_look=now + _FIRST_LOOK_S))
        for workload in host.waiting:
            again = self._host_for(host.key)
            self._host_of[workload.attempt_id] = again
            again.waiting.append(workload)

    def _forget(self, host: _Host) -> None:
        self._hosts.pop(host.host_id, None)
        if self._by_key.get(host.key) is host:
            del self._by_key[host.key]

    def _restart_launcher(self) -> None:
        self._launcher.start()
        for host in list(self._hosts.values()):
            if host.peer is None:
                self._order(host)

    def _look_at_watched(self) -> None:
        ended, orphaning = self._watched.look()
        for report in ended:
            self._finish(report)
        for host_pid in orphaning:
            self._launcher.send({"kind": "rescue", "host_pid": host_pid})


def _void(attempt_id: int, reason: str) -> Report:
    return Report(attempt_id=attempt_id, state=AttemptState.VOID, at=utc_now(), reason=reason)


def _is_idle(host: _Host) -> bool:
    return host.peer is not None and not host.alive and not host.waiting
