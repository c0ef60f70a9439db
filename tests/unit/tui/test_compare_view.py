"""Two runs and two versions side by side: only what differs, and nothing hostile."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.unit.planner.dsl import NOW, dag_of, run_of, ti_of
from tui_flow.planner.compare import compare_runs
from tui_flow.planner.spec_diff import diff_specs
from tui_flow.records import TaskInstance
from tui_flow.state import TaskState
from tui_flow.tui.palette import Palette
from tui_flow.tui.text import Row
from tui_flow.tui.views.compare import change_rows, compared_rows

LOOK = Palette()
DAG = dag_of("a >> b >> c")
A, B = run_of(DAG, 1), run_of(DAG, 2)


def took(task_id: str, seconds: float, state: TaskState = TaskState.SUCCESS) -> TaskInstance:
    return replace(ti_of(A, DAG.by_id[task_id], state, 1), started_at=NOW, ended_at=NOW + timedelta(seconds=seconds))


def text_of(rows: list[Row]) -> list[str]:
    return ["".join(text for text, _ in row.pieces).rstrip() for row in rows]


def test_only_tasks_that_differ_are_listed() -> None:
    old = [took("a", 10), took("b", 10), took("c", 5)]
    new = [took("a", 10), took("b", 40), took("c", 5, TaskState.FAILED)]
    lines = text_of(compared_rows((A, B), compare_runs(old, new), LOOK, NOW, True, 119))
    assert lines[0].startswith(" A ") and lines[1].startswith(" B ") and len(lines) == 5
    assert "success → failed" in lines[3] and lines[3].split()[0] == "c"
    assert "slower" in lines[4] and "10.0s" in lines[4] and "40.0s" in lines[4] and "+30.0s" in lines[4]


def test_names_and_states_are_whole_at_80_columns() -> None:
    spec = dag_of("etl_refunds.extract >> b")
    (name,) = [task.task_id for task in spec.tasks if task.task_id.startswith("etl")]
    old, new = (
        replace(ti_of(A, spec.by_id[name], state, 1), started_at=NOW, ended_at=NOW + timedelta(seconds=2))
        for state in (TaskState.SUCCESS, TaskState.UPSTREAM_FAILED)
    )
    lines = text_of(compared_rows((A, B), compare_runs([old], [new]), LOOK, NOW, True, 79))
    assert name in lines[3] and "success → upstream failed" in lines[3]
    assert all(len(line) <= 79 for line in lines[2:])


def test_equal_runs_are_said_to_be_equal() -> None:
    lines = text_of(compared_rows((A, B), compare_runs([took("a", 1)], [took("a", 1)]), LOOK, NOW, True, 79))
    assert lines[-1].strip() == "no task differs in state or duration"


def test_what_a_version_changed() -> None:
    newer = replace(dag_of("a >> b", max_active_runs=1), description="it\x1b]52;c;x\x07[/]")
    lines = text_of(change_rows(diff_specs(DAG, newer), LOOK))
    assert any("max_active_runs  default → 1" in line for line in lines)
    assert any("task c" in line and "removed" in line for line in lines)
    assert "\x1b" not in "".join(lines) and "[/]" in "".join(lines)
    assert "the structure is the same" in text_of(change_rows((), LOOK))[0]
