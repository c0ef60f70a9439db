"""One tick after another: a run from its first launch to its end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.planner.dsl import NOW, World, dag_of, run_of, tis_of
from tui_flow.planner.decisions import FinishAttempt, LaunchAttempt, MoveRun, MoveTask, StartAttempt
from tui_flow.planner.settle import AT_ONCE
from tui_flow.records import TaskInstanceKey
from tui_flow.state import AttemptState, RunState, TaskState

T = TaskState


def test_a_run_goes_from_its_first_task_to_its_end() -> None:
    world = World()
    world.add(dag_of("a >> [b, c] >> d"))
    a = TaskInstanceKey(1, "a")
    assert world.tick() == [MoveTask(a, T.NONE, T.SCHEDULED, 0), LaunchAttempt(a, 0, 1, "source")]
    assert world.start("a") == [StartAttempt(1, a, NOW)]
    report, _ = world.report("a", "success")
    finished = world.finish("a")
    assert finished[0] == FinishAttempt(1, a, 1, AttemptState.SUCCESS, T.RUNNING, T.SUCCESS, report)
    assert [d.key.task_id for d in finished if isinstance(d, LaunchAttempt)] == ["b", "c"]
    world.finish("b")
    world.finish("c")
    assert world.finish("d")[-1] == MoveRun(1, RunState.RUNNING, RunState.SUCCESS, "success")
    assert world.tick() == []
    assert not world.board.has_run(1)


def test_a_chain_of_empty_tasks_ends_in_one_plan() -> None:
    names = [f"t{i}" for i in range(AT_ONCE // 2)]
    world = World()
    world.add(dag_of(" >> ".join(names), tasks={name: {"is_empty": True} for name in names}))
    world.tick()
    assert world.runs[1].state is RunState.SUCCESS
    assert {ti.try_number for ti in world.tis.values()} == {1}


def test_a_task_that_releases_many_holds_up_nothing_else() -> None:
    """Ticks stay small, tasks start from the first one on, and nobody takes what is not looked at yet for stuck."""
    world = World(parallelism=4)
    many = dag_of("; ".join(f"first >> t{i}" for i in range(4 * AT_ONCE)), max_active_tasks=100)
    mapped = {"kind": "expand", "args": {"x": {"kind": "xcom", "task_id": "first", "key": "return_value"}}}
    expanded = dag_of("first >> t >> last", t={"mapped": mapped}, dag_id="expanded", max_active_tasks=100)
    for spec in (many, expanded):
        run = world.add(spec)
        world.tick()
        sizes = [len(world.finish("first", run=run.id, map_length=4 * AT_ONCE))]
        assert len(world.live()) == 4, "the first four run"
        while not world.board.is_settled:
            sizes.append(len(world.tick()))
        assert max(sizes) <= AT_ONCE + 10 and len(sizes) >= 4
        assert sum(ti.state in (T.SCHEDULED, T.QUEUED) for key, ti in world.tis.items() if key.run == run.id) == (
            4 * AT_ONCE
        )
        for key in world.live():
            world.attempts.pop(key)
        world.board.drop_run(run.id)
        world.tis.clear()


def test_a_run_is_not_stuck_while_its_tasks_are_still_looked_at() -> None:
    world = World()
    world.at_most = 1
    world.add(dag_of("a >> b >> c", a={"is_empty": True}, b={"is_empty": True}, c={"is_empty": True}))
    while not world.board.is_settled:
        world.tick()
        assert world.runs[1].reason is None or world.board.is_settled
    assert world.runs[1].state is RunState.SUCCESS


def test_a_run_without_tasks_is_a_success() -> None:
    world = World()
    world.add(dag_of(""))
    assert world.tick() == [MoveRun(1, RunState.RUNNING, RunState.SUCCESS, "success")]


def test_a_second_report_of_the_same_end_decides_nothing() -> None:
    world = World()
    world.add(dag_of("a >> b"))
    world.tick()
    report = world.report("a", "success")
    world.tick(report)
    assert world.tick(report) == []


def test_a_report_of_another_attempt_is_passed_over() -> None:
    world = World()
    world.add(dag_of("a"))
    world.tick()
    report, key = world.report("a", "success")
    world.board.set_attempt(key, 99)
    assert world.tick((report, key)) == []


def test_a_report_of_a_run_that_is_not_on_the_board_is_a_mistake() -> None:
    world = World()
    with pytest.raises(KeyError, match="run 7"):
        world.tick(world.report("a", "success", run=7))


def test_next_due_is_the_earliest_wait_and_forgets_waits_that_ended() -> None:
    world = World()
    world.add(dag_of("a; b", dagrun_timeout_s=3600.0, a={"retries": 1, "retry_delay_s": 60.0}))
    world.tick()
    assert world.board.dues.next() == NOW + timedelta(hours=1)
    world.finish("a", "failed")
    assert world.board.dues.next() == NOW + timedelta(seconds=60)
    world.board.drop_run(1)
    assert world.board.dues.next() is None


def test_a_run_that_is_added_again_goes_on_from_the_stored_states() -> None:
    world = World()
    run = world.add(dag_of("a >> b >> c"))
    world.tick()
    world.finish("a")
    spec, tis = world.specs[1], list(world.tis.values())
    world.board.add_run(run, spec, tis)
    assert world.tick() == []
    assert world.board.slots.total.used == 1
    world.finish("b")
    assert world.states()["c"] == "queued"


def test_a_task_that_left_the_dag_is_removed() -> None:
    old, new = dag_of("a >> b"), dag_of("a")
    world = World()
    run = run_of(new)
    world.add(new, run, tis_of(run, old, a="success"))
    world.tick()
    assert world.states()["b"] == "removed"
    assert world.runs[1].state is RunState.SUCCESS


def test_who_was_skipped_is_told_by_whom() -> None:
    world = World()
    world.add(dag_of("choose >> [a, b] >> far"))
    world.tick()
    decided = world.finish("choose", skips=("b", "far"), is_branch=True)
    told = {d.key.task_id: d.reason for d in decided if isinstance(d, MoveTask) and d.new is T.SKIPPED}
    assert told == {"b": "skipped by 'choose'", "far": "skipped by 'choose'"}
