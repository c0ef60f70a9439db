from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from tui_flow import DAG, EmptyOperator, Label, TaskGroup, chain, chain_linear, cross_downstream, setup, task, teardown
from tui_flow.sdk.exceptions import DuplicateTaskIdFound


def tasks(names: Iterable[str]) -> list[Any]:
    return [EmptyOperator(task_id=name) for name in names]


def edges(dag: DAG) -> set[str]:
    return {f"{task.task_id}>{below}" for task in dag.tasks for below in task.downstream_task_ids}


def test_shifts_take_and_give_lists() -> None:
    with DAG("d") as dag:
        a, b, c, d = tasks("abcd")
        a >> [b, c] >> d
    assert edges(dag) == {"a>b", "a>c", "b>d", "c>d"}
    with DAG("d") as dag:
        a, b, c = tasks("abc")
        [a, b] << c
        c << [EmptyOperator(task_id="z")]
    assert edges(dag) == {"c>a", "c>b", "z>c"}


def test_chain_pairs_lists() -> None:
    with DAG("d") as dag:
        a, b, c, d, e, f = tasks("abcdef")
        chain(a, [b, c], [d, e], f)
    assert edges(dag) == {"a>b", "a>c", "b>d", "c>e", "d>f", "e>f"}
    with DAG("d"), pytest.raises(ValueError, match="2 and 1"):
        chain(tasks("ab"), tasks("c"))


def test_chain_linear_and_cross_downstream_link_each_with_each() -> None:
    with DAG("d") as dag:
        a, b, c, d = tasks("abcd")
        chain_linear(a, [b, c], d)
    assert edges(dag) == {"a>b", "a>c", "b>d", "c>d"}
    with DAG("d") as dag:
        a, b, c, d = tasks("abcd")
        cross_downstream([a, b], [c, d])
    assert edges(dag) == {"a>c", "a>d", "b>c", "b>d"}


def test_labels_stand_on_edges() -> None:
    with DAG("d") as dag:
        a, b, c = tasks("abc")
        a >> Label("yes") >> [b, c]
        b << Label("no") << c
    assert edges(dag) == {"a>b", "a>c", "c>b"}
    assert dag.get_edge_info("a", "c") == {"label": "yes"}
    assert dag.get_edge_info("c", "b") == {"label": "no"}


def test_only_tasks_have_dependencies() -> None:
    with DAG("d"), pytest.raises(TypeError, match="'b'"):
        EmptyOperator(task_id="a") >> "b"  # type: ignore[type-var]


def test_group_ids_prefix_what_is_inside() -> None:
    with DAG("d") as dag, TaskGroup("g1") as g1:
        tasks("a")
        with TaskGroup("g2", prefix_group_id=False) as g2:
            tasks("b")
            with TaskGroup("g3"):
                tasks("c")
    assert dag.task_ids == ["g1.a", "b", "g3.c"]
    assert (g1.group_id, g2.group_id) == ("g1", "g1.g2")
    assert dag.get_task("g1.a").label == "a"


def test_groups_link_by_their_roots_and_leaves() -> None:
    with DAG("d") as dag:
        before, after = tasks("xy")
        with TaskGroup("g") as group:
            a, b, c = tasks("abc")
            a >> b
        before >> group >> after
    assert edges(dag) == {"x>g.a", "x>g.c", "g.a>g.b", "g.b>y", "g.c>y"}


def test_groups_link_with_groups() -> None:
    with DAG("d") as dag:
        with TaskGroup("g") as g:
            tasks("a")
        with TaskGroup("h") as h:
            tasks("b")
        g >> Label("then") >> h
    assert edges(dag) == {"g.a>h.b"}
    assert dag.get_edge_info("g.a", "h.b") == {"label": "then"}


def test_a_teardown_is_no_leaf_of_its_group() -> None:
    with DAG("d") as dag:
        with TaskGroup("g") as group:
            s, w, t = tasks("swt")
            s >> w >> t.as_teardown(setups=s)
        group >> EmptyOperator(task_id="after")
    assert "g.w>after" in edges(dag)
    assert "g.t>after" not in edges(dag)


def test_only_what_is_last_before_the_teardown_leads_out_of_a_group() -> None:
    with DAG("d") as dag:
        with TaskGroup("g") as group:
            s, v, w, t = tasks("svwt")
            s >> v >> w >> t.as_teardown(setups=s)
            v >> t
        group >> EmptyOperator(task_id="after")
    assert {edge for edge in edges(dag) if edge.endswith("after")} == {"g.w>after"}


def test_a_task_is_a_setup_or_a_teardown() -> None:
    with DAG("d"):
        s, t = tasks("st")
        t.as_teardown(setups=s)
        with pytest.raises(ValueError, match="'t' is a teardown already"):
            t.as_setup()
        with pytest.raises(ValueError, match="'s' is a setup already"):
            s.as_teardown()


def test_a_task_joins_a_scope_by_name() -> None:
    with DAG("d") as dag:
        s, w, t = tasks("swt")
        with t.as_teardown(setups=s) as scope:
            scope.add_task(w)
    assert edges(dag) == {"s>t", "s>w", "w>t"}


def test_scopes_inside_scopes_open_and_close_in_order() -> None:
    with DAG("d") as dag:
        s1, t1 = tasks(["s1", "t1"])
        with t1.as_teardown(setups=s1):
            s2, t2 = tasks(["s2", "t2"])
            with t2.as_teardown(setups=s2):
                EmptyOperator(task_id="w")
    assert edges(dag) == {"s1>t1", "s1>s2", "s2>w", "s2>t2", "w>t2", "t2>t1"}


def test_ids_collide_unless_a_suffix_is_asked_for() -> None:
    with DAG("d"):
        TaskGroup("g")
        with pytest.raises(DuplicateTaskIdFound, match="'g'"):
            TaskGroup("g")
        assert TaskGroup("g", add_suffix_on_collision=True).group_id == "g__1"
        assert TaskGroup("g", add_suffix_on_collision=True).group_id == "g__2"


def test_tasks_in_a_with_block_run_between_setup_and_teardown() -> None:
    with DAG("d") as dag:

        @setup
        def make() -> None: ...

        @teardown(on_failure_fail_dagrun=True)
        def drop() -> None: ...

        @task
        def work() -> None: ...

        with make() >> drop():
            work() >> work()
    assert edges(dag) == {"make>drop", "make>work", "work>work__1", "work__1>drop"}
    assert dag.get_task("make").is_setup
    assert dag.get_task("drop").is_teardown
    assert dag.get_task("drop").on_failure_fail_dagrun


def test_a_group_knows_what_it_was_linked_to() -> None:
    with DAG("d") as dag:
        first = EmptyOperator(task_id="first")
        with TaskGroup("load") as load:
            a, b = EmptyOperator(task_id="a"), EmptyOperator(task_id="b")
            with TaskGroup("inner") as inner:
                EmptyOperator(task_id="c")
            b >> inner
            a >> b
        with TaskGroup("after") as after:
            EmptyOperator(task_id="d")
        last = EmptyOperator(task_id="last")
        after >> last
        first >> load >> after
    assert load.upstream_list == [first] and load.downstream_group_ids == {"after"}
    assert after.upstream_group_ids == {"load"} and after.upstream_task_ids == {"load.inner.c"}
    assert after.downstream_list == [last] == after.get_flat_relatives()
    assert inner.get_flat_relative_ids(upstream=True) == {"load.b", "load.a", "first"}
    assert [node.node_id for node in dag.task_group.topological_sort()] == ["first", "load", "after", "last"]
    assert [node.node_id for node in load.topological_sort()] == ["load.a", "load.b", "load.inner"]
    assert [node.node_id for node in load.hierarchical_alphabetical_sort()] == ["load.inner", "load.a", "load.b"]
    assert load.get_dag() is dag and load.dag_id == "d"


def test_a_circle_has_no_order() -> None:
    with DAG("d") as dag:
        start, a, b = tasks(["start", "a", "b"])
        start >> a >> b >> a
    with pytest.raises(ValueError, match="wait for each other: a, b"):
        dag.topological_sort()
