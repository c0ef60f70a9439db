"""DAG files: noticing changes, having them parsed in child processes, storing what they say. No rules:
`loader.registry` says what to parse when, `planner.runs` when a DAG is next due."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from tui_flow.errors import TuiflowError
from tui_flow.executors.launcher_process import LauncherProcess
from tui_flow.loader.discover import DagsFolder, Listing
from tui_flow.loader.failure import FailureKind, ImportFailure, describe_exit
from tui_flow.loader.loaded import Loaded
from tui_flow.loader.plugins import paths_beside
from tui_flow.loader.registry import Registry, is_among
from tui_flow.loader.sources import SourceView
from tui_flow.loader.watch import Watcher
from tui_flow.messages import Message
from tui_flow.planner.runs import next_run_after, owed_since
from tui_flow.records import Dag
from tui_flow.settings import Home, Settings, dags_folder
from tui_flow.spec import DagSpec, Json
from tui_flow.store.write_dags import Placement, Stored
from tui_flow.store.writer import Writer
from tui_flow.timetables import timetable_from_dict

_NO_ROOM_PAUSE_S = 1.0
_log = logging.getLogger("tui_flow.scheduler")


@dataclass(slots=True)
class _Parse:
    path: str
    deadline: float
    timed_out: bool = False


class Files:
    """`step` does all there is to do and tells which DAGs have changed."""

    def __init__(
        self,
        home: Home,
        settings: Settings,
        writer: Writer,
        launcher: LauncherProcess,
        load_order: Callable[[str, str | None], Json],
    ) -> None:
        self._home = home
        self._settings = settings
        self._writer = writer
        self._launcher = launcher
        self._load_order = load_order
        self._folder = dags_folder(home, settings)
        self._dags_folder = DagsFolder(self._folder)
        self._registry = Registry(self._folder, settings.scheduler.parse_interval_s)
        self._watcher: Watcher | None = None
        self._look_at = 0.0
        """When to look at the folder besides when the watcher tells."""
        self._parses: dict[str, _Parse] = {}
        """By host id."""
        self._arrived: list[Loaded] = []
        self._gone: list[str] = []
        self._changed: list[str] = []
        self._refused: dict[str, str] = {}
        self._serial = 0
        self._paused_until = 0.0
        self.has_changes = False
        """Set when the watcher's descriptor is readable."""

    def start(self) -> int | None:
        """Look at the folder for the first time; the descriptor that tells of changes."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._watcher = Watcher(self._folder, self._settings.scheduler.poll_files_s, paths_beside(self._folder))
        listing = self._list(set(), datetime.now(UTC))
        for path in self._absent(listing):
            self._writer.forget_file(path)
        return self._watcher.fileno()

    def close(self) -> None:
        if self._watcher:
            self._watcher.close()

    def next_wake(self) -> float | None:
        """Monotonic time at which `step` has something to do by itself."""
        wakes = [parse.deadline for parse in self._parses.values() if not parse.timed_out]
        if self._watcher and self._watcher.poll_interval_s is not None:
            wakes.append(self._look_at)
        due = self._registry.next_due()
        if due is not None and len(self._parses) < self._settings.scheduler.parse_processes:
            wakes.append(max(time.monotonic() + (due - datetime.now(UTC)).total_seconds(), self._paused_until))
        return min(wakes, default=None)

    def step(self, now: datetime) -> list[str]:
        """Notice changes, start parses, store what came in. The ids of DAGs that are new, changed or gone. Raises
        WriteRefused with nothing forgotten."""
        self._notice(now)
        while self._arrived:
            self._changed += self._take(self._arrived[0], now)
            del self._arrived[0]
        self._gone += self._registry.gone(now)
        while self._gone:
            self._changed += self._told(self._writer.forget_file(self._gone[0]), now)
            del self._gone[0]
        self._enforce_timeouts()
        room = self._settings.scheduler.parse_processes - len(self._parses)
        may_start = room > 0 and time.monotonic() >= self._paused_until
        for path in self._registry.due(now, limit=room) if may_start else ():
            self._start_parse(path)
        changed, self._changed = self._changed, []
        return changed

    def request(self, path: str, now: datetime) -> bool:
        """Somebody asked for a file to be parsed; False for an unknown one."""
        return self._registry.request(path, now)

    def is_busy(self) -> bool:
        """Whether a parse runs or is due."""
        due = self._registry.next_due()
        return bool(self._parses or self._arrived) or (due is not None and due <= datetime.now(UTC))

    # What processes say

    def parsed(self, message: Message) -> None:
        if self._parses.pop(message["host_id"], None) is not None:
            self._arrived.append(Loaded.from_dict(message["loaded"]))

    def host_exited(self, message: Message) -> None:
        """A parse ended; without an answer, the file ended it."""
        parse = self._parses.pop(message["host_id"], None)
        if parse is None:
            return
        timeout_s = self._settings.scheduler.parse_timeout_s if parse.timed_out else None
        failure = describe_exit(
            parse.path,
            message.get("code", 0),
            message.get("output", ""),
            dags_folder=str(self._folder),
            timed_out_after_s=timeout_s,
        )
        self._arrived.append(Loaded(parse.path, failure=failure))

    def no_room(self, message: Message) -> None:
        """The machine has no room for another process now; try again in a moment."""
        parse = self._parses.pop(message["host_id"], None)
        if parse is not None:
            _log.warning("cannot parse %s now: %s", parse.path, message["message"])
            self._parse_again([parse])
            self._paused_until = time.monotonic() + _NO_ROOM_PAUSE_S

    def launcher_died(self) -> None:
        parses, self._parses = self._parses, {}
        self._parse_again(parses.values())

    def _parse_again(self, parses: Iterable[_Parse]) -> None:
        now = datetime.now(UTC)
        for parse in parses:
            self._registry.finished(parse.path, None, (), now)
            self._registry.request(parse.path, now)

    # Within

    def _notice(self, now: datetime) -> None:
        if self._watcher is None or not (self.has_changes or time.monotonic() >= self._look_at):
            return
        self.has_changes = False
        changed = self._watcher.changes()
        self._look_at = time.monotonic() + (self._watcher.poll_interval_s or 3600.0)
        if changed:
            self._list(changed, now)

    def _list(self, changed: Iterable[Path], now: datetime) -> Listing:
        listing = self._dags_folder.scan()
        self._registry.note(listing, changed, now)
        self._store_refusals(listing, now)
        return listing

    def _store_refusals(self, listing: Listing, now: datetime) -> None:
        refused = {refusal.path: refusal.message for refusal in listing.refusals}
        if listing.problem is not None:
            refused = {".": listing.problem}
        for path, message in refused.items():
            if self._refused.get(path) != message:
                self._writer.store_import_error(path, message, None, now)
        ended = self._refused.keys() - refused.keys()
        for path in ended:
            self._writer.forget_file(path)
        self._refused = refused
        for path in [path for path in self._absent(listing) if is_among(path, ended)] if ended else ():
            self._changed += self._told(self._writer.forget_file(path), now)

    def _absent(self, listing: Listing) -> list[str]:
        """Files that went away, or are no DAG files now, while no scheduler ran or what they lie in was refused."""
        if listing.problem is not None:
            return []
        present = {file.path for file in listing.files}
        known = [file.path for file in self._writer.reads.files()]
        return [path for path in known if path not in present and not is_among(path, self._refused)]

    def _start_parse(self, path: str) -> None:
        self._serial += 1
        host_id = f"parse-{os.getpid()}-{self._serial}"
        settings = self._settings.scheduler
        self._registry.started(path)
        self._parses[host_id] = _Parse(path, time.monotonic() + settings.parse_timeout_s)
        load = {**self._load_order(path, None), "last_intervals": self._last_intervals(path)}
        self._launcher.send({"kind": "start_host", "mode": "parse", "host_id": host_id, "load": load})

    def _last_intervals(self, path: str) -> dict[str, tuple[str, str]]:
        """What timetables of authors continue from, by dag_id."""
        reads, found = self._writer.reads, {}
        for dag_id in reads.dags_of_file(path):
            dag = reads.dag(dag_id)
            if dag is not None and dag.last_interval_start is not None and dag.last_interval_end is not None:
                found[dag_id] = (dag.last_interval_start.isoformat(), dag.last_interval_end.isoformat())
        return found

    def _enforce_timeouts(self) -> None:
        now = time.monotonic()
        for host_id, parse in self._parses.items():
            if now >= parse.deadline and not parse.timed_out:
                parse.timed_out = True
                self._launcher.send({"kind": "kill_host", "host_id": host_id})

    def _take(self, loaded: Loaded, now: datetime) -> list[str]:
        kind: FailureKind | None = loaded.failure.kind if loaded.failure else None
        if not self._registry.finished(loaded.file, kind, loaded.dependencies, now):
            return []
        for warning in loaded.warnings:
            _log.warning("%s: %s", loaded.file, warning)
        if loaded.failure is not None:
            self._store_failure(loaded, loaded.failure, now)
            return []
        try:
            self._let_go_of_former_files(loaded, now)
            return self._told(self._store(loaded, now), now)
        except TuiflowError:
            raise
        except Exception as err:  # parsing ends here: nothing that one file says may end the scheduler
            _log.exception("%s cannot be stored", loaded.file)
            failure = ImportFailure(f"{loaded.file}: what it defines cannot be stored: {type(err).__name__}: {err}")
            self._store_failure(loaded, failure, now)
            return []

    def _let_go_of_former_files(self, loaded: Loaded, now: datetime) -> None:
        """A file that was renamed takes its DAGs along at once."""
        dags = (self._writer.reads.dag(spec.dag_id) for spec in loaded.specs)
        for path in {dag.file for dag in dags if dag is not None and dag.file != loaded.file}:
            if self._registry.let_go(path):
                self._changed += self._told(self._writer.forget_file(path), now)

    def _store(self, loaded: Loaded, now: datetime) -> Stored:
        manifest = SourceView(self._home.sources, loaded.source_version).manifest
        stored = self._writer.store_parsed(
            loaded.file,
            loaded.specs,
            loaded.source_version,
            manifest,
            now,
            lambda spec, known: place(spec, known, now, self._settings),
            loaded.seconds,
        )
        planned = [spec.dag_id for spec in loaded.specs if self._store_planned(loaded, spec, now)]
        return replace(stored, changed=(*stored.changed, *planned))

    def _store_planned(self, loaded: Loaded, spec: DagSpec, now: datetime) -> bool:
        """Keep the next runs that the DAG's own timetable told; whether that is news."""
        dag, planned = self._writer.reads.dag(spec.dag_id), loaded.planned.get(spec.dag_id)
        if dag is None or dag.file != loaded.file or planned is None:
            return False
        following = next_run_after(dag, spec, now, planned)
        return self._writer.set_planned_runs(dag.dag_id, planned, following)

    def _store_failure(self, loaded: Loaded, failure: ImportFailure, now: datetime) -> None:
        text = failure.message + (f"\n\n{failure.traceback_text}" if failure.traceback_text else "")
        known = self._writer.reads.file(loaded.file)
        if known is None or known.error != text:
            _log.warning("import error: %s", failure.message)
        self._writer.store_import_error(loaded.file, text, failure.line, now)

    def _told(self, stored: Stored, now: datetime) -> list[str]:
        for path in stored.parse_again:
            self._registry.request(path, now)
        return [*stored.changed, *stored.missing]


def place(spec: DagSpec, known: Dag | None, now: datetime, settings: Settings) -> Placement:
    """When a parsed DAG is due next, and whether a new one starts paused."""
    summary = timetable_from_dict(spec.timetable).summary
    if known is not None:
        return Placement(next_run_after(known, spec, now), summary, known.is_paused)
    since = owed_since(spec, now)
    dag = Dag(spec.dag_id, spec.file, False, False, spec.version, 1, "", None, None, None, schedule_since=since)
    return Placement(next_run_after(dag, spec, now), summary, _starts_paused(spec, settings), since)


def _starts_paused(spec: DagSpec, settings: Settings) -> bool:
    if spec.is_paused_upon_creation is not None:
        return spec.is_paused_upon_creation
    setting = settings.core.dags_are_paused_at_creation
    return spec.dialect != "tui_flow" if setting == "auto" else setting == "true"
