"""Why a task instance did not run."""

from __future__ import annotations

from tui_flow.records import TaskInstance
from tui_flow.state import TaskState
from tui_flow.tui.views.reasons import because_of

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
