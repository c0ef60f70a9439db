"""From a DAG to what is drawn of it: folded groups, and groups that cannot be folded."""

from __future__ import annotations

from dataclasses import replace

from tests.unit.planner.dsl import dag_of
from tui_flow.graph.model import folded_at_first, graph_of, reached
from tui_flow.spec import DagSpec, GroupSpec, TaskSpec

ETL = DagSpec(
    "etl",
    "etl.py",
    tasks=(
        TaskSpec("start"),
        TaskSpec("g.a", upstream=("start",), group="g"),
        TaskSpec("g.h.b", upstream=("g.a",), group="g.h", mapped={"kind": "expand"}),
        TaskSpec("end", upstream=("g.h.b",)),
    ),
    groups=(GroupSpec("g"), GroupSpec("g.h", parent="g")),
)


def test_open_groups_show_their_tasks() -> None:
    drawn = graph_of(ETL)
    assert list(drawn.nodes) == ["start", "g.a", "g.h.b", "end"]
    assert drawn.nodes["g.h.b"].is_mapped
    assert drawn.nodes["g.h.b"].group == "g.h"


def test_a_folded_group_stands_for_all_below_it() -> None:
    drawn = graph_of(ETL, {"g"})
    assert list(drawn.nodes) == ["start", "g", "end"]
    assert drawn.nodes["g"].members == ("g.a", "g.h.b")
    assert drawn.edges == (("start", "g"), ("g", "end"))


def test_an_inner_group_is_folded_by_itself() -> None:
    assert list(graph_of(ETL, {"g.h"}).nodes) == ["start", "g.a", "g.h", "end"]


def test_a_group_that_something_runs_through_stays_open() -> None:
    through = DagSpec(
        "d",
        "d.py",
        tasks=(
            TaskSpec("g.a", group="g"),
            TaskSpec("x", upstream=("g.a",)),
            TaskSpec("g.b", upstream=("x",), group="g"),
        ),
        groups=(GroupSpec("g"),),
    )
    assert list(graph_of(through, {"g"}).nodes) == ["g.a", "x", "g.b"]


def test_only_large_dags_are_folded_at_first() -> None:
    assert folded_at_first(ETL) == frozenset()
    assert folded_at_first(ETL, most=2) == {"g"}


def test_reach_by_hops() -> None:
    below = graph_of(ETL).downstream
    assert reached(["start"], below, 1) == {"g.a"}
    assert reached(["start"], below) == {"g.a", "g.h.b", "end"}


def test_a_node_says_how_many_instances_it_has_and_what_it_sets_up() -> None:
    spec = dag_of("make >> work >> tidy")
    make, work, tidy = spec.tasks
    tasks = (replace(make, is_setup=True), replace(work, mapped={"x": [1]}), replace(tidy, is_teardown=True))
    spec = replace(spec, tasks=tasks, edge_labels={"make>work": " a\x1bb ", "work>gone": "x", "work>tidy": " "})

    drawn = graph_of(spec, (), {"work": 120})
    assert [node.text for node in drawn.nodes.values()] == ["make (setup)", "work ×120", "tidy (teardown)"]
    assert graph_of(spec).nodes["work"].text == "work [ ]"
    assert drawn.labels == {("make", "work"): "a b"}
