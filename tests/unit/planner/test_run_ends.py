"""When a run ends, and as what."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.planner.dsl import World, dag_of, run_of, ti_of, tis_of
from tui_flow.planner.decisions import AddCallback, MoveRun
from tui_flow.planner.mark import plan_mark_run
from tui_flow.planner.selection import RunTasks
from tui_flow.state import CallbackKind, RunState, TaskState

T = TaskState


@pytest.mark.parametrize(
    ("text", "states", "expected"),
    [
        ("a >> b", {"a": "success", "b": "success"}, "success"),
        ("a >> b", {"a": "success", "b": "skipped"}, "success"),
        ("a >> b", {"a": "failed", "b": "success"}, "success"),
        ("a >> b", {"a": "success", "b": "failed"}, "failed"),
        ("a >> b", {"a": "failed", "b": "upstream_failed"}, "failed"),
        ("a; b", {"a": "success", "b": "failed"}, "failed"),
    ],
)
def test_leaves_decide(text: str, states: dict[str, str], expected: str) -> None:
    spec = dag_of(text)
    world = World()
    run = run_of(spec)
    world.add(spec, run, tis_of(run, spec, **states))
    world.tick()
    assert world.run_state() == expected


def test_a_run_does_not_end_while_anything_is_unfinished() -> None:
    world = World()
    world.add(dag_of("a; b", b={"retries": 1}))
    world.tick()
    world.finish("a", "failed")
    world.finish("b", "failed")
    assert world.run_state() is RunState.RUNNING
    world.tick(seconds=300)
    world.finish("b")
    assert world.run_state() is RunState.FAILED


@pytest.mark.parametrize(
    ("outcome", "kind", "reason"),
    [("success", CallbackKind.RUN_SUCCESS, "success"), ("failed", CallbackKind.RUN_FAILURE, "task_failure")],
)
def test_the_callback_of_a_run_follows_its_end(outcome: str, kind: CallbackKind, reason: str) -> None:
    world = World()
    world.add(dag_of("a", callbacks=(CallbackKind.RUN_SUCCESS, CallbackKind.RUN_FAILURE)))
    world.tick()
    assert world.finish("a", outcome)[-2:] == [
        MoveRun(1, RunState.RUNNING, RunState(outcome), reason),
        AddCallback(1, None, kind, reason),
    ]


def test_a_run_whose_time_is_up_fails_and_what_has_not_finished_is_skipped() -> None:
    world = World()
    world.add(
        dag_of(
            "a >> b; c; d",
            dagrun_timeout_s=100.0,
            callbacks=(CallbackKind.RUN_FAILURE,),
            c={"retries": 1, "retry_delay_s": 999.0},
            d={"pool": "closed"},
        )
    )
    world.tick()
    world.finish("c", "failed")
    assert world.tick(seconds=99) == []
    world.tick(seconds=1)
    assert world.runs[1].reason == "timed_out"
    assert world.states() == {"a": "queued", "b": "skipped", "c": "skipped", "d": "skipped"}
    assert [(kill.key.task_id, kill.after) for kill in world.kills] == [("a", T.SKIPPED)]
    assert [callback.reason for callback in world.callbacks] == ["timed_out"]
    assert world.board.has_run(1)
    world.finish("a", "success")
    assert world.states()["a"] == "skipped"
    assert not world.board.has_run(1)


TEARDOWN = {"is_teardown": True, "trigger_rule": "all_done_setup_success"}


def world_with_a_teardown(**settings: Any) -> World:
    world = World()
    world.add(dag_of("s >> w >> t; s >> t", s={"is_setup": True}, t=TEARDOWN, **settings))
    world.tick()
    world.finish("s")
    return world


def test_teardowns_run_although_the_time_of_their_run_is_up() -> None:
    world = world_with_a_teardown(dagrun_timeout_s=100.0)
    world.tick(seconds=100)
    world.finish("w", "killed")
    assert world.states() == {"s": "success", "w": "skipped", "t": "queued"}
    assert (world.run_state(), world.runs[1].reason) == (RunState.RUNNING, "timed_out")
    world.finish("t")
    assert (world.run_state(), world.runs[1].reason) == (RunState.FAILED, "timed_out")


def test_a_run_that_only_tears_down_still_does_so_after_it_is_loaded_anew() -> None:
    world = world_with_a_teardown(dagrun_timeout_s=100.0)
    world.tick(seconds=100)
    world.finish("w", "killed")
    attempts = world.attempts
    world.add(world.specs[1], world.runs[1], list(world.tis.values()))
    world.attempts = attempts
    assert world.tick() == []
    world.finish("t")
    assert (world.run_state(), world.runs[1].reason) == (RunState.FAILED, "timed_out")


@pytest.mark.parametrize("wanted", [RunState.SUCCESS, RunState.FAILED])
def test_a_marked_run_ends_as_marked_once_its_teardowns_have_finished(wanted: RunState) -> None:
    world = world_with_a_teardown(callbacks=(CallbackKind.RUN_FAILURE, CallbackKind.RUN_SUCCESS))
    view = RunTasks(world.runs[1], tuple(world.tis.values()), dict(world.attempts))
    for decision in plan_mark_run(world.specs[1], view, wanted):
        world._apply(decision)
    world.add(world.specs[1], world.runs[1], list(world.tis.values()))
    world.finish("w", "killed")
    assert world.run_state() is RunState.RUNNING
    world.finish("t")
    assert world.run_state() is wanted
    assert world.callbacks == []


def test_a_run_whose_time_is_up_does_not_wait_for_a_clear() -> None:
    spec = dag_of("a", dagrun_timeout_s=100.0)
    run = run_of(spec)
    world = World()
    world.add(spec, run, [ti_of(run, spec.by_id["a"], "restarting", 1, after_kill=T.NONE)])
    world.attempts = dict.fromkeys(world.tis, 3)
    world.board.set_attempt(next(iter(world.tis)), 3)
    world.tick(seconds=100)
    world.finish("a", "killed")
    assert world.states()["a"] == "skipped"


def test_a_run_that_has_ended_only_waits_for_its_attempts() -> None:
    spec = dag_of("a >> b; c")
    run = run_of(spec, state=RunState.FAILED)
    world = World()
    world.add(spec, run, tis_of(run, spec, a="running"))
    world.tis[next(iter(world.tis))] = ti_of(run, spec.by_id["a"], "running", 1, after_kill=T.SUCCESS)
    world.add(spec, run, [])
    world.attempts[next(iter(world.tis))] = 5
    world.finish("a", "killed")
    assert world.states() == {"a": "success", "b": "none", "c": "none"}
    assert not world.board.has_run(1)


def test_a_cleared_run_leaves_the_board_when_its_attempt_is_dead() -> None:
    spec = dag_of("a")
    run = run_of(spec, state=RunState.QUEUED)
    world = World()
    world.add(spec, run, [ti_of(run, spec.by_id["a"], "restarting", 1, after_kill=T.NONE)])
    world.attempts = dict.fromkeys(world.tis, 3)
    world.tick()
    assert world.board.has_run(1)
    world.finish("a", "killed")
    assert world.states()["a"] == "none"
    assert not world.board.has_run(1)


def test_a_run_in_which_nothing_can_happen_any_more_has_failed() -> None:
    """No rule leads there; a task instance that waits for one that was never made does."""
    spec = dag_of("a >> b")
    world = World()
    world.add(spec)
    world.board.runs[1].cells["b"][0].counts.total += 1
    world.tick()
    world.finish("a")
    assert world.runs[1].reason == "all_tasks_deadlocked: nothing will start b"


def test_a_task_that_left_the_dag_is_removed_once_its_attempt_is_dead() -> None:
    old, new = dag_of("a; gone"), dag_of("a")
    run = run_of(new)
    world = World()
    world.add(new, run, tis_of(run, old, a="success", gone="running"))
    world.attempts = {ti.key: 9 for ti in world.tis.values() if ti.task_id == "gone"}
    world.tick()
    assert world.run_state() is RunState.RUNNING
    world.finish("gone", "failed")
    assert world.states()["gone"] == "removed"
    assert world.run_state() is RunState.SUCCESS
