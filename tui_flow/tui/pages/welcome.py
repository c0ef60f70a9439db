"""The first page of a home without DAGs. It writes only what was asked for, and starts nothing by itself."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from textual.app import ComposeResult
from textual.widgets import Input

from tui_flow.actions.beginnings import (
    CRON_FILE,
    EXAMPLES,
    systemd_unit,
    use_dags_folder,
    users_crontab,
    write_dag_files,
)
from tui_flow.crontab import dag_source, parse_crontab
from tui_flow.errors import TuiflowError
from tui_flow.settings import dags_folder, load_settings
from tui_flow.store.reader import Reader
from tui_flow.tui import palette
from tui_flow.tui.folder_field import FolderField
from tui_flow.tui.keys import bindings
from tui_flow.tui.line import Line, Part
from tui_flow.tui.page import Page
from tui_flow.tui.rows import Rows
from tui_flow.tui.status import Status
from tui_flow.tui.views.welcome import Welcome, choice_rows, preview_rows, where


class WelcomePage(Page):
    NAME = "welcome"
    HINTS = ("open", "next_pane", "example", "import_cron", "start", "help", "leave")
    HAS_NOTICE = False
    BINDINGS = bindings("example", "import_cron", "folder", "know_airflow")
    DEFAULT_CSS = """
    WelcomePage #welcome-choices { height: 6; }
    WelcomePage #welcome-folder { display: none; height: 1; }
    WelcomePage.asking #welcome-folder { display: block; }
    """

    def compose(self) -> ComposeResult:
        yield Line(id="welcome-where")
        yield Rows(id="welcome-choices")
        words = "the folder of your DAG files; tab completes it"
        yield FolderField(id="welcome-folder", placeholder=words, select_on_focus=False)
        yield Line(id="welcome-rule", fill="─", base=palette.DIM)
        yield Rows(id="welcome-preview")

    async def on_mount(self) -> None:
        self.query_one("#welcome-rule", Line)._fill = self.desk.look.line("─")
        program = shutil.which("tuiflow") or "tuiflow"
        self._welcome = Welcome(self._folder(), unit=systemd_unit(self.desk.home, program))
        self._count_files()
        self._draw()
        self.run_worker(self._read_crontab())

    def on_resize(self) -> None:
        if self.is_mounted:
            self._draw()

    def _folder(self) -> Path:
        return dags_folder(self.desk.home, load_settings(self.desk.home))

    def _count_files(self) -> None:
        self._welcome = replace(self._welcome, files=len(list(self._welcome.folder.glob("*.py"))))

    async def _read_crontab(self) -> None:
        try:
            crontab = parse_crontab(await asyncio.to_thread(users_crontab))
            self._welcome = replace(self._welcome, crontab=crontab)
        except TuiflowError as err:
            self._welcome = replace(self._welcome, cron_problem=str(err))
        self._draw()

    # -- what it shows

    def load(self) -> Callable[[Reader], bool]:
        return lambda reader: bool(reader.dags(with_missing=False) or reader.import_errors())

    def show(self, has_dags: bool) -> None:
        if has_dags:
            self.desk.go_home("dags")
        else:
            self._draw()

    def show_problem(self, status: Status) -> None:
        if status.problem:
            self.desk.toast(status.problem)
        self._draw()

    def _draw(self) -> None:
        self._welcome = replace(self._welcome, is_scheduling=self.desk.feed.scheduler() is not None)
        self.query_one("#welcome-where", Line).say([Part(where(self._welcome, self.app.size.width))])
        self._choices.show_rows(choice_rows(self._welcome))
        self._draw_preview()

    def _draw_preview(self) -> None:
        rows = preview_rows(self._welcome, self._choices.cursor_key, self.app.size.width)
        self.query_one("#welcome-preview", Rows).show_rows(rows)

    @property
    def _choices(self) -> Rows:
        return self.query_one("#welcome-choices", Rows)

    def on_rows_moved(self, message: Rows.Moved) -> None:
        if message.rows is self._choices:
            self._draw_preview()

    def crumbs(self) -> Sequence[str]:
        return ("Welcome",)

    def tabs(self) -> tuple[Sequence[Part], Sequence[Part]]:
        return [Part("")], []

    def take_focus(self) -> None:
        self._choices.focus()

    def peel(self) -> bool:
        is_asking = self.has_class("asking")
        self.remove_class("asking")
        self.take_focus()
        return is_asking

    # -- deeds

    async def on_rows_opened(self, message: Rows.Opened) -> None:
        if message.rows is not self._choices:
            return
        if message.key == "start":
            await self.desk.do("start")
        else:
            getattr(self, f"action_{message.key}")()

    def action_example(self) -> None:
        self._write(EXAMPLES)

    def action_import_cron(self) -> None:
        """The first time it shows what would be written, then it writes."""
        crontab = self._welcome.crontab
        if crontab is None or not crontab.entries:
            self.desk.toast(self._welcome.cron_problem or "your crontab has no entry that a DAG can be made of")
        elif self._choices.cursor_key != "import_cron":
            self._choices.move_to("import_cron")
        else:
            self._write({CRON_FILE: dag_source(crontab, "your crontab")})

    def _write(self, files: Mapping[str, str]) -> None:
        try:
            paths = write_dag_files(self._welcome.folder, files)
        except TuiflowError as err:
            self.desk.toast(str(err))
            return
        is_on = self.desk.feed.scheduler() is not None
        self._count_files()
        if not is_on:
            self._choices.move_to("start")
        self._draw()
        names = ", ".join(path.name for path in paths)
        self.desk.toast(f"wrote {names}; {'they are parsed now' if is_on else 'S starts the scheduler'}")

    def action_folder(self) -> None:
        self._choices.move_to("folder")
        self.add_class("asking")
        self.query_one("#welcome-folder", Input).focus()

    def on_input_submitted(self, message: Input.Submitted) -> None:
        try:
            use_dags_folder(self.desk.home, Path(message.value).expanduser().absolute())
            self._welcome = replace(self._welcome, folder=self._folder())
            self._count_files()
        except TuiflowError as err:
            self.desk.toast(str(err))
            return
        self.peel()
        self._draw()
        self.desk.toast("DAG files are taken from there; a scheduler that runs must be started anew")

    def action_know_airflow(self) -> None:
        self._choices.move_to("know_airflow")
