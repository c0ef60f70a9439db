"""A fresh home with a scheduler of its own, as users have it: real commands, real processes, nothing left behind."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, TypeVar

from tests.bench.meters import tree_cpu_s
from tui_flow.client import Client
from tui_flow.errors import SchedulerUnreachable
from tui_flow.records import DagRun, TaskAttempt
from tui_flow.settings import Home
from tui_flow.state import FINISHED_RUN, RunState
from tui_flow.store.reader import Reader

ROOT = Path(__file__).parents[2]
PATIENCE_S = 600.0
_SLOWS_PYTHON = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONDEVMODE", "PYTHONASYNCIODEBUG")
T = TypeVar("T")


class BenchFailed(Exception):
    """Something did not happen that had to, so there is nothing to measure."""


class BenchHome:
    """Make it with `fresh_home`."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self.folder = folder
        self.home = Home(folder / "home")
        self.dags = self.home.root / "dags"
        self.dags.mkdir(mode=0o700, parents=True)
        kept = {n: v for n, v in os.environ.items() if not n.startswith("TUIFLOW_") and n not in _SLOWS_PYTHON}
        self.environ = {
            **kept,
            "PYTHONPATH": str(ROOT),
            "TUIFLOW_HOME": str(self.home.root),
            "TUIFLOW_SECRETS_KEY_FILE": str(folder / "key"),
            "BENCH_FOLDER": str(folder),
            **{name: str(value) for name, value in settings.items()},
        }
        self._scheduler: subprocess.Popen[bytes] | None = None
        self._reader: Reader | None = None

    # The scheduler

    def start(self) -> None:
        """Returns when it answers. It is our child, so that its CPU time counts as ours."""
        with open(self.folder / "scheduler.log", "ab") as log:
            self._scheduler = self.popen("scheduler", log=log)
        self.until(self._answers, "the scheduler answers")

    def _answers(self) -> bool:
        try:
            self.ask("status")
        except SchedulerUnreachable:
            return False
        return True

    @property
    def pid(self) -> int:
        assert self._scheduler is not None, "started"
        return self._scheduler.pid

    def cpu_s(self) -> float:
        """CPU seconds of the scheduler and everything below it, since they began."""
        return tree_cpu_s(self.pid)

    def ask(self, verb: str, **args: Any) -> Any:
        with Client(self.home.socket) as client:
            return client.request(verb, args, timeout_s=PATIENCE_S)

    def popen(self, *words: str, log: IO[bytes] | int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        """The real command."""
        command = [sys.executable, "-m", "tui_flow", *words]
        return subprocess.Popen(command, env=self.environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    # DAGs and runs

    def write(self, name: str, text: str) -> None:
        """A DAG file, all at once."""
        draft = self.folder / "draft"
        draft.write_text(text)
        draft.chmod(0o600)
        draft.replace(self.dags / name)

    @property
    def reader(self) -> Reader:
        if self._reader is None:
            self._reader = Reader(self.home.database, self.folder / "key")
        return self._reader

    def wait_parsed(self, *dag_ids: str) -> None:
        for dag_id in dag_ids:
            self.until(lambda dag_id=dag_id: self.reader.dag(dag_id), f"DAG {dag_id} is parsed")  # type: ignore[misc]

    def run(self, dag_id: str) -> DagRun:
        """Trigger a run and wait for its end."""
        run_id = str(self.ask("trigger", dag_id=dag_id)["run_id"])

        def ended() -> DagRun | None:
            run = self.reader.run(dag_id, run_id)
            return run if run is not None and run.state in FINISHED_RUN else None

        run = self.until(ended, f"run of {dag_id} ends", every_s=0.05)
        if run is None or run.state is not RunState.SUCCESS:
            raise BenchFailed(f"a run of {dag_id} has failed\n{self._story()}")
        return run

    def attempts(self, run: DagRun) -> list[TaskAttempt]:
        return self.reader.run_attempts(run.id)

    def until(self, look: Callable[[], T], what: str, every_s: float = 0.005) -> T:
        deadline = time.monotonic() + PATIENCE_S
        while not (found := look()):
            if time.monotonic() > deadline or (self._scheduler and self._scheduler.poll() is not None):
                raise BenchFailed(f"it did not come about that {what}\n{self._story()}")
            time.sleep(every_s)
        return found

    def _story(self) -> str:
        path = self.folder / "scheduler.log"
        return path.read_text()[-3000:] if path.exists() else ""

    # Processes

    def pids(self, name: str | None = None) -> list[int]:
        """Live processes of this home; those that `ps` shows under a name, or all."""
        marker, found = f"TUIFLOW_HOME={self.home.root}".encode(), []
        for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
            with contextlib.suppress(OSError):
                comm = Path(f"/proc/{pid}/comm").read_text().strip()
                if name in (None, comm) and marker in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                    found.append(pid)
        return found

    def close(self) -> None:
        """End everything. Raises BenchFailed where something will not end."""
        if self._reader:
            self._reader.close()
        if self._scheduler:
            self.popen("down", "--kill-tasks").wait()
            self._scheduler.wait(PATIENCE_S)
        for _ in range(1000):
            left = self.pids()
            if not left:
                return
            for pid in left:
                self._end(pid)
            time.sleep(0.01)
        raise BenchFailed(f"processes {left} of {self.home.root} do not end")

    def _end(self, pid: int) -> None:
        """Warm hosts wait a while for the next scheduler: there will be none. Orphans are ours to reap."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)


@contextmanager
def fresh_home(**settings: object) -> Iterator[BenchHome]:
    """`settings` are environment variables of its processes. The scheduler is not started yet."""
    folder = Path(tempfile.mkdtemp(prefix="tuiflow-bench-"))
    home = BenchHome(folder, **settings)
    try:
        yield home
    finally:
        home.close()
        shutil.rmtree(folder)
