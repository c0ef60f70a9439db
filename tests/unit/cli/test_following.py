"""A followed run as lines: one for each change, in the order of what happened."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tui_flow.cli.following import Changes
from tui_flow.records import DagRun, TaskInstance
from tui_flow.state import RunState, RunType, TaskState

T = TaskState
AT = datetime(2026, 1, 1, tzinfo=UTC)


def a_ti(task_id: str, state: TaskState, after_s: int, try_number: int = 1) -> TaskInstance:
    at = AT + timedelta(seconds=after_s)
    ti = TaskInstance(1, task_id, -1, state, try_number, 0, started_at=at)
    return ti if state is T.RUNNING else replace(ti, started_at=AT, ended_at=at)


def test_changes_are_told_in_their_order_and_once(capsys: pytest.CaptureFixture[str]) -> None:
    picture = Changes()
    tis = [a_ti("a", T.SUCCESS, 3), a_ti("b", T.RUNNING, 1), a_ti("c", T.UPSTREAM_FAILED, 2, try_number=0)]
    run = DagRun(1, "dag", "run", RunType.MANUAL, RunState.RUNNING, AT, AT, AT, AT, AT, AT, None, "s", "s")
    picture.update(run, tis)
    picture.update(run, tis)
    told = [line.split("+00:00 ")[1] for line in capsys.readouterr().err.splitlines()]
    assert told == ["b running", "c upstream_failed", "a success"]
