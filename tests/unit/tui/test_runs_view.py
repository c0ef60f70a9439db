"""The runs of a DAG as rows, and what is said of one."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.planner.dsl import dag_of, run_of
from tui_flow.state import RunState, RunType, TaskState
from tui_flow.tui.pages.runs_pane import heading, run_row
from tui_flow.tui.palette import Palette
from tui_flow.tui.views.run_names import why_failed

AT = datetime(2026, 11, 20, 2, tzinfo=UTC)


@pytest.mark.parametrize("is_wide", [False, True])
@pytest.mark.parametrize("kind", list(RunType))
def test_tasks_stand_below_their_heading_and_have_room(is_wide: bool, kind: RunType) -> None:
    run = run_of(dag_of("a"), 1, run_type=kind, state=RunState.FAILED, started_at=AT, ended_at=AT + timedelta(hours=23))
    counts = Counter({TaskState.SUCCESS: 10, TaskState.FAILED: 1, TaskState.UPSTREAM_FAILED: 14})
    text = " " + "".join(text for text, _ in run_row(run, counts, Palette(), AT, True, is_wide).pieces)
    assert text.index("14⊗") == heading(is_wide).index("Tasks")
    assert is_wide or len(text) <= 80
    assert str(kind).removesuffix("_triggered") + " " in text


def test_a_run_whose_tasks_failed_needs_no_other_reason() -> None:
    spec = dag_of("a")
    assert why_failed(run_of(spec, 1, state=RunState.FAILED, reason="task_failure")) == ""
    assert why_failed(run_of(spec, 1, state=RunState.FAILED, reason="timed_out")) == "timed out"
    assert why_failed(run_of(spec, 1, state=RunState.SUCCESS, reason="success")) == ""
