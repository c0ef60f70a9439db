"""The installation: is it well, what is broken, how full are the pools."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from textual.app import ComposeResult

from tui_flow import __version__, times
from tui_flow.records import ImportErrorRow
from tui_flow.settings import Home, dags_folder, load_settings
from tui_flow.store.lock import Holder
from tui_flow.store.reader import Reader
from tui_flow.tui import chrome, palette
from tui_flow.tui.keys import bindings
from tui_flow.tui.line import Part
from tui_flow.tui.page import Page
from tui_flow.tui.programs import open_in_editor, open_in_pager
from tui_flow.tui.rows import Rows
from tui_flow.tui.text import plain
from tui_flow.tui.views.system import Disk, SourceLine, SystemModel, system_rows

AROUND = 2
"""Lines before and after a wrong one."""


class SystemPage(Page):
    NAME = "system"
    HINTS = ("edit", "reload", "log", "start", "pause", "command", "help")
    BINDINGS = bindings("edit", "reload", "log", "pause")

    def __init__(self) -> None:
        super().__init__()
        self._model: SystemModel | None = None

    def compose(self) -> ComposeResult:
        yield Rows(id="system-rows")

    @property
    def _rows(self) -> Rows:
        return self.query_one("#system-rows", Rows)

    def on_mount(self) -> None:
        self.set_interval(30.0, self._refresh_disk)

    def _refresh_disk(self) -> None:
        if self.desk.is_seen(self):
            self.reload()

    def take_focus(self) -> None:
        self._rows.focus()

    def load(self) -> Callable[[Reader], SystemModel]:
        home, holder = self.desk.home, self.desk.feed.scheduler()
        return lambda reader: load_system(reader, home, holder)

    def show(self, model: SystemModel) -> None:
        self._model = model
        self._draw()

    def _draw(self) -> None:
        if self._model is not None:
            self._rows.show_rows(system_rows(self._model, self.desk.look, times.now(), self.desk.is_utc))

    def minute(self) -> None:
        self._draw()

    def crumbs(self) -> Sequence[str]:
        return ("System",)

    def tabs(self) -> tuple[Sequence[Part], Sequence[Part]]:
        return chrome.main_tabs(self.NAME), [Part(f"tuiflow {__version__} ", palette.DIM)]

    # -- deeds

    def _error(self) -> ImportErrorRow | None:
        key = self._rows.cursor_key
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
        open_in_pager(self.desk, self.desk.home.root / "scheduler.log")

    async def action_reload(self) -> None:
        error = self._error()
        done = await self.desk.perform("reparse", file=error.file if error else None)
        if done is not None:
            self.desk.toast(f"{plain(error.file)} is parsed again" if error else "all DAG files are parsed again")
        self.reload()

    async def action_pause(self) -> None:
        """Pause the backfill under the cursor, or let it go on."""
        key = self._rows.cursor_key
        if not (isinstance(key, tuple) and key[0] == "backfill" and self._model):
            self.desk.toast("the cursor is not on a backfill")
            return
        found = next(each for each in self._model.backfills if each.id == key[1])
        await self.desk.perform("pause_backfill", backfill_id=found.id, is_paused=not found.is_paused)
        self.reload()


def load_system(reader: Reader, home: Home, holder: Holder | None) -> SystemModel:
    folder = dags_folder(home, load_settings(home))
    files = reader.files()
    usage = shutil.disk_usage(home.root)
    return SystemModel(
        __version__,
        str(home.root),
        holder,
        _size_of(home.database),
        _size_of(home.database.with_name(home.database.name + "-wal")),
        str(folder),
        len(files),
        len(reader.dags(with_missing=False)),
        max((file.parsed_at for file in files), default=None),
        [(error, source_around(folder / error.file, error.line)) for error in reader.import_errors()],
        reader.pools(),
        reader.backfills(only_open=True),
        reader.variable_keys(),
        [(row.conn_id, row.conn_type) for row in reader.connections()],
        Disk(usage.free, usage.total),
    )


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
