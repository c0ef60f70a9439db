"""Write a note on a run, on several, or on tasks of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.widget import Widget

from tui_flow.store.reader import Reader
from tui_flow.tui import palette
from tui_flow.tui.forms import Field
from tui_flow.tui.places import Place
from tui_flow.tui.sheets.asking import AskingSheet
from tui_flow.tui.text import Piece
from tui_flow.tui.views.deeds import Deed, Preview, TaskKey, about_runs, about_tasks, note_deeds


class NoteSheet(AskingSheet):
    HINTS = ("open", "back")

    def __init__(self, place: Place, keys: Sequence[TaskKey] = (), run_ids: Sequence[str] = ()) -> None:
        super().__init__()
        self._place, self._keys, self._run_ids = place, keys, run_ids or (place.run_id,)
        about = about_runs(place.run_id, run_ids, self.desk.is_utc)
        self.TITLE = f"Note on {about_tasks(keys)} · {about}" if keys else f"Note on {about}"

    def fields(self) -> Sequence[Widget]:
        return (Field("note", "note", hint="empty: no note"),)

    @property
    def _field(self) -> Field:
        return self.query_one("#field-note", Field)

    async def on_mount(self) -> None:
        """One note that is there already is there to be changed."""
        place, keys = self._place, self._keys
        if len(keys or self._run_ids) == 1:
            self._field.value = await self.desk.feed.read(lambda reader: _note(reader, place, keys))

    def deeds(self) -> Sequence[Deed]:
        return note_deeds(self._place.dag_id, self._run_ids, self._keys, self._field.value.strip())

    async def preview(self, answers: Sequence[Any]) -> Preview:
        return Preview(runs=len(answers))

    def sentence(self, preview: Preview) -> Sequence[Piece]:
        if preview.problem:
            return super().sentence(preview)
        what = "write the note" if self._field.value.strip() else "leave no note"
        return [(f"Enter will {what}.", palette.DIM)]

    def done(self, _preview: Preview, answers: Sequence[Any]) -> str:
        return "noted" if any(answer.get("note") for answer in answers) else "the note is gone"


def _note(reader: Reader, place: Place, keys: Sequence[TaskKey]) -> str:
    run = reader.run(place.dag_id, keys[0][0] if keys else place.run_id)
    if run is None:
        return ""
    if not keys:
        return run.note or ""
    _, task_id, map_index = keys[0]
    tis = reader.task_instances(run.id, [task_id])
    return next((ti.note or "" for ti in tis if ti.map_index == map_index), "")
