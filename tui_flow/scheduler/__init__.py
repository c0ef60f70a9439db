"""The scheduler process: `run_scheduler` for good, `run_one` for a single run."""

from __future__ import annotations

import contextlib
import logging
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tui_flow.errors import HomeNotWritable, TuiflowError
from tui_flow.records import DagRun
from tui_flow.scheduler.loop import Scheduler
from tui_flow.settings import Home, Settings, dags_folder, load_settings
from tui_flow.state import FINISHED_RUN
from tui_flow.store.local_disk import require_local_disk
from tui_flow.store.lock import HomeLock

__all__ = ["prepare_home", "run_one", "run_scheduler"]


def run_scheduler(home: Home, settings: Settings) -> None:
    """Be the scheduler of this home until told to stop. Raises HomeLocked when another one is."""
    os.umask(0o077)
    settings = prepare_home(home, settings)
    with HomeLock(home, "scheduler") as lock:
        scheduler = Scheduler(home, settings, lock)
        try:
            scheduler.start()
            _log.info("scheduler started, pid %d, DAGs in %s", os.getpid(), dags_folder(home, settings))
            scheduler.run()
        finally:
            scheduler.close()
    _log.info("scheduler stopped")


def run_one(home: Home, settings: Settings, run_id: int, lock: HomeLock) -> None:
    """Be the scheduler of this home, whose lock is held, for one run that exists and for the runs that it triggers;
    returns when they ended."""
    only = _OneRun(run_id)
    scheduler = Scheduler(home, settings, lock, only)
    try:
        scheduler.start()
        scheduler.run(lambda: only.is_done(scheduler))
    finally:
        scheduler.close()


_log = logging.getLogger("tui_flow.scheduler")


class _OneRun:
    """Which runs a scheduler for one run works on: that run, and what its tasks trigger meanwhile."""

    def __init__(self, run_id: int) -> None:
        self._run_id = run_id
        self._since = datetime.now(UTC)

    def __call__(self, run: DagRun) -> bool:
        return run.id == self._run_id or (run.run_type == "operator_triggered" and run.queued_at >= self._since)

    def is_done(self, scheduler: Scheduler) -> bool:
        if reason := scheduler.runs.aside.reasons().get(self._run_id):
            raise TuiflowError(f"the run cannot go on, tuiflow itself has a defect: {reason}; please report it")
        run = scheduler.writer.reads.run_by_id(self._run_id)
        if run is not None and run.state not in FINISHED_RUN:
            return False
        others = [run for run in scheduler.writer.reads.unfinished_runs() if self(run)]
        return not others and scheduler.runs.is_idle() and scheduler.callbacks.is_idle()


def prepare_home(home: Home, settings: Settings) -> Settings:
    """Make the home's folders and, at first start, its settings file; the settings as they are then.

    Raises HomeNotWritable, or HomeError for a home on a network file system."""
    folders: list[Path] = [home.root, home.journal, home.logs, home.sources, home.scratch, home.triggers]
    if not settings.core.dags_folder:
        folders.append(dags_folder(home, settings))
    for folder in folders:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as err:
            raise HomeNotWritable(
                f"cannot make {folder}: {err.strerror}; set TUIFLOW_HOME to a folder of yours"
            ) from err
    require_local_disk(home.root)
    if not settings.core.default_timezone:
        _write_first_settings(home)
        settings = load_settings(home)
    if not settings.core.default_timezone:
        settings = replace(settings, core=replace(settings.core, default_timezone=machine_timezone()))
    return settings


def _write_first_settings(home: Home) -> None:
    """At first start the machine's zone is written down: schedules must not move when the machine's zone does."""
    text = f'# `tuiflow config show` lists all settings.\n[core]\ndefault_timezone = "{machine_timezone()}"\n'
    with contextlib.suppress(FileExistsError), open(home.settings_file, "x", encoding="utf-8") as file:
        file.write(text)


def machine_timezone() -> str:
    """The name of the machine's zone: TZ, /etc/localtime or /etc/timezone; UTC where none tells."""
    candidates = [os.environ.get("TZ", "").lstrip(":")]
    target = os.path.realpath("/etc/localtime")
    candidates.append(target.partition("/zoneinfo/")[2])
    with contextlib.suppress(OSError):
        candidates.append(Path("/etc/timezone").read_text(encoding="utf-8").strip())
    for name in candidates:
        with contextlib.suppress(ValueError, OSError, KeyError):
            if name and ZoneInfo(name):
                return name
    return "UTC"
