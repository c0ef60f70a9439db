"""Mapped tasks on the board: when they expand, who waits for whom, and what a changed length does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.planner.dsl import World, dag_of
from tui_flow.mapping import instances_of, length_of, related_indexes
from tui_flow.planner.decisions import ExpandTask, LaunchAttempt
from tui_flow.planner.explain import explain
from tui_flow.records import TaskInstanceKey
from tui_flow.spec import DagSpec, GroupSpec, Json
from tui_flow.state import RunState, TaskState


def over(*sources: str | int) -> Json:
    """`expand` over results and over literals of a length."""
    return {"kind": "expand", "args": {f"a{n}": _described(source) for n, source in enumerate(sources)}}


def _described(source: str | int) -> Json:
    if isinstance(source, int):
        return {"kind": "literal", "length": source}
    return {"kind": "xcom", "task_id": source, "key": "return_value"}


def grouped(spec: DagSpec, group_id: str, mapped: Json, parent: str | None = None) -> DagSpec:
    return replace(spec, groups=(*spec.groups, GroupSpec(group_id, parent, mapped=mapped)))


def push(world: World, task_id: str, length: int | None, run: int = 1) -> list[Any]:
    """The task succeeds with a result of so many elements."""
    world.start(task_id, run)
    return world.finish(task_id, run=run, map_length=length)


def succeed(world: World, *names: str, **facts: Any) -> None:
    for name in names:
        world.start(name)
        world.finish(name, **facts)


@pytest.mark.parametrize(
    ("how", "length"),
    [
        (over(3, 2), 6),
        (over("s"), 4),
        (over("s", "unknown"), None),
        ({"kind": "expand_kwargs", "kwargs": _described(5)}, 5),
        ({"kind": "map", "arg": _described("s")}, 4),
        ({"kind": "zip", "args": [_described("s"), _described(3)], "longest": False}, 3),
        ({"kind": "zip", "args": [_described("s"), _described(3)], "longest": True}, 4),
        ({"kind": "concat", "args": [_described("s"), _described(3)]}, 7),
        ({"kind": "concat", "args": [_described("s"), _described("unknown")]}, None),
    ],
)
def test_lengths(how: Json, length: int | None) -> None:
    assert length_of(how, {"s": 4}.get) == length


def test_the_last_level_counts_fastest() -> None:
    lengths = {"g": 3, "h": 2, "t": 4}
    assert instances_of(("g", "h", "t"), lengths) == 24
    assert related_indexes(13, ("g", "h", "t"), ("g",), lengths) == range(1, 2)
    assert related_indexes(13, ("g", "h", "t"), ("g", "h"), lengths) == range(3, 4)
    assert related_indexes(1, ("g",), ("g", "h", "t"), lengths) == range(8, 16)
    assert related_indexes(1, ("g",), ("h",), lengths) is None


def test_a_literal_is_expanded_from_the_start() -> None:
    world = World()
    world.add(dag_of("m >> c", m={"mapped": over(3)}))
    world.tick()
    assert world.states() == {"c": "none", "m[0]": "queued", "m[1]": "queued", "m[2]": "queued"}
    succeed(world, "m[1]", "m[0]")
    assert world.states()["c"] == "none"
    succeed(world, "m[2]", "c")
    assert world.run_state() is RunState.SUCCESS


def test_a_result_expands_the_task_when_its_source_has_succeeded() -> None:
    world = World()
    world.add(dag_of("s >> m >> c", m={"mapped": over("s")}))
    world.tick()
    assert world.states() == {"c": "none", "m": "none", "s": "queued"}
    decisions = push(world, "s", 2)
    assert ExpandTask(1, "m", (0, 1), (-1,), 0) in decisions
    assert [d.key.map_index for d in decisions if isinstance(d, LaunchAttempt)] == [0, 1]
    succeed(world, "m[0]", "m[1]", "c")
    assert world.run_state() is RunState.SUCCESS


def test_a_failed_instance_does_not_stop_the_others() -> None:
    world = World()
    world.add(dag_of("m >> c", m={"mapped": over(2)}))
    world.tick()
    world.start("m[0]")
    world.finish("m[0]", "failed")
    assert world.states() == {"c": "upstream_failed", "m[0]": "failed", "m[1]": "queued"}
    succeed(world, "m[1]")
    assert world.run_state() is RunState.FAILED


@pytest.mark.parametrize(("mapped", "length"), [(over(0), None), (over("s"), 0)])
def test_nothing_to_map_over_is_one_skipped_instance(mapped: Json, length: int | None) -> None:
    world = World()
    world.add(dag_of("s >> m >> [c, d]", m={"mapped": mapped}, d={"trigger_rule": "all_done"}))
    world.tick()
    push(world, "s", length)
    assert world.states() == {"c": "skipped", "d": "queued", "m": "skipped", "s": "success"}


@pytest.mark.parametrize(("end", "state"), [("failed", "upstream_failed"), ("skipped", "skipped")])
def test_a_source_without_a_result_decides_for_the_whole_task(end: str, state: str) -> None:
    world = World()
    world.add(dag_of("s >> m", m={"mapped": over("s"), "trigger_rule": "all_done"}))
    world.tick()
    world.start("s")
    world.finish("s", end)
    assert world.states()["m"] == state
    assert "'s'" in (world.tis[next(key for key in world.tis if key.task_id == "m")].reason or "")


def test_a_success_without_a_length_cannot_be_mapped_over() -> None:
    world = World()
    world.add(dag_of("s >> m", m={"mapped": over("s")}))
    world.tick()
    push(world, "s", None)
    assert world.states()["m"] == "upstream_failed"


def test_too_many_instances_fail_and_are_not_made() -> None:
    world = World()
    world.add(dag_of("[s, r] >> m", m={"mapped": over("s", "r")}))
    world.tick()
    push(world, "s", 1024)
    push(world, "r", 1024)
    assert world.states() == {"m": "failed", "r": "success", "s": "success"}


def test_a_mapped_task_is_mapped_over_by_those_that_pushed() -> None:
    world = World()
    world.add(dag_of("m >> n", m={"mapped": over(3)}, n={"mapped": over("m"), "trigger_rule": "all_done"}))
    world.tick()
    push(world, "m[0]", 1)
    push(world, "m[1]", 0)
    assert "n" in world.states()
    push(world, "m[2]", 1)
    assert {"n[0]": "queued", "n[1]": "queued"}.items() <= world.states().items() and "n[2]" not in world.states()


def in_group(n: Json, **more: Any) -> DagSpec:
    spec = dag_of("s >> a >> b >> c; s >> b", **{"a": {"group": "g"}, "b": {"group": "g"}, **more})
    return grouped(spec, "g", n)


def test_tasks_in_a_mapped_group_wait_index_by_index() -> None:
    world = World()
    world.add(in_group(over("s")))
    world.tick()
    push(world, "s", 3)
    assert [name for name, state in world.states().items() if state == "queued"] == ["a[0]", "a[1]", "a[2]"]
    succeed(world, "a[1]")
    assert world.states()["b[1]"] == "queued" and world.states()["b[0]"] == "none"
    world.start("a[0]")
    world.finish("a[0]", "failed")
    succeed(world, "a[2]", "b[1]", "b[2]")
    assert world.states() == {
        "a[0]": "failed",
        "a[1]": "success",
        "a[2]": "success",
        "b[0]": "upstream_failed",
        "b[1]": "success",
        "b[2]": "success",
        "c": "upstream_failed",
        "s": "success",
    }


def test_a_skip_in_a_mapped_group_stays_at_its_index() -> None:
    world = World()
    world.add(in_group(over(2), a={"group": "g", "is_branch": True}))
    world.tick()
    succeed(world, "s")
    succeed(world, "a[1]", skips=("b",))
    assert (world.states()["b[0]"], world.states()["b[1]"]) == ("none", "skipped")


def test_a_branch_that_is_mapped_skips_what_all_its_instances_skip() -> None:
    world = World()
    world.add(dag_of("m >> [x, y]", m={"mapped": over(2), "is_branch": True}))
    world.tick()
    succeed(world, "m[0]", skips=("x", "y"))
    assert world.states()["x"] == "none"
    succeed(world, "m[1]", skips=("y",))
    assert (world.states()["x"], world.states()["y"]) == ("queued", "skipped")


def test_a_branch_that_is_a_setup_too_is_counted_once_when_a_run_is_loaded() -> None:
    rule = {"is_teardown": True, "trigger_rule": "all_done_setup_success"}
    world = World()
    world.add(dag_of("m >> t", m={"mapped": over(2), "is_setup": True}, t=rule))
    world.tick()
    succeed(world, "m[0]", skips=("t",))
    world.add(world.specs[1], world.runs[1], [])
    world.board.set_attempt(TaskInstanceKey(1, "m", 1), world.attempts[TaskInstanceKey(1, "m", 1)])
    world.tick()
    assert world.states()["t"] == "none"


def test_a_mapped_task_in_a_mapped_group_belongs_to_its_copy() -> None:
    world = World()
    spec = dag_of("a >> m >> z", a={"group": "g"}, m={"group": "g", "mapped": over(2)}, z={"group": "g"})
    world.add(grouped(spec, "g", over(2)))
    world.tick()
    succeed(world, "a[1]")
    assert [name for name, state in world.states().items() if state == "queued"] == ["a[0]", "m[2]", "m[3]"]
    succeed(world, "m[2]")
    assert world.states()["z[1]"] == "none"
    succeed(world, "m[3]")
    assert (world.states()["z[0]"], world.states()["z[1]"]) == ("none", "queued")


def cleared(world: World, *task_ids: str) -> None:
    """As `clear` leaves these tasks, and the run with it on the board again."""
    for key, ti in world.tis.items():
        if key.task_id in task_ids and ti.state is not TaskState.REMOVED:
            world.tis[key] = replace(ti, state=TaskState.NONE, map_length=None)
    run = world.runs[1] = replace(world.runs[1], state=RunState.RUNNING)
    world.add(world.specs[1], run, list(world.tis.values()))


@pytest.mark.parametrize("group", [None, "g"])
def test_another_length_after_a_clear_removes_and_restores(group: str | None) -> None:
    if group:
        spec = grouped(dag_of("s >> m >> c", m={"group": "g"}), "g", over("s"))
    else:
        spec = dag_of("s >> m >> c", m={"mapped": over("s")})
    world = World()
    world.add(spec)
    world.tick()
    push(world, "s", 3)
    succeed(world, "m[0]", "m[1]", "m[2]", "c")
    for length, states in ((1, "success removed removed"), (0, "removed removed removed"), (4, "success " * 4)):
        cleared(world, "s", "m", "c")
        world.tick()
        push(world, "s", length)
        succeed(world, *[f"m[{index}]" for index in range(length)])
        found = [state for name, state in world.states().items() if name.startswith("m[")]
        assert found == states.split()
        assert world.states().get("m") == (None if length else "skipped")
        assert world.states()["c"] == ("queued" if length else "skipped")
        if length:
            succeed(world, "c")
        assert world.run_state() is RunState.SUCCESS


def test_depends_on_past_holds_index_by_index() -> None:
    spec = dag_of("m", m={"mapped": over(2), "depends_on_past": True})
    world = World()
    first = world.add(spec)
    world.add(spec, previous=first, past=list(world.tis.values()))
    world.tick()
    world.start("m[0]")
    world.finish("m[0]")
    assert world.states(2) == {"m[0]": "queued", "m[1]": "none"}


def test_wait_for_downstream_knows_the_instances_that_the_previous_run_has_got() -> None:
    spec = dag_of("t >> m; s", t={"wait_for_downstream": True, "depends_on_past": True}, m={"mapped": over("s")})
    world = World()
    first = world.add(spec)
    world.add(spec, previous=first, past=list(world.tis.values()))
    world.tick()
    push(world, "s", 2)
    succeed(world, "t")
    assert world.states(2)["t"] == "none"
    succeed(world, "m[0]", "m[1]")
    assert world.states(2)["t"] == "queued"


def test_limits_count_the_instances_of_a_task() -> None:
    world = World()
    world.add(dag_of("m", m={"mapped": over(5), "max_active_tis_per_dagrun": 2}))
    world.tick()
    assert list(world.states().values()).count("queued") == 2


def test_why_counts_the_instances_that_a_collector_waits_for() -> None:
    spec = dag_of("m >> c", m={"mapped": over(9)})
    world = World()
    run = world.add(spec)
    world.tick()
    succeed(world, "m[0]")
    ti = world.tis[TaskInstanceKey(1, "c")]
    assert explain(world.board, spec, run, ti, world.now) == ("trigger rule all_success: waits for m (8 queued)",)


def test_why_names_what_belongs_to_the_index_of_a_group() -> None:
    spec = in_group(over(9))
    world = World()
    run = world.add(spec)
    world.tick()
    succeed(world, "s")
    ti = world.tis[TaskInstanceKey(1, "b", 4)]
    assert explain(world.board, spec, run, ti, world.now) == ("trigger rule all_success: waits for a[4] (queued)",)
