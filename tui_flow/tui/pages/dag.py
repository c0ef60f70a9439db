"""One DAG: its runs and tasks as a grid, its diagram, its runs, its source, what is known of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from tui_flow.tui.keys import bindings
from tui_flow.tui.pages.diagram_pane import DiagramPane
from tui_flow.tui.pages.grid_pane import GridPane
from tui_flow.tui.pages.info_pane import InfoPane
from tui_flow.tui.pages.runs_pane import RunsPane
from tui_flow.tui.pages.source_pane import SourcePane
from tui_flow.tui.pages.stats_pane import StatsPane
from tui_flow.tui.tabbed import Pane, TabbedPage


class DagPage(TabbedPage):
    NAME = "dag"
    PANES: ClassVar[Mapping[str, Callable[[], Pane]]] = {
        "grid": GridPane,
        "diagram": DiagramPane,
        "runs": RunsPane,
        "source": SourcePane,
        "info": InfoPane,
        "stats": StatsPane,
    }
    BINDINGS = bindings("diagram", "runs", "source", "info")

    def crumbs(self) -> Sequence[str]:
        return ("DAGs", self.place.dag_id)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The tab that is seen has no key of its own, but for the diagram's, which turns it into an outline."""
        return action not in ("runs", "source", "info") or action != self.place.tab

    def action_diagram(self) -> None:
        self.turn_to("diagram")

    def action_runs(self) -> None:
        self.turn_to("runs")

    def action_source(self) -> None:
        self.turn_to("source")

    def action_info(self) -> None:
        self.turn_to("info")
