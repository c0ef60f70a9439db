"""Which DAGs become due because assets were updated."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.planner.dsl import NOW, dag_of, run_of
from tui_flow.asset_records import AssetReference, QueuedAsset
from tui_flow.errors import BadDag
from tui_flow.planner.assets import check_names, is_met, plan_asset_run, references_of, waits_for
from tui_flow.records import Dag
from tui_flow.sdk.asset import Asset, BaseAsset
from tui_flow.spec import DagSpec, Dialect
from tui_flow.state import RunType
from tui_flow.timetables import AssetTriggeredTimetable
from tui_flow.timetables.assets import leaves

HOUR = timedelta(hours=1)
NAMES = "abcd"


def updated(*names: str, aliases: frozenset[str] = frozenset(), at: timedelta = -HOUR) -> list[QueuedAsset]:
    return [QueuedAsset("d", name, name, aliases, NOW + at) for name in names]


def waiting(expression: Any, dialect: Dialect = "tui_flow", **settings: Any) -> tuple[Dag, DagSpec]:
    condition = expression.describe() if isinstance(expression, BaseAsset) else expression
    spec = dag_of("t", timetable=AssetTriggeredTimetable(condition).to_dict(), dialect=dialect, **settings)
    return Dag("d", "d.py", False, False, spec.version, 1, "s1", None, None, None), spec


asset_leaf = st.sampled_from([Asset(name).describe() for name in NAMES])
conditions = st.recursive(
    asset_leaf,
    lambda parts: st.builds(
        lambda kind, of: {"kind": kind, "of": of}, st.sampled_from(["all", "any"]), st.lists(parts, min_size=1)
    ),
    max_leaves=8,
)
subsets = st.sets(st.sampled_from(NAMES))


@given(conditions, subsets, subsets)
def test_more_updates_never_undo_a_condition(condition: Any, some: set[str], more: set[str]) -> None:
    if is_met(condition, updated(*some)):
        assert is_met(condition, updated(*some | more))


@given(conditions)
def test_all_that_is_named_is_enough_and_nothing_is_not(condition: Any) -> None:
    assert is_met(condition, updated(*(leaf["name"] for leaf in leaves(condition))))
    assert not is_met(condition, [])


@given(conditions, subsets)
def test_what_it_waits_for_is_named_and_was_not_updated(condition: Any, some: set[str]) -> None:
    missing = waits_for(condition, updated(*some))
    assert set(missing) == {leaf["name"] for leaf in leaves(condition)} - some
    assert is_met(condition, updated(*some, *missing))


@given(conditions, subsets)
def test_a_run_is_made_exactly_when_the_condition_is_met(condition: Any, some: set[str]) -> None:
    dag, spec = waiting(condition)
    assert bool(plan_asset_run(dag, spec, updated(*some), 0, NOW)) is is_met(condition, updated(*some))


def test_an_alias_means_whatever_was_added_to_it() -> None:
    condition = {"kind": "alias", "name": "x"}
    assert not is_met(condition, updated("a"))
    assert is_met(condition, updated("a", aliases=frozenset({"x"})))


def test_a_reference_means_the_name_or_the_uri() -> None:
    named = [QueuedAsset("d", "n", "file:///u", frozenset(), NOW)]
    assert is_met(Asset.ref(name="n").describe(), named) and is_met(Asset.ref(uri="file:///u").describe(), named)
    assert not is_met(Asset.ref(name="file:///u").describe(), named)
    assert not is_met(Asset.ref(uri="n").describe(), named)


def test_the_run_is_named_by_its_kind_and_has_a_date() -> None:
    (run,) = plan_asset_run(*waiting(Asset("a")), updated("a"), 0, NOW)
    assert (run.run_type, run.run_id) == (RunType.ASSET_TRIGGERED, f"asset_triggered__{NOW.isoformat()}")
    assert (run.logical_date, run.run_after, run.consumes_assets) == (NOW, NOW, True)
    (run,) = plan_asset_run(*waiting(Asset("a"), "airflow2"), updated("a"), 0, NOW)
    assert run.run_id == f"dataset_triggered__{NOW.isoformat()}"


def test_what_the_run_is_for() -> None:
    dag, spec = waiting(Asset("a"))
    (first,) = plan_asset_run(dag, spec, updated("a"), 0, NOW)
    assert (first.data_interval_start, first.data_interval_end) == (NOW - HOUR, NOW)
    before = replace(run_of(spec), data_interval_end=NOW - 3 * HOUR)
    (next_one,) = plan_asset_run(dag, spec, updated("a"), 0, NOW, previous=before)
    assert next_one.data_interval_start == NOW - 3 * HOUR
    (instant,) = plan_asset_run(*waiting(Asset("a"), "airflow3"), updated("a"), 0, NOW, previous=before)
    assert instant.data_interval_start == instant.data_interval_end == NOW
    sources = [
        replace(run_of(spec), data_interval_start=NOW - n * HOUR, data_interval_end=NOW + n * HOUR) for n in (1, 2)
    ]
    (spanned,) = plan_asset_run(*waiting(Asset("a"), "airflow2"), updated("a"), 0, NOW, sources=sources)
    assert (spanned.data_interval_start, spanned.data_interval_end) == (NOW - 2 * HOUR, NOW + 2 * HOUR)
    (unknown,) = plan_asset_run(*waiting(Asset("a"), "airflow2"), updated("a"), 0, NOW)
    assert unknown.data_interval_start == NOW


@pytest.mark.parametrize(
    ("dag_change", "spec_change", "active", "is_due"),
    [
        ({}, {}, 0, True),
        ({"is_paused": True}, {}, 0, False),
        ({"is_missing": True}, {}, 0, False),
        ({}, {"max_active_runs": 2}, 2, False),
        ({}, {"max_active_runs": 2}, 1, True),
        ({}, {"start_date": NOW + HOUR}, 0, False),
        ({}, {"start_date": NOW}, 0, True),
        ({}, {"end_date": NOW - HOUR}, 0, False),
        ({}, {"end_date": NOW}, 0, True),
    ],
)
def test_what_keeps_a_run_back(dag_change: Any, spec_change: Any, active: int, is_due: bool) -> None:
    dag, spec = waiting(Asset("a"), **spec_change)
    assert bool(plan_asset_run(replace(dag, **dag_change), spec, updated("a"), active, NOW)) is is_due


def test_a_dag_without_a_condition_is_never_due_by_assets() -> None:
    spec = dag_of("t")
    dag = Dag("d", "d.py", False, False, spec.version, 1, "s1", None, None, None)
    assert not plan_asset_run(dag, spec, updated("a"), 0, NOW)


def test_a_dags_references() -> None:
    _, spec = waiting(Asset("a") & Asset.ref(name="r"))
    outlets: Any = (Asset("o", "file:///o").describe(), {"kind": "File", "name": "lineage"})
    spec = replace(spec, tasks=(replace(spec.tasks[0], outlets=outlets, inlets=({"kind": "alias", "name": "x"},)),))
    found = {(r.role, r.task_id, r.kind, r.name, r.uri) for r, _ in references_of(spec)}
    assert found == {
        ("schedule", "", "asset", "a", "a"),
        ("schedule", "", "ref", "r", ""),
        ("outlet", "t", "asset", "o", "file:///o"),
        ("inlet", "t", "alias", "x", ""),
    }


def test_one_name_means_one_uri() -> None:
    one, other = (AssetReference("d", "outlet", "t", "asset", "n", uri) for uri in ("file:///1", "file:///2"))
    for pair in itertools.permutations([one, other]):
        with pytest.raises(BadDag, match=r"asset 'n' has the URI .*another name"):
            check_names(pair)
    with pytest.raises(BadDag, match="another name"):
        check_names([one], [other])
    check_names([one, one, replace(other, kind="ref"), replace(other, name="m")])
