"""Removal of what is not needed any more: old runs, and files of the home that nothing refers to. Between other work.

Files are looked at twice: what the database refers to is read first, and only files older than that go. Whoever uses an
old file again makes it young first (its time is set), and what a live attempt may still tell of is younger than it.
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from tui_flow.actions.retention import ANSWERS_KEPT, Sweep
from tui_flow.journal import Liveness, look
from tui_flow.logs.removal import delete_logs, delete_set_aside
from tui_flow.planner.retention import Keep
from tui_flow.settings import Home, RetentionSettings
from tui_flow.state import ACTIVE_ATTEMPT
from tui_flow.store.writer import Writer

_log = logging.getLogger("tui_flow.scheduler")
_FIRST_AFTER_S = 60.0
_AT_ONCE_S = 0.02
_PAUSE_S = 5.0
"""Between two slices while tasks run."""
_FILES_AGE = timedelta(days=1)
_LOGS_AGE = timedelta(days=7)
"""A database that was put back from a backup does not know the newest runs."""
_ROWS_PER_SLICE = 2000
SPECS_KEPT = 100
"""Of each DAG's versions that nothing has any more, the newest so many are kept to be compared."""


def keep_of(settings: RetentionSettings, now: datetime) -> Keep:
    """What the settings say is too old now."""
    since = now - timedelta(days=settings.runs_days) if settings.runs_days else None
    return Keep(since, settings.runs_per_dag)


class Retention:
    """One sweep at a time, cut into slices. `is_idle` says whether no task runs."""

    def __init__(self, home: Home, settings: RetentionSettings, writer: Writer, is_idle: Callable[[], bool]) -> None:
        self._home = home
        self._settings = settings
        self._writer = writer
        self._is_idle = is_idle
        self._sweep: Iterator[None] | None = None
        self._wake_at = time.monotonic() + min(_FIRST_AFTER_S, settings.sweep_interval_s)

    @property
    def is_sweeping(self) -> bool:
        """There is more to do than the last step did."""
        return self._sweep is not None

    def next_wake(self) -> float | None:
        """Monotonic time of the next slice; None: never."""
        return self._wake_at if self._settings.sweep_interval_s else None

    def step(self, now: datetime) -> None:
        """A few slices while nothing runs, else one now and then."""
        if not self._settings.sweep_interval_s or time.monotonic() < self._wake_at:
            return
        sweep = self._sweep if self._sweep is not None else self._slices(now)
        self._sweep = None  # an error ends it; the next one begins anew
        self._wake_at = time.monotonic() + self._settings.sweep_interval_s
        until = time.monotonic() + _AT_ONCE_S
        for _ in sweep:
            if time.monotonic() >= until or not self._is_idle():
                self._sweep = sweep
                self._wake_at = time.monotonic() + (0.0 if self._is_idle() else _PAUSE_S)
                return

    def _slices(self, now: datetime) -> Iterator[None]:
        yield from self._old_runs(now)
        since = keep_of(self._settings, now).since
        while since is not None and self._writer.clean_asset_events(since):
            yield
        while since is not None and self._writer.clean_events(since):
            yield
        self._writer.forget_answers(now - ANSWERS_KEPT)
        yield
        yield from delete_set_aside(self._home)
        yield from self._logs_of_nothing(now)
        yield from self._journals_of_nothing(now)
        yield from self._xcoms_of_nothing(now)
        self._writer.forget_specs(SPECS_KEPT)
        yield
        yield from self._sources_of_nothing(now)

    def _old_runs(self, now: datetime) -> Iterator[None]:
        keep = keep_of(self._settings, now)
        sweep = Sweep(keep)
        count = 0
        while not sweep.is_over:
            found = {run.id: run for run in sweep.expired(self._writer.reads)}
            yield
            while gone := self._writer.remove_runs(list(found)):
                count += len(gone)
                for run in map(found.pop, gone):
                    delete_logs(self._home, run.dag_id, run.run_id)
                    yield
        if count:
            since = keep.since.isoformat() if keep.since else None
            self._writer.add_event("", "clean", now, after={"runs": count, "before": since, "per_dag": keep.per_dag})
            _log.info("removed %d runs that [retention] does not keep", count)

    def _logs_of_nothing(self, now: datetime) -> Iterator[None]:
        for dag_folder in _children(self._home.logs):
            if not dag_folder.is_dir() or dag_folder.name.startswith("."):
                continue
            for run_folder in _children(dag_folder):
                is_known = self._writer.reads.run(dag_folder.name, run_folder.name) is not None
                if not is_known and _is_older(run_folder, now - _LOGS_AGE):
                    shutil.rmtree(run_folder, ignore_errors=True)
                yield

    def _journals_of_nothing(self, now: datetime) -> Iterator[None]:
        """Of attempts that went with their run, or that are recorded."""
        for path in _children(self._home.journal):
            if path.name.isdigit() and _is_older(path, now - _LOGS_AGE):
                attempt = self._writer.reads.attempt(int(path.name))
                is_over = attempt is None or attempt.state not in ACTIVE_ATTEMPT
                if is_over and look(path)[0] is not Liveness.ALIVE:
                    path.unlink(missing_ok=True)
            yield

    def _xcoms_of_nothing(self, now: datetime) -> Iterator[None]:
        before = min([now, *(attempt.launched_at for attempt in self._writer.reads.active_attempts())]) - _FILES_AGE
        files = _children(self._home.spill)
        if not files:
            return
        used: set[str] = set()
        after: tuple[int, str, int, str] | None = (0, "", 0, "")
        while after is not None:
            names, after = self._writer.reads.spilled_files(after, _ROWS_PER_SLICE)
            used |= names
            yield
        for file in files:
            if file.name not in used and _is_older(file, before):
                file.unlink(missing_ok=True)
            yield

    def _sources_of_nothing(self, now: datetime) -> Iterator[None]:
        self._writer.forget_sources()
        used = self._writer.reads.sources_in_use()
        yield
        blobs: set[str] = set()
        for version in sorted(used):
            blobs.update(self._writer.reads.manifest(version).values())
            yield
        folders = ((self._home.sources / "versions", used), (self._home.sources / "blobs", blobs))
        for folder, names in folders:
            for file in _children(folder):
                if file.name not in names and _is_older(file, now - _FILES_AGE):
                    file.unlink(missing_ok=True)
                yield


def _children(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _is_older(path: Path, instant: datetime) -> bool:
    try:
        return os.lstat(path).st_mtime < instant.timestamp()
    except OSError:
        return False
