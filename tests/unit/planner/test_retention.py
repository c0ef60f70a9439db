from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tui_flow.planner.retention import Keep, is_expired
from tui_flow.records import DagRun
from tui_flow.state import RunState, RunType

NOW = datetime(2026, 5, 1, tzinfo=UTC)
DAY = timedelta(days=1)
NEWEST = (NOW, 9)


def ended(days_ago: int, state: RunState = RunState.SUCCESS, number: int = 1) -> DagRun:
    at = NOW - days_ago * DAY
    end = at if state in (RunState.SUCCESS, RunState.FAILED) else None
    return DagRun(number, "d", "r", RunType.SCHEDULED, state, at, at, at, at, at, at, end, "v", "s")


@pytest.mark.parametrize(
    ("run", "keep", "oldest_kept", "expected"),
    [
        (ended(10), Keep(NOW - 5 * DAY), None, True),
        (ended(10, RunState.FAILED), Keep(NOW - 5 * DAY), None, True),
        (ended(5), Keep(NOW - 5 * DAY), None, False),
        (ended(10, RunState.RUNNING), Keep(NOW - 5 * DAY), None, False),
        (ended(10, RunState.QUEUED), Keep(NOW - 5 * DAY), None, False),
        (ended(0, number=9), Keep(NOW + DAY), None, False),
        (ended(3), Keep(None, 2), (NOW - 2 * DAY, 1), True),
        (ended(2, number=1), Keep(None, 2), (NOW - 2 * DAY, 1), False),
        (ended(2, number=1), Keep(None, 2), (NOW - 2 * DAY, 2), True),
        (ended(1), Keep(None, 2), None, False),
        (ended(10), Keep(None), None, False),
    ],
)
def test_old_finished_runs_expire_but_for_the_newest(
    run: DagRun, keep: Keep, oldest_kept: tuple[datetime, int] | None, expected: bool
) -> None:
    assert is_expired(run, keep, NEWEST, oldest_kept) is expected


def test_nothing_is_bound_that_keeps_all() -> None:
    assert Keep(None).keeps_all and not Keep(NOW).keeps_all and not Keep(None, 1).keeps_all
