"""DagSpecs as JSON and back, their versions and what is derived from them."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_flow.spec import DagSpec, GroupSpec, TaskSpec, spec_from_dict, spec_to_dict
from tui_flow.state import CallbackKind, TriggerRule, WeightRule

NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=5,
)
TUPLES = {"outlets": JSON, "inlets": JSON, "deadlines": JSON, "callbacks": st.sampled_from(CallbackKind)}
BY_NAME: dict[str, st.SearchStrategy[Any]] = {
    "mapped": JSON,
    "params": st.dictionaries(NAMES, JSON, max_size=3),
    "owner_links": st.dictionaries(NAMES, NAMES, max_size=2),
    "edge_labels": st.dictionaries(NAMES, NAMES, max_size=2),
    "timetable": st.dictionaries(NAMES, JSON, min_size=1, max_size=3),
    "trigger_rule": st.sampled_from(TriggerRule),
    "weight_rule": st.sampled_from(WeightRule),
    "dialect": st.sampled_from(["tui_flow", "airflow2", "airflow3"]),
}
BY_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "str": NAMES,
    "str | None": st.none() | NAMES,
    "int": st.integers(),
    "int | None": st.none() | st.integers(),
    "float": st.floats(allow_nan=False),
    "float | None": st.none() | st.floats(allow_nan=False),
    "bool": st.booleans(),
    "bool | None": st.none() | st.booleans(),
    "datetime | None": st.none() | st.datetimes(timezones=st.just(UTC)),
}


def any_of(cls: type, **fixed: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Any instance of a spec class, by the types of its fields."""
    strategies = dict(fixed)
    for item in fields(cls):
        if item.name in strategies:
            continue
        if str(item.type).startswith("tuple["):
            strategies[item.name] = st.lists(TUPLES.get(item.name, NAMES), max_size=3).map(tuple)
        else:
            strategies[item.name] = BY_NAME[item.name] if item.name in BY_NAME else BY_TYPE[str(item.type)]
    return st.builds(cls, **strategies)


SPECS = any_of(
    DagSpec,
    tasks=st.lists(any_of(TaskSpec), max_size=2).map(tuple),
    groups=st.lists(any_of(GroupSpec), max_size=1).map(tuple),
)


@given(SPECS)
@settings(max_examples=60)
def test_what_is_written_is_read_back_equal(spec: DagSpec) -> None:
    read = spec_from_dict(json.loads(json.dumps(spec_to_dict(spec))))
    assert read == spec
    assert read.version == spec.version
    assert spec_to_dict(read) == spec_to_dict(spec)


def reversed_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: reversed_keys(value[key]) for key in reversed(value)}
    return [reversed_keys(item) for item in value] if isinstance(value, list) else value


@given(SPECS)
@settings(max_examples=30)
def test_the_order_of_dict_keys_means_nothing(spec: DagSpec) -> None:
    assert spec_from_dict(reversed_keys(json.loads(json.dumps(spec_to_dict(spec))))).version == spec.version


def changed(value: Any, name: str, kind: str) -> Any:
    """Another value that a field of this type can have."""
    match value:
        case bool():
            return not value
        case TriggerRule():
            return TriggerRule.ALWAYS
        case WeightRule():
            return WeightRule.ABSOLUTE
        case int() | float():
            return value + 1
        case str():
            return "airflow2" if name == "dialect" else value + "x"
        case dict():
            return {**value, "more": 1}
        case _ if name == "callbacks":
            return (CallbackKind.TASK_FAILURE,)
        case _ if kind.startswith("tuple"):
            return (*value, "x")
        case _ if kind.startswith("datetime"):
            return datetime(2026, 1, 1, tzinfo=UTC)
        case _ if kind.startswith(("int", "float")):
            return 7
        case _:
            return True if kind.startswith("bool") else "x"


SPEC = DagSpec("d", "d.py", tasks=(TaskSpec("a"), TaskSpec("b", upstream=("a",))), groups=(GroupSpec("g"),))


@pytest.mark.parametrize(
    "item", [f for f in fields(DagSpec) if f.name not in ("tasks", "groups")], ids=lambda f: f.name
)
def test_every_field_of_a_dag_is_in_its_version(item: Any) -> None:
    other = replace(SPEC, **{item.name: changed(getattr(SPEC, item.name), item.name, str(item.type))})
    assert other.version != SPEC.version
    assert spec_from_dict(spec_to_dict(other)) == other


@pytest.mark.parametrize("item", fields(TaskSpec), ids=lambda f: f.name)
def test_every_field_of_a_task_is_in_the_version(item: Any) -> None:
    task = replace(SPEC.tasks[0], **{item.name: changed(getattr(SPEC.tasks[0], item.name), item.name, str(item.type))})
    other = replace(SPEC, tasks=(task, SPEC.tasks[1]))
    assert other.version != SPEC.version
    assert spec_from_dict(json.loads(json.dumps(spec_to_dict(other)))) == other


def test_the_order_of_tasks_is_in_the_version() -> None:
    assert replace(SPEC, tasks=SPEC.tasks[::-1]).version != SPEC.version


def test_a_version_is_the_same_in_every_process_and_release() -> None:
    assert DagSpec("d", "d.py").version == "d53f745c147b6db2"


def test_owners_are_those_of_the_tasks_with_their_links() -> None:
    tasks = (TaskSpec("a", owner="me"), TaskSpec("b", owner="eve"), TaskSpec("c", owner="me"), TaskSpec("d"))
    assert DagSpec("d", "d.py", tasks=tasks, owner_links={"eve": "mailto:eve"}).owners == ("eve <mailto:eve>", "me")


def test_what_is_derived() -> None:
    tasks = (
        TaskSpec("c", upstream=("a", "b")),
        TaskSpec("a"),
        TaskSpec("b"),
        TaskSpec("down", upstream=("c",), is_teardown=True),
    )
    spec = DagSpec("d", "d.py", tasks=tasks)
    assert spec.downstream == {"c": ("down",), "a": ("c",), "b": ("c",), "down": ()}
    assert spec.order == {"c": 0, "a": 1, "b": 2, "down": 3}
    assert spec.leaves == {"c"}
    strict = replace(spec, tasks=(*tasks[:3], replace(tasks[3], on_failure_fail_dagrun=True)))
    assert strict.leaves == {"down"}
    assert spec.by_id["b"] is tasks[2]
