"""What the end of an attempt means for its task: retries, waits, kills, callbacks, fail_fast."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.planner.dsl import NOW, World, dag_of, run_of, ti_of
from tui_flow.messages import Report
from tui_flow.planner.decisions import FinishAttempt, KillAttempt
from tui_flow.planner.outcomes import next_state, retry_delay
from tui_flow.records import TaskInstanceKey
from tui_flow.state import CallbackKind, RunState, TaskState

T = TaskState
A = TaskInstanceKey(1, "a")


def a_world(**settings: object) -> World:
    world = World()
    world.add(dag_of("a >> b", a=settings))
    world.tick()
    return world


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("success", "success"),
        ("skipped", "skipped"),
        ("failed", "up_for_retry"),
        ("lost", "up_for_retry"),
        ("killed", "failed"),
        ("rescheduled", "up_for_reschedule"),
        ("deferred", "deferred"),
    ],
)
def test_the_state_that_follows(state: str, expected: str) -> None:
    world = a_world(retries=1)
    world.start("a")
    world.finish("a", state, due_at=(NOW + timedelta(hours=1)).isoformat())
    assert world.states()["a"] == expected


def test_a_report_of_a_beginning_is_no_end() -> None:
    with pytest.raises(ValueError, match="attempt 7 has not ended"):
        next_state(Report(7, "running", NOW.isoformat()), try_number=1, max_tries=0, after_kill=None)


def test_a_task_is_tried_as_often_as_it_has_retries_and_once_more() -> None:
    world = a_world(retries=2, retry_delay_s=60.0)
    for tried in (1, 2, 3):
        assert world.tis[A].try_number == tried
        world.finish("a", "failed")
        assert world.tick(seconds=59) == []
        world.tick(seconds=1)
    assert world.states() == {"a": "failed", "b": "upstream_failed"}
    assert world.runs[1].state is RunState.FAILED


def test_lost_counts_as_a_try() -> None:
    world = a_world(retries=1, retry_delay_s=0.0)
    world.finish("a", "lost")
    world.tick()
    world.finish("a", "lost")
    assert world.states()["a"] == "failed"


def test_what_must_not_be_retried_is_not() -> None:
    world = a_world(retries=5)
    world.finish("a", "failed", is_retryable=False)
    assert world.states()["a"] == "failed"


def test_a_void_launch_gives_its_try_back() -> None:
    world = a_world()
    world.finish("a", "void")
    assert (world.tis[A].state, world.tis[A].try_number) == (T.QUEUED, 1)
    world.finish("a", "success")
    assert world.tis[A].try_number == 1


def test_an_attempt_that_has_ended_is_forgotten() -> None:
    world = a_world(retries=1)
    world.finish("a", "failed")
    cell = world.board.cell(A)
    assert cell is not None and cell.attempt_id is None


def test_a_retry_policy_may_choose_the_time() -> None:
    world = a_world(retries=1, retry_delay_s=300.0)
    world.finish("a", "failed", due_at=(NOW + timedelta(seconds=5)).isoformat())
    assert world.board.dues.next() == NOW + timedelta(seconds=5)


def test_a_rescheduled_sensor_pokes_again_in_the_same_try() -> None:
    world = a_world(retries=1, retry_delay_s=0.0)
    for _ in range(3):
        world.finish("a", "rescheduled", due_at=(world.now + timedelta(seconds=10)).isoformat())
        assert world.states()["a"] == "up_for_reschedule"
        world.tick(seconds=10)
        assert world.tis[A].try_number == 1
    world.finish("a", "void")
    assert world.tis[A].try_number == 1
    world.finish("a", "failed")
    world.tick()
    assert world.tis[A].try_number == 2


def test_a_sensor_is_in_the_same_try_after_loading_it_anew() -> None:
    spec = dag_of("a", a={"retries": 1})
    run = run_of(spec)
    world = World()
    world.add(spec, run, [ti_of(run, spec.by_id["a"], "up_for_reschedule", 1, poke_count=3, due_at=NOW)])
    world.tick()
    assert (world.tis[A].state, world.tis[A].try_number) == (T.QUEUED, 1)


def test_a_kill_for_a_clear_starts_over_with_all_retries() -> None:
    spec = dag_of("a >> b", a={"retries": 2})
    run = run_of(spec)
    world = World()
    world.add(spec, run, [ti_of(run, task, "restarting" if task.task_id == "a" else None, 3) for task in spec.tasks])
    world.tis[A] = ti_of(run, spec.by_id["a"], "restarting", 3, after_kill=T.NONE)
    world.add(spec, run, [])
    world.attempts[A] = 7
    world.board.set_attempt(A, 7)
    [finished, *_] = world.finish("a", "success")
    assert isinstance(finished, FinishAttempt)
    assert (finished.new, finished.max_tries) == (T.NONE, 5)
    assert (world.tis[A].state, world.tis[A].try_number, world.tis[A].max_tries) == (T.QUEUED, 4, 5)
    assert (world.board.runs[1].unfinished, world.board.runs[1].started) == (2, 1)
    world.finish("a", "success")
    assert world.states() == {"a": "success", "b": "queued"}


def test_a_clear_of_a_sensor_whose_poke_was_void_starts_a_new_try() -> None:
    spec = dag_of("a")
    run = run_of(spec)
    world = World()
    world.add(spec, run, [ti_of(run, spec.by_id["a"], "restarting", 1, poke_count=2, after_kill=T.NONE)])
    world.attempts[A] = 7
    world.finish("a", "void")
    assert (world.tis[A].state, world.tis[A].try_number) == (T.QUEUED, 2)


def test_a_late_beginning_does_not_undo_a_clear() -> None:
    spec = dag_of("a")
    run = run_of(spec)
    world = World()
    world.add(spec, run, [ti_of(run, spec.by_id["a"], "restarting", 1, after_kill=T.NONE)])
    assert world.start("a") == []


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({"state": "failed", "callbacks_done": True}, None),
        ({"state": "failed", "callbacks_done": False}, CallbackKind.TASK_FAILURE),
        ({"state": "failed", "signal": 9}, CallbackKind.TASK_FAILURE),
        ({"state": "lost"}, CallbackKind.TASK_FAILURE),
        ({"state": "killed"}, CallbackKind.TASK_FAILURE),
        ({"state": "success", "callbacks_done": False}, CallbackKind.TASK_SUCCESS),
        ({"state": "skipped", "callbacks_done": False}, CallbackKind.TASK_SKIPPED),
        ({"state": "void", "callbacks_done": False}, None),
    ],
    ids=str,
)
def test_callbacks_that_the_attempt_could_not_run(facts: dict[str, object], kind: CallbackKind | None) -> None:
    world = a_world(callbacks=tuple(CallbackKind))
    world.finish("a", **facts)  # type: ignore[arg-type]
    assert [callback.kind for callback in world.callbacks] == ([kind] if kind else [])
    assert all((callback.key, callback.try_number) == (A, 1) for callback in world.callbacks)


def test_callbacks_that_nobody_set_do_not_run() -> None:
    world = a_world()
    world.finish("a", "lost")
    assert world.callbacks == []


def test_fail_fast_ends_all_others_but_teardowns() -> None:
    world = World()
    teardown = {"is_teardown": True, "trigger_rule": "all_done_setup_success"}
    world.add(dag_of("a; b; c >> d; [a, b, d] >> t", fail_fast=True, t=teardown, c={"pool": "closed"}))
    world.tick()
    world.start("b")
    world.finish("a", "failed")
    assert world.states() == {"a": "failed", "b": "running", "c": "skipped", "d": "skipped", "t": "none"}
    assert [(kill.key.task_id, kill.after) for kill in world.kills] == [("b", T.FAILED)]
    world.finish("b", "killed")
    assert world.states()["b"] == "failed"
    world.finish("t")
    assert world.runs[1].state is RunState.FAILED


def test_fail_fast_skips_what_has_not_begun() -> None:
    world = World()
    world.add(dag_of("a; b", fail_fast=True))
    world.tick()
    world.finish("a", "failed")
    assert [(kill.key.task_id, kill.after) for kill in world.kills] == [("b", T.SKIPPED)]


def test_fail_fast_waits_for_the_last_try() -> None:
    world = World()
    world.add(dag_of("a; b", fail_fast=True, a={"retries": 1}))
    world.tick()
    assert not any(isinstance(d, KillAttempt) for d in world.finish("a", "failed"))


@pytest.mark.parametrize(
    ("delay_s", "multiplier", "tried", "expected_s"),
    [(1e30, 0.0, 1, 30 * 86_400), (1e300, 10.0, 300, 86_400), (5.0, 2.0, 2000, 86_400), (5.0, 1.0, 3, 5)],
)
def test_delays_have_an_upper_end(delay_s: float, multiplier: float, tried: int, expected_s: float) -> None:
    task = dag_of("a", a={"retry_delay_s": delay_s, "retry_exponential_backoff": multiplier}).by_id["a"]
    assert retry_delay(task, dag_id="d", logical_date=NOW, try_number=tried).total_seconds() == expected_s


def test_max_retry_delay_caps_the_backoff() -> None:
    task = dag_of("a", a={"retry_delay_s": 60.0, "retry_exponential_backoff": 2.0, "max_retry_delay_s": 90.0}).by_id[
        "a"
    ]
    assert retry_delay(task, dag_id="d", logical_date=NOW, try_number=5) == timedelta(seconds=90)
