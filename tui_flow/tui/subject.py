"""Keys that open a sheet about what is chosen on a page or pane: tasks and runs, or a DAG.

Parts of a `PlacePanel`: name them after it in the list of bases.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from tui_flow.errors import TuiflowError
from tui_flow.records import Dag
from tui_flow.tui.desk import Desk
from tui_flow.tui.pauses import Pausing, pause_or_let_go_on
from tui_flow.tui.places import Place
from tui_flow.tui.views.deeds import TaskKey


@dataclass(frozen=True, slots=True)
class Subject:
    dag_id: str
    run_id: str
    tasks: Sequence[TaskKey] = ()
    """Empty: all of the run."""
    run_ids: Sequence[str] = ()
    """Where several runs are chosen."""


def one_at_a_time(dag_ids: Collection[str]) -> str:
    """Why a deed on one DAG is not done on all of these; empty: they are not several."""
    if len(dag_ids) < 2:
        return ""
    return f"this is done to one DAG at a time, and the marks are on {len(dag_ids)}: esc takes the marks away"


def place_of(subject: Subject | None, place: Place) -> Place:
    """Of the first task or run that is chosen, else the place itself."""
    if subject is None:
        return place
    run_id, task_id, map_index = subject.tasks[0] if subject.tasks else (subject.run_id, "", -1)
    return replace(place, dag_id=subject.dag_id, run_id=run_id, task_id=task_id, map_index=map_index)


class TaskDeeds:
    NO_SUBJECT = "there is no run to act on yet"

    @property
    def desk(self) -> Desk:
        raise NotImplementedError

    def subject(self) -> Subject | None:
        """None, and NO_SUBJECT is said, where there is nothing."""
        raise NotImplementedError

    def refusal(self) -> str:
        """Why nothing is done with what is marked; empty: it is."""
        return ""

    async def _sheet(self, sheet: str, with_tasks: bool = True) -> None:
        if refusal := self.refusal():
            self.desk.toast(refusal)
            return
        subject = self.subject()
        if subject is None:
            self.desk.toast(self.NO_SUBJECT)
            return
        tasks = tuple(subject.tasks) if with_tasks else ()
        place = Place("run", subject.dag_id, subject.run_id)
        await self.desk.open_sheet(sheet, place, tasks, tuple(subject.run_ids))

    async def action_clear(self) -> None:
        await self._sheet("clear")

    async def action_mark_state(self) -> None:
        await self._sheet("mark")

    async def action_stop(self) -> None:
        await self._sheet("stop")

    async def action_stop_run(self) -> None:
        await self._sheet("stop", with_tasks=False)

    async def action_note(self) -> None:
        await self._sheet("note")


class DagDeeds:
    place: Place

    @property
    def desk(self) -> Desk:
        raise NotImplementedError

    def dag_id(self) -> str:
        """Empty: none is chosen."""
        return self.place.dag_id

    def dag(self) -> Dag | None:
        """What was read of it last; None: it is read when it is needed."""
        return None

    def pausing(self) -> Pausing | None:
        """What is being paused, where the page shows that."""
        return None

    def show_pausing(self) -> None:
        """Draws it anew: it is paused, or goes on."""

    async def action_trigger(self) -> None:
        if dag_id := self.dag_id():
            await self.desk.open_sheet("trigger", [dag_id])

    async def action_backfill(self) -> None:
        if dag_id := self.dag_id():
            await self.desk.open_sheet("backfill", dag_id)

    async def action_pause(self) -> None:
        if (dag := self.dag() or await self._read_dag()) is not None:
            await pause_or_let_go_on(self.desk, [dag], self.pausing(), self.show_pausing)

    async def _read_dag(self) -> Dag | None:
        if not (dag_id := self.dag_id()):
            return None
        try:
            return await self.desk.feed.read(lambda reader: reader.dag(dag_id))
        except TuiflowError as err:
            self.desk.toast(str(err))
            return None
