"""How the waits of deferred tasks end: by an event, by their time, by the trigger itself, by a user."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.planner.dsl import NOW, World, dag_of
from tui_flow.messages import WaitOver
from tui_flow.planner.decisions import AddCallback, LaunchAttempt, MoveTask, ResumeTask
from tui_flow.planner.kill import plan_kill
from tui_flow.planner.selection import RunTasks
from tui_flow.records import Pool, TaskInstanceKey
from tui_flow.state import CallbackKind, TaskState

T = TaskState
A = TaskInstanceKey(1, "a")


def a_deferred(pools: tuple[Pool, ...] = (Pool("default_pool", 128),), due_s: int | None = None, **a: object) -> World:
    world = World(pools=pools)
    world.add(dag_of("a >> b; c >> d", a=a))
    world.tick()
    due_at = (NOW + timedelta(seconds=due_s)).isoformat() if due_s is not None else None
    world.finish("a", "deferred", due_at=due_at, resume={"id": 1})
    assert world.states()["a"] == "deferred"
    return world


def over(new: str = "scheduled", key: TaskInstanceKey = A) -> WaitOver:
    return WaitOver(key, 1, {"value": "1"}, new)


def test_an_event_resumes_the_same_try() -> None:
    world = a_deferred()
    decisions = world.tick(waits_over=[over()])
    assert ResumeTask(A, T.DEFERRED, T.SCHEDULED, 1, 1, {"value": "1"}) in decisions
    assert [d.try_number for d in decisions if isinstance(d, LaunchAttempt)] == [1]
    world.finish("a", "success")
    assert world.states()["b"] == "queued"


def test_an_event_is_taken_once() -> None:
    world = a_deferred()
    decisions = world.tick(waits_over=[over(), over()])
    assert len([d for d in decisions if isinstance(d, ResumeTask)]) == 1
    assert world.tick(waits_over=[over(), over(key=TaskInstanceKey(9, "a"))]) == []


def test_who_is_not_resumed_in_time_hears_of_it() -> None:
    world = a_deferred(due_s=60)
    assert world.tick(seconds=59) == [] and world.board.dues.next() == NOW + timedelta(seconds=60)
    decisions = world.tick(seconds=1)
    assert [d.over for d in decisions if isinstance(d, ResumeTask)] == [{"timeout": True}]
    assert world.states()["a"] == "queued", "it is the task that makes a failure of it"
    assert world.board.dues.next() is None


def test_a_wait_without_a_limit_never_falls_due() -> None:
    assert a_deferred().board.dues.next() is None


@pytest.mark.parametrize(
    ("new", "below", "kind"),
    [
        ("success", "queued", CallbackKind.TASK_SUCCESS),
        ("failed", "upstream_failed", CallbackKind.TASK_FAILURE),
        ("skipped", "skipped", CallbackKind.TASK_SKIPPED),
    ],
)
def test_a_trigger_ends_the_task_by_itself(new: str, below: str, kind: CallbackKind) -> None:
    world = a_deferred(retries=3, callbacks=tuple(CallbackKind))
    world.tick(waits_over=[over(new)])
    assert (world.states()["a"], world.states()["b"]) == (new, below)
    assert [callback.kind for callback in world.callbacks] == [kind]


EXPANDED = {"a": "success", "t[0]": "queued", "t[1]": "queued"}


@pytest.mark.parametrize(("new", "states"), [("success", EXPANDED), ("failed", {})])
def test_a_trigger_that_ends_a_task_gives_its_length_and_updates_its_assets(new: str, states: dict[str, str]) -> None:
    asset = {"kind": "asset", "name": "x", "uri": "x", "group": "asset"}
    mapped = {"kind": "expand", "args": {"x": {"kind": "xcom", "task_id": "a", "key": "return_value"}}}
    world = World()
    alias = {"kind": "alias", "name": "y", "group": ""}
    world.add(dag_of("a >> t", a={"outlets": (asset, alias)}, t={"mapped": mapped}))
    world.tick()
    world.finish("a", "deferred", resume={"id": 1})
    decisions = world.tick(waits_over=[WaitOver(A, 1, None, new, (("return_value", "[1,2]"),), 2)])
    (ended,) = (d for d in decisions if isinstance(d, ResumeTask))
    assert (ended.map_length, ended.updates) == ((2, (asset,)) if new == "success" else (None, ()))
    assert states.items() <= world.states().items()


def test_a_trigger_that_fails_the_task_ends_a_fail_fast_run() -> None:
    world = World()
    world.add(dag_of("a >> b; c", fail_fast=True))
    world.tick()
    world.finish("a", "deferred", resume={"id": 1})
    world.tick(waits_over=[over("failed")])
    assert [kill.key.task_id for kill in world.kills] == ["c"]


def test_retries_are_for_what_follows_the_wait() -> None:
    world = a_deferred(retries=1)
    world.tick(waits_over=[over()])
    world.finish("a", "failed")
    assert world.states()["a"] == "up_for_retry"
    decisions = world.tick(seconds=301)
    assert [d.try_number for d in decisions if isinstance(d, LaunchAttempt)] == [2]


@pytest.mark.parametrize(("include_deferred", "state"), [(True, "scheduled"), (False, "queued")])
def test_a_deferred_task_holds_its_slot_where_the_pool_says_so(include_deferred: bool, state: str) -> None:
    pools = (Pool("default_pool", 1, include_deferred),)
    assert a_deferred(pools=pools).states()["c"] == state


def test_a_kill_ends_a_wait_at_once() -> None:
    world = a_deferred(retries=2)
    view = RunTasks(world.runs[1], tuple(world.tis.values()), {})
    killed = MoveTask(A, T.DEFERRED, T.FAILED, 1, "killed by the user")
    assert plan_kill(world.specs[1], view, world.tis[A]) == [killed]
    tells = dag_of("a", a={"callbacks": (CallbackKind.TASK_FAILURE,)})
    told = AddCallback(1, A, CallbackKind.TASK_FAILURE, killed.reason or "", 1, killed.reason)
    assert plan_kill(tells, view, world.tis[A]) == [killed, told]


def test_who_asks_a_person_awaits_input_and_holds_no_slot() -> None:
    world = World(pools=(Pool("default_pool", 1, include_deferred=True),))
    world.add(dag_of("a; c"))
    world.tick()
    world.finish("a", "deferred", due_at=(NOW + timedelta(seconds=9)).isoformat(), resume={"id": 1, "asks": True})
    assert world.states() == {"a": "awaiting_input", "c": "queued"}
    world.finish("c", "success")
    decisions = world.tick(seconds=9)
    assert [d.over for d in decisions if isinstance(d, ResumeTask)] == [{"timeout": True}]
    assert [d.try_number for d in decisions if isinstance(d, LaunchAttempt)] == [1]
