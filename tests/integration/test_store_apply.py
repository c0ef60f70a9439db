"""Decisions against a real database: compared, all or nothing, never two live attempts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.integration.store_kit import (
    HOUR,
    NOW,
    T,
    database,
    ending,
    key,
    launched,
    run_of,
    started,
    state_of,
    store,
    the_run,
    ti_of,
)
from tests.unit.planner.dsl import dag_of
from tui_flow.planner.decisions import (
    AddCallback,
    AdvanceSchedule,
    CreateRun,
    KillAttempt,
    LaunchAttempt,
    MoveRun,
    MoveTask,
    PauseDag,
    StartAttempt,
)
from tui_flow.records import TaskInstanceKey
from tui_flow.state import AttemptState, CallbackKind, CallbackState, RunState, RunType, TaskState
from tui_flow.store.writer import Writer

SPEC = dag_of("a >> b", a={"retries": 2})


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    with Writer(database(tmp_path)) as writer:
        store(writer, SPEC)
        yield writer


@pytest.fixture
def run(writer: Writer) -> int:
    return run_of(writer, SPEC)


def test_a_new_run_has_a_task_instance_for_each_task(writer: Writer, run: int) -> None:
    tis = writer.reads.task_instances(run)
    assert [(ti.task_id, ti.state, ti.max_tries) for ti in tis] == [("a", T.NONE, 2), ("b", T.NONE, 0)]


def test_a_run_id_or_logical_date_that_is_taken_drops_the_decision(writer: Writer, run: int) -> None:
    first = CreateRun("d", "r2", RunType.MANUAL, NOW + HOUR, None, None, NOW, SPEC.version, "s1")
    same_id = replace(first, logical_date=NOW + 2 * HOUR)
    same_date = replace(first, run_id="r3")
    undated = [replace(first, run_id=f"u{i}", logical_date=None) for i in range(2)]
    applied = writer.apply([first, same_id, same_date, *undated], NOW)
    assert applied.took_effect == (True, False, False, True, True)
    assert [decision.run_id for decision, _ in applied.created] == ["r2", "u0", "u1"]


def test_several_moves_of_one_task_instance_in_one_list(writer: Writer, run: int) -> None:
    attempt_id = launched(writer, run)
    applied = writer.apply([StartAttempt(attempt_id, key(run), NOW, 7), ending(attempt_id, run)], NOW)
    assert applied.is_complete
    ti = ti_of(writer, run)
    assert (ti.state, ti.try_number, ti.started_at, ti.ended_at) == (T.SUCCESS, 1, NOW, NOW + HOUR)
    attempt = writer.reads.attempt(attempt_id)
    assert attempt is not None and (attempt.state, attempt.pid) == (AttemptState.SUCCESS, 7)
    assert writer.reads.active_attempts() == []


def test_a_retry_launched_in_the_same_list_as_the_failure(writer: Writer, run: int) -> None:
    attempt_id = started(writer, run)
    failed = ending(attempt_id, run, T.UP_FOR_RETRY, ended=AttemptState.FAILED, due_at=NOW)
    again = MoveTask(key(run), T.UP_FOR_RETRY, T.SCHEDULED, 1)
    applied = writer.apply([failed, again, LaunchAttempt(key(run), 1, 2, "s1")], NOW)
    assert applied.is_complete
    assert [(a.id, a.try_number) for a in writer.reads.active_attempts()] == [(applied.launched[0][1], 2)]
    assert (state_of(writer, run), ti_of(writer, run).try_number) == (T.QUEUED, 2)


@pytest.mark.parametrize(
    "stale",
    [
        lambda run: MoveTask(key(run), T.SCHEDULED, T.NONE, 0),
        lambda run: MoveTask(key(run), T.NONE, T.SCHEDULED, 1),
        lambda run: LaunchAttempt(key(run), 0, 1, "s1"),
        lambda run: MoveTask(TaskInstanceKey(run, "gone"), T.NONE, T.SCHEDULED, 0),
        lambda run: StartAttempt(99, key(run), NOW),
        lambda run: KillAttempt(99, key(run), T.FAILED, "x"),
        lambda run: ending(99, run),
        lambda run: MoveRun(run, RunState.QUEUED, RunState.RUNNING),
        lambda run: AdvanceSchedule("d", NOW, None),
        lambda run: PauseDag("d", False),
    ],
)
def test_a_decision_about_another_state_takes_no_effect_and_the_others_do(writer: Writer, run: int, stale) -> None:  # type: ignore[no-untyped-def]
    good = MoveTask(key(run, "b"), T.NONE, T.SCHEDULED, 0)
    assert writer.apply([stale(run), good], NOW).took_effect == (False, True)
    assert (state_of(writer, run), state_of(writer, run, "b")) == (T.NONE, T.SCHEDULED)


def test_an_attempt_ends_once(writer: Writer, run: int) -> None:
    attempt_id = started(writer, run)
    late = ending(attempt_id, run, T.FAILED, ended=AttemptState.FAILED)
    assert writer.apply([ending(attempt_id, run), late], NOW).took_effect == (True, False)
    assert writer.apply([late], NOW).took_effect == (False,)
    assert state_of(writer, run) is T.SUCCESS


def test_an_end_that_does_not_fit_the_task_instance_leaves_the_attempt_active(writer: Writer, run: int) -> None:
    attempt_id = started(writer, run)
    assert not writer.apply([ending(attempt_id, run, old=T.RESTARTING)], NOW).is_complete
    assert [a.id for a in writer.reads.active_attempts()] == [attempt_id]


def test_no_move_around_a_live_attempt(writer: Writer, run: int) -> None:
    started(writer, run)
    assert not writer.apply([MoveTask(key(run), T.RUNNING, T.SUCCESS, 1)], NOW).is_complete
    assert state_of(writer, run) is T.RUNNING


def test_the_database_itself_forbids_two_active_attempts(writer: Writer, run: int) -> None:
    launched(writer, run)
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        writer.change(
            "INSERT INTO task_attempt (run, task_id, map_index, try_number, state, launched_at, boot_id, "
            "source_version) SELECT run, task_id, map_index, 2, 'running', 0, '', '' FROM task_attempt"
        )


def test_an_illegal_move_undoes_the_whole_list(writer: Writer, run: int) -> None:
    with pytest.raises(ValueError, match="not a legal move"):
        writer.apply([MoveTask(key(run), T.NONE, T.SCHEDULED, 0), MoveTask(key(run, "b"), T.NONE, T.RUNNING, 0)], NOW)
    assert state_of(writer, run) is T.NONE


def test_a_killed_attempt_leads_where_the_user_said(writer: Writer, run: int) -> None:
    attempt_id = started(writer, run)
    assert writer.apply([KillAttempt(attempt_id, key(run), T.NONE, "cleared")], NOW).is_complete
    ti = ti_of(writer, run)
    assert (ti.state, ti.after_kill) == (T.RESTARTING, T.NONE)
    assert writer.reads.active_attempts()[0].kill_reason == "cleared"
    push = [{"kind": "xcom", "key": "k", "value": "1"}]
    ended = AttemptState.KILLED
    killed = ending(attempt_id, run, T.NONE, ended=ended, old=T.RESTARTING, max_tries=3, effects=push)
    assert writer.apply([killed], NOW).is_complete
    assert writer.reads.xcoms(run) == []
    ti = ti_of(writer, run)
    assert (ti.state, ti.after_kill, ti.try_number, ti.max_tries, ti.started_at) == (T.NONE, None, 1, 3, None)


def test_a_void_attempt_gives_its_try_back(writer: Writer, run: int) -> None:
    attempt_id = launched(writer, run)
    void = ending(attempt_id, run, T.SCHEDULED, ended=AttemptState.VOID, old=T.QUEUED)
    assert writer.apply([void], NOW).is_complete
    assert ti_of(writer, run).try_number == 0
    assert launched(writer, run) > attempt_id


def test_a_void_poke_keeps_its_try(writer: Writer, run: int) -> None:
    poke = started(writer, run)
    rescheduled = ending(poke, run, T.UP_FOR_RESCHEDULE, ended=AttemptState.RESCHEDULED, due_at=NOW)
    assert writer.apply([rescheduled], NOW).is_complete
    first = ti_of(writer, run)
    assert (first.poke_count, first.first_started_at, first.due_at) == (1, NOW, NOW)
    attempt_id = launched(writer, run, tried=1, try_number=1)
    void = ending(attempt_id, run, T.SCHEDULED, ended=AttemptState.VOID, old=T.QUEUED)
    assert writer.apply([void], NOW).is_complete
    assert (ti_of(writer, run).try_number, ti_of(writer, run).poke_count) == (1, 1)


def test_xcoms_live_as_long_as_their_try(writer: Writer, run: int) -> None:
    attempt_id = started(writer, run)
    push = {"kind": "xcom", "key": "k", "value": "1", "seq": 0}
    assert writer.record_effect(attempt_id, 0, push, NOW)
    failed = ending(attempt_id, run, T.UP_FOR_RETRY, ended=AttemptState.FAILED, effects=[push])
    writer.apply([failed], NOW)
    assert [x.value for x in writer.reads.xcoms(run)] == ["1"]
    launched(writer, run, tried=1)
    assert writer.reads.xcoms(run) == []


def test_a_clear_hides_xcoms(writer: Writer, run: int) -> None:
    attempt_id = started(writer, run)
    writer.apply([ending(attempt_id, run, effects=[{"kind": "xcom", "key": "k", "value": "1"}])], NOW)
    writer.apply([MoveTask(key(run), T.SUCCESS, T.NONE, 1, max_tries=3)], NOW)
    assert writer.reads.xcoms(run) == []


def test_effects_are_performed_once_whichever_way_they_come(writer: Writer, run: int) -> None:
    attempt_id = started(writer, run)
    effects = [
        {"kind": "variable_set", "key": "v", "value": "1", "seq": 0},
        {"kind": "trigger_run", "dag_id": "d", "run_id": "t", "conf": {"x": 1}, "seq": 1},
        {"kind": "trigger_run", "dag_id": "nowhere", "run_id": "t", "seq": 2},
        {"kind": "sing", "seq": 3},
        {"kind": "xcom", "seq": 4},
        {"kind": "trigger_run", "dag_id": "d", "run_id": "../t", "seq": 5},
        {"kind": "trigger_run", "dag_id": "d", "run_id": "t2", "logical_date": "never", "seq": 6},
        {"kind": "trigger_run", "dag_id": "d", "run_id": "t3", "conf": 5, "seq": 7},
    ]
    assert writer.record_effect(attempt_id, 0, effects[0], NOW)
    writer.set_variable("v", "changed since", None, NOW)
    assert writer.apply([ending(attempt_id, run, effects=effects)], NOW + HOUR).is_complete
    variable, triggered = writer.reads.variable("v"), writer.reads.run("d", "t")
    assert variable is not None and variable.value == "changed since"
    assert triggered is not None and triggered.run_type is RunType.OPERATOR_TRIGGERED and triggered.conf == {"x": 1}
    assert len(writer.reads.runs()) == 2
    assert writer.record_effect(attempt_id, 8, effects[0], NOW) is False, "the attempt has ended"


def test_effects_of_a_dropped_end_are_dropped(writer: Writer, run: int) -> None:
    attempt_id = started(writer, run)
    push = [{"kind": "xcom", "key": "k", "value": "1"}]
    assert not writer.apply([ending(attempt_id, run, try_number=2, effects=push)], NOW).is_complete
    assert writer.reads.xcoms(run) == []


def test_text_that_is_not_unicode_is_recorded_all_the_same(writer: Writer, run: int) -> None:
    attempt_id = started(writer, run)
    push = [{"kind": "xcom", "key": "k\ud800", "value": "1"}]
    end = ending(attempt_id, run, T.FAILED, ended=AttemptState.FAILED, reason="bad \ud800", effects=push)
    assert writer.apply([end], NOW).is_complete
    assert ti_of(writer, run).reason == "bad ?"


def test_runs_keep_their_times(writer: Writer, run: int) -> None:
    assert (the_run(writer, run).started_at, the_run(writer, run).clear_number) == (NOW, 0)
    later = NOW + HOUR
    writer.apply([MoveRun(run, RunState.RUNNING, RunState.FAILED, "task_failure")], later)
    assert (the_run(writer, run).ended_at, the_run(writer, run).reason) == (later, "task_failure")
    writer.apply([MoveRun(run, RunState.FAILED, RunState.QUEUED)], later)
    again = the_run(writer, run)
    assert (again.started_at, again.ended_at, again.reason, again.clear_number) == (None, None, None, 1)


def test_a_run_that_continues_with_a_new_version_gets_its_tasks(writer: Writer, run: int) -> None:
    newer = dag_of("a >> c")
    store(writer, newer, source="s2")
    writer.apply([MoveRun(run, RunState.RUNNING, RunState.RUNNING, None, newer.version, "s2")], NOW)
    assert {ti.task_id for ti in writer.reads.task_instances(run)} == {"a", "b", "c"}
    found = the_run(writer, run)
    assert (found.spec_version, found.source_version, found.started_at) == (newer.version, "s2", NOW)
    writer.apply([MoveTask(key(run, "b"), T.NONE, T.REMOVED, 0)], NOW)
    writer.apply([MoveRun(run, RunState.RUNNING, RunState.RUNNING, None, SPEC.version, "s1")], NOW)
    assert state_of(writer, run, "b") is T.NONE


def test_the_schedule_advances_with_the_run_of_its_slot(writer: Writer) -> None:
    writer.change("UPDATE dag SET next_run_after = 0")
    (dag,) = writer.reads.dags()
    due = dag.next_run_after
    slot = CreateRun("d", "s", RunType.SCHEDULED, NOW, NOW, NOW, NOW, SPEC.version, "s1")
    assert writer.apply([slot, AdvanceSchedule("d", due, NOW + HOUR, (NOW, NOW))], NOW).is_complete
    assert writer.reads.next_due() == NOW + HOUR
    assert writer.reads.dags_due(NOW) == []
    assert [d.last_interval_end for d in writer.reads.dags_due(NOW + HOUR)] == [NOW]
    assert writer.apply([PauseDag("d", True)], NOW).is_complete
    assert writer.reads.next_due() is None


def test_callbacks_are_queued_and_moved(writer: Writer, run: int) -> None:
    writer.apply([AddCallback(run, None, CallbackKind.RUN_FAILURE, "failed", error="boom")], NOW)
    (queued,) = writer.reads.open_callbacks()
    assert writer.move_callback(queued.id, CallbackState.PENDING, CallbackState.RUNNING, NOW)
    assert not writer.move_callback(queued.id, CallbackState.PENDING, CallbackState.RUNNING, NOW)
    assert writer.reads.open_callbacks()[0].starts == 1
    assert writer.move_callback(queued.id, CallbackState.RUNNING, CallbackState.DONE, NOW)
    assert writer.reads.open_callbacks() == []


def test_pool_use_is_counted_from_live_task_instances(writer: Writer, run: int) -> None:
    started(writer, run)
    launched(writer, run, "b")
    (use,) = writer.reads.pools()
    assert (use.pool.name, use.running, use.queued, use.open_slots) == ("default_pool", 1, 1, 126)
    assert writer.reads.live_counts() == {TaskState.RUNNING: 1, TaskState.QUEUED: 1}
    assert writer.reads.missing_pools() == {}


def test_pools_that_live_tasks_name_and_that_do_not_exist_are_counted(writer: Writer) -> None:
    spec = dag_of("a >> b", dag_id="pooled")
    spec = replace(spec, tasks=tuple(replace(task, pool="db") for task in spec.tasks))
    store(writer, spec)
    number = run_of(writer, spec, "r1", NOW)
    assert writer.reads.missing_pools() == {}
    launched(writer, number, "a")
    assert writer.reads.missing_pools() == {"db": 1}


def test_times_are_exact(writer: Writer) -> None:
    at = NOW + timedelta(microseconds=123_457)
    number = run_of(writer, SPEC, "exact", at)
    assert the_run(writer, number).logical_date == at
    assert writer.reads.run_at("d", at) is not None
