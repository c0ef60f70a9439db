"""From a log to elsewhere: the clipboard, a file, the pager, the editor, the DAG's source."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from tui_flow.settings import dags_folder, load_settings
from tui_flow.tui.logview import LogView
from tui_flow.tui.page import Page
from tui_flow.tui.pages.log_reading import LogModel
from tui_flow.tui.pages.log_taking import file_name, saved, texts_of
from tui_flow.tui.places import Place
from tui_flow.tui.programs import open_in_editor, open_in_pager
from tui_flow.tui.sheets.copy import Copied
from tui_flow.tui.views.traceback import AROUND, SourceLine, is_same, named_in, nearest


class LogElsewhere(Page):
    """A part of `LogPage`, which has the rest."""

    def __init__(self) -> None:
        super().__init__()
        self._model: LogModel | None = None
        self._shown: Path | None = None

    @property
    def _view(self) -> LogView:
        return self.query_one("#log-view", LogView)

    def log_size(self) -> int:
        """In bytes."""
        raise NotImplementedError

    async def action_copy(self) -> None:
        await self.desk.open_sheet("copy", self.place, self._texts())

    def _texts(self) -> list[Copied]:
        lines = self._view.chosen()
        if not lines or self._shown is None:
            return []
        return texts_of(self.place, self._number(), lines, self._shown, self.log_size())

    async def action_save(self) -> None:
        """Save the log as a file."""
        if (source := self._file()) is None:
            return
        try:
            target = await asyncio.to_thread(saved, source, Path.cwd(), file_name(self.place, self._number()))
        except OSError as err:
            self.desk.toast(f"cannot write {err.filename or Path.cwd()}: {err.strerror}")
        else:
            self.desk.toast(f"saved as {target.name} in {target.parent}")

    def _number(self) -> int:
        """Of the try that is shown."""
        return self._model.try_number if self._model else 1

    def action_pager(self) -> None:
        if path := self._file():
            open_in_pager(self.desk, path, "less -R")

    async def action_source(self) -> None:
        """The DAG's file, at the line of the traceback that is nearest to the cursor."""
        place, home = self.place, self.desk.home
        dag = await self.desk.feed.read(lambda reader: reader.dag(place.dag_id))
        if dag is None:
            return
        file = dags_folder(home, load_settings(home)) / dag.file
        named, other = self._named(lambda path: is_same(path, file)), self._named(lambda _path: True)
        if named is None and other is not None:
            self.desk.toast(f"the traceback is not in {file.name}; o on a line opens {other.path.name}")
        self.desk.go(Place("dag", place.dag_id, place.run_id, tab="source", line=named.line if named else 0))

    def _named(self, is_wanted: Callable[[Path], bool]) -> SourceLine | None:
        view = self._view
        first = max(view.cursor - AROUND, 0)
        texts = view.texts(first, view.cursor + AROUND + 1 - first)
        return nearest(texts, view.cursor - first, is_wanted)

    def named_here(self) -> SourceLine | None:
        texts = self._view.texts(self._view.cursor, 1)
        return named_in(texts[0]) if texts else None

    def action_edit(self) -> None:
        """The file that a line of a traceback names under the cursor, else the log."""
        named = self.named_here()
        if named is not None and named.path.is_file():
            open_in_editor(self.desk, *named)
        elif path := self._file():
            open_in_editor(self.desk, path, self._view.cursor_line + 1)

    def _file(self) -> Path | None:
        if self._shown is not None and self._shown.exists():
            return self._shown
        self.desk.toast("there is no log to open yet")
        return None
