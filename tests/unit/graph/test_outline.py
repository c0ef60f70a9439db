"""The outline: every node once, after what is upstream of it, and words only where the place does not say it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.graph.graphs import etl, fan, graph, random_graph
from tui_flow.graph.model import Graph
from tui_flow.graph.outline import outline, waits_text


def text(drawn: Graph) -> list[str]:
    """The outline as people read it, every task with the sign of one that has not run."""
    lines = []
    for row in outline(drawn):
        node = drawn.nodes[row.node]
        name = f"{node.id} ▸ {len(node.members)} tasks" if node.is_group else node.label
        waits = waits_text(row, drawn)
        lines.append(f"{row.prefix}· {name}" + (f"  ⇠ {waits}" if waits else ""))
    return lines


def test_fan() -> None:
    assert text(fan(4)) == [
        "· list_files",
        "├─· parse_00",
        "├─· parse_01",
        "├─· parse_02",
        "╰─· parse_03",
        "· merge  ⇠ all 4 above",
    ]


def test_etl() -> None:
    assert text(etl()) == [
        "· start",
        "├─· check_disk",
        "╰─· load_config",
        "  ├─· extract.orders",
        "  │ · land.orders",
        "  │ · clean.orders",
        "  ╰─· extract.refunds",
        "    ├─· land.refunds",
        "    │ · clean.refunds",
        "    ╰─· notify_fail",
        "· extract.items  ⇠ load_config, check_disk",
        "· land.items",
        "· clean.items",
        "· extract.users  ⇠ load_config, check_disk",
        "· land.users",
        "· clean.users",
        "· facts.visits",
        "· facts.sales  ⇠ clean.orders, clean.items +1",
        "· publish  ⇠ facts.sales, facts.visits",
    ]


def test_a_chain_of_thousands_is_no_trouble() -> None:
    names = [f"t{index}" for index in range(5000)]
    rows = outline(graph(list(zip(names, names[1:], strict=False))))
    assert [row.node for row in rows] == names
    assert {row.prefix for row in rows} == {""}


@given(st.integers(0, 2**32))
def test_every_node_once_after_its_upstream_nodes(seed: int) -> None:
    drawn = random_graph(seed)
    place = {row.node: index for index, row in enumerate(outline(drawn))}
    assert place.keys() == drawn.nodes.keys()
    assert all(place[start] < place[end] for start, end in drawn.edges)


@given(st.integers(0, 2**32))
def test_words_say_exactly_what_a_join_waits_for(seed: int) -> None:
    drawn = random_graph(seed)
    for row in outline(drawn):
        upstream = drawn.reduced.upstream[row.node]
        assert row.waits_for in ((), upstream)
        assert len(upstream) < 2 or row.waits_for
