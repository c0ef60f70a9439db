"""How a run goes on: which tasks decide when it ends, what is left, and the line over a task's log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.planner.dsl import dag_of, run_of
from tui_flow.records import TaskInstance
from tui_flow.spec import DagSpec
from tui_flow.state import RunState, TaskState
from tui_flow.tui.palette import Palette
from tui_flow.tui.text import width_of
from tui_flow.tui.views.log_rule import legend, log_rule, said_of_attempt, took_said
from tui_flow.tui.views.run_course import Course, course_of, summary
from tui_flow.tui.views.tasks import TaskUse

START = datetime(2026, 1, 1, tzinfo=UTC)
S = timedelta(seconds=1)
SPEC = dag_of("a >> [b, c] >> d")
USUAL = {"a": [1.0], "b": [10.0], "c": [1.0], "d": [5.0]}
T = TaskState


def ti(
    task_id: str, start: float | None, end: float | None, state: TaskState = T.SUCCESS, index: int = -1
) -> TaskInstance:
    first, last = (None if at is None else START + at * S for at in (start, end))
    return TaskInstance(1, task_id, index, state, int(start is not None), 0, started_at=first, ended_at=last)


def course(tis: Sequence[TaskInstance], at: float, spec: DagSpec = SPEC, state: RunState = RunState.RUNNING) -> Course:
    run = replace(run_of(spec), state=state, ended_at=None if state is RunState.RUNNING else START + 10 * S)
    return course_of(run, spec, tis, USUAL if state is RunState.RUNNING else {}, START + at * S)


def test_the_critical_path_is_what_ended_last_all_the_way_back() -> None:
    tis = [ti("a", 0, 1), ti("b", 1, 9), ti("c", 1, 3), ti("d", 9, 10)]
    assert course(tis, 99, state=RunState.SUCCESS).path == {"a", "b", "d"}
    assert course(tis, 99, state=RunState.SUCCESS).left(START) is not None


@pytest.mark.parametrize("text", ["a >> [b, c] >> d", "d; c; b; a; a >> [b, c] >> d"])
def test_while_a_run_goes_on_the_path_is_what_is_likely_to_end_last(text: str) -> None:
    tis = [ti("a", 0, 1), ti("b", 1, None, T.RUNNING), ti("c", 1, 2), ti("d", None, None, T.NONE)]
    found = course(tis, 5, dag_of(text))
    assert found.path == {"a", "b", "d"} and found.left(START + 5 * S) == 11 * S
    assert course(tis, 30, dag_of(text)).left(START + 30 * S) == 5 * S  # b is late: it may end at any moment
    assert course([*tis[:1], ti("c", 1, None, T.RUNNING), ti("b", 1, 1.2)], 1.5).path == {"a", "c"}


def test_what_is_left_is_not_known_of_a_task_that_never_went_well() -> None:
    tis = [ti("a", 0, None, T.RUNNING), *(ti(name, None, None, T.NONE) for name in "bcd")]
    run = run_of(SPEC)
    found = course_of(replace(run, state=RunState.RUNNING), SPEC, tis, {**USUAL, "d": []}, START)
    assert found.left(START) is None and found.path == {"a", "b", "d"}


def test_what_is_left_knows_the_tasks_of_all_instances() -> None:
    """Of a mapped task the instance that began last is waited for."""
    tis = [
        ti("a", 0, 1),
        *(ti("b", 1, 2, index=0), ti("b", 4, None, T.RUNNING, 1)),
        ti("c", 1, 2),
        ti("d", None, None, T.NONE),
    ]
    assert course(tis, 5).left(START + 5 * S) == 14 * S


def test_a_summary_says_first_how_long_it_still_takes_and_keeps_its_order() -> None:
    run = replace(run_of(SPEC), state=RunState.RUNNING, started_at=START)
    counts = Counter({T.NONE: 9, T.SUCCESS: 1, T.FAILED: 2})
    found = Course({"d": START + 9 * S}, True)
    said = "".join(text for text, _ in summary(run, counts, found, Palette(), START + 4 * S))
    assert said == "» 4s · ~5s left · 1 ✓  2 ✗  9 · "


def test_the_rule_says_what_is_usual_beside_what_is_and_names_give_way_first() -> None:
    one = replace(ti("extract_refunds_of_the_whole_month", 0, 78, T.FAILED), max_tries=1)
    use, usual = TaskUse(3.21, None, 30 << 20), (18.0, 22.0, 26.0)
    wide = log_rule(one, None, use, usual, Palette(), START, 120)
    assert wide == (
        "─ log: extract_refunds_of_the_whole_month · try 1 of 2 · 1m 18s, usual 22s ± 4s · cpu 3.2s · mem 30M "
    )
    narrow = log_rule(one, None, use, usual, Palette(), START, 80)
    assert narrow.endswith("… · try 1/2 · 1m 18s, usual 22s · cpu 3.2s · mem 30M ") and width_of(narrow) == 80
    assert took_said(ti("a", 0, 9), (9.0,), START) == "9.0s"  # itself alone is no measure
    assert took_said(ti("a", 0, None, T.RUNNING), (9.0,), START + 20 * S) == "20s, usual 9.0s"
    assert said_of_attempt(None, use) == " · cpu 3.2s · mem 30M"


def test_the_legend_takes_the_room_that_there_is() -> None:
    said = [legend(Palette(), room) for room in (40, 20, 5)]
    assert said == [" █ critical path  ▒ others ", " █ critical path ", ""]
