"""`why`: the words for every condition that holds a task instance back, and for its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.planner.dsl import NOW, World, dag_of, run_of, ti_of, tis_of
from tui_flow.planner.explain import explain
from tui_flow.records import Backfill, Pool, TaskAttempt, TaskInstanceKey
from tui_flow.spec import DagSpec
from tui_flow.state import AttemptState, RunState, RunType, TaskState


def why(world: World, task_id: str, run: int = 1, **facts: object) -> tuple[str, ...]:
    ti = world.tis[TaskInstanceKey(run, task_id)]
    return explain(world.board, world.specs[run], world.runs[run], ti, world.now, **facts)  # type: ignore[arg-type]


def world_of(spec: DagSpec, **states: str) -> World:
    world = World(pools=[Pool("default_pool", 2), Pool("closed", 0)])
    run = run_of(spec)
    world.add(spec, run, tis_of(run, spec, **states))
    world.tick()
    return world


def test_what_a_rule_waits_for() -> None:
    world = world_of(dag_of("a >> c; b >> c"), a="success")
    assert why(world, "c") == ("trigger rule all_success: waits for b (queued)",)


def test_setups_further_up_are_named() -> None:
    spec = dag_of("s >> w1 >> w2; x >> w2", s={"is_setup": True}, w2={"trigger_rule": "one_success"})
    assert why(world_of(spec, x="success"), "w2") == (
        "trigger rule one_success: waits for w1 (none)",
        "waits for its setups: s (queued)",
    )


def test_which_limit_is_full() -> None:
    world = world_of(dag_of("a; b; c; d; e", max_active_tasks=2, d={"pool": "closed"}, e={"pool": "db"}))
    assert why(world, "c") == (
        "max_active_tasks of DAG 'd' is full: 2 of 2 slots used, 1 needed; by a in r1, b in r1",
        "pool 'default_pool' is full: 2 of 2 slots used, 1 needed; by a in r1, b in r1",
    )
    assert why(world, "d")[-1] == "pool 'closed' has no slots"
    assert why(world, "e")[-1] == "pool 'db' does not exist; `tuiflow pools set db SLOTS` makes it"


def test_a_need_that_no_pool_can_meet() -> None:
    world = world_of(dag_of("a", a={"pool_slots": 3}))
    assert why(world, "a") == ("pool 'default_pool' has 2 slots in all, and the task needs 3",)


def test_parallelism() -> None:
    world = World(parallelism=1)
    world.add(dag_of("a; b"))
    world.tick()
    assert why(world, "b") == ("parallelism is full: 1 of 1 slot used, 1 needed; by a in r1",)


def test_a_paused_dag() -> None:
    world = World()
    world.board.set_paused("d", True)
    world.add(dag_of("a"))
    world.tick()
    assert why(world, "a", is_paused=True) == ("DAG 'd' is paused; `tuiflow unpause d` lets it go on",)
    world.runs[1] = replace(world.runs[1], run_type=RunType.MANUAL)
    assert "nothing stops it" in why(world, "a", is_paused=True)[0]


def test_a_run_behind_max_active_runs() -> None:
    world = World()
    spec = dag_of("a", max_active_runs=2)
    run = run_of(spec, state=RunState.QUEUED)
    world.runs, world.specs, world.tis = {1: run}, {1: spec}, {ti.key: ti for ti in tis_of(run, spec)}
    assert why(world, "a", active_runs=("r8", "r9")) == (
        "run r1 is queued: 2 of 2 runs are active (max_active_runs): r8, r9",
    )
    assert why(world, "a") == ("run r1 is queued",)


def test_a_task_of_a_run_that_has_ended() -> None:
    world = world_of(dag_of("a"))
    world.runs[1] = replace(world.runs[1], state=RunState.FAILED)
    world.tis[TaskInstanceKey(1, "a")] = ti_of(world.runs[1], world.specs[1].by_id["a"])
    assert why(world, "a")[0].startswith("run r1 has ended as failed; `tuiflow clear`")


def test_the_next_try() -> None:
    world = world_of(dag_of("a", a={"retries": 2, "retry_delay_s": 60.0}))
    world.finish("a", "failed")
    assert why(world, "a") == ("try 1 of 3 failed; the next one starts at 2026-01-01T00:01:00+00:00 (in 60 s)",)


def test_a_long_wait_is_told_in_hours_and_minutes() -> None:
    world = world_of(dag_of("a", a={"retries": 1, "retry_delay_s": 3900.0}))
    world.finish("a", "failed")
    assert why(world, "a")[0].endswith("starts at 2026-01-01T01:05:00+00:00 (in 1:05:00)")


def test_the_next_poke() -> None:
    world = world_of(dag_of("a"))
    world.finish("a", "rescheduled", due_at=(NOW + timedelta(seconds=9)).isoformat())
    assert why(world, "a")[0].endswith("after 1 poke; the next one is at 2026-01-01T00:00:09+00:00 (in 9 s)")


def test_the_previous_run() -> None:
    spec = dag_of("a", a={"depends_on_past": True})
    world = World()
    one = run_of(spec, 1)
    world.add(spec, run_of(spec, 2), previous=one, past=tis_of(one, spec, a="failed"))
    world.tick()
    assert why(world, "a", run=2) == ("depends_on_past: 'a' of the previous run r1 is failed",)


def test_an_attempt_that_is_being_ended() -> None:
    world = world_of(dag_of("a"))
    key = TaskInstanceKey(1, "a")
    world.tis[key] = replace(world.tis[key], after_kill=TaskState.SUCCESS)
    assert why(world, "a") == ("queued: try 1 of 1", "its attempt is being ended (killed); it becomes success then")


ATTEMPT = TaskAttempt(1, 1, "a", -1, 3, AttemptState.FAILED, NOW, "boot")


@pytest.mark.parametrize(
    ("state", "tries", "attempt", "expected"),
    [
        ("failed", 3, replace(ATTEMPT, exit_code=2), "failed: exit code 2 after 3 tries"),
        ("failed", 1, replace(ATTEMPT, signal=9), "failed: signal 9 at the first try"),
        ("failed", 2, replace(ATTEMPT, reason="it broke", exit_code=1), "failed: it broke after 2 tries"),
        ("success", 1, None, "success at the first try"),
        ("skipped", 0, None, "skipped: by a branch"),
        ("failed", 0, None, "failed: by a branch"),
    ],
)
def test_what_happened(state: str, tries: int, attempt: TaskAttempt | None, expected: str) -> None:
    world = world_of(dag_of("a"))
    reason = "by a branch" if tries == 0 else None
    ti = ti_of(world.runs[1], world.specs[1].by_id["a"], state, tries, reason=reason)
    world.tis[ti.key] = ti
    assert why(world, "a", last_attempt=attempt) == (expected,)


def test_whose_failure_it_was() -> None:
    world = world_of(dag_of("a >> b; c >> b; d", d={"pool": "closed"}), a="failed")
    assert why(world, "b") == ("upstream_failed: a (failed) did not succeed",)


def test_who_holds_a_pool_in_another_dag() -> None:
    world = World(pools=[Pool("default_pool", 1)])
    world.add(dag_of("x", dag_id="other"))
    world.tick()
    world.add(dag_of("a"), run_of(dag_of("a"), 2))
    world.tick()
    assert why(world, "a", run=2) == ("pool 'default_pool' is full: 1 of 1 slot used, 1 needed; by other.x in r1",)


def test_of_many_some_are_named() -> None:
    spec = dag_of("; ".join(f"t{n} >> end" for n in range(9)))
    assert why(world_of(spec), "end") == (
        "trigger rule all_success: waits for t0 (queued), t1 (queued), t2 (scheduled), t3 (scheduled), t4 (scheduled) "
        "and 4 others",
    )


def test_a_run_of_a_backfill_waits_for_its_own_limit() -> None:
    spec = dag_of("a", max_active_runs=1)
    run = replace(run_of(spec, state=RunState.QUEUED), run_type=RunType.BACKFILL, backfill_id=3)
    world = World()
    world.runs, world.specs, world.tis = {1: run}, {1: spec}, {ti.key: ti for ti in tis_of(run, spec)}
    backfill = Backfill(3, "d", NOW, NOW, "none", 2, False, False, {}, NOW, None, None, 9)
    assert why(world, "a", active_runs=("b1", "b2"), backfill=backfill) == (
        "run r1 is queued: 2 of 2 runs of backfill 3 are active (max_active_runs): b1, b2",
    )
    assert why(world, "a", active_runs=("b1",), backfill=backfill) == ("run r1 is queued",)
    paused = replace(backfill, is_paused=True)
    assert why(world, "a", backfill=paused) == (
        "run r1 is queued: backfill 3 is paused; `tuiflow backfills resume 3` lets it go on",
    )


@pytest.mark.parametrize(
    ("state", "facts", "expected"),
    [
        ("deferred", {}, "it waits for a trigger"),
        ("deferred", {"resume": {"trigger": "a.b.FileTrigger"}}, "it waits for its trigger FileTrigger"),
        (
            "deferred",
            {"resume": {"trigger": "a.DateTimeTrigger"}, "due_at": NOW + timedelta(seconds=9)},
            "it waits for its trigger DateTimeTrigger, whose time is up at 2026-01-01T00:00:09+00:00 (in 9 s)",
        ),
        ("awaiting_input", {}, "it waits for a person's answer; `tuiflow answer d a` gives it"),
        (
            "awaiting_input",
            {"due_at": NOW},
            "it waits for a person's answer, whose time is up at 2026-01-01T00:00:00+00:00 (due); "
            "`tuiflow answer d a` gives it",
        ),
    ],
)
def test_what_a_waiting_task_waits_for(state: str, facts: dict[str, Any], expected: str) -> None:
    world = world_of(dag_of("a"))
    ti = ti_of(world.runs[1], world.specs[1].by_id["a"], state, 1, **facts)
    world.tis[ti.key] = ti
    assert why(world, "a") == (expected,)
