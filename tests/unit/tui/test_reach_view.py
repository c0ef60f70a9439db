"""Clear and mark sheets: chosen tasks and runs as deeds, and the choices with their counts."""

from __future__ import annotations

from tui_flow.records import RunsBeside
from tui_flow.tui.palette import Palette
from tui_flow.tui.views.deeds import about_tasks, preview_of
from tui_flow.tui.views.reach import (
    LATER,
    ClearChoice,
    MarkChoice,
    clear_deeds,
    mark_also_words,
    mark_deeds,
    reach_words,
    what_words,
)

KEYS = (("r1", "a", -1), ("r1", "m", 3), ("r2", "m", 3), ("r2", "a", -1), ("r3", "b", -1))


def test_a_title_names_the_instances_of_mapped_tasks() -> None:
    assert about_tasks(KEYS[1:2]) == "m[3]"
    assert about_tasks(KEYS) == "a, b, m[3]"
    assert about_tasks([*KEYS, ("r1", "z", -1)]) == "a, b, m[3] and 1 more"
    assert about_tasks(()) == ""


def test_the_same_tasks_of_several_runs_are_one_deed() -> None:
    clear = clear_deeds(ClearChoice("etl", "r1", KEYS, what=1, reach=LATER))
    assert [deed.command for deed in clear] == [
        "tuiflow clear etl a 'm[3]' --run r1 --run r2 --only --future",
        "tuiflow clear etl b --run r3 --only --future",
    ]
    assert (clear[0].args["run_ids"], clear[0].args["tasks"]) == (["r1", "r2"], ["a", "m[3]"])
    mark = mark_deeds(MarkChoice("etl", "r1", KEYS))
    assert [deed.args["run_ids"] for deed in mark] == [["r1", "r2"], ["r3"]]


def test_whole_runs_are_one_deed_whether_tasks_or_runs_were_chosen() -> None:
    by_tasks = clear_deeds(ClearChoice("etl", "r1", KEYS, what=3))
    by_runs = clear_deeds(ClearChoice("etl", "r1", what=3, run_ids=("r1", "r2", "r3")))
    assert by_tasks == by_runs and by_runs[0].command == "tuiflow clear etl --run r1 --run r2 --run r3"
    assert clear_deeds(ClearChoice("etl", "r1", what=2))[0].command == "tuiflow clear etl --run r1 --only-failed"


def test_what_two_deeds_change_is_counted_once() -> None:
    task = {"run_id": "r1", "task_id": "a", "map_index": -1, "old": "failed", "new": "none", "kills": True}
    run = {"run_id": "r1", "old": "failed", "new": "queued"}
    preview = preview_of([{"tasks": [task], "runs": [run]}] * 2, Palette(), True)
    assert (preview.tasks, preview.kills, preview.runs, len(preview.rows)) == (1, 1, 1, 2)


def test_choices_say_what_they_bring_once_it_is_known() -> None:
    assert what_words({}, True)[0] == "these and what follows"
    assert what_words({2: 3, 3: 1200}, False) == ["failed ones (3)", "the whole run (1,200)"]
    assert reach_words(1, None) == ["this", "and later", "and earlier", "all"]
    assert reach_words(2, RunsBeside(4, 5, 7)) == ["these 2", "and later (5)", "and earlier (4)", "all (9)"]
    assert mark_also_words(RunsBeside(4, 5, 7))[2:] == ["later runs (5)", "earlier runs (4)"]
