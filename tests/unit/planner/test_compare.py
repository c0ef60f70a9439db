"""What differs between two runs, and between two versions of a DAG."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.planner.dsl import dag_of
from tui_flow.planner.compare import compare_runs
from tui_flow.planner.spec_diff import Change, diff_specs
from tui_flow.records import TaskInstance
from tui_flow.spec import DagSpec, GroupSpec
from tui_flow.state import TaskState

NOW = datetime(2026, 1, 1, tzinfo=UTC)
T = TaskState


def ti(task_id: str, seconds: float | None, state: TaskState = T.SUCCESS, map_index: int = -1) -> TaskInstance:
    ended = None if seconds is None else NOW + timedelta(seconds=seconds)
    return TaskInstance(1, task_id, map_index, state, 1, 0, started_at=NOW if ended else None, ended_at=ended)


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [
        (ti("a", 10), ti("a", 10.5), ""),
        (ti("a", 10), ti("a", 12), "slower"),
        (ti("a", 10), ti("a", 8), "faster"),
        (ti("a", 0.01), ti("a", 0.05), ""),
        (ti("a", 10), ti("a", 10, T.FAILED), "success -> failed"),
        (ti("a", None, T.SKIPPED), ti("a", 10), "skipped -> success"),
        (ti("a", 5), None, "gone"),
        (None, ti("a", 5), "new"),
        (ti("a", 5), ti("a", None, T.REMOVED), "gone"),
        (ti("a", None, T.NONE), ti("a", None, T.NONE), ""),
    ],
)
def test_a_task_in_two_runs(old: TaskInstance | None, new: TaskInstance | None, verdict: str) -> None:
    [row] = compare_runs([old] if old else [], [new] if new else [])
    assert row.verdict == verdict


def test_what_changed_most_comes_first() -> None:
    old = [ti("same", 1), ti("slow", 1), ti("slower", 1), ti("bad", 1), ti("m", 1, map_index=0)]
    new = [ti("same", 1), ti("slow", 3), ti("slower", 9), ti("bad", 1, T.FAILED), ti("m", 2, map_index=0)]
    assert [(row.task_id, row.map_index) for row in compare_runs(old, new)] == [
        ("bad", -1),
        ("slower", -1),
        ("slow", -1),
        ("m", 0),
        ("same", -1),
    ]


def test_a_version_against_itself_is_the_same() -> None:
    spec = dag_of("a >> b", a={"retries": 2})
    assert diff_specs(spec, spec) == ()


def test_tasks_groups_fields_and_edges_that_changed() -> None:
    old = replace(dag_of("a >> b; c", a={"retries": 2}), timetable={"kind": "x"}, groups=(GroupSpec("g"),))
    new = replace(dag_of("a >> c; d", a={"retries": 3}), timetable={"kind": "y"}, description="d")
    assert diff_specs(old, new) == (
        Change("dag", "", "changed", "description", None, "d"),
        Change("dag", "", "changed", "timetable", {"kind": "x"}, {"kind": "y"}),
        Change("task", "b", "removed"),
        Change("task", "a", "changed", "retries", 2, 3),
        Change("task", "c", "changed", "upstream", None, ["a"]),
        Change("task", "d", "added"),
        Change("group", "g", "removed"),
    )


def test_another_dag_id_is_no_change() -> None:
    assert diff_specs(DagSpec("a", "f.py"), DagSpec("b", "f.py")) == ()
