"""A real scheduler in a home of its own, processes that can be killed, and the oracle that what ran is judged by.

The oracle is the *ledger*: lines that the tasks themselves append when their code starts and ends. Tasks wait at
*gates* (files that a test makes), never for a time, so a test holds a task where it wants it for as long as it wants.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Self, TypeVar

from tests.integration.engine_ledger import LEDGER, SHELL_LEDGER, Ledger, read_ledger
from tui_flow.client import Client
from tui_flow.errors import SchedulerUnreachable
from tui_flow.logs import LogLine, log_path, parse_line
from tui_flow.records import DagRun, TaskAttempt, TaskInstance
from tui_flow.sdk import xcom
from tui_flow.settings import Home
from tui_flow.state import FINISHED_RUN, RunState, TaskState
from tui_flow.store.reader import Reader

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0
"""How long something may take that does happen; tests never measure."""
T = TypeVar("T")


class Engine:
    """Use as a context manager: at its end everything that was started in this home is killed by its pid."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self.folder = folder
        self.home = Home(folder / "home")
        self.dags = self.home.root / "dags"
        self.dags.mkdir(mode=0o700, parents=True)
        self.scheduler: subprocess.Popen[bytes] | None = None
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("TUIFLOW_")},
            "PYTHONPATH": str(ROOT),
            "TUIFLOW_HOME": str(self.home.root),
            "TUIFLOW_SECRETS_KEY_FILE": str(folder / "key"),
            "TUIFLOW_SCHEDULER_KILL_GRACE_S": "1",
            "ENGINE_TEST_FOLDER": str(folder),
            **{name: str(value) for name, value in settings.items()},
        }
        self.dag_file("ledger.py", LEDGER)

    def move_home(self, root: Path) -> None:
        """Before the start: have the home elsewhere, say on a disk of its own."""
        self.home = Home(root)
        self.dags = root / "dags"
        self.dags.mkdir(mode=0o700, parents=True)
        self.environ["TUIFLOW_HOME"] = str(root)
        self.dag_file("ledger.py", LEDGER)

    # Files and gates

    def dag_file(self, name: str, text: str) -> Path:
        """Write a file below the DAGs folder; `SHELL` in it stands for the ledger's functions in shell."""
        path = self.dags / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = self.folder / "being_written"
        temporary.write_text(textwrap.dedent(text).replace("SHELL", SHELL_LEDGER))
        temporary.chmod(0o600)
        shutil.move(temporary, path)
        return path

    def open_gate(self, name: str) -> None:
        (self.folder / f"gate.{name}").touch()

    def close_gate(self, name: str) -> None:
        (self.folder / f"gate.{name}").unlink(missing_ok=True)

    # The scheduler

    def start(self, crash: str | None = None, **environ: str) -> Self:
        """Start a scheduler and wait until it answers, or has been killed by its crash point."""
        self.spawn(crash, **environ)
        self.until(lambda: self.has_died() or self._answers(), "the scheduler answers")
        if crash is None and self.has_died():
            raise AssertionError(f"the scheduler did not start:\n{self.scheduler_log()}")
        return self

    def spawn(self, crash: str | None = None, **environ: str) -> None:
        """Start a scheduler."""
        environment = {**self.environ, **environ, **({"TUIFLOW_CRASH": crash} if crash else {})}
        with open(self.folder / "scheduler.log", "ab") as log:
            self.scheduler = subprocess.Popen(
                [sys.executable, "-m", "tui_flow", "scheduler"],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def scheduler_pid(self) -> int:
        assert self.scheduler is not None, "started"
        return self.scheduler.pid

    def has_died(self) -> bool:
        return self.scheduler is None or self.scheduler.poll() is not None

    def _answers(self) -> bool:
        try:
            self.ask("status")
        except SchedulerUnreachable:
            return False
        return True

    def kill_scheduler(self) -> None:
        assert self.scheduler is not None, "started"
        self.scheduler.kill()
        self.scheduler.wait()

    def stop(self) -> None:
        """SIGTERM, and wait for its end."""
        assert self.scheduler is not None, "started"
        self.scheduler.terminate()
        self.scheduler.wait(PATIENCE_S)

    def wait_for_crash(self) -> None:
        assert self.scheduler is not None, "started"
        self.scheduler.wait(PATIENCE_S)
        assert self.scheduler.returncode == -signal.SIGKILL, self.scheduler_log()

    def restart(self, crash: str | None = None) -> Self:
        """Kill the scheduler where it lives, and start another."""
        if not self.has_died():
            self.kill_scheduler()
        return self.start(crash)

    def scheduler_log(self) -> str:
        return (self.folder / "scheduler.log").read_text()

    def host_log(self) -> str:
        path = self.home.logs / "hosts.log"
        return path.read_text() if path.exists() else ""

    def tuiflow(self, *words: str) -> subprocess.CompletedProcess[str]:
        """The command line, in this home."""
        command = [sys.executable, "-m", "tui_flow", *words]
        return subprocess.run(command, env=self.environ, capture_output=True, text=True, timeout=PATIENCE_S)

    # Asking and reading

    def ask(self, verb: str, /, **args: Any) -> Any:
        with Client(self.home.socket) as client:
            return client.request(verb, args, timeout_s=PATIENCE_S)

    def trigger(self, dag_id: str, **args: Any) -> str:
        """Wait until the DAG is known, then queue a run; its run id."""
        self.until(lambda: self.reads(lambda reader: reader.dag(dag_id)), f"DAG {dag_id} is parsed")
        return str(self.ask("trigger", dag_id=dag_id, **args)["run_id"])

    def reads(self, read: Callable[[Reader], T]) -> T | None:
        """What `read` finds; None while there is no database."""
        if not self.home.database.exists():
            return None
        with Reader(self.home.database, self.folder / "key") as reader:
            return read(reader)

    def run(self, dag_id: str, run_id: str | None = None) -> DagRun:
        run = self.reads(lambda reader: reader.run(dag_id, run_id))
        assert run is not None, f"no run {run_id or ''} of {dag_id}"
        return run

    def runs(self, dag_id: str) -> list[DagRun]:
        """Newest first."""
        return self.reads(lambda reader: reader.runs(dag_id, limit=1000)) or []

    def tis(self, dag_id: str, run_id: str | None = None) -> dict[str, TaskInstance]:
        run = self.run(dag_id, run_id)
        return {ti.task_id: ti for ti in self.reads(lambda reader: reader.task_instances(run.id)) or []}

    def states(self, dag_id: str, run_id: str | None = None) -> dict[str, str]:
        return {task_id: str(ti.state) for task_id, ti in self.tis(dag_id, run_id).items()}

    def attempts(self, dag_id: str, task_id: str, run_id: str | None = None) -> list[TaskAttempt]:
        key = self.tis(dag_id, run_id)[task_id].key
        return self.reads(lambda reader: reader.attempts(key)) or []

    def attempt_states(self, dag_id: str, task_id: str) -> list[str]:
        return [str(attempt.state) for attempt in self.attempts(dag_id, task_id)]

    def xcom(self, dag_id: str, task_id: str, key: str = "return_value") -> Any:
        ti = self.tis(dag_id)[task_id]
        row = self.reads(lambda reader: reader.xcom(ti.key, key))
        return None if row is None else xcom.decode(row.value)

    def log(self, dag_id: str, task_id: str, try_number: int = 1, kind: str = "") -> list[LogLine]:
        """The lines of an attempt's log, or of its callback's."""
        run = self.run(dag_id)
        path = log_path(self.home.logs, dag_id, run.run_id, task_id, -1, try_number)
        if kind:
            path = path.with_name(f"{path.stem}.{kind}.log")
        text = path.read_text(errors="backslashreplace") if path.exists() else ""
        return [parse_line(line) for line in text.splitlines()]

    def said(self, dag_id: str, task_id: str, try_number: int = 1, kind: str = "") -> list[str]:
        return [line.text for line in self.log(dag_id, task_id, try_number, kind)]

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{self.home.database}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchall()

    # Waiting

    def until(self, look: Callable[[], T], what: str, within_s: float = PATIENCE_S) -> T:
        """The first thing that is true; fails with what the scheduler said when nothing is for too long."""
        deadline = time.monotonic() + within_s
        while not (found := look()):
            if time.monotonic() > deadline:
                raise AssertionError(f"not so in {within_s:g} s: {what}\n{self._story()}")
            time.sleep(0.02)
        return found

    def _story(self) -> str:
        rows = (
            self.sql("SELECT id, run, task_id, try_number, state, reason FROM task_attempt") if self._has_db() else ()
        )
        hosts = self.host_log()[-3000:]
        return f"scheduler:\n{self.scheduler_log()[-3000:]}\nhosts:\n{hosts}\nattempts: {rows}\n{self.ledger()}"

    def _has_db(self) -> bool:
        return self.home.database.exists()

    def wait_started(self, name: str, times: int = 1) -> int:
        """Until a task of this name has started that often; the attempt's id."""
        return self.until(lambda: self.ledger().started(name)[times - 1 :], f"{name} starts ({times})")[0]

    def wait_pid(self, name: str, times: int = 1) -> int:
        """The process of the task that has started that often."""
        attempt = self.wait_started(name, times)
        return self.ledger().pids[attempt]

    def wait_run(self, dag_id: str, run_id: str | None = None) -> RunState:
        """The state that the run (None: the newest) ends in."""
        self.until(lambda: self.run(dag_id, run_id).state in FINISHED_RUN, f"run of {dag_id} ends")
        return self.run(dag_id, run_id).state

    def pause_and_end(self, dag_id: str) -> None:
        """Pause the DAG and wait until all its runs have ended. A pause also holds back tasks of runs that go on: a run
        that it caught so is let go on, and what that lets begin is caught anew."""
        while True:
            self.ask("pause_dag", dag_id=dag_id, is_paused=True)
            self.until(lambda: not self.reads(lambda reader: reader.active_attempts()), "what was started has ended")
            held = self.reads(lambda reader: reader.unfinished_runs(dag_id))
            if not held:
                return
            self.ask("pause_dag", dag_id=dag_id, is_paused=False)
            for run in held:
                self.wait_run(dag_id, run.run_id)

    def wait_state(self, dag_id: str, task_id: str, *states: TaskState) -> TaskState:
        self.until(lambda: self.tis(dag_id)[task_id].state in states, f"{dag_id}.{task_id} is {states}")
        return self.tis(dag_id)[task_id].state

    def wait_recorded(self, dag_id: str, task_id: str, n_attempts: int = 1) -> list[str]:
        """The states of its attempts, once that many have ended."""

        def ended() -> bool:
            attempts = self.attempts(dag_id, task_id)
            return len(attempts) >= n_attempts and all(attempt.ended_at for attempt in attempts[:n_attempts])

        self.until(ended, f"{n_attempts} attempts of {dag_id}.{task_id} end")
        return self.attempt_states(dag_id, task_id)

    # Processes

    def processes(self) -> dict[int, tuple[str, bytes]]:
        """(name, environment) of every live process of this home, by pid."""
        found = {}
        for name in filter(str.isdigit, os.listdir("/proc")):
            with suppress(OSError):
                environ = Path(f"/proc/{name}/environ").read_bytes()
                if f"TUIFLOW_HOME={self.home.root}".encode() in environ.split(b"\0") and not _is_zombie(int(name)):
                    found[int(name)] = (Path(f"/proc/{name}/comm").read_text().strip(), environ)
        return found

    def pids_named(self, name: str) -> list[int]:
        return [pid for pid, (comm, _) in self.processes().items() if comm == name]

    def host_of(self, attempt_id: int) -> int:
        """The pid of the host that an attempt says it has."""
        claim = (self.home.journal / str(attempt_id)).read_bytes().split(b"\n")[0]
        return int(json.loads(claim)["host"])

    def kill(self, *pids: int) -> None:
        """SIGKILL, and wait until they are gone."""
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.until(lambda: not any(is_alive(pid) for pid in pids), f"{pids} are dead")

    def sockets_of(self, pid: int) -> list[str]:
        """What connections a process has."""
        found = []
        for fd in os.listdir(f"/proc/{pid}/fd"):
            with suppress(OSError):
                found.append(os.readlink(f"/proc/{pid}/fd/{fd}"))
        return [link for link in found if link.startswith("socket:")]

    def stop_process(self, pid: int) -> None:
        os.kill(pid, signal.SIGSTOP)

    def continue_process(self, pid: int) -> None:
        os.kill(pid, signal.SIGCONT)

    def kill_launcher(self) -> None:
        self.kill(*self.pids_named("tuiflow-launch"))

    def kill_everything(self) -> None:
        """But not what a task started in a way that hides it from its attempt."""
        while pids := [pid for pid in self.processes() if pid != os.getpid()]:
            self.kill(*pids)

    # The oracle

    def ledger(self) -> Ledger:
        return read_ledger(self.folder / "ledger")

    def check(self) -> None:
        """Every promise that can be checked once all runs have ended."""
        assert self.sql("PRAGMA integrity_check") == [("ok",)] and not self.sql("PRAGMA foreign_key_check")
        unfinished = self.sql("SELECT id, dag_id, state FROM dag_run WHERE state NOT IN ('success', 'failed')")
        assert not unfinished, f"runs that do not end: {unfinished}\n{self._story()}"
        self.check_attempts()
        self.check_nothing_is_left()
        for text in (self.scheduler_log(), self.host_log()):
            assert "Traceback" not in text, text

    def check_attempts(self) -> None:
        ledger = self.ledger()
        twice = {a: names for a, names in (ledger.starts | ledger.ends).items() if len(names) != 1}
        assert not twice, f"attempts that started or ended more than once: {twice}"
        assert not ledger.overlaps, f"two attempts of one task at once: {ledger.overlaps}"
        attempts = self.sql("SELECT id, state, task_id, run, try_number FROM task_attempt")
        active = [row for row in attempts if row[1] in ("launching", "running")]
        assert not active, f"attempts that never ended: {active}\n{self._story()}"
        states = {row[0]: row[1] for row in attempts}
        for attempt in ledger.starts:
            assert states[attempt] != "void", f"attempt {attempt} is void although it started"
            if states[attempt] == "success":
                assert attempt in ledger.ends, f"attempt {attempt} is a success although it did not end"
        over = self.sql("SELECT run, task_id FROM task_instance WHERE try_number > max_tries + 1")
        assert not over, f"more tries than allowed: {over}"

    def check_nothing_is_left(self) -> None:
        """No process of an ended attempt lives, none has its journal open, and no journal is left."""
        self.until(lambda: not self.attempt_processes(), "no process of an attempt lives")
        self.until(lambda: not list(self.home.journal.iterdir()), "no journal is left")

    def attempt_processes(self) -> list[int]:
        mark = f"TUIFLOW_ATTEMPT={self.home.journal}/".encode()
        return [pid for pid, (_, environ) in self.processes().items() if mark in environ or self.holds_journal(pid)]

    def holds_journal(self, pid: int) -> bool:
        if self.scheduler is not None and pid == self.scheduler.pid:
            return False
        with suppress(OSError):
            for fd in os.listdir(f"/proc/{pid}/fd"):
                with suppress(OSError):
                    if os.readlink(f"/proc/{pid}/fd/{fd}").startswith(f"{self.home.journal}/"):
                        return True
        return False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.kill_everything()
        if self.scheduler is not None:
            self.scheduler.wait(PATIENCE_S)


def is_alive(pid: int) -> bool:
    return os.path.exists(f"/proc/{pid}") and not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0] == b"Z"
    except OSError:
        return True


@contextmanager
def engine_in(folder: Path, dags: Mapping[str, str], **settings: object) -> Iterator[Engine]:
    """An engine with these DAG files, not yet started."""
    with Engine(folder, **settings) as engine:
        for name, text in dags.items():
            engine.dag_file(name, text)
        yield engine
