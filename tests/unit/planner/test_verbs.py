"""What users decide: clear, mark, kill, backfill; and which tasks and runs they mean. See tests/oracle too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.planner.dsl import NOW, dag_of, run_of, tis_of
from tests.unit.planner.state_dags import DAGS, START
from tui_flow.errors import BadInput, NotPossible, TaskNotFound
from tui_flow.planner.backfill import Outcome, Reprocess, check_backfill, plan_backfill, progress
from tui_flow.planner.backfill_slots import backfill_slots
from tui_flow.planner.clear import plan_clear, plan_new_tasks
from tui_flow.planner.decisions import CreateRun, KillAttempt, MoveRun, MoveTask
from tui_flow.planner.kill import plan_kill
from tui_flow.planner.mark import plan_mark_run, plan_mark_task
from tui_flow.planner.selection import RunTasks, named_tasks, runs_in_reach, with_relatives
from tui_flow.records import Backfill, Dag, TaskInstanceKey
from tui_flow.spec import DagSpec, GroupSpec
from tui_flow.state import OCCUPIED_TASK, RunState, TaskState

T = TaskState
DAY = timedelta(days=1)


def view_of(spec: DagSpec, state: RunState, **states: str) -> RunTasks:
    run = run_of(spec, state=state)
    tis = tuple(tis_of(run, spec, **states))
    return RunTasks(run, tis, {ti.key: 5 for ti in tis if ti.state in OCCUPIED_TASK})


def key(task_id: str) -> TaskInstanceKey:
    return TaskInstanceKey(1, task_id)


def test_clear_leaves_what_has_not_started_alone() -> None:
    spec = dag_of("a >> b")
    assert plan_clear(spec, [view_of(spec, RunState.RUNNING)], ["a", "b"]) == []


def test_clear_takes_the_newest_version_in_a_run_that_goes_on() -> None:
    spec = dag_of("a >> b")
    view = view_of(spec, RunState.RUNNING, a="failed")
    decisions = plan_clear(spec, [view], ["a"], spec_version="new", source_version="newer")
    assert decisions[0] == MoveRun(1, RunState.RUNNING, RunState.RUNNING, None, "new", "newer")
    same = plan_clear(spec, [view], ["a"], spec_version=view.run.spec_version, source_version="source")
    assert [type(decision) for decision in same] == [MoveTask]


def test_clear_with_both_filters_takes_failed_and_running_tasks() -> None:
    spec = dag_of("a; b; c")
    view = view_of(spec, RunState.RUNNING, a="failed", b="running", c="success")
    decisions = plan_clear(spec, [view], ["a", "b", "c"], only_failed=True, only_running=True)
    assert [d.key.task_id for d in decisions if isinstance(d, (MoveTask, KillAttempt))] == ["a", "b"]


def test_clear_of_a_task_that_is_being_killed_changes_where_it_goes() -> None:
    spec = dag_of("a")
    run = run_of(spec)
    [ti] = tis_of(run, spec, a="running")
    assert plan_clear(spec, [RunTasks(run, (ti,), {ti.key: 5})], ["a"]) == [KillAttempt(5, key("a"), T.NONE, "cleared")]


def test_a_waiting_task_can_be_cleared() -> None:
    spec = dag_of("a", a={"retries": 3})
    [move] = plan_clear(spec, [view_of(spec, RunState.RUNNING, a="up_for_retry")], ["a"])
    assert move == MoveTask(key("a"), T.UP_FOR_RETRY, T.NONE, 1, "cleared", max_tries=4)


def test_marking_every_task_of_a_failed_run_a_success_makes_the_run_one() -> None:
    spec = dag_of("a >> b")
    view = view_of(spec, RunState.FAILED, a="failed", b="upstream_failed")
    decisions = plan_mark_task(spec, [view], ["a", "b"], T.SUCCESS)
    assert decisions[-1] == MoveRun(1, RunState.FAILED, RunState.SUCCESS, "marked")
    skipped = plan_mark_task(spec, [view], ["a", "b"], T.SKIPPED)
    assert skipped[-1] == MoveRun(1, RunState.FAILED, RunState.SUCCESS, "marked")


def test_marking_a_failure_leaves_what_had_failed_below_alone() -> None:
    spec = dag_of("a >> b")
    view = view_of(spec, RunState.FAILED, a="skipped", b="failed")
    assert [type(d) for d in plan_mark_task(spec, [view], ["a"], T.FAILED)] == [MoveTask]


def test_marking_one_of_two_failures_leaves_the_run_failed() -> None:
    spec = dag_of("a; b")
    view = view_of(spec, RunState.FAILED, a="failed", b="failed")
    assert [type(d) for d in plan_mark_task(spec, [view], ["a"], T.SUCCESS)] == [MoveTask]


def test_marking_a_running_task_kills_it_first() -> None:
    spec = dag_of("a >> b")
    view = view_of(spec, RunState.RUNNING, a="running")
    assert plan_mark_task(spec, [view], ["a"], T.SUCCESS) == [KillAttempt(5, key("a"), T.SUCCESS, "marked by the user")]


def test_relatives_that_are_marked_along_are_no_teardowns() -> None:
    spec = dag_of("a >> t", t={"is_teardown": True})
    view = view_of(spec, RunState.RUNNING)
    decisions = plan_mark_task(spec, [view], ["a"], T.SKIPPED, downstream=True)
    assert [decision.key.task_id for decision in decisions if isinstance(decision, MoveTask)] == ["a"]


def test_only_marks_are_taken() -> None:
    spec = dag_of("a")
    with pytest.raises(BadInput, match="not running"):
        plan_mark_task(spec, [], ["a"], T.RUNNING)
    with pytest.raises(BadInput, match="not queued"):
        plan_mark_run(spec, view_of(spec, RunState.RUNNING), RunState.QUEUED)


def test_a_finished_or_queued_run_can_be_marked_too() -> None:
    spec = dag_of("a >> b")
    done = view_of(spec, RunState.FAILED, a="failed", b="upstream_failed")
    assert plan_mark_run(spec, done, RunState.SUCCESS) == [MoveRun(1, RunState.FAILED, RunState.SUCCESS, "marked")]
    queued = view_of(spec, RunState.QUEUED)
    assert plan_mark_run(spec, queued, RunState.FAILED)[-1] == MoveRun(1, RunState.QUEUED, RunState.FAILED, "marked")


def test_a_kill_needs_something_alive() -> None:
    spec = dag_of("a; b")
    view = view_of(spec, RunState.RUNNING, a="running", b="success")
    assert plan_kill(spec, view, view.tis[0]) == [KillAttempt(5, key("a"), T.FAILED, "killed by the user")]
    with pytest.raises(NotPossible, match="'b' of run 'r1' is success"):
        plan_kill(spec, view, view.tis[1])


def test_tasks_are_named_by_id_group_or_pattern() -> None:
    spec = dag_of(
        "a >> g.x >> g.inner.y >> b",
        groups=(GroupSpec("g.inner", "g"), GroupSpec("g")),
        tasks={"g.x": {"group": "g"}, "g.inner.y": {"group": "g.inner"}},
    )
    assert named_tasks(spec) == ("a", "g.x", "g.inner.y", "b")
    assert named_tasks(spec, ["b", "a"]) == ("a", "b")
    assert named_tasks(spec, ["g"]) == ("g.x", "g.inner.y")
    assert named_tasks(spec, pattern=r"^g\.|b") == ("g.x", "g.inner.y", "b")
    with pytest.raises(TaskNotFound, match="no task 'c'"):
        named_tasks(spec, ["c"])
    with pytest.raises(BadInput, match="regular expression"):
        named_tasks(spec, pattern="(")


def test_relatives_bring_the_setups_that_they_need() -> None:
    setup, teardown = {"is_setup": True}, {"is_teardown": True}
    spec = dag_of("s >> w1 >> w2 >> t; s >> t; before >> s; w2 >> after", s=setup, t=teardown)
    assert with_relatives(spec, ["w1"]) == ("s", "w1", "t")
    assert with_relatives(spec, ["s"]) == ("s", "t")
    assert with_relatives(spec, ["after"]) == ("after",)
    assert with_relatives(spec, ["w2"], downstream=True) == ("s", "w2", "t", "after")
    assert with_relatives(spec, ["after"], upstream=True) == ("s", "w1", "w2", "t", "before", "after")


def test_runs_before_and_after() -> None:
    spec = dag_of("a")
    runs = [run_of(spec, number) for number in (3, 1, 2)]
    ids = [run.id for run in runs_in_reach(runs[2], runs)]
    assert ids == [2]
    assert [run.id for run in runs_in_reach(runs[2], runs, past=True)] == [1, 2]
    assert [run.id for run in runs_in_reach(runs[2], runs, past=True, future=True)] == [1, 2, 3]


LINEAR = DAGS["s_linear"]
DAG = Dag("s_linear", "d.py", False, False, "new", 2, "newer", None, None, None)


@pytest.mark.parametrize(
    ("reprocess", "state", "outcome"),
    [
        (Reprocess.NONE, RunState.FAILED, Outcome.EXISTS),
        (Reprocess.FAILED, RunState.FAILED, Outcome.CLEARED),
        (Reprocess.FAILED, RunState.SUCCESS, Outcome.EXISTS),
        (Reprocess.COMPLETED, RunState.SUCCESS, Outcome.CLEARED),
        (Reprocess.COMPLETED, RunState.RUNNING, Outcome.IN_FLIGHT),
        (Reprocess.COMPLETED, RunState.QUEUED, Outcome.IN_FLIGHT),
    ],
)
def test_a_backfill_and_a_run_that_is_there(reprocess: Reprocess, state: RunState, outcome: Outcome) -> None:
    view = view_of(LINEAR, state, a="success", b="failed", c="upstream_failed", d="upstream_failed")
    slots = list(backfill_slots(LINEAR, START, START + DAY, NOW))
    first, second = plan_backfill(DAG, LINEAR, slots, {START: view}, reprocess=reprocess, backfill_id=3)
    assert first.outcome is outcome
    if outcome is Outcome.CLEARED:
        assert first.decisions[0] == MoveRun(1, state, RunState.QUEUED, "cleared", "new", "newer")
        assert len(first.decisions) == 5
    assert second.outcome is Outcome.CREATED
    [created] = second.decisions
    assert isinstance(created, CreateRun) and created.backfill_id == 3


def test_a_backfill_goes_on_after_its_cursor_in_both_directions() -> None:
    span = START, START + 3 * DAY
    forwards = [slot.logical_date for slot in backfill_slots(LINEAR, *span, NOW)]
    assert forwards == [START + n * DAY for n in range(4)]
    assert [s.logical_date for s in backfill_slots(LINEAR, *span, NOW, run_backwards=True)] == forwards[::-1]
    assert [s.logical_date for s in backfill_slots(LINEAR, *span, NOW, cursor=forwards[1])] == forwards[2:]
    backwards = backfill_slots(LINEAR, *span, NOW, cursor=forwards[1], run_backwards=True)
    assert [slot.logical_date for slot in backwards] == forwards[:1]


def test_a_backfill_covers_only_what_has_ended_and_computes_nothing_ahead() -> None:
    now = START + timedelta(hours=36)
    assert [slot.logical_date for slot in backfill_slots(LINEAR, START, START + 9 * DAY, now)] == [START]
    centuries = datetime(1000, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)
    assert next(backfill_slots(LINEAR, *centuries, NOW)).logical_date == centuries[0]


@pytest.mark.parametrize(
    ("how", "words"),
    [({"run_backwards": True, "reprocess": Reprocess.FAILED}, "backwards"), ({}, "say whether to reprocess")],
)
def test_a_backfill_of_tasks_that_depend_on_the_past(how: dict[str, object], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        check_backfill(DAGS["s_dop"], START, START + DAY, NOW, **how)  # type: ignore[arg-type]


def going_on(total: int, cursor: datetime | None, **more: Any) -> Backfill:
    span = START, START + 3 * DAY
    made = {"is_paused": False, "completed_at": None, "run_backwards": False} | more
    return Backfill(
        3, "s_linear", *span, "none", 2, conf={}, created_at=NOW, cancelled_at=None, total=total, cursor=cursor, **made
    )


@pytest.mark.parametrize(
    ("backfill", "unfinished", "done", "ends_after"),
    [
        (going_on(4, None), 0, 0, None),
        (going_on(4, START + DAY), 1, 1, timedelta(hours=3)),
        (going_on(4, START + DAY), 0, 2, timedelta(hours=1)),
        (going_on(4, START + DAY, run_backwards=True), 1, 2, timedelta(hours=1)),
        (going_on(4, START + DAY, is_paused=True), 0, 2, None),
        (going_on(4, START + 3 * DAY, completed_at=NOW), 0, 4, None),
        (going_on(90_000, START + DAY), 10, 29_990, timedelta(hours=1) * (60_010 / 29_990)),
        (going_on(90_000, START + DAY, run_backwards=True), 0, 60_000, timedelta(minutes=30)),
    ],
)
def test_how_far_a_backfill_is(backfill: Backfill, unfinished: int, done: int, ends_after: timedelta | None) -> None:
    at = NOW + timedelta(hours=1)
    found = progress(LINEAR, backfill, unfinished, at)
    assert (found.total, found.done, found.unfinished) == (backfill.total, done, unfinished)
    assert found.ends_at == (None if ends_after is None else at + ends_after)


def test_new_tasks_of_a_version_make_a_run_go_on() -> None:
    old, new = dag_of("a >> b"), dag_of("a >> b >> c")
    view = view_of(old, RunState.SUCCESS, a="success", b="failed")
    assert plan_new_tasks(new, view, "v2", "s2") == [
        MoveRun(1, RunState.SUCCESS, RunState.QUEUED, "new tasks", "v2", "s2")
    ]
    assert plan_new_tasks(old, view, "v2", "s2") == []
    going = view_of(old, RunState.RUNNING, a="success")
    [change] = plan_new_tasks(new, going, "v2", "s2")
    assert isinstance(change, MoveRun) and change.new is RunState.RUNNING
