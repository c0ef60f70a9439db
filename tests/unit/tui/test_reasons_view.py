"""Why a task instance did not run."""

from __future__ import annotations

from datetime import UTC, datetime

from tui_flow.records import TaskInstance
from tui_flow.state import TaskState
from tui_flow.tui.views.reasons import because_of, in_words

T = TaskState


def ti(state: TaskState, reason: str | None = None) -> TaskInstance:
    return TaskInstance(1, "load", -1, state, 0, 0, reason=reason)


def test_names_what_failed_before_it() -> None:
    upstream = {"extract": T.FAILED, "other": T.SUCCESS, "late": T.UPSTREAM_FAILED, "gone": None}
    named = because_of(ti(T.UPSTREAM_FAILED, "trigger rule all_success"), upstream)
    assert named == "upstream failed: extract failed, late upstream failed"
    many = because_of(ti(T.UPSTREAM_FAILED), {f"t{nth}": T.FAILED for nth in range(5)})
    assert many == "upstream failed: t0 failed, t1 failed, t2 failed and 2 more"


def test_its_own_reason_stands_where_nothing_before_it_says_it() -> None:
    assert because_of(ti(T.SKIPPED, "left out by a branch"), {"a": T.SUCCESS}) == "skipped: left out by a branch"
    assert because_of(ti(T.SKIPPED), {"a": T.SKIPPED}) == "skipped: a skipped"
    assert because_of(ti(T.FAILED, "oops"), {"a": T.FAILED}) == ""


def test_a_reason_tells_times_as_the_screen_does_and_a_key_instead_of_a_command() -> None:
    at = datetime(2026, 11, 20, 14, tzinfo=UTC)
    waits = "approve: it waits for a person's answer; `tuiflow answer etl approve` gives it"
    assert in_words(waits, at, True) == "approve: it waits for a person's answer: a answers"
    poke = "the next one is at 2026-11-20T14:04:21+00:00 (in 261 s)"
    assert in_words(poke, at, True) == "the next one is at 14:04:21 (in 261 s)"
    other = "waits for scheduled__2026-11-20T14:04:21+00:00"
    assert in_words(other, at, True) == other
    assert "\x1b" not in in_words("\x1b[2J", at, True)
