"""The contract of every executor: what is submitted ends exactly once, what is stopped and what cannot start too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.integration.executor_kit import Stage
from tests.integration.executors.stage import (
    NewStage,
    is_alive,
    start_waiting,
    write_odd,
)
from tui_flow import journal
from tui_flow.executors.local import LocalExecutor
from tui_flow.executors.sequential import SequentialExecutor
from tui_flow.state import AttemptState

A = AttemptState


# What is submitted ends


def test_a_task_begins_and_ends_and_its_value_comes_along(stage: Stage) -> None:
    attempt_id = stage.submit("good")
    report = stage.wait_end(attempt_id)
    assert stage.states(attempt_id) == ["running", "success"]
    assert [effect["value"] for effect in report.effects] == ["42"]
    assert report.pid and report.started_at and report.cpu_s is not None and report.callbacks_done


@pytest.mark.parametrize(
    ("task_id", "state", "reason"),
    [
        ("bad", A.FAILED, "ValueError: bad row"),
        ("shell_fails", A.FAILED, "exit code 3"),
        ("shell_skips", A.SKIPPED, "exit code 99 means skip"),
        ("no_such_task", A.FAILED, "task 'no_such_task' of DAG 'd' is not in this version of d.py"),
    ],
)
def test_how_it_ended_is_said(stage: Stage, task_id: str, state: AttemptState, reason: str) -> None:
    report = stage.run(task_id, is_shell=task_id.startswith("shell"))
    assert report.state == state and report.reason is not None and reason in report.reason


def test_a_command_gives_its_last_line(stage: Stage) -> None:
    report = stage.run("shell", is_shell=True)
    assert (report.state, report.exit_code) == (A.SUCCESS, 0)
    assert [effect["value"] for effect in report.effects] == ['"last"']
    assert "one" in stage.log(report.attempt_id)


@pytest.mark.parametrize("is_shell", [True, False])
def test_the_last_line_is_the_same_with_and_without_python(stage: Stage, is_shell: bool) -> None:
    reports = [stage.run(task_id, is_shell=is_shell) for task_id in ("shell_padded", "shell_blank")]
    assert [effect["value"] for report in reports for effect in report.effects] == ['"  last"', '""']


def test_xcoms_that_came_along_are_rendered(stage: Stage) -> None:
    known: dict[str, Any] = {"xcoms": (("good", -1, "return_value", "7"),), "xcoms_of": ("good",)}
    report = stage.run("shell_pulls", is_shell=True, **known)
    assert [effect["value"] for effect in report.effects] == ['"7"']


def test_many_end_once_each(stage: Stage) -> None:
    ids = []
    for number in range(60):
        stage.until(lambda: stage.executor.slots() > 0, "a slot is free")
        ids.append(stage.submit("good" if number % 2 else "shell", is_shell=number % 2 == 0))
    for attempt_id in ids:
        stage.wait_end(attempt_id)
    stage.turn_for(0.1)
    assert [len(stage.ends(attempt_id)) for attempt_id in ids] == [1] * len(ids)
    assert {str(end.state) for attempt_id in ids for end in stage.ends(attempt_id)} == {"success"}


def test_slots_are_taken_and_given_back(stage: Stage) -> None:
    free = stage.executor.slots()
    assert free == stage.executor.parallelism
    attempt_id = stage.submit("good")
    assert stage.executor.slots() == free - 1
    stage.wait_end(attempt_id)
    assert stage.executor.slots() == free
    assert stage.executor.poll() == []


def test_the_sequential_executor_has_one_slot(new_stage: NewStage, kind: type[LocalExecutor]) -> None:
    stage = new_stage(parallelism=8)
    assert stage.executor.slots() == (1 if kind is SequentialExecutor else 8)


# What is stopped ends


def test_a_running_task_is_ended(new_stage: NewStage) -> None:
    stage = new_stage()
    attempt_id = start_waiting(stage)
    stage.executor.stop(attempt_id, "killed by ada")
    report = stage.wait_end(attempt_id)
    assert report.state == A.KILLED
    stage.turn_for(0.1)
    assert len(stage.ends(attempt_id)) == 1


def test_a_running_command_is_ended_for_the_reason_that_was_given(new_stage: NewStage) -> None:
    stage = new_stage()
    attempt_id = stage.submit("shell_waits", is_shell=True)
    pid = int(stage.wait_file("shell"))
    stage.executor.stop(attempt_id, "killed by ada")
    report = stage.wait_end(attempt_id)
    assert (report.state, report.reason) == (A.KILLED, "killed by ada")
    assert not is_alive(pid)


def test_asking_again_and_again_does_not_give_more_time(new_stage: NewStage) -> None:
    stage = new_stage()
    attempt_id = stage.submit("stubborn")
    pid = int(stage.wait_file("stubborn"))

    def has_ended() -> bool:
        stage.executor.stop(attempt_id, "killed by ada")
        return bool(stage.ends(attempt_id))

    stage.until(has_ended, "a task that ignores SIGTERM is killed although it is asked to end all the time")
    assert stage.ends(attempt_id)[0].state == A.KILLED and not is_alive(pid)


def test_what_has_not_been_handed_out_never_starts(new_stage: NewStage) -> None:
    stage = new_stage()
    attempt_id = stage.submit("waits")
    stage.executor.stop(attempt_id, "cleared by ada")
    report = stage.wait_end(attempt_id)
    assert (report.state, report.reason) == (A.KILLED, "cleared by ada")
    assert journal.look(stage.home.journal / str(attempt_id))[0] is journal.Liveness.VOID
    assert stage.run("good").state == A.SUCCESS
    assert not (stage.base / f"waits.{attempt_id}").exists()


def test_stopping_nobody(stage: Stage) -> None:
    stage.executor.stop(99_999, "whoever")
    done = stage.run("good")
    stage.executor.stop(done.attempt_id, "too late")
    stage.turn_for(0.05)
    assert len(stage.ends(done.attempt_id)) == 1


# What cannot start ends too


def test_a_file_that_no_longer_imports(new_stage: NewStage) -> None:
    stage = new_stage()
    write_odd(stage, "break")
    report = stage.run("a", "e.py")
    assert report.state == A.FAILED and report.reason is not None
    assert "e.py cannot be imported" in report.reason and "gone" in report.reason


def test_a_file_that_ends_its_host(new_stage: NewStage) -> None:
    stage = new_stage()
    write_odd(stage, "exit")
    report = stage.run("a", "e.py")
    assert report.state == A.FAILED and report.reason is not None and "7" in report.reason


def test_an_import_that_never_ends(new_stage: NewStage) -> None:
    stage = new_stage(import_timeout_s=1.0)
    write_odd(stage, "hang")
    report = stage.run("a", "e.py")
    assert report.state == A.FAILED and report.reason is not None and "1 s" in report.reason
    assert stage.run("good").state == A.SUCCESS
    (stage.base / "hang").unlink()
    assert stage.run("a", "e.py").state == A.SUCCESS, "another host is started for the next one"


def test_a_command_that_no_process_can_have_fails_once(new_stage: NewStage) -> None:
    stage = new_stage()
    too_long = stage.run("shell_too_long", is_shell=True)
    assert too_long.state == A.FAILED and too_long.reason is not None and "Argument list too long" in too_long.reason
    with_nul: dict[str, Any] = {"xcoms": (("good", -1, "return_value", '"a\\u0000b"'),), "xcoms_of": ("good",)}
    odd = stage.run("shell_pulls", is_shell=True, **with_nul)
    assert odd.state == A.FAILED and odd.reason is not None and "null byte" in odd.reason
    (host,) = stage.host_pids
    assert is_alive(host) and stage.run("good").state == A.SUCCESS, "its host goes on"


def test_without_a_journal_nothing_starts_and_a_moment_passes(new_stage: NewStage) -> None:
    stage = new_stage()
    stage.home.journal.rmdir()
    report = stage.run("good")
    assert report.state == A.VOID and report.reason is not None and "cannot make its journal" in report.reason
    assert stage.executor.slots() == 0
    wake = stage.executor.next_wake()
    assert wake is not None
    stage.home.journal.mkdir()
    stage.until(lambda: stage.executor.slots() > 0, "the pause is over")
    assert stage.run("good").state == A.SUCCESS


def test_a_journal_that_is_there_already_is_never_used_twice(new_stage: NewStage) -> None:
    """As after a backup was restored: numbers come again."""
    stage = new_stage()
    work = stage.workload("good")
    journal.create(Path(work.journal))
    stage.executor.submit(work)
    assert stage.wait_end(work.attempt_id).state == A.VOID
