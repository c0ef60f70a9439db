"""End tasks that run, or a whole run."""

from __future__ import annotations

from collections.abc import Sequence

from textual.widget import Widget

from tui_flow.tui.forms import Choices
from tui_flow.tui.places import Place
from tui_flow.tui.sheets.asking import AskingSheet
from tui_flow.tui.views.deeds import Deed, TaskKey, about_runs, about_tasks, stop_deeds
from tui_flow.tui.views.reach import these_words, whole_words


class StopSheet(AskingSheet):
    VERB = "end"
    DONE = "told to end"
    SKIPS_REFUSED = True

    def __init__(self, place: Place, keys: Sequence[TaskKey] = (), run_ids: Sequence[str] = ()) -> None:
        super().__init__()
        self._place, self._keys, self._run_ids = place, keys, run_ids or (place.run_id,)
        about = about_runs(place.run_id, run_ids, self.desk.is_utc)
        self.TITLE = f"Stop {about_tasks(keys) or 'the whole run'} · {about}"

    def fields(self) -> Sequence[Widget]:
        if not self._keys:
            return ()
        return (Choices("What", (these_words(len(self._keys)), whole_words(len(self._run_ids))), id="stop-what"),)

    def deeds(self) -> Sequence[Deed]:
        whole = not self._keys or self.query_one("#stop-what", Choices).index == 1
        return stop_deeds(self._place.dag_id, self._run_ids, () if whole else self._keys)
