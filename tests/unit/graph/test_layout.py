"""Drawn DAGs: every line is an edge and every edge a line, for any DAG."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.unit.graph.graphs import etl, fan, graph, random_graph, stages, tangle
from tests.unit.graph.tracing import ambiguous_cells, edges_drawn, touched_by
from tui_flow.graph.layout import LABEL_WIDTHS, layout
from tui_flow.graph.model import Graph, reached
from tui_flow.graph.paint import paint, paint_row

SEEDS = st.integers(0, 2**32)


def picture(drawn: Graph, label_width: int = 28, is_ascii: bool = False) -> str:
    return "\n".join(paint(layout(drawn, label_width), lambda _node: "o", is_ascii))


def test_diamond() -> None:
    drawn = graph([("start", "left"), ("start", "right"), ("left", "join"), ("right", "join")])
    assert picture(drawn) == "o start─┬─▸o left──┬─▸o join\n        ╰─▸o right─╯"


def test_fan() -> None:
    assert picture(fan(5)).splitlines() == [
        "             ╭─▸o parse_00─╮",
        "             ├─▸o parse_01─┤",
        "o list_files─┼─▸o parse_02─┼─▸o merge",
        "             ├─▸o parse_03─┤",
        "             ╰─▸o parse_04─╯",
    ]


def test_fan_takes_no_more_rows_than_tasks() -> None:
    assert layout(fan(20)).height == 20


def test_signs_only() -> None:
    assert picture(fan(3), 0).splitlines() == ["   ╭─▸o ─╮", "o ─┼─▸o ─┼─▸o", "   ╰─▸o ─╯"]


def test_ascii() -> None:
    assert picture(fan(2), is_ascii=True).isascii()


def test_etl() -> None:
    assert edges_drawn(layout(etl())) == set(etl().reduced.edges)


def test_a_label_too_long_is_cut() -> None:
    drawn = layout(graph([("a" * 40, "b")]), 12)
    assert paint(drawn, lambda _node: "o") == ["o aaaaaaaaaaa…──▸o b"]


def test_no_nodes_draw_nothing() -> None:
    assert paint(layout(graph([])), lambda _node: "o") == []


@given(SEEDS)
def test_nets_meet_only_in_crossings_or_at_a_common_end(seed: int) -> None:
    assert not ambiguous_cells(layout(random_graph(seed)))


@given(SEEDS, st.booleans(), st.booleans())
def test_lines_lead_from_task_to_task_where_there_is_an_edge_and_nowhere_else(
    seed: int, reduce: bool, is_ascii: bool
) -> None:
    drawn = layout(random_graph(seed, 40), reduce=reduce)
    assert edges_drawn(drawn, is_ascii) == set(drawn.graph.edges)


@given(SEEDS, st.integers(2, 7), st.booleans())
def test_lines_tell_who_waits_for_whom_where_tasks_share_some(seed: int, most: int, reduce: bool) -> None:
    drawn = layout(tangle(seed, most), reduce=reduce)
    assert edges_drawn(drawn) == set(drawn.graph.edges)


def test_nets_that_share_a_part_of_their_ends_stay_apart() -> None:
    shared = graph([("a", "x"), ("a", "y"), ("b", "y"), ("b", "z"), ("c", "z"), ("c", "x"), ("d", "x"), ("d", "z")])
    assert edges_drawn(layout(shared)) == set(shared.edges)


@given(SEEDS)
def test_every_net_joins_all_of_its_nodes_and_no_others(seed: int) -> None:
    drawn = layout(random_graph(seed))
    assert {edge for net in drawn.nets for edge in net} == set(drawn.graph.edges)
    for number, edges in enumerate(drawn.nets):
        assert touched_by(drawn, number) <= {node for edge in edges for node in edge}


@given(SEEDS)
def test_where_tasks_share_all_or_nothing_a_line_says_just_its_edges(seed: int) -> None:
    drawn = layout(stages(seed))
    assert edges_drawn(drawn) == set(drawn.graph.edges)


@given(SEEDS)
def test_reduction_keeps_what_can_be_reached(seed: int) -> None:
    whole = random_graph(seed)
    for node in whole.nodes:
        assert reached([node], whole.downstream) == reached([node], whole.reduced.downstream)


@given(SEEDS, st.sampled_from(LABEL_WIDTHS))
def test_the_same_graph_gets_the_same_places(seed: int, label_width: int) -> None:
    one, other = (layout(random_graph(seed), label_width) for _ in range(2))
    assert (one.boxes, one.cells) == (other.boxes, other.cells)


@given(SEEDS, st.integers(0, 60), st.integers(1, 60))
def test_a_window_shows_a_part_of_the_picture(seed: int, first: int, width: int) -> None:
    drawn = layout(random_graph(seed, 20))
    rows = paint(drawn, lambda _node: "o")
    for y, row in enumerate(rows):
        shown = "".join(ink.text for ink in paint_row(drawn, y, lambda _node: "o", False, first, first + width))
        assert shown.rstrip() == row[first : first + width].rstrip()


@pytest.mark.parametrize("nodes", [1, 2, 7])
def test_nodes_without_edges_stand_below_each_other(nodes: int) -> None:
    assert layout(graph([], [f"t{index}" for index in range(nodes)])).height == nodes


def labelled(labels: dict[tuple[str, str], str]) -> Graph:
    plain = graph([("a", "b"), ("a", "c"), ("b", "d"), ("c", "d"), ("a", "d")])
    return Graph(plain.nodes, plain.edges, labels)


def test_labels_stand_on_the_lines_of_their_edges() -> None:
    drawn = labelled({("a", "b"): "many", ("a", "c"): "few of them", ("b", "d"): "b only"})
    assert picture(drawn) == "o a─┬────────many─▸o b─b only─┬─▸o d\n    ╰─few of them─▸o c────────╯"
    assert picture(drawn, 6) == picture(labelled({}), 6)
    assert picture(drawn, is_ascii=True).isascii()


def test_a_line_of_edges_with_different_labels_has_none() -> None:
    both = labelled({("b", "d"): "left", ("c", "d"): "right"})
    assert "left" in picture(both) and "right" in picture(both)
    drawn = graph([("a", "c"), ("a", "d"), ("b", "c"), ("b", "d")])
    assert "one" not in picture(Graph(drawn.nodes, drawn.edges, {("a", "c"): "one", ("b", "d"): "one"}))


def test_an_implied_edge_with_a_label_is_drawn() -> None:
    drawn = labelled({("a", "d"): "at once"})
    assert ("a", "d") in layout(drawn).graph.edges and ("a", "d") not in layout(labelled({})).graph.edges


@pytest.mark.parametrize("first", range(0, 34, 3))
def test_a_window_cuts_labels_as_everything_else(first: int) -> None:
    drawn = layout(labelled({("a", "b"): "名前 many", ("a", "c"): "few"}))
    row = "".join(ink.text for ink in paint_row(drawn, 0, lambda _node: "o"))
    seen = "".join(ink.text for ink in paint_row(drawn, 0, lambda _node: "o", first=first, last=first + 6))
    if row.isascii():
        assert seen == row[first : first + 6]
    assert cell_len(seen) <= 6
