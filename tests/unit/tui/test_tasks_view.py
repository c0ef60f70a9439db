"""The list of a run's tasks: bars, the critical path, what is left to do."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.unit.planner.dsl import dag_of, run_of
from tui_flow.records import TaskInstance
from tui_flow.signs import gathered
from tui_flow.state import TaskState
from tui_flow.tui.palette import Palette
from tui_flow.tui.text import pieces_width
from tui_flow.tui.views.grid import grid_rows
from tui_flow.tui.views.tasks import (
    MORE,
    RunModel,
    Scale,
    TaskUse,
    bar,
    next_try,
    scale_of,
    task_lines,
    task_row,
    why_no_log,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
S = timedelta(seconds=1)
SPEC = dag_of("a >> [b, c] >> d")


def ti(
    task_id: str, start: float | None, end: float | None, state: TaskState = TaskState.SUCCESS, index: int = -1
) -> TaskInstance:
    first, last = (None if at is None else START + at * S for at in (start, end))
    return TaskInstance(1, task_id, index, state, int(start is not None), 0, started_at=first, ended_at=last)


def test_bars_lie_on_the_scale() -> None:
    scale = Scale(START, START + 10 * S, 20)
    text = "".join(piece for piece, _ in bar(ti("b", 5, 9), scale, Palette(), START, True))
    assert text == " " * 10 + "█" * 9 + " "
    running = ti("c", 5, None, TaskState.RUNNING)
    text = "".join(piece for piece, _ in bar(running, scale, Palette(), START + 8 * S, False))
    assert text == " " * 10 + "▓" * 6 + "▸" + " " * 3


def test_the_critical_path_is_told_apart_without_colour() -> None:
    scale = Scale(START, START + 10 * S, 10)
    for look, beside in ((Palette(), "▒▒▒▒▒"), (Palette(is_ascii=True), "=====")):
        assert "".join(piece for piece, _ in bar(ti("b", 5, 9), scale, look, START, False)).strip() == beside


def test_instances_that_failed_or_run_come_first_with_their_names() -> None:
    tis = [
        ti("b", 1, 2, index=0),
        ti("b", 1, None, TaskState.RUNNING, index=1),
        replace(ti("b", 1, 2, TaskState.FAILED, index=2), rendered_map_index="file [7]"),
    ]
    lines = task_lines(grid_rows(SPEC), tis, frozenset({"b"}))
    assert [line.index for line in lines] == [None, 2, 1, 0]
    model = RunModel(run_of(SPEC), SPEC, lines, Counter())
    row = task_row(model, lines[1], Scale(START, START + S, 30), Palette(), START, 80)
    assert "[2] file [7]" in "".join(text for text, _ in row.pieces)


def test_what_attempts_took_stands_beside_them() -> None:
    one = ti("a", 0, 1)
    model = RunModel(
        run_of(SPEC), SPEC, task_lines(grid_rows(SPEC), [one]), Counter(), uses={one.key: TaskUse(3.21, None, 30 << 20)}
    )
    scale = Scale(START, START + S, 30)
    wide, narrow = (
        "".join(text for text, _ in task_row(model, model.lines[0], scale, Palette(), START, width).pieces)
        for width in (119, 79)
    )
    assert "3.2s    30M" in wide and "3.2s" not in narrow


def test_a_task_that_will_be_tried_again_says_when() -> None:
    waits = replace(ti("a", 0, 1, TaskState.UP_FOR_RETRY), due_at=START + 90 * S)
    assert next_try(waits, START) == "next try in 1m" and next_try(waits, START + 90 * S) == "next try now"
    model = RunModel(run_of(SPEC), SPEC, task_lines(grid_rows(SPEC), [waits]), Counter(), reasons={waits.key: "oops"})
    row = task_row(model, model.lines[0], Scale(START, START + S, 30), Palette(), START, 79)
    assert "next try in 1m · oops" in "".join(text for text, _ in row.pieces)


def test_a_start_that_was_told_late_is_no_bar_of_negative_length() -> None:
    scale = Scale(START, START + 10 * S, 20)
    assert pieces_width(bar(ti("b", 5, 4), scale, Palette(), START, False)) == 20


def test_instances_of_a_mapped_task_stand_below_it_when_it_is_opened() -> None:
    rows = grid_rows(SPEC)
    tis = [ti("a", 0, 1), *(ti("b", 1, 2, index=index) for index in range(3)), ti("c", 1, 2), ti("d", 2, 3)]
    assert [line.key for line in task_lines(rows, tis)] == [("a", -2), ("b", -2), ("c", -2), ("d", -2)]
    assert [line.index for line in task_lines(rows, tis, frozenset("b"))] == [None, None, 0, 1, 2, None, None]


def test_every_row_is_as_wide_as_the_list() -> None:
    tis = [ti("a", 0, 1), ti("b", 1, None, TaskState.RUNNING), ti("c", None, None, TaskState.NONE)]
    run, at = run_of(SPEC), START + 9 * S
    for width in (60, 80, 119, 200):
        lines = task_lines(grid_rows(SPEC), tis)
        model = RunModel(run, SPEC, lines, Counter())
        for line in lines:
            row = task_row(model, line, scale_of(run, tis, at, 20), Palette(), at, width)
            assert pieces_width(row.pieces) <= width


def test_of_several_states_the_worst_speaks() -> None:
    assert gathered({TaskState.SUCCESS: 99, TaskState.FAILED: 1}) is TaskState.FAILED
    assert gathered({TaskState.SUCCESS: 1, TaskState.SKIPPED: 5}) is TaskState.SUCCESS
    assert gathered({}) is None


def test_of_many_instances_some_are_listed_and_the_others_counted() -> None:
    run = run_of(SPEC)
    failed, success = TaskState.FAILED, TaskState.SUCCESS
    tis = [ti("b", 0, 1, failed, index) for index in (7, 9)]
    totals = {"b": Counter({success: 10_000, failed: 2})}
    lines = task_lines(grid_rows(SPEC), tis, frozenset({"b"}), totals)
    assert [(line.index, line.more) for line in lines] == [(None, 0), (7, 0), (9, 0), (MORE, 10_000)]
    assert lines[0].counts == totals["b"] and lines[0].state is failed
    model = RunModel(run, SPEC, lines, totals["b"])
    last = task_row(model, lines[-1], scale_of(run, tis, START, 20), Palette(), START, 80)
    assert "10000 more" in "".join(text for text, _ in last.pieces) and not last.can_select


def test_how_long_something_runs_fits_its_column() -> None:
    at = START + 26 * 3600 * S
    for start in (0, 25 * 3600 + 3599, 26 * 3600 - 71):
        line, *_ = task_lines(grid_rows(SPEC), [ti("a", start, None, TaskState.RUNNING)])
        model = RunModel(run_of(SPEC), SPEC, [line], Counter())
        text = "".join(piece for piece, _ in task_row(model, line, Scale(START, at, 10), Palette(), at, 79).pieces)
        assert text.count("…") == 1 and " …" in text, text


def test_what_has_not_started_says_in_full_what_it_waits_for() -> None:
    waits, reason = ti("a", None, None, TaskState.NONE), "queued: 1 of 1 runs are active; " * 4
    model = RunModel(run_of(SPEC), SPEC, task_lines(grid_rows(SPEC), [waits]), Counter(), reasons={waits.key: reason})
    lines = why_no_log(model, waits, 60).split("\n")
    assert " ".join(lines) == reason.strip() and max(map(len, lines)) <= 60
    assert why_no_log(model, ti("a", 0, 1), 60) == "nothing logged"
