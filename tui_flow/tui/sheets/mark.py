"""Give tasks, or a run, a state by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.widget import Widget

from tui_flow.tui.forms import Choices
from tui_flow.tui.places import Place
from tui_flow.tui.sheets.asking import AskingSheet
from tui_flow.tui.views.deeds import Deed, Preview, TaskKey, about_runs, about_tasks
from tui_flow.tui.views.reach import MARK_STATES, MarkChoice, mark_also_words, mark_deeds, these_words, whole_words


class MarkSheet(AskingSheet):
    VERB = "change"
    DONE = "marked"

    def __init__(self, place: Place, keys: Sequence[TaskKey] = (), run_ids: Sequence[str] = ()) -> None:
        super().__init__()
        self._place, self._keys, self._run_ids = place, keys, run_ids or (place.run_id,)
        self._chosen_runs = list(dict.fromkeys(run for run, _, _ in keys)) or [*self._run_ids]
        about = about_runs(place.run_id, self._chosen_runs, self.desk.is_utc)
        self.TITLE = f"Mark {about_tasks(keys) or 'the whole run'} · {about}"

    def fields(self) -> Sequence[Widget]:
        whole = whole_words(len(self._run_ids))
        what = (these_words(len(self._keys)), whole) if self._keys else (whole,)
        states = [str(state) for state in MARK_STATES]
        return (
            Choices("What", what, id="mark-what"),
            Choices("State", states, id="mark-state"),
            Choices("Also", mark_also_words(None), (), many=True, id="mark-also"),
        )

    def deeds(self) -> Sequence[Deed]:
        what, state, also = (self.query_one(f"#mark-{name}", Choices) for name in ("what", "state", "also"))
        keys = self._keys if what.index == 0 else ()
        place = self._place
        return mark_deeds(
            MarkChoice(place.dag_id, place.run_id, keys, state.index, frozenset(also.chosen), self._run_ids)
        )

    def done(self, preview: Preview, answers: Sequence[Any]) -> str:
        return f"{super().done(preview, answers)}; u takes it back"

    async def count(self) -> None:
        """Say beside later and earlier runs how many there are."""
        place, chosen = self._place, self._chosen_runs
        beside = await self.desk.feed.read(lambda reader: reader.runs_beside(place.dag_id, chosen))
        self.query_one("#mark-also", Choices).say(mark_also_words(beside))
