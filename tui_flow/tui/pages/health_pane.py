"""The installation: is it well, what is broken, how full are the pools."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tui_flow import times
from tui_flow.errors import TuiflowError
from tui_flow.records import ImportErrorRow
from tui_flow.settings import Home, RetentionSettings, dags_folder, load_settings
from tui_flow.store.lock import Holder
from tui_flow.store.reader import Reader
from tui_flow.tui.keys import bindings
from tui_flow.tui.list_pane import ListPane
from tui_flow.tui.places import Place
from tui_flow.tui.programs import open_at_its_end, open_in_editor
from tui_flow.tui.rows import Rows
from tui_flow.tui.status import Status
from tui_flow.tui.text import plain
from tui_flow.tui.views.system import Disk, Folder, SourceLine, SystemModel, system_rows

COUNT_AGAIN_S = 120.0
MOST_FILES = 20_000
"""So many files of logs are counted."""
AROUND = 2
"""Lines before and after a wrong one."""


class HealthPane(ListPane):
    NAME = "health"
    TITLE = "Health"
    HINTS = ("open", "edit", "reload", "log", "clean_up", "export~diagnostics", "start", "next_tab", "help")
    BINDINGS = bindings("edit", "reload", "log", "clean_up", "export")

    def __init__(self) -> None:
        super().__init__()
        self._model: SystemModel | None = None
        self._opened: frozenset[str] = frozenset()
        self._logs = LogsFolder()

    def on_mount(self) -> None:
        self.set_interval(30.0, self._refresh_disk)

    def _refresh_disk(self) -> None:
        if self.desk.is_seen(self) and self.display:
            self.reload()

    def load(self) -> Callable[[Reader], SystemModel]:
        home, holder, logs, pace = self.desk.home, self.desk.feed.scheduler(), self._logs, self.desk.pace
        return lambda reader: replace(load_system(reader, home, holder, logs.look(home.logs)), pace=pace)

    def show(self, model: SystemModel) -> None:
        self._model = model
        self._draw()

    def show_problem(self, status: Status) -> None:
        """The database cannot be read: what can be known without it."""
        problem = status.problem or "there is none yet: the scheduler makes it (S)"
        self.show(without_database(self.desk.home, status.scheduler, problem))

    def _draw(self) -> None:
        if self._model is not None:
            desk = self.desk
            self._list.show_rows(system_rows(self._model, desk.look, times.now(), desk.is_utc, self._opened))

    def minute(self) -> None:
        self._draw()

    async def on_rows_opened(self, message: Rows.Opened) -> None:
        """A broken file's whole message; from what is told in short to where there is more of it."""
        match message.key:
            case ("error", str(name)):
                self._opened ^= {name}
                self._draw()
            case ("pool", _) | ("health", "pools", _):
                self._go_to("pools")
            case ("kept", _):
                self._go_to("variables")
            case ("place", "settings"):
                self._go_to("config")
            case ("health", "scheduler"):
                self.action_log()
            case ("health", "disk") | ("place", "logs"):
                await self.action_clean_up()
            case ("health", "DAG files") if self._model is not None and self._model.errors:
                self._list.move_to(("error", self._model.errors[0][0].file))
            case _:
                self.desk.toast("there is no more to tell of this")

    def _go_to(self, tab: str) -> None:
        self.desk.go_beside(Place("system", tab=tab))

    # -- deeds

    def _error(self) -> ImportErrorRow | None:
        key = self._list.cursor_key
        name = key[1] if isinstance(key, tuple) and key[0] == "error" else None
        return next((error for error, _ in self._model.errors if error.file == name), None) if self._model else None

    def action_edit(self) -> None:
        error = self._error()
        if error is None or self._model is None:
            self.desk.toast("the cursor is not on a broken file")
            return
        open_in_editor(self.desk, Path(self._model.dags_folder) / error.file, error.line or 1)

    def action_log(self) -> None:
        """What the scheduler in the background says."""
        open_at_its_end(self.desk, self.desk.home.scheduler_log)

    async def action_clean_up(self) -> None:
        await self.desk.open_sheet("clean_up", load_settings(self.desk.home).retention)

    async def action_export(self) -> None:
        """Diagnostics, for whoever is to help."""
        self.desk.toast("writing diagnostics ...")
        try:
            path = await asyncio.to_thread(self.desk.deeds.diagnose)
        except (TuiflowError, OSError) as err:
            self.desk.toast(str(err))
            return
        told = f"{path}\n\nWhat variables and connections hold is masked in it; look through it before you send it."
        await self.desk.open_sheet("told", "Diagnostics are written", told)

    async def action_reload(self) -> None:
        error = self._error()
        done = await self.desk.perform("reparse", file=error.file if error else None)
        if done is not None:
            self.desk.toast(f"{plain(error.file)} is parsed again" if error else "all DAG files are parsed again")
        self.reload()


class LogsFolder:
    """How much the logs take, counted again after a while: a walk over many files is not for every look."""

    def __init__(self) -> None:
        self._counted: tuple[float, Folder] | None = None

    def look(self, path: Path) -> Folder:
        now = time.monotonic()
        if self._counted is None or now - self._counted[0] > COUNT_AGAIN_S:
            self._counted = now, size_of_folder(path, MOST_FILES)
        return self._counted[1]


def size_of_folder(path: Path, most: int) -> Folder:
    """Of the files below it; no more than `most` are counted."""
    size = count = 0
    for folder, _, names in os.walk(path):
        for name in names:
            if count == most:
                return Folder(size, count, False)
            size += _size_of(Path(folder, name))
            count += 1
    return Folder(size, count)


def load_system(reader: Reader, home: Home, holder: Holder | None, logs: Folder) -> SystemModel:
    folder = dags_folder(home, load_settings(home))
    files = reader.files()
    return replace(
        without_database(home, holder, ""),
        files=len(files),
        dags=len(reader.dags(with_missing=False)),
        parsed_at=max((file.parsed_at for file in files), default=None),
        errors=[(error, source_around(folder / error.file, error.line)) for error in reader.import_errors()],
        pools=reader.pools(),
        missing_pools=reader.missing_pools(),
        variables=len(reader.variable_keys()),
        connections=len(reader.connection_ids()),
        assets=len(reader.assets()),
        logs=logs,
        kept=_kept(load_settings(home).retention),
    )


def _kept(retention: RetentionSettings) -> str:
    kept = [f"{retention.runs_days:g} days"] if retention.runs_days else []
    kept += [f"{retention.runs_per_dag} runs of each DAG"] if retention.runs_per_dag else []
    return f"kept {' or '.join(kept)}" if kept else "kept for ever"


def without_database(home: Home, holder: Holder | None, problem: str) -> SystemModel:
    """What the file system says."""
    usage = shutil.disk_usage(next(path for path in (home.root, *home.root.absolute().parents) if path.exists()))
    file, folder = home.settings_file, _dags_folder(home)
    return SystemModel(
        str(home.root),
        holder,
        _size_of(home.database),
        _size_of(home.database.with_name(home.database.name + "-wal")),
        str(file) if file.exists() else f"{file} (not there: the defaults hold)",
        folder,
        Path(folder).is_dir(),
        Disk(usage.free, usage.total),
        problem=problem,
    )


def _dags_folder(home: Home) -> str:
    try:
        return str(dags_folder(home, load_settings(home)))
    except TuiflowError as err:
        return str(err)


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def source_around(path: Path, line: int | None) -> list[SourceLine]:
    """The lines of a file around one of them; none where there is no such line."""
    if line is None:
        return []
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    first = max(line - 1 - AROUND, 0)
    return [
        SourceLine(number, text, number == line)
        for number, text in enumerate(lines[first : line + AROUND], start=first + 1)
    ]
