"""What a decision makes of a task instance and its attempt, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tui_flow.messages import Report
from tui_flow.planner.decisions import FinishAttempt, KillAttempt, LaunchAttempt, MoveTask, ResumeTask, StartAttempt
from tui_flow.records import TaskAttempt, TaskInstance
from tui_flow.state import FINISHED_TASK, OCCUPIED_TASK, TASK_MOVES, AttemptState, TaskState
from tui_flow.store import moves

NOW = datetime(2026, 1, 1, tzinfo=UTC)
T = TaskState


def ti(state: TaskState = T.NONE, try_number: int = 0) -> TaskInstance:
    return TaskInstance(1, "a", -1, state, try_number, 0)


RUNNING = TaskAttempt(7, 1, "a", -1, 1, AttemptState.RUNNING, NOW, "boot", NOW)


@pytest.mark.parametrize("old", TaskState)
@pytest.mark.parametrize("new", TaskState)
def test_only_the_moves_of_the_table_are_made(old: TaskState, new: TaskState) -> None:
    decision = MoveTask(ti().key, old, new, 0)
    if new is old or new in TASK_MOVES[old]:
        after = moves.move_task((ti(old), None), decision, NOW)
        assert after is not None and after[0].state is new
        assert (after[0].ended_at is not None) == (new in FINISHED_TASK or new is T.UP_FOR_RETRY)
    else:
        with pytest.raises(ValueError, match="not a legal move"):
            moves.move_task((ti(old), None), decision, NOW)


@pytest.mark.parametrize("state", sorted(set(TaskState) - {T.SCHEDULED}))
def test_only_what_is_scheduled_is_launched(state: TaskState) -> None:
    assert moves.launch((ti(state), None), LaunchAttempt(ti().key, 0, 1, "s"), NOW, "boot") is None


def test_nothing_is_launched_beside_a_live_attempt() -> None:
    assert moves.launch((ti(T.SCHEDULED), RUNNING), LaunchAttempt(ti().key, 0, 1, "s"), NOW, "boot") is None


def test_a_new_try_starts_from_nothing_and_the_same_try_goes_on() -> None:
    before = replace(ti(T.SCHEDULED, 1), first_started_at=NOW, poke_count=3, resume={"x": 1})
    again = moves.launch((before, None), LaunchAttempt(before.key, 1, 1, "s"), NOW, "boot")
    new = moves.launch((before, None), LaunchAttempt(before.key, 1, 2, "s"), NOW, "boot")
    assert again is not None and (again[0].poke_count, again[0].first_started_at, again[0].resume) == (3, NOW, {"x": 1})
    assert new is not None and (new[0].poke_count, new[0].first_started_at, new[0].resume) == (0, None, None)
    assert again[1] is not None and (again[1].try_number, again[1].boot_id) == (1, "boot")


def test_an_attempt_that_starts_while_it_is_to_restart_does_not_count_as_running() -> None:
    launching = replace(RUNNING, state=AttemptState.LAUNCHING, started_at=None)
    after = moves.start((ti(T.RESTARTING, 1), launching), StartAttempt(7, ti().key, NOW, 5))
    assert after is not None and after[0].state is T.RESTARTING
    assert after[1] is not None and (after[1].state, after[1].pid) == (AttemptState.RUNNING, 5)


@pytest.mark.parametrize("state", sorted(OCCUPIED_TASK))
@pytest.mark.parametrize("after", [T.NONE, T.FAILED, T.SUCCESS])
def test_a_kill_waits_for_the_end(state: TaskState, after: TaskState) -> None:
    killed = moves.kill((ti(state, 1), RUNNING), KillAttempt(7, ti().key, after, "why"))
    assert killed is not None and killed[1] is not None
    assert killed[0].after_kill is after and killed[1].kill_reason == "why"
    assert killed[0].state is (T.RESTARTING if after is T.NONE else state)


def ended(state: AttemptState, new: TaskState, report: Report | None = None) -> FinishAttempt:
    return FinishAttempt(7, ti().key, 1, state, T.RUNNING, new, report or Report(7, state, NOW.isoformat()))


def test_an_end_writes_what_was_used() -> None:
    report = Report(7, "failed", NOW.isoformat(), exit_code=3, signal=None, reason="boom", cpu_s=0.5, max_rss_bytes=9)
    after = moves.finish((ti(T.RUNNING, 1), RUNNING), ended(AttemptState.FAILED, T.FAILED, report))
    assert after is not None and after[1] is not None
    attempt = after[1]
    assert (attempt.state, attempt.ended_at, attempt.exit_code, attempt.reason) == (AttemptState.FAILED, NOW, 3, "boom")
    assert (attempt.cpu_s, attempt.max_rss_bytes) == (0.5, 9)
    assert (after[0].reason, after[0].ended_at) == ("boom", NOW)


def test_a_forked_attempt_that_died_before_its_claim_is_void_and_gives_its_try_back() -> None:
    after = moves.finish((replace(ti(T.RUNNING, 1), started_at=NOW), RUNNING), ended(AttemptState.VOID, T.SCHEDULED))
    assert after is not None and after[1] is not None
    assert (after[0].state, after[0].try_number, after[0].started_at) == (T.SCHEDULED, 0, None)
    assert after[1].state is AttemptState.VOID


def test_a_branch_remembers_whom_it_skips() -> None:
    report = Report(7, "success", NOW.isoformat(), skips=("x",), is_branch=True)
    after = moves.finish((ti(T.RUNNING, 1), RUNNING), ended(AttemptState.SUCCESS, T.SUCCESS, report))
    assert after is not None and after[0].skips == ("x",)


def test_a_try_that_is_over_forgets_its_pokes() -> None:
    poked = replace(ti(T.RUNNING, 1), poke_count=4, resume={"x": 1})
    after = moves.finish((poked, RUNNING), ended(AttemptState.FAILED, T.UP_FOR_RETRY))
    assert after is not None and (after[0].poke_count, after[0].resume) == (0, None)


def resumed(new: TaskState, wait_id: int | None = 7) -> ResumeTask:
    return ResumeTask(ti(T.DEFERRED, 1).key, T.DEFERRED, new, 1, wait_id, {"value": "1"}, "why")


def test_the_end_of_a_wait_is_kept_with_what_it_resumes() -> None:
    waits = replace(ti(T.DEFERRED, 1), resume={"id": 7, "method": "m"}, due_at=NOW)
    after = moves.resume((waits, None), resumed(T.SCHEDULED), NOW)
    assert after is not None and after[0].state is T.SCHEDULED and after[0].due_at is None
    assert after[0].resume == {"id": 7, "method": "m", "over": {"value": "1"}}
    assert moves.resume((waits, None), resumed(T.SCHEDULED, wait_id=None), NOW) == after
    ended_by_it = moves.resume((waits, None), resumed(T.SKIPPED), NOW)
    assert ended_by_it is not None and (ended_by_it[0].resume, ended_by_it[0].ended_at) == (None, NOW)


def test_what_ends_another_wait_is_dropped() -> None:
    waits = replace(ti(T.DEFERRED, 1), resume={"id": 7})
    assert moves.resume((waits, None), resumed(T.SCHEDULED, wait_id=6), NOW) is None
    for other in (replace(waits, state=T.SCHEDULED), replace(waits, try_number=2), replace(waits, resume=None)):
        assert moves.resume((other, None), resumed(T.SCHEDULED), NOW) is None
    assert moves.resume((waits, RUNNING), resumed(T.SCHEDULED), NOW) is None


def test_a_deferred_task_keeps_what_it_resumes_with() -> None:
    report = Report(7, "deferred", NOW.isoformat(), resume={"method": "m"})
    after = moves.finish((ti(T.RUNNING, 1), RUNNING), ended(AttemptState.DEFERRED, T.DEFERRED, report))
    assert after is not None and after[0].resume == {"method": "m"}
