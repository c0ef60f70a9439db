"""What is kept of diagrams that were drawn."""

from __future__ import annotations

from dataclasses import replace

from tests.unit.planner.dsl import dag_of
from tui_flow.graph.layout import LABEL_WIDTHS, layout
from tui_flow.spec import GroupSpec
from tui_flow.tui.views.diagram import Drawings

SPEC = dag_of("first >> [one, two] >> last", dag_id="etl")
GROUPED = replace(
    SPEC,
    tasks=tuple(replace(task, group="g") if task.task_id in ("one", "two") else task for task in SPEC.tasks),
    groups=(GroupSpec("g"),),
)


def test_a_drawing_is_what_is_laid_out_and_is_kept() -> None:
    drawings = Drawings()
    whole, folded = (drawings.graph(GROUPED, groups) for groups in (frozenset[str](), frozenset({"g"})))
    assert len(whole.nodes) == 4 and len(folded.nodes) == 3
    assert drawings.graph(GROUPED, frozenset()) is whole
    for graph in (whole, folded):
        for zoom, width in enumerate(LABEL_WIDTHS):
            drawn = drawings.zoomed(graph, zoom)
            assert (drawn.boxes, drawn.cells) == (layout(graph, width).boxes, layout(graph, width).cells)
            assert drawings.zoomed(graph, zoom) is drawn


def test_few_are_kept_and_another_version_is_another_drawing() -> None:
    drawings = Drawings()
    first = drawings.graph(GROUPED, frozenset())
    other = drawings.graph(replace(GROUPED, tasks=GROUPED.tasks[:1], groups=()), frozenset())
    assert len(other.nodes) == 1
    drawn = drawings.zoomed(first, 0)
    for nth in range(Drawings.MOST):
        drawings.zoomed(drawings.graph(dag_of(f"a >> b{nth}"), frozenset()), 0)
    assert drawings.zoomed(first, 0) is not drawn
