"""What the command line finds."""

from __future__ import annotations

import pytest

from tui_flow.records import Dag
from tui_flow.tui.places import Place
from tui_flow.tui.views.commands import Entry, Finder, Names, Target, entries_of, find, here_entries


def finder(*names: str) -> Finder:
    return Finder([entry(name) for name in names])


def entry(name: str) -> Entry:
    return "DAG", name, Target, ("DAG", name)


def found(some: Finder, text: str) -> list[str]:
    return [target.name for target in find(text, some)]


def test_every_word_must_be_there_and_beginnings_come_first() -> None:
    some = finder("my_etl", "etl_orders", "metal", "other")
    assert found(some, "etl") == ["etl_orders", "my_etl", "metal"]
    assert found(some, "ord etl") == ["etl_orders"]


def test_a_dag_comes_with_what_can_be_done_to_it_before_its_tasks() -> None:
    dag = Dag("nightly_etl", "d.py", False, False, "v", 1, "s", None, None, None)
    some = Finder(entries_of(Names([dag], {"nightly_etl": ["start", "nightly"]})))
    first = find("nig", some)
    assert [target.kind for target in first[:3]] == ["DAG", "do", "do"]
    assert {"trigger nightly_etl", "pause nightly_etl", "backfill nightly_etl"} <= {each.name for each in first[:5]}
    assert [target.name for target in find("nig start", some)] == ["nightly_etl start"]
    assert first[0].detail == "by hand"
    some = Finder(entries_of(Names([dag], {"nightly_etl": ["a", "b"]})))
    assert find("nightl b", some)[0].name == "nightly_etl b", "a whole name goes before the beginning of a deed"


def test_letters_may_be_scattered_where_little_is_found() -> None:
    assert found(finder("nightly_etl", "hourly"), "nget") == ["nightly_etl"]


def test_letters_scattered_over_what_a_deed_does_do_not_find_it() -> None:
    some = Finder(entries_of(Names()))
    assert "undo" in found(some, "undo") and found(some, "etl r0") == []


@pytest.mark.parametrize("text", ["a[", "(", "\\", ".*", "^$"])
def test_what_is_typed_is_no_pattern(text: str) -> None:
    assert found(finder("plain", f"x{text}y"), text) == [f"x{text}y"]


def test_taking_letters_back_finds_again_what_they_excluded() -> None:
    some = finder("alpha", "beta")
    assert found(some, "alp") == ["alpha"]
    assert found(some, "a") == ["alpha", "beta"]
    assert found(some, "be") == ["beta"]


def test_a_line_of_many_names_is_not_one_name() -> None:
    assert found(finder("ab", "cd"), "abcd") == []


def test_nearest_comes_first_without_a_word() -> None:
    every, here = Finder(entries_of(Names())), Finder(here_entries(Place("run", "etl", "r1")))
    assert [target.name for target in find("", every, here)][:2] == ["trigger etl", "backfill etl"]
    assert find("dags", every, here)[0].place == Place("dags")


def test_what_is_near_comes_before_the_rest_and_stands_there_once() -> None:
    every, near = finder("run_b", "run_a", "run_c"), finder("run_c")
    assert [target.name for target in find("run", every, near=near)] == ["run_c", "run_b", "run_a"]
    assert [target.name for target in find("rc", every, near=near)] == ["run_c"]
