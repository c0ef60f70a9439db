"""An executor with the scheduler's side of the socket played for it: real launcher, hosts and attempts, no database."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar

from tests.integration.loading import Dags
from tui_flow.executors.launcher_process import LauncherProcess
from tui_flow.executors.local import LocalExecutor
from tui_flow.journal import look
from tui_flow.messages import Message, Report, RunFacts, Workload
from tui_flow.scheduler.orders import load_order, process_config
from tui_flow.scheduler.server import Peer, Server
from tui_flow.settings import CoreSettings, Home, LogSettings, SchedulerSettings, Settings
from tui_flow.state import AttemptState

PATIENCE_S = 20.0
LAST_WORDS_S = 0.1
"""A host's last words may be read after its parent has told of its end."""
AT = "2026-01-01T00:00:00+00:00"
T = TypeVar("T")
RUN = RunFacts("r", "manual", AT, AT, AT, AT, AT, AT)


class Stage:
    """Use as a context manager: at its end every process of its home is killed by its pid."""

    def __init__(self, base: Path, executor: type[LocalExecutor], **options: Any) -> None:
        self.base = base
        self.home = Home(base / "home")
        for folder in (self.home.root, self.home.journal, self.home.logs, self.home.sources, self.home.scratch):
            folder.mkdir(mode=0o700, exist_ok=True)
        self.dags = Dags(self.home.root) if not (self.home.root / "dags").exists() else None
        self.settings = Settings(
            core=CoreSettings(dags_folder=str(self.home.root / "dags")),
            scheduler=SchedulerSettings(kill_grace_s=1.0),
            logs=LogSettings(1 << 20, 1 << 20),
        )
        self.reports: list[Report] = []
        self._versions: dict[str, str] = {}
        self._next_id = 1
        self._poller = select.epoll()
        self.launcher = LauncherProcess(process_config(self.home, self.settings), self.home.logs / "hosts.log")
        self.launcher.start()
        self._server = Server(self.home.socket, self._poller, self._on_message, self._on_gone)
        self.host_pids: set[int] = set()
        self._exits: list[tuple[float, Message]] = []
        self._launcher_fd = self.launcher.fileno()
        self._poller.register(self._launcher_fd, select.EPOLLIN)
        self._alive = True
        defaults: dict[str, Any] = {
            "journal_folder": self.home.journal,
            "load_order": partial(load_order, self.home, self.settings),
            "parallelism": 8,
            "max_warm_hosts": 4,
            "host_idle_s": 300.0,
            "kill_grace_s": 1.0,
            "import_timeout_s": 20.0,
        }
        self.executor = executor(self.launcher, **{**defaults, **options})

    # Files and workloads

    def write(self, file: str, text: str) -> None:
        """A DAG file, parsed, so that its version can be run."""
        assert self.dags is not None, "only the first stage of a home writes files"
        self.dags.write(file, text)
        loaded = self.dags.load(file)
        assert loaded.failure is None, loaded.failure
        self._versions[file] = loaded.source_version

    def workload(self, task_id: str, file: str = "d.py", **more: Any) -> Workload:
        number, self._next_id = self._next_id, self._next_id + 1
        work = Workload(
            attempt_id=number,
            dag_id=Path(file).stem,
            task_id=task_id,
            map_index=-1,
            try_number=1,
            max_tries=0,
            run=RUN,
            file=file,
            source_version=self._versions.get(file, "unknown"),
            journal=str(self.home.journal / str(number)),
            log=str(self.home.logs / f"{number}.log"),
        )
        return replace(work, **more)

    def submit(self, task_id: str, file: str = "d.py", **more: Any) -> int:
        work = self.workload(task_id, file, **more)
        self.executor.submit(work)
        return work.attempt_id

    def run(self, task_id: str, file: str = "d.py", **more: Any) -> Report:
        """Its end."""
        return self.wait_end(self.submit(task_id, file, **more))

    def log(self, attempt_id: int) -> str:
        path = self.home.logs / f"{attempt_id}.log"
        return path.read_text(errors="backslashreplace") if path.exists() else ""

    def adopt(self, other: Stage, attempt_id: int) -> None:
        """Answer for an attempt of another stage of this home, as a new scheduler does."""
        self._next_id, self._versions = other._next_id, other._versions
        self.executor.watch(attempt_id, self.home.logs / f"{attempt_id}.log", same_boot=True)

    # What comes back

    def states(self, attempt_id: int) -> list[str]:
        return [str(report.state) for report in self.reports if report.attempt_id == attempt_id]

    def ends(self, attempt_id: int) -> list[Report]:
        mine = [report for report in self.reports if report.attempt_id == attempt_id]
        return [report for report in mine if report.state != AttemptState.RUNNING]

    def wait_end(self, attempt_id: int) -> Report:
        return self.until(lambda: self.ends(attempt_id), f"the end of attempt {attempt_id}")[0]

    def wait_running(self, attempt_id: int) -> Report:
        self.until(lambda: "running" in self.states(attempt_id), f"attempt {attempt_id} runs")
        return next(report for report in self.reports if report.attempt_id == attempt_id)

    def wait_file(self, name: str) -> str:
        """A file that a task writes."""
        path = self.base / name
        return self.until(lambda: path.read_text() if path.exists() else "", f"{name} is written")

    def wait_process_end(self, pid: int) -> None:
        """Without serving anybody meanwhile."""
        deadline = time.monotonic() + PATIENCE_S
        while not _is_zombie(pid):
            assert time.monotonic() < deadline, f"process {pid} does not end"
            time.sleep(0.01)

    def until(self, look: Callable[[], T], what: str) -> T:
        """Serve until something is true."""
        deadline = time.monotonic() + PATIENCE_S
        while not (found := look()):
            if time.monotonic() > deadline:
                hosts = (self.home.logs / "hosts.log").read_text()[-2000:]
                raise AssertionError(f"not so in {PATIENCE_S:g} s: {what}\n{self.reports}\n{hosts}")
            self.turn()
        return found

    def turn(self, seconds: float = 0.02) -> None:
        """One round of what the scheduler does."""
        for fd, _ in self._poller.poll(seconds):
            if fd == self._launcher_fd:
                self._hear_launcher()
            elif self._server.handles(fd):
                self._server.serve(fd)
        while self._exits and self._exits[0][0] <= time.monotonic():
            self.executor.receive(self._exits.pop(0)[1])
        self.reports += self.executor.poll()
        self.executor.flush()
        self.executor.evict_idle()
        self._server.drop_closed()

    def turn_for(self, seconds: float) -> None:
        """For what must not happen."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.turn()

    def _hear_launcher(self) -> None:
        for message in self.launcher.receive():
            if message["kind"] == "host_exited":
                self._exits.append((time.monotonic() + LAST_WORDS_S, message))
                continue
            if message["kind"] == "launcher_died":
                self._poller.unregister(self._launcher_fd)
            self.executor.receive(message)
            if message["kind"] == "launcher_died":
                self._launcher_fd = self.launcher.fileno()
                self._poller.register(self._launcher_fd, select.EPOLLIN)

    def _on_message(self, peer: Peer, message: Message) -> None:
        match peer.role, message["kind"]:
            case "host", "hello":
                self.host_pids.add(message["pid"])
                self.executor.hello(peer, message)
            case ("host", _) | ("parse", "host_failed"):
                self.executor.receive(message)
            case "attempt", "request":
                peer.answer(message["request_id"], None)

    def _on_gone(self, peer: Peer) -> None:
        if peer.role == "host":
            self.executor.disconnected(peer)

    # Its end

    def close(self) -> None:
        """As a scheduler that stops: what runs goes on."""
        if self._alive:
            self._alive = False
            self.executor.close()
            self._server.close()
            self._poller.close()

    def processes(self) -> list[int]:
        """Launchers, hosts and attempts of this home: whoever was started with it in its environment."""
        mark = f"EXECUTOR_TEST={self.base}".encode()
        found = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            with suppress(OSError):
                if mark in Path(f"/proc/{name}/environ").read_bytes().split(b"\0") and int(name) != os.getpid():
                    found.append(int(name))
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()
        for _ in range(200):
            alive = [pid for pid in self.processes() if not _is_zombie(pid)]
            if not alive:
                return
            for pid in alive:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.01)
        raise AssertionError(f"processes that cannot be killed: {alive}")


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0] == b"Z"
    except OSError:
        return True


def claim_of(stage: Stage, attempt_id: int) -> dict[str, Any]:
    """What the attempt's journal says of who claimed it."""
    _, entry = look(stage.home.journal / str(attempt_id))
    assert entry is not None and entry.claim is not None
    return entry.claim
