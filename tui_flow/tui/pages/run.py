"""One run: its tasks with their bars on a time scale, what happened to it, what it was given and what it made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from tui_flow.store.reader import Reader
from tui_flow.tui.keys import bindings
from tui_flow.tui.pages.run_events_pane import EventsPane
from tui_flow.tui.pages.run_info_pane import RunInfoPane
from tui_flow.tui.pages.task_pane import TaskPane
from tui_flow.tui.pages.tasks_pane import TasksPane
from tui_flow.tui.places import Place
from tui_flow.tui.tabbed import Pane, TabbedPage
from tui_flow.tui.views.run_names import run_name


class RunPage(TabbedPage):
    NAME = "run"
    PANES: ClassVar[Mapping[str, Callable[[], Pane]]] = {
        "tasks": TasksPane,
        "task": TaskPane,
        "events": EventsPane,
        "info": RunInfoPane,
    }
    BINDINGS = bindings("earlier", "later", "info", "task", "diagram", "compare")

    def crumbs(self) -> Sequence[str]:
        return ("DAGs", self.place.dag_id, run_name(self.place.run_id, self.desk.is_utc))

    def is_at(self, place: Place) -> bool:
        """A run is all in the database; other pages with tabs show files too, and are read at each visit."""
        return self.place == self.with_tab(place)

    def _beside(self, run_id: str | None, where: str) -> None:
        if run_id is None:
            self.desk.toast(f"there is no {where} run")
        else:
            self.desk.go_beside(replace(self.place, run_id=run_id))

    async def _turn_over(self, nth: int, where: str) -> None:
        place = self.place
        self._beside((await self.desk.feed.read(lambda reader: neighbours(reader, place)))[nth], where)

    async def action_earlier(self) -> None:
        await self._turn_over(0, "earlier")

    async def action_later(self) -> None:
        await self._turn_over(1, "later")

    def turn_to(self, name: str) -> None:
        """The task under the cursor of the list is the one that the other tabs are about."""
        if isinstance(pane := self.pane, TasksPane):
            self.place = pane.place_at_cursor()
        self.desk.go_beside(replace(self.place, tab=name))

    def action_info(self) -> None:
        self.turn_to("info")

    def action_diagram(self) -> None:
        """Of the DAG as this run has it."""
        self.desk.go(Place("dag", self.place.dag_id, self.place.run_id, tab="diagram"))

    async def action_compare(self) -> None:
        await self.desk.open_sheet("compare", self.place.dag_id, self.place.run_id)

    def action_task(self) -> None:
        self.turn_to("task")


def neighbours(reader: Reader, place: Place) -> tuple[str | None, str | None]:
    """Run ids of the runs before and after a run."""
    run = reader.run(place.dag_id, place.run_id)
    if run is None:
        return None, None
    earlier, later = reader.previous_run(run), reader.next_run(run)
    return earlier.run_id if earlier else None, later.run_id if later else None
