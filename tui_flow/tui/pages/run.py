"""One run: its tasks with their bars on a time scale, what they wait for, and the end of a log."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from tui_flow.tui.keys import bindings
from tui_flow.tui.pages.tasks_pane import TasksPane
from tui_flow.tui.tabbed import Pane, TabbedPage


class RunPage(TabbedPage):
    NAME = "run"
    PANES: ClassVar[Mapping[str, Callable[[], Pane]]] = {"tasks": TasksPane}
    BINDINGS = bindings("earlier", "later", "info")

    def crumbs(self) -> Sequence[str]:
        return ("DAGs", self.place.dag_id, self.place.run_id)

    def _beside(self, run_id: str | None, where: str) -> None:
        if run_id is None:
            self.desk.toast(f"there is no {where} run")
        else:
            self.desk.go_beside(replace(self.place, run_id=run_id))

    def _neighbours(self) -> tuple[str | None, str | None]:
        tasks = self.query_one("#tasks", TasksPane)
        return tasks.neighbours()

    def action_earlier(self) -> None:
        self._beside(self._neighbours()[0], "earlier")

    def action_later(self) -> None:
        self._beside(self._neighbours()[1], "later")
