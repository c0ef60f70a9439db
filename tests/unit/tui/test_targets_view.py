"""What goes with a hit of the command line."""

from __future__ import annotations

import pytest

from tui_flow.records import Dag
from tui_flow.tui.places import Place
from tui_flow.tui.views.commands import PAGES, Target
from tui_flow.tui.views.targets import beside, command_of, key_of

TASK = Target("task", "etl load", "", Place("run", "etl", "r1", "load"))


def test_a_task_comes_with_its_log_and_what_runs_it_again() -> None:
    assert [(each.kind, each.name, key_of(each, {}), command_of(each)) for each in beside(TASK)] == [
        ("log", "etl load", "l", "tuiflow logs etl load --run r1"),
        ("do", "clear load of etl", "c", "tuiflow clear etl load --run r1"),
        ("DAG", "etl", "", "tuiflow dags show etl"),
        ("do", "clear failed tasks of etl", "c", "tuiflow clear etl --run r1 --only-failed"),
        ("do", "trigger etl", "t", "tuiflow trigger etl"),
        ("do", "backfill etl", "b", "tuiflow backfill etl"),
        ("go", "source etl", "v", "tuiflow dags show etl --source"),
    ]
    never_ran = Target("task", "etl load", "", Place("dag", "etl", "", "load", tab="grid"))
    assert [each.kind for each in beside(never_ran)] == ["DAG", "do", "do", "go"]
    assert not beside(Target("DAG", "etl", place=Place("dag", "etl"))), "it comes with its deeds already"


DAG = Dag("etl", "etl.py", True, False, "v", 1, "s", None, None, None)
WHOLE = Place("run", "etl", "r 1")


@pytest.mark.parametrize(
    ("target", "line"),
    [
        (TASK, "tasks show etl load --run r1"),
        (PAGES[2], "schedule"),
        (Target("run", "etl r1", place=Place("run", "etl", "r1")), "runs show etl r1"),
        (Target("go", "runs etl", place=Place("dag", "etl", tab="runs")), "runs list etl"),
        (Target("go", "diagram etl", place=Place("dag", "etl", tab="diagram")), "dags show etl --graph"),
        (Target("do", "resume etl", pause=DAG), "unpause etl"),
        (Target("do", "delete etl", sheet=("delete_dag", "etl")), "dags delete etl"),
        (Target("do", "stop", sheet=("stop", WHOLE, ())), "runs cancel etl 'r 1'"),
        (Target("do", "delete run", sheet=("delete_run", WHOLE, ())), "runs delete etl 'r 1'"),
    ],
)
def test_the_command_that_does_the_same_is_told(target: Target, line: str) -> None:
    assert command_of(target) == f"tuiflow {line}"


def test_where_no_command_does_the_same_none_is_told() -> None:
    assert command_of(Target("do", "mark", sheet=("mark", WHOLE, ()))) == ""
    assert command_of(Target("do", "time/UTC", action="zone")) == ""
    assert key_of(Target("do", "time/UTC", action="zone"), {"zone": "ctrl+t"}) == "ctrl+t"
