"""Let tasks run again: which ones, in which runs, with which code."""

from __future__ import annotations

from collections.abc import Sequence

from textual.widget import Widget

from tui_flow.tui.forms import Choices
from tui_flow.tui.places import Place
from tui_flow.tui.sheets.asking import AskingSheet
from tui_flow.tui.views.deeds import CLEAR_WHAT, REACH, ClearChoice, Deed, TaskKey, about_runs, clear_deeds


class ClearSheet(AskingSheet):
    VERB = "run again"
    DONE = "cleared"

    def __init__(self, place: Place, keys: Sequence[TaskKey] = (), run_ids: Sequence[str] = ()) -> None:
        super().__init__()
        self._place, self._keys, self._run_ids = place, keys, run_ids or (place.run_id,)
        tasks = sorted({key[1] for key in keys})
        what = ", ".join(tasks[:3]) + (f" and {len(tasks) - 3} more" if len(tasks) > 3 else "")
        self.TITLE = (
            f"Clear and run again: {what or place.dag_id} · {about_runs(place.run_id, run_ids, self.desk.is_utc)}"
        )

    def fields(self) -> Sequence[Widget]:
        first = 0 if self._keys else 2
        return (
            Choices("What", CLEAR_WHAT, (first,), id="clear-what"),
            Choices("Runs", REACH, id="clear-reach"),
            Choices("Also", ("what comes before", "the code that the run had"), (), many=True, id="clear-also"),
        )

    def deeds(self) -> Sequence[Deed]:
        what, reach, also = (self.query_one(f"#clear-{name}", Choices) for name in ("what", "reach", "also"))
        place = self._place
        return clear_deeds(
            ClearChoice(
                place.dag_id, place.run_id, self._keys, what.index, reach.index, also.has(0), also.has(1), self._run_ids
            )
        )
