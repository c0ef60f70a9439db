"""A DAG's outline: how each node stands, at the right."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from tests.unit.planner.dsl import dag_of
from tui_flow.graph.model import graph_of
from tui_flow.graph.outline import outline
from tui_flow.state import TaskState
from tui_flow.tui.palette import Palette
from tui_flow.tui.views.diagram import STANDS, DiagramModel, outline_row

AT = datetime(2026, 11, 20, 2, tzinfo=UTC)


def lines(model: DiagramModel, width: int) -> list[str]:
    graph = graph_of(model.spec, frozenset())
    rows = [outline_row(row, graph, model, Palette(), AT, width) for row in outline(graph)]
    return ["".join(text for text, _ in row.pieces) for row in rows]


def test_says_how_many_went_well_and_how_long_they_took() -> None:
    counts = {
        "a": Counter({TaskState.SUCCESS: 1}),
        "b": Counter({TaskState.SUCCESS: 9, TaskState.FAILED: 1}),
        "c": Counter({TaskState.RUNNING: 1}),
    }
    spans = {
        "a": (AT - timedelta(seconds=9), AT - timedelta(seconds=5)),
        "b": (AT - timedelta(seconds=83), AT - timedelta(seconds=5)),
        "c": (AT - timedelta(seconds=30), None),
    }
    model = DiagramModel(dag_of("a >> b >> c >> d"), counts=counts, spans=spans)
    for width in (79, 119):
        shown = lines(model, width)
        assert [line[width - STANDS :].strip() for line in shown] == ["✓ 4s", "✗ 9/10  1m 18s", "» 30s", ""]
        assert all(len(line) <= width for line in shown)


def test_what_a_node_waits_for_is_cut_before_how_it_stands() -> None:
    text = "; ".join(f"task_with_a_long_name_{nth} >> z" for nth in range(2))
    model = DiagramModel(dag_of(text), counts={"z": Counter({TaskState.SUCCESS: 1})})
    assert any("…" in line and line.endswith("✓ ") for line in lines(model, 60))
