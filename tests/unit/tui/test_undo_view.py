"""What takes a pause or a mark back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tui_flow.tui.views.undo import Undo, undo_of

AT = datetime(2026, 1, 1, tzinfo=UTC)


def task(task_id: str, old: str, new: str = "success", kills: bool = False, map_index: int = -1) -> dict[str, Any]:
    return {"run_id": "r", "task_id": task_id, "map_index": map_index, "old": old, "new": new, "kills": kills}


def mark(*tasks: dict[str, Any], run: tuple[str, str] | None = None, at: datetime = AT) -> Undo:
    runs = [{"run_id": "r", "old": run[0], "new": run[1]}] if run else []
    return undo_of("mark_task", {"dag_id": "etl"}, {"tasks": list(tasks), "runs": runs}, at)


def test_a_mark_is_taken_back_by_the_marks_that_were_there_and_clearing_what_had_none() -> None:
    undo = mark(task("a", "failed"), task("m", "none", map_index=2), task("b", "upstream_failed", "none"))
    assert undo.calls == [
        ("mark_task", {"dag_id": "etl", "run_ids": ["r"], "tasks": ["a"], "state": "failed"}),
        ("clear", {"dag_id": "etl", "run_ids": ["r"], "tasks": ["m[2]"], "downstream": False, "same_version": True}),
    ]
    assert undo.said == "taken back: a, m[2] as before"


def test_a_run_that_ended_otherwise_by_it_ends_as_before() -> None:
    back = ("mark_run", {"dag_id": "etl", "run_ids": ["r"], "state": "failed"})
    assert back in mark(task("a", "failed"), run=("failed", "success")).calls
    assert mark(run=("failed", "success")).calls == [back]
    assert back not in mark(task("a", "failed"), run=("failed", "queued")).calls, "the scheduler ends it again"
    assert back not in mark(task("a", "none"), run=("failed", "success")).calls, "it goes on"


def test_what_was_under_way_cannot_come_back() -> None:
    for undo in (mark(task("a", "running", kills=True)), mark(task("a", "deferred"))):
        assert undo.problem(AT) == "a was under way and has ended; c lets it start over" and not undo.calls


def test_deeds_at_once_are_taken_back_together_and_only_soon() -> None:
    first, second = mark(task("a", "failed")), mark(task("b", "failed"), at=AT + timedelta(seconds=0.5))
    both = first.then(second)
    assert both.names == ("a", "b") and len(both.calls) == 2 and not both.problem(AT + timedelta(seconds=20))
    assert both.then(mark(task("c", "failed"), at=AT + timedelta(seconds=9))).names == ("c",)
    assert both.then(undo_of("clear", {}, {}, AT)) is both and both.then(mark()) is both
    assert "more than 30 s ago" in both.problem(AT + timedelta(seconds=31))
    pause = undo_of("pause_dag", {}, {"changed": ["etl"], "is_paused": True}, AT)
    assert pause.calls == [("pause_dag", {"dag_id": "etl", "is_paused": False})]
    assert first.then(pause).names == ("etl",) and "nothing to take back" in Undo().problem(AT)
