"""Pools, variables or connections to a file, and from one: in Airflow's formats."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from textual.widget import Widget

from tui_flow.errors import HomeError, TuiflowError
from tui_flow.tui import palette
from tui_flow.tui.forms import Choices, Field
from tui_flow.tui.sheets.asking import AskingSheet
from tui_flow.tui.text import Piece
from tui_flow.tui.views.deeds import Deed, Preview
from tui_flow.tui.views.setting_files import EXISTING, export_deed, import_deed, import_preview, imported


class ImportSheet(AskingSheet):
    """`kind`: pool, variable or connection."""

    HINTS = ("open", "next_pane", "copy", "back")
    VERB = "import"
    MANY = "names"

    def __init__(self, kind: str) -> None:
        super().__init__()
        self._kind = kind
        self._args: dict[str, Any] = {}
        self.TITLE = f"Import {kind}s"

    def fields(self) -> Sequence[Widget]:
        return (
            Field("path", "file", hint=f"~/{self._kind}s.json", note=".json, .yaml, .env"),
            Choices("Those that are there", EXISTING, id="import-existing"),
        )

    def wanted(self) -> str:
        typed = self.query_one("#field-path", Field).value.strip()
        return "" if typed else "name the file, as Airflow exports it; what it holds is shown here"

    def _path(self) -> str:
        return str(Path(self.query_one("#field-path", Field).value.strip()).expanduser())

    def deeds(self) -> Sequence[Deed]:
        existing = EXISTING[self.query_one("#import-existing", Choices).index]
        return [import_deed(self._kind, self._path(), self._args, existing)]

    async def _rehearsed(self, deeds: Sequence[Deed]) -> tuple[list[Deed], list[Any]]:
        try:
            self._args = dict(await asyncio.to_thread(self.desk.deeds.read_settings, self._kind, self._path()))
        except OSError as err:
            raise HomeError(str(err)) from err
        return await super()._rehearsed(self.deeds())

    async def preview(self, answers: Sequence[Any]) -> Preview:
        return import_preview(answers[0])

    def sentence(self, preview: Preview) -> Sequence[Piece]:
        if preview.problem:
            return super().sentence(preview)
        return [
            (f"   This will set {preview.runs} {self._kind}{'s' * (preview.runs != 1)}", palette.BOLD),
            (preview.note, None),
        ]

    def done(self, _preview: Preview, answers: Sequence[Any]) -> str:
        self.desk.reload()
        return imported(self._kind, answers[0])


class ExportSheet(AskingSheet):
    """`kind`: pool, variable or connection. Nothing in the home changes: a file is written."""

    HINTS = ("open", "copy", "back")
    VERB = "write"

    def __init__(self, kind: str) -> None:
        super().__init__()
        self._kind = kind
        self.TITLE = f"Export all {kind}s"

    def fields(self) -> Sequence[Widget]:
        return (Field("path", "file", f"{self._kind}s.json", note="in this folder, or with its path"),)

    def _path(self) -> str:
        return str(Path(self.query_one("#field-path", Field).value.strip()).expanduser())

    def deeds(self) -> Sequence[Deed]:
        return [export_deed(self._kind, self._path())]

    async def _rehearsed(self, deeds: Sequence[Deed]) -> tuple[list[Deed], list[Any]]:
        await asyncio.to_thread(self.desk.deeds.check_export, self._kind, self._path())
        return list(deeds), [{}]

    async def preview(self, answers: Sequence[Any]) -> Preview:
        return Preview(runs=1)

    def sentence(self, preview: Preview) -> Sequence[Piece]:
        if preview.problem:
            return super().sentence(preview)
        over = " over the file that is there" if Path(self._path()).exists() else ""
        return [(f"   This will write them{over}, ", palette.BOLD), ("with all that is secret in them.", palette.WARN)]

    async def carry_out(self, deed: Deed) -> Any:
        try:
            return {"count": await asyncio.to_thread(self.desk.deeds.export_settings, self._kind, self._path())}
        except (TuiflowError, OSError) as err:
            self.desk.toast(str(err))
            return None

    def done(self, _preview: Preview, answers: Sequence[Any]) -> str:
        count = answers[0]["count"]
        return f"wrote {count} {self._kind}{'s' * (count != 1)} to {self._path()}"
