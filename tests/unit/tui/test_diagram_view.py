"""What is kept of diagrams that were drawn."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from tests.unit.planner.dsl import dag_of
from tui_flow.graph.layout import LABEL_WIDTHS, layout
from tui_flow.graph.model import graph_of
from tui_flow.spec import GroupSpec
from tui_flow.state import TaskState
from tui_flow.tui.palette import Palette
from tui_flow.tui.views.diagram import DiagramModel, Drawings, failing_member, said, to_see_first

SPEC = dag_of("first >> [one, two] >> last", dag_id="etl")
GROUPED = replace(
    SPEC,
    tasks=tuple(replace(task, group="g") if task.task_id in ("one", "two") else task for task in SPEC.tasks),
    groups=(GroupSpec("g"),),
)


def test_a_drawing_is_what_is_laid_out_and_is_kept() -> None:
    drawings = Drawings()
    whole, folded = (drawings.graph(DiagramModel(GROUPED), groups) for groups in (frozenset[str](), frozenset({"g"})))
    assert len(whole.nodes) == 4 and len(folded.nodes) == 3
    assert drawings.graph(DiagramModel(GROUPED), frozenset()) is whole
    for graph in (whole, folded):
        for zoom, width in enumerate(LABEL_WIDTHS):
            drawn = drawings.zoomed(graph, zoom)
            assert (drawn.boxes, drawn.cells) == (layout(graph, width).boxes, layout(graph, width).cells)
            assert drawings.zoomed(graph, zoom) is drawn


def test_few_are_kept_and_another_version_is_another_drawing() -> None:
    drawings = Drawings()
    first = drawings.graph(DiagramModel(GROUPED), frozenset())
    other = drawings.graph(DiagramModel(replace(GROUPED, tasks=GROUPED.tasks[:1], groups=())), frozenset())
    assert len(other.nodes) == 1
    drawn = drawings.zoomed(first, 0)
    for nth in range(Drawings.MOST):
        drawings.zoomed(drawings.graph(DiagramModel(dag_of(f"a >> b{nth}")), frozenset()), 0)
    assert drawings.zoomed(first, 0) is not drawn


def test_of_a_group_it_is_said_what_failed_in_it_and_what_that_blocks() -> None:
    spec = dag_of("a >> [b, c] >> d")
    tasks = tuple(replace(task, group="g") if task.task_id in ("b", "c") else task for task in spec.tasks)
    spec = replace(spec, tasks=tasks, groups=(GroupSpec("g"),), edge_labels={"a>b": "some\x1b[2J"})
    states = {"a": TaskState.SUCCESS, "b": TaskState.SUCCESS, "c": TaskState.FAILED, "d": TaskState.UPSTREAM_FAILED}
    model = DiagramModel(spec, counts={task_id: Counter({state: 1}) for task_id, state in states.items()})
    graph = graph_of(spec, {"g"})

    assert to_see_first(graph, model) == "g" and failing_member(model, graph.nodes["g"]) == "c"
    first, second = ("".join(text for text, _ in line) for line in said(graph, "g", model, Palette()))
    assert "1 success  1 failed: c" in first
    assert "upstream 1 task   downstream 1 task   blocks 1 task" in second and "a to here: some" in second
    assert "\x1b" not in second
    nothing_failed = DiagramModel(spec, counts={"d": Counter({TaskState.RUNNING: 1})})
    assert to_see_first(graph, nothing_failed) == "d" and to_see_first(graph, DiagramModel(spec)) == "a"
    assert failing_member(nothing_failed, graph.nodes["g"]) is None
