"""The scheduler: one process, one loop, the one writer of the database. Named steps and no rules.

It sleeps until the next instant (a due run, a retry, a time-out, a parse) or the next event (a report, a request, a
changed file), does each step once, and sleeps again. User code is never imported here.
"""

from __future__ import annotations

import logging
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial

from tui_flow.errors import BadInput, did_you_mean
from tui_flow.executors.launcher_process import LauncherProcess
from tui_flow.executors.local import LocalExecutor
from tui_flow.executors.sequential import SequentialExecutor
from tui_flow.messages import Message
from tui_flow.records import DagRun
from tui_flow.runtime.scratch import sweep
from tui_flow.scheduler.asset_files import AssetFiles
from tui_flow.scheduler.asset_runs import due_by_assets
from tui_flow.scheduler.callbacks import Callbacks
from tui_flow.scheduler.channels import answer_attempt, answer_file, answer_trigger
from tui_flow.scheduler.clock import Clock
from tui_flow.scheduler.descriptors import Descriptors
from tui_flow.scheduler.due import DueRuns
from tui_flow.scheduler.files import Files
from tui_flow.scheduler.health import Health
from tui_flow.scheduler.orders import load_order, process_config
from tui_flow.scheduler.requests import Requests
from tui_flow.scheduler.retention import Retention
from tui_flow.scheduler.runs import Runs
from tui_flow.scheduler.server import Peer, Server
from tui_flow.scheduler.service import ServiceManager
from tui_flow.scheduler.triggers import Triggers
from tui_flow.settings import Home, Settings
from tui_flow.spec import Json
from tui_flow.store.lock import HomeLock
from tui_flow.store.writer import Writer

_log = logging.getLogger("tui_flow.scheduler")
_LAST_WORDS_S = 0.1
_LONGEST_SLEEP_S = 60.0
"""The clock may be set, or the machine suspended, while nothing else happens."""


def executor_of(home: Home, settings: Settings, launcher: LauncherProcess) -> LocalExecutor:
    """The executor that the settings name. Raises BadInput for an unknown one."""
    name, known = settings.core.executor, {"local": LocalExecutor, "sequential": SequentialExecutor}
    if name not in known:
        raise BadInput(
            f"[core] executor: there is no executor {name!r}{did_you_mean(name, known)}; use local or sequential"
        )
    return known[name](
        launcher,
        journal_folder=home.journal,
        load_order=partial(load_order, home, settings),
        parallelism=settings.core.parallelism,
        max_warm_hosts=settings.scheduler.max_warm_hosts,
        host_idle_s=settings.scheduler.host_idle_s,
        kill_grace_s=settings.scheduler.kill_grace_s,
        import_timeout_s=settings.scheduler.parse_timeout_s,
    )


class Scheduler:
    """`work_on` limits it to some runs: `tuiflow run` without a scheduler is a scheduler for one run."""

    def __init__(
        self, home: Home, settings: Settings, lock: HomeLock, work_on: Callable[[DagRun], bool] | None = None
    ) -> None:
        self._home = home
        self._settings = settings
        self._is_whole = work_on is None
        self._load_order = partial(load_order, home, settings)
        allows = work_on or (lambda _run: True)
        self.started_at = datetime.now(UTC)
        self._service = ServiceManager()
        self._launcher = LauncherProcess(process_config(home, settings), home.logs / "hosts.log")
        self._launcher.start()  # before the database is opened: nothing that is forked from it knows it
        self.writer = Writer(home.database)
        self._health = Health(home, settings.scheduler, lock, self.writer, self.started_at)
        self._descriptors = Descriptors()
        self._watch_launcher()
        self.executor = executor_of(home, settings, self._launcher)
        self.runs = Runs(home, self.writer, self.executor, self.executor.parallelism, allows, self._is_whole)
        self.callbacks = Callbacks(home, self.writer, self.executor, settings.scheduler.callback_timeout_s, allows)
        self.triggers = Triggers(home, self.writer.reads, self._launcher, self._load_order, allows)
        self.files = Files(home, settings, self.writer, self._launcher, self._load_order)
        self.asset_files = AssetFiles(self.writer, self._watch_asset_files)
        self.due = DueRuns(self.writer.reads)
        self.retention = Retention(home, settings.retention, self.writer, self.runs.is_idle)
        self.clock = Clock(self.writer)
        self.requests = self._requests()
        self._server: Server | None = None
        self._exits: deque[tuple[float, Message]] = deque()
        self.is_stopping = False
        self.is_draining = False

    def _requests(self) -> Requests:
        return Requests(
            self._home,
            self.writer,
            self.executor,
            self.runs,
            self.files,
            self.due,
            status=self.status,
            stop=self.stop,
            clock=self.clock,
        )

    # Start and end

    def start(self) -> None:
        """Answer for what earlier schedulers left, then listen."""
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.set_wakeup_fd(self._descriptors.signal_fd, warn_on_full_buffer=False)
        self._server = Server(self._home.socket, self._descriptors.poller, self._on_message, self._on_gone)
        self.runs.recover()
        self.callbacks.recover()
        if self.runs.is_idle():
            sweep(self._home.scratch)
        if self._is_whole:
            self._watch_files()
        self._service.ready()

    def _watch_files(self) -> None:
        fd = self.files.start()
        if fd is not None:
            self._descriptors.watch(fd, self._note_changed_files)

    def _note_changed_files(self) -> None:
        self.files.has_changes = True

    def _watch_asset_files(self, fd: int) -> None:
        self._descriptors.watch(fd, self._note_changed_asset_files)

    def _note_changed_asset_files(self) -> None:
        self.asset_files.has_changes = True

    def run(self, is_done: Callable[[], bool] = lambda: False) -> None:
        """Until asked to stop, or until `is_done`."""
        self._step()
        while not self._has_stopped() and not is_done():
            self._descriptors.wait(self._seconds_to_next(), self._serve)
            self._step()

    def close(self) -> None:
        self._service.stopping()
        self.triggers.close()
        self.executor.close()
        if self._server:
            self._server.close()
        self.files.close()
        self.asset_files.close()
        self.writer.close()
        self._descriptors.close()

    def stop(self, drain: bool = False) -> None:
        """Launch nothing more; with `drain` first wait for what runs."""
        self.is_draining = drain
        self.is_stopping = True

    def _has_stopped(self) -> bool:
        return self.is_stopping and (not self.is_draining or (self.runs.is_idle() and self.callbacks.is_idle()))

    def _on_signal(self, _number: int, _frame: object) -> None:
        self.is_stopping = True
        self.is_draining = False

    # One round

    def _serve(self, fd: int) -> None:
        if self._server and self._server.handles(fd):
            self._server.serve(fd)

    def _step(self) -> None:
        with self.runs.pace.round():
            self._go_round()

    def _go_round(self) -> None:
        now = datetime.now(UTC)
        self._health.notice_clock(now)
        self._hear_exits()
        for report in self.executor.poll():
            if report.attempt_id < 0:
                self.callbacks.hear(report)
            else:
                self.runs.hear(report)
        self._health.write(self._writing_steps(), now)
        self.executor.flush()
        self.executor.evict_idle()
        self._health.look(now, is_idle=self.runs.is_idle())
        if self._server:
            self._server.drop_closed()
        self._service.goes_round()

    def _writing_steps(self) -> Sequence[Callable[[datetime], None]]:
        return (
            self.callbacks.record,
            self._look_at_clock,
            self._take_files,
            self._create_due_runs,
            self._start_runs,
            self.runs.miss_deadlines,
            self._plan,
            self._start_callbacks,
            self._remove_old,
        )

    def _take_files(self, now: datetime) -> None:
        if self._is_whole:
            for dag_id in self.files.step(now):
                self.due.forget(dag_id)
                self.runs.news.has_assets = True
                self.asset_files.refresh()
            self.runs.news.has_assets |= self.asset_files.step(now)

    def _look_at_clock(self, now: datetime) -> None:
        if self._is_whole:
            self.clock.look(now)

    def _create_due_runs(self, now: datetime) -> None:
        if self.is_stopping or not self._is_whole:
            return
        late_s = self.due.late_s(now)
        if self.clock.doubt is None and self.due.is_due(now):
            if late_s is not None:
                self.runs.pace.late(late_s)
            self.runs.record(now)  # a run that has ended need not make way for the next one
            for decisions in self.due.plan(now):
                self.runs.create(decisions, now)
        for path in self.due.take_to_ask():
            self.files.request(path, now)
        self._create_asset_runs(now)
        for file, version in self.due.soon(now) if self.clock.doubt is None else ():
            self.executor.prepare(file, version)

    def _create_asset_runs(self, now: datetime) -> None:
        if self.runs.news.has_assets:
            made = [self.runs.create(decisions, now) for decisions in due_by_assets(self.writer.reads, now)]
            self.runs.news.has_assets = not all(applied.is_complete for applied in made)

    def _start_runs(self, now: datetime) -> None:
        if not self.is_stopping:
            self.runs.start_queued(now)

    def _plan(self, now: datetime) -> None:
        may_launch = not self.is_stopping and not self._health.disk_is_low and self.executor.slots() > 0
        self.runs.tick(now, self.triggers.heard(), may_launch=may_launch)
        self.triggers.step(*self.runs.news.take_waits())
        for dag_id in self.runs.news.take_ended():
            self.due.forget(dag_id)

    def _start_callbacks(self, now: datetime) -> None:
        if self.runs.news.has_callbacks:
            self.callbacks.start_pending(now)
            self.runs.news.has_callbacks = False

    def _remove_old(self, now: datetime) -> None:
        if self._is_whole and not self.is_stopping and self.clock.doubt is None:
            self.retention.step(now)

    def _seconds_to_next(self) -> float:
        """How long nothing is due; also the epoll time-out."""
        clock, now = time.monotonic(), datetime.now(UTC)
        monotonic = [
            self._exits[0][0] if self._exits else None,
            self.executor.next_wake(),
            self._health.next_look(is_idle=self.runs.is_idle()),
            self._health.retry_at,
            self.triggers.next_wake(),
            self.runs.aside.next_wake(),
            self._service.next_wake(),
        ]
        instants = []
        if self._health.retry_at is None:
            has_news = self.runs.has_news() or (self._is_whole and self.runs.news.has_assets)
            if has_news and not self.is_stopping:
                return 0.0
            instants += [self.runs.board.dues.next(), self.runs.deadlines.next_due()]
            if self._is_whole:
                monotonic += [self.files.next_wake(), self.asset_files.next_wake()]
                is_held = self.is_stopping or self.clock.doubt is not None
                monotonic.append(None if is_held else self.retention.next_wake())
                instants.append(None if is_held else self.due.next_wake())
        seconds = [at - clock for at in monotonic if at is not None]
        seconds += [(at - now).total_seconds() for at in instants if at is not None]
        return max(0.0, min([*seconds, _LONGEST_SLEEP_S]))

    # Messages

    def _on_message(self, peer: Peer, message: Message) -> None:
        kind = message["kind"]
        match peer.role, kind:
            case "host", "hello":
                self.executor.hello(peer, message)
            case "host", _:
                self.executor.receive(message)
            case "parse", "parsed":
                self.files.parsed(message)
            case "parse", "host_failed":
                self.executor.receive(message)
            case "attempt", "request":
                answer_attempt(self.writer, self.requests, peer, message)
            case "triggerer", "hello":
                self.triggers.hello(peer, message)
            case "triggerer", _:
                self.triggers.receive(message)
            case "trigger", "request":
                answer_trigger(self.writer, peer, message)
            case "file", "request":
                answer_file(self.writer, peer, message)
            case "client", "request":
                self.requests.answer(peer, message)

    def _on_gone(self, peer: Peer) -> None:
        if peer.role == "host":
            self.executor.disconnected(peer)
        elif peer.role == "triggerer":
            self.triggers.gone(peer)

    def _hear_launcher(self) -> None:
        for message in self._launcher.receive():
            if message["kind"] == "launcher_died":
                _log.error("the launcher died (%s); starting another", message["code"])
                self._descriptors.unwatch(self._launcher_fd)
                self.files.launcher_died()
                self.executor.receive(message)
                self.triggers.launcher_died()
                self._watch_launcher()
            elif message["kind"] == "no_room" and message["mode"] == "parse":
                self.files.no_room(message)
            elif message["kind"] in ("no_room", "host_exited") and message["mode"] == "triggers":
                self.triggers.exited(message["host_id"])
            elif message["kind"] == "host_exited":
                self._exits.append((time.monotonic() + _LAST_WORDS_S, message))
            else:
                self.executor.receive(message)

    def _hear_exits(self) -> None:
        """A host's last words come over its own connection, and may be read after its parent has told of its end."""
        while self._exits and self._exits[0][0] <= time.monotonic():
            _, message = self._exits.popleft()
            if message["mode"] == "parse":
                self.files.host_exited(message)
            else:
                self.executor.receive(message)

    def _watch_launcher(self) -> None:
        self._launcher_fd = self._launcher.fileno()
        self._descriptors.watch(self._launcher_fd, self._hear_launcher)

    def status(self) -> Json:
        """For `tuiflow status`: what only the running process knows."""
        return {
            "pid": os.getpid(),
            "started_at": self.started_at.isoformat(),
            "ticked_at": self._health.seen_at.isoformat(),
            "is_stopping": self.is_stopping,
            "clock_doubt": self.clock.doubt,
            "disk_is_full": self._health.disk_is_full,
            "locked_out": self._health.locked_out,
            "set_aside": {str(key): reason for key, reason in self.runs.aside.reasons().items()},
            "launcher": self._launcher.pid,
            "hosts": self.executor.hosts(),
            "pace": self.runs.pace.facts(),
            "is_service": self._service.is_there,
            "settings": asdict(self._settings),
        }
