"""Who is launched, in which order, and what stops the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.planner.dsl import NOW, World, dag_of, run_of, ti_of, tis_of
from tui_flow.messages import WaitOver
from tui_flow.planner.decisions import Decision, LaunchAttempt
from tui_flow.planner.plan import plan_tick
from tui_flow.planner.slots import Limit, ReadyQueue, Slots, SortKey
from tui_flow.records import Pool, TaskInstanceKey
from tui_flow.state import RunType, TaskState


def launched(decisions: list[Decision]) -> list[str]:
    return [d.key.task_id for d in decisions if isinstance(d, LaunchAttempt)]


def test_heavier_tasks_go_first_then_the_order_of_the_file() -> None:
    world = World()
    weights = {"b": {"priority_weight": 5}, "d": {"priority_weight": 5}}
    world.add(dag_of("a; b; c; d", tasks=weights))
    assert launched(world.tick()) == ["b", "d", "a", "c"]


def test_a_task_weighs_as_much_as_all_that_waits_for_it() -> None:
    world = World()
    world.add(dag_of("a; b >> c"))
    assert launched(world.tick()) == ["b", "a"]


def test_a_strategy_may_make_a_later_try_lighter() -> None:
    world = World(parallelism=1)
    spec = dag_of("a; b", a={"weights_by_try": (9, 0), "retries": 2, "retry_delay_s": 0.0}, b={"priority_weight": 5})
    world.add(spec)
    assert launched(world.tick()) == ["a"]
    assert launched(world.finish("a", "failed")) == ["b"]
    assert launched(world.finish("b")) == ["a"]


def test_the_earlier_logical_date_goes_first_whatever_the_order_of_adding() -> None:
    world = World(parallelism=1)
    spec = dag_of("a")
    world.add(spec, run_of(spec, 2))
    world.add(spec, run_of(spec, 1))
    assert [d.key.run for d in world.tick() if isinstance(d, LaunchAttempt)] == [1]


def test_waiting_ten_minutes_is_worth_a_point_of_priority() -> None:
    world = World(parallelism=1)
    world.add(dag_of("busy; old", dag_id="d1", busy={"priority_weight": 9}))
    world.tick()
    world.now += timedelta(minutes=21)
    world.add(dag_of("new", dag_id="d2", new={"priority_weight": 2}), run_of(dag_of("new", dag_id="d2"), 2))
    world.tick()
    assert launched(world.finish("busy")) == ["old"]


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"max_active_tasks": 2}, 2),
        ({"max_active_tasks": 2, "max_active_tasks_per_run": True}, 4),
        ({"tasks": {"a": {"max_active_tis_per_dag": 1}}}, 5),
        ({"tasks": {"a": {"max_active_tis_per_dagrun": 1}}}, 6),
        ({"tasks": {name: {"pool": "three"} for name in "abc"}}, 3),
        ({"tasks": {name: {"pool": "three", "pool_slots": 2} for name in "abc"}}, 1),
        ({"tasks": {name: {"pool": "endless", "pool_slots": 99} for name in "abc"}}, 6),
        ({"tasks": {name: {"pool": "closed"} for name in "abc"}}, 0),
        ({"tasks": {name: {"pool": "missing"} for name in "ab"}}, 2),
        ({"tasks": {"a": {"pool": "three", "pool_slots": 4}}}, 4),
    ],
    ids=str,
)
def test_each_limit_stops_what_is_beyond_it(limits: dict[str, object], expected: int) -> None:
    pools = [Pool("default_pool", 128), Pool("three", 3), Pool("endless", -1), Pool("closed", 0)]
    world = World(pools=pools)
    spec = dag_of("a; b; c", **limits)  # type: ignore[arg-type]
    world.add(spec)
    world.add(spec)
    world.tick()
    assert len(world.live()) == expected


def test_parallelism_is_over_all_dags() -> None:
    world = World(parallelism=3)
    world.add(dag_of("a; b", dag_id="d1"))
    world.add(dag_of("a; b", dag_id="d2"))
    world.tick()
    assert len(world.live()) == 3


def test_a_freed_slot_goes_to_the_best_of_those_that_wait_for_it() -> None:
    world = World(pools=[Pool("default_pool", 1), Pool("other", 1)])
    world.add(dag_of("a; b; c; d", b={"pool": "other"}, c={"pool": "other"}, d={"priority_weight": 0}))
    assert launched(world.tick()) == ["a", "b"]
    assert launched(world.finish("b")) == ["c"]
    assert launched(world.finish("a")) == ["d"]


def test_smaller_needs_may_pass_what_does_not_fit() -> None:
    world = World(pools=[Pool("default_pool", 3)])
    spec = dag_of(
        "a; big; small", a={"pool_slots": 2, "priority_weight": 9}, big={"pool_slots": 2, "priority_weight": 5}
    )
    world.add(spec)
    assert launched(world.tick()) == ["a", "small"]
    assert launched(world.finish("a")) == ["big"]


def test_a_pool_that_grows_or_appears_lets_those_that_wait_go() -> None:
    world = World(pools=[Pool("default_pool", 1)])
    world.add(dag_of("a; b; c; d", d={"pool": "new"}))
    world.tick()
    world.board.set_pools([Pool("default_pool", 2), Pool("new", 1)])
    assert launched(world.tick()) == ["b", "d"]


def test_a_pool_that_is_gone_starts_nothing() -> None:
    world = World(pools=[Pool("default_pool", 1)])
    world.add(dag_of("a; b"))
    world.tick()
    world.board.set_pools([])
    assert launched(world.finish("a")) == []


def test_a_pool_that_shrinks_kills_nothing_and_starts_nothing() -> None:
    world = World(pools=[Pool("default_pool", 2)])
    world.add(dag_of("a; b; c"))
    world.tick()
    world.board.set_pools([Pool("default_pool", 1)])
    assert launched(world.finish("a")) == []
    assert launched(world.finish("b")) == ["c"]


@pytest.mark.parametrize(("include_deferred", "starts"), [(True, []), (False, ["b"])])
def test_deferred_tasks_keep_their_slots_where_the_pool_says_so(include_deferred: bool, starts: list[str]) -> None:
    world = World(pools=[Pool("default_pool", 1, include_deferred)])
    world.add(dag_of("a; b"))
    world.tick()
    assert launched(world.finish("a", "deferred", resume={"method": "m"})) == starts


def test_a_deferral_that_ends_gives_its_slots_back() -> None:
    world = World(pools=[Pool("default_pool", 1, include_deferred=True)])
    world.add(dag_of("a; b"))
    world.tick()
    world.finish("a", "deferred", resume={"id": 1})
    assert launched(world.tick(waits_over=[WaitOver(TaskInstanceKey(1, "a"), 1, None, "success")])) == ["b"]


def test_deferred_tasks_count_again_when_their_pool_begins_to_count_them() -> None:
    world = World(pools=[Pool("default_pool", 1)])
    world.add(dag_of("a; b; c"))
    world.tick()
    world.finish("a", "deferred", resume={"method": "m"})
    world.board.set_pools([Pool("default_pool", 1, include_deferred=True)])
    assert launched(world.finish("b")) == []


def test_a_paused_dag_launches_nothing_but_manual_runs() -> None:
    world = World()
    spec = dag_of("a >> b")
    world.board.set_paused("d", True)
    world.add(spec)
    world.add(spec, run_of(spec, 2, run_type=RunType.MANUAL))
    assert [d.key.run for d in world.tick() if isinstance(d, LaunchAttempt)] == [2]
    world.board.set_paused("d", False)
    assert launched(world.tick()) == ["a"]


def test_a_paused_dag_holds_its_empty_tasks_back_too() -> None:
    world = World()
    world.board.set_paused("d", True)
    world.add(dag_of("a >> b", a={"is_empty": True}))
    world.tick()
    assert world.states()["a"] == "scheduled"
    world.board.set_paused("d", False)
    assert launched(world.tick()) == ["b"]


def test_what_runs_already_is_counted_when_a_run_is_added() -> None:
    world = World(pools=[Pool("default_pool", 1)])
    spec = dag_of("a; b")
    run = run_of(spec)
    world.add(spec, run, [ti_of(run, spec.by_id["a"], "running", 1), ti_of(run, spec.by_id["b"], "scheduled")])
    assert launched(world.tick()) == []
    world.board.drop_run(1)
    assert world.board.slots.total.used == 0
    assert world.board.limits.pool("default_pool").used == 0


def test_a_run_that_has_ended_keeps_slots_until_its_last_attempt_is_dead() -> None:
    world = World(pools=[Pool("default_pool", 1)])
    slow = dag_of("a", dag_id="slow", dagrun_timeout_s=10.0)
    world.add(slow)
    world.add(dag_of("b", dag_id="other"), run_of(dag_of("b", dag_id="other"), 2))
    world.tick()
    assert launched(world.tick(seconds=11)) == []
    assert launched(world.finish("a", "killed")) == ["b"]


def test_the_newest_run_says_how_many_tasks_of_the_dag_may_be_active() -> None:
    spec = dag_of("a; b; c", max_active_tasks=1)
    wider = replace(spec, max_active_tasks=3)
    for order in ([(1, spec), (2, wider)], [(2, wider), (1, spec)]):
        world = World()
        for number, version in order:
            world.add(version, run_of(version, number), tis_of(run_of(version, number), version))
        world.tick()
        assert len(world.live()) == 3


class Waiting:
    def __init__(self) -> None:
        self.ready_key: SortKey | None = None


def test_the_cost_of_a_launch_does_not_grow_with_what_waits_elsewhere() -> None:
    """1,000 queues wait for a full limit; each freed slot looks at one of them."""
    slots: Slots[Waiting] = Slots(10_000)
    shared: Limit[Waiting] = Limit("shared", 1)
    looked_at = 0

    class Watched(ReadyQueue[Waiting]):
        def full_limit(self) -> tuple[Limit[Waiting], int] | None:
            nonlocal looked_at
            looked_at += 1
            return super().full_limit()

    queues = [Watched(((shared, 1), (Limit("own"), 1))) for _ in range(1000)]
    for number, queue in enumerate(queues):
        slots.push(queue, (0, 0.0, 0, 0, 0, number), Waiting())
    assert slots.take() is not None
    assert slots.take() is None
    looked_at = 0
    for _ in range(10):
        slots.release(queues[0])
        assert slots.take() is not None
        assert slots.take() is None
    assert looked_at <= 20


def test_a_better_entry_brings_its_queue_forward() -> None:
    slots: Slots[Waiting] = Slots(10)
    shared: Limit[Waiting] = Limit("shared", 0)
    queues: list[ReadyQueue[Waiting]] = [ReadyQueue(((shared, 1), (Limit(name), 1))) for name in "ab"]
    slots.push(queues[0], (5, 0.0, 0, 0, 0, 1), Waiting())
    slots.push(queues[1], (3, 0.0, 0, 0, 0, 2), Waiting())
    assert slots.take() is None
    best = Waiting()
    slots.push(queues[0], (1, 0.0, 0, 0, 0, 3), best)
    slots.resize(shared, 1)
    assert slots.take() is best


def test_nothing_is_launched_while_the_scheduler_may_not() -> None:
    world = World()
    world.add(dag_of("a"))
    assert launched(plan_tick(world.board, (), NOW, may_launch=False)) == []
    assert launched(plan_tick(world.board, (), NOW)) == ["a"]


def test_an_entry_that_left_is_passed_over() -> None:
    slots: Slots[Waiting] = Slots(10)
    queue: ReadyQueue[Waiting] = ReadyQueue(())
    first, second = Waiting(), Waiting()
    slots.push(queue, (0, 0.0, 0, 0, 0, 1), first)
    slots.push(queue, (1, 0.0, 0, 0, 0, 2), second)
    first.ready_key = None
    assert slots.take() is second
    assert slots.take() is None


def test_keys_of_launches_name_the_task_instance() -> None:
    world = World()
    world.add(dag_of("a"))
    assert LaunchAttempt(TaskInstanceKey(1, "a", -1), 0, 1, "source") in world.tick()
    assert world.tis[TaskInstanceKey(1, "a")].state is TaskState.QUEUED
    assert world.now == NOW
