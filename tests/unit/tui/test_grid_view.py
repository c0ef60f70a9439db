"""The grid's rows: which are kept, which is found; what is said of one cell."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.unit.planner.dsl import NOW, dag_of, run_of, ti_of
from tui_flow.records import TaskInstance
from tui_flow.spec import DagSpec, GroupSpec
from tui_flow.state import TaskState
from tui_flow.tui.palette import Palette
from tui_flow.tui.text import Row
from tui_flow.tui.views.details import CellFacts, cell_lines, cell_summary
from tui_flow.tui.views.grid import GridRow, find_row, grid_rows, only_rows

LOOK = Palette()
DAG = dag_of("a")
RUN = run_of(DAG)
ROW = GridRow("a", "a", members=("a",))


def of_a(state: TaskState, **more: Any) -> TaskInstance:
    return ti_of(RUN, DAG.tasks[0], state, **more)


def grouped() -> DagSpec:
    """first >> [g.one, g.two] >> last"""
    spec = dag_of("first >> [one, two] >> last")
    tasks = tuple(replace(task, group="g") if task.task_id in ("one", "two") else task for task in spec.tasks)
    return replace(spec, tasks=tasks, groups=(GroupSpec("g"),))


def text_of(rows: list[Row]) -> str:
    return "\n".join("".join(text for text, _ in row.pieces) for row in rows)


def test_only_rows_with_one_of_the_tasks_are_left() -> None:
    rows = grid_rows(grouped(), (), {"g"})
    assert [row.id for row in only_rows(rows, {"two"})] == ["g"]
    assert [row.prefix for row in only_rows(grid_rows(grouped()), {"two", "last"})] == ["", ""]
    assert only_rows(rows, set()) == []


def test_the_next_row_with_the_text_is_found_round_the_end() -> None:
    rows = grid_rows(grouped())
    ids = [row.id for row in rows]
    assert ids == ["first", "one", "two", "last"]

    def found(text: str, at: int, step: int) -> str | None:
        hit = find_row(rows, text, at, step)
        return hit[1] if hit else None

    assert found("t", 0, 1) == "two"
    assert found("T", 2, 1) == "last"
    assert found("t", 3, 1) == "first"
    assert found("t", 0, -1) == "last"
    assert found("first", 0, 1) == "first"
    assert found("nowhere", 0, 1) is None


def test_a_task_in_a_folded_group_is_found_there() -> None:
    rows = grid_rows(grouped(), (), {"g"})
    hit = find_row(rows, "two", 0, 1)
    assert hit is not None and (hit[0].id, hit[1]) == ("g", "two")


def test_a_cell_says_when_its_next_try_is_and_why_it_waits() -> None:
    due = NOW + timedelta(minutes=19)
    waiting = replace(of_a(TaskState.UP_FOR_RETRY, try_number=1), max_tries=2, due_at=due, reason="oops")
    facts = CellFacts(RUN, DAG, waiting, reasons=("try 1 of 3 failed (oops)", "the pool is full"))
    for said in (
        text_of(cell_lines(facts, ROW, LOOK, NOW, True, 40)),
        text_of(cell_summary(facts, ROW, LOOK, NOW, True)),
    ):
        assert "next try in 19m" in said and "try 1 of 3 failed (oops)" in said and "the pool is full" in said
        assert "try 1" in said


def test_long_reasons_are_broken_and_hostile_ones_harmless() -> None:
    facts = CellFacts(RUN, DAG, of_a(TaskState.NONE), reasons=("wait " * 30 + "\x1b]52;c;x\x07",))
    rows = cell_lines(facts, ROW, LOOK, NOW, True, 40)
    assert all(len("".join(text for text, _ in row.pieces)) <= 40 for row in rows[5:])
    assert "\x1b" not in text_of(rows)


def test_the_summary_takes_three_lines_at_most() -> None:
    facts = CellFacts(RUN, DAG, of_a(TaskState.NONE), reasons=tuple("abcdef"))
    assert len(cell_summary(facts, ROW, LOOK, NOW, True)) == 3
