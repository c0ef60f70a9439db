"""Let tasks run again: which ones, in which runs, with which code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from textual.widget import Widget

from tui_flow import times
from tui_flow.errors import TuiflowError
from tui_flow.records import DagFile, RunsBeside
from tui_flow.store.reader import Reader
from tui_flow.tui.forms import Choices
from tui_flow.tui.places import Place
from tui_flow.tui.sheets.asking import AskingSheet
from tui_flow.tui.views import spans
from tui_flow.tui.views.deeds import Deed, Preview, TaskKey, about_runs, about_tasks, tasks_in
from tui_flow.tui.views.reach import (
    ALL,
    CLEAR_WHAT,
    EARLIER,
    LATER,
    WITHOUT_TASKS,
    ClearChoice,
    clear_deeds,
    reach_words,
    what_words,
)

COUNTED = 20
"""In so many runs what each choice would clear is counted; in more only what is chosen is."""


class ClearSheet(AskingSheet):
    VERB = "run again"
    DONE = "cleared"

    def __init__(self, place: Place, keys: Sequence[TaskKey] = (), run_ids: Sequence[str] = ()) -> None:
        super().__init__()
        self._place, self._keys, self._run_ids = place, keys, run_ids or (place.run_id,)
        self._chosen_runs = list(dict.fromkeys(run for run, _, _ in keys)) or [*self._run_ids]
        self._beside: RunsBeside | None = None
        self._n_chosen = 0
        """Task instances that the last dry run would clear."""
        about = about_runs(place.run_id, self._chosen_runs, self.desk.is_utc)
        self.TITLE = f"Clear and run again: {about_tasks(keys) or place.dag_id} · {about}"

    def fields(self) -> Sequence[Widget]:
        return (
            Choices("What", what_words({}, bool(self._keys)), id="clear-what"),
            Choices("Runs", reach_words(len(self._chosen_runs), None), id="clear-reach"),
            Choices("Also", ("what comes before", "the code that the run had"), (), many=True, id="clear-also"),
        )

    def _choice(self) -> ClearChoice:
        what, reach, also = (self.query_one(f"#clear-{name}", Choices) for name in ("what", "reach", "also"))
        place, first = self._place, 0 if self._keys else WITHOUT_TASKS
        return ClearChoice(
            place.dag_id,
            place.run_id,
            self._keys,
            first + what.index,
            reach.index,
            also.has(0),
            also.has(1),
            self._run_ids,
        )

    def deeds(self) -> Sequence[Deed]:
        return clear_deeds(self._choice())

    async def preview(self, answers: Sequence[Any]) -> Preview:
        """With when the code was read that runs."""
        self._n_chosen = len(tasks_in(answers))
        found = await super().preview(answers)
        if not found.note or self._choice().same_version:
            return found
        dag_id = self._place.dag_id

        def read(reader: Reader) -> DagFile | None:
            dag = reader.dag(dag_id)
            return reader.file(dag.file) if dag is not None else None

        file = await self.desk.feed.read(read)
        at = f", file read {spans.clock(file.parsed_at, times.now(), self.desk.is_utc)}" if file is not None else ""
        broken = "; the file is broken since" if file is not None and file.error else ""
        return replace(found, note=found.note + at + broken)

    async def count(self) -> None:
        """Say beside each choice what it brings."""
        chosen = self._chosen_runs
        if self._beside is None:
            self._beside = await self.desk.feed.read(lambda reader: reader.runs_beside(self._place.dag_id, chosen))
            self.query_one("#clear-reach", Choices).say(reach_words(len(chosen), self._beside))
        choice, beside = self._choice(), self._beside
        reached = len(chosen) + {LATER: beside.later, EARLIER: beside.earlier, ALL: beside.others}.get(choice.reach, 0)
        counts: dict[int, int] = {}
        if reached <= COUNTED:
            wanted = range(0 if self._keys else WITHOUT_TASKS, len(CLEAR_WHAT))
            others = {what: await self._count_of(replace(choice, what=what)) for what in wanted if what != choice.what}
            is_refused = self._preview is None or bool(self._preview.problem)
            counts = others | {choice.what: 0 if is_refused else self._n_chosen}
        self.query_one("#clear-what", Choices).say(what_words(counts, bool(self._keys)))

    async def _count_of(self, choice: ClearChoice) -> int:
        try:
            return len(tasks_in([await self.desk.rehearse(deed.verb, **deed.args) for deed in clear_deeds(choice)]))
        except TuiflowError:  # what is wrong is said when it is chosen
            return 0
