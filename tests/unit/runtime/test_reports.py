"""From a journal, and from what a parent saw of an end, to the report."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from tui_flow.journal import Entry
from tui_flow.messages import Message, Report
from tui_flow.runtime.reports import report_from_exit, report_from_result
from tui_flow.state import AttemptState

A = AttemptState
AT = "2026-01-01T00:00:00+00:00"
PYTHON: dict[str, Any] = {"at": AT, "pid": 7}
SHELL = {**PYTHON, "shell": 1}


def entry(
    claim: Message | None = None,
    result: Message | None = None,
    exit_code: int | None = None,
    effects: tuple[Message, ...] = (),
) -> Entry:
    return Entry(PYTHON if claim is None else claim, result, exit_code, False, effects)


def exited(code: int) -> int:
    return code << 8


def meaning(found: Entry, status: int | None, **seen: Any) -> tuple[str, str | None]:
    report = report_from_exit(1, found, status, None, **seen)
    return report.state, report.reason


@pytest.mark.parametrize(
    ("status", "state", "reason"),
    [
        (exited(0), A.FAILED, "its process exited with code 0 before the task returned"),
        (exited(99), A.FAILED, "its process exited with code 99 before the task returned"),
        (signal.SIGSEGV, A.FAILED, "killed by SIGSEGV"),
        (signal.SIGKILL, A.FAILED, "killed by SIGKILL (likely out of memory)"),
        (signal.SIGRTMIN + 3, A.FAILED, "killed by signal 37"),
        (None, A.LOST, "its supervisor died and nobody can know how it ended"),
    ],
)
def test_a_python_attempt_without_a_result(status: int | None, state: AttemptState, reason: str) -> None:
    assert meaning(entry(), status) == (state, reason)


@pytest.mark.parametrize(
    ("code", "state", "reason"),
    [
        (0, A.SUCCESS, None),
        (1, A.FAILED, "exit code 1"),
        (99, A.SKIPPED, "exit code 99 means skip"),
        (128, A.FAILED, "exit code 128"),
        (137, A.FAILED, "exit code 137: the command was killed by SIGKILL"),
        (255, A.FAILED, "exit code 255"),
    ],
)
def test_a_shell_attempt_ends_as_its_command_does(code: int, state: AttemptState, reason: str | None) -> None:
    assert meaning(entry(SHELL), exited(code)) == (state, reason)
    assert meaning(entry(SHELL, exit_code=code), None) == (state, reason)  # the host died, the wrapper wrote it down


def test_what_the_wrapper_wrote_counts_more_than_how_it_ended() -> None:
    assert meaning(entry(SHELL, exit_code=0), signal.SIGKILL) == (A.SUCCESS, None)


def test_other_exit_codes_can_mean_skip_or_none() -> None:
    assert meaning(entry(SHELL), exited(3), skip_exit_codes=(3, 4))[0] == A.SKIPPED
    assert meaning(entry(SHELL), exited(99), skip_exit_codes=())[0] == A.FAILED


@pytest.mark.parametrize("status", [signal.SIGTERM, signal.SIGKILL, exited(143)])
@pytest.mark.parametrize("claim", [PYTHON, SHELL], ids=["python", "shell"])
def test_who_was_asked_to_end_or_ran_too_long(status: int, claim: Message) -> None:
    found = entry(claim)
    assert meaning(found, status, kill_reason="killed by ada") == (A.KILLED, "killed by ada")
    late = (A.FAILED, "execution_timeout: it ran longer than allowed")
    assert meaning(found, status, timed_out=True) == late
    assert meaning(found, None, timed_out=True) == late
    assert meaning(found, status, timed_out=True, kill_reason="killed by ada") == late


def test_a_command_that_succeeds_all_the_same_succeeds() -> None:
    assert meaning(entry(SHELL), exited(0), kill_reason="killed by ada") == (A.SUCCESS, None)
    assert meaning(entry(SHELL), exited(0), timed_out=True) == (A.SUCCESS, None)
    assert meaning(entry(), exited(0), timed_out=True)[0] == A.FAILED


def test_facts_of_an_end() -> None:
    killed = report_from_exit(3, entry(), signal.SIGSEGV, None)
    assert (killed.attempt_id, killed.pid, killed.started_at) == (3, 7, AT)
    assert (killed.exit_code, killed.signal, killed.callbacks_done) == (None, signal.SIGSEGV, False)
    failed = report_from_exit(3, entry(SHELL), exited(4), None)
    assert (failed.exit_code, failed.signal) == (4, None)


PUSH = {"kind": "xcom", "key": "k", "value": "1"}
OUTCOME = {"kind": "outcome", "skips": ["b"], "resume": {"method": "m"}}
CALLED = {"kind": "called"}


@pytest.mark.parametrize("how", ["result", "exit"])
def test_effects_keep_their_numbers_and_notes_to_itself_are_left_out(how: str) -> None:
    found = entry(result={"state": "success", "at": AT}, effects=(OUTCOME, PUSH, CALLED, PUSH))
    report = report_from_result(1, found) if how == "result" else report_from_exit(1, found, exited(1), None)
    assert report.effects == ({**PUSH, "seq": 1}, {**PUSH, "seq": 3})


def test_a_result_is_the_report() -> None:
    result = {"state": "failed", "at": AT, "reason": "ValueError: x", "is_retryable": False, "callbacks_done": False}
    report = report_from_result(5, entry(result={**result, "of_a_later_version": 1}))
    assert report == Report(5, "failed", AT, reason="ValueError: x", is_retryable=False, callbacks_done=False)


def test_skips_and_resume_come_from_the_effects() -> None:
    report = report_from_result(1, entry(result={"state": "success", "at": AT, "is_branch": True}, effects=(OUTCOME,)))
    assert (report.skips, report.resume, report.is_branch) == (("b",), {"method": "m"}, True)


def test_callbacks_are_done_once_the_attempt_says_so() -> None:
    result = {"state": "failed", "at": AT, "callbacks_done": False}
    assert not report_from_result(1, entry(result=result)).callbacks_done
    assert report_from_result(1, entry(result=result, effects=(CALLED,))).callbacks_done
