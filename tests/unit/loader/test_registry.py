"""What to parse, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tui_flow.loader.discover import DagFile, Listing, Refusal
from tui_flow.loader.failure import FailureKind
from tui_flow.loader.registry import Registry, back_off, is_half_written

ROOT = Path("/dags")
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def listing(*paths: str, mtime: datetime = NOW - timedelta(hours=1), inode: int = 1) -> Listing:
    return Listing(tuple(DagFile(path, int(mtime.timestamp() * 1e9), 100, inode) for path in paths))


def registry_of(**dependencies: str) -> Registry:
    """A registry whose files (`etl="helpers.py sql/"` is etl.py with these dependencies) were all parsed at NOW."""
    registry = Registry(ROOT)
    registry.note(listing(*(f"{name}.py" for name in dependencies)), [], NOW)
    for name, depends in dependencies.items():
        registry.started(f"{name}.py")
        assert registry.finished(f"{name}.py", None, depends.split(), NOW)
    return registry


def due_after_change(registry: Registry, *changed: str) -> list[str]:
    files = listing(*registry._files)
    registry.note(files, [ROOT / path for path in changed], after(10))
    return registry.due(after(10))


def test_new_files_are_due_those_changed_last_first() -> None:
    registry = Registry(ROOT)
    registry.note(Listing(listing("old.py").files + listing("new.py", mtime=NOW - timedelta(minutes=1)).files), [], NOW)
    assert registry.due(NOW) == ["new.py", "old.py"]
    assert registry.due(NOW, limit=1) == ["new.py"]


def test_what_is_being_parsed_is_not_due() -> None:
    registry = Registry(ROOT)
    registry.note(listing("a.py", "b.py"), [], NOW)
    registry.started("a.py")
    assert registry.due(NOW) == ["b.py"]


def test_parsed_files_are_due_again_after_the_interval() -> None:
    registry = registry_of(a="")
    assert registry.due(after(299)) == []
    assert registry.next_due() == after(300)
    assert registry.due(after(300)) == ["a.py"]


@pytest.mark.parametrize(
    ("changed", "due"),
    [
        ("etl.py", ["etl.py"]),
        ("helpers.py", ["etl.py"]),
        ("sql/new.sql", ["other.py"]),
        ("sql/deep/x.sql", []),
        ("sql", ["other.py"]),
        ("lib", ["third.py"]),
        ("lib/a/b.py", ["third.py"]),
        ("lib/a/c.py", []),
        ("unrelated.yaml", []),
        ("", ["etl.py", "other.py", "third.py"]),
    ],
)
def test_a_change_reaches_the_files_that_depend_on_it(changed: str, due: list[str]) -> None:
    registry = registry_of(etl="etl.py helpers.py", other="other.py sql/", third="third.py lib/a/b.py")
    assert due_after_change(registry, changed) == due


def test_new_signs_are_a_change_even_when_no_watcher_saw_it() -> None:
    registry = registry_of(a="")
    registry.note(listing("a.py", inode=2), [], after(10))
    assert registry.due(after(10)) == ["a.py"]


def test_a_change_during_the_parse_calls_for_another() -> None:
    registry = registry_of(a="")
    due_after_change(registry, "a.py")
    registry.started("a.py")
    registry.note(listing("a.py"), [ROOT / "a.py"], after(11))
    assert registry.due(after(11)) == []
    registry.finished("a.py", None, [], after(12))
    assert registry.due(after(12)) == ["a.py"]


def test_a_failed_parse_keeps_the_dependencies_known_before() -> None:
    registry = registry_of(etl="helpers.py")
    due_after_change(registry, "etl.py")
    registry.started("etl.py")
    registry.finished("etl.py", FailureKind.RAISED, ["missing.py"], after(11))
    for path in ("helpers.py", "missing.py"):
        registry.note(listing("etl.py"), [ROOT / path], after(20))
        assert registry.due(after(20)) == ["etl.py"]


def test_a_syntax_error_in_a_file_just_changed_is_held_until_it_is_stable() -> None:
    registry = registry_of(a="")
    due_after_change(registry, "a.py")
    registry.started("a.py")
    assert registry.finished("a.py", FailureKind.SYNTAX, [], after(10.5)) is False
    assert registry.due(after(11.9)) == []
    assert registry.due(after(12)) == ["a.py"]
    registry.started("a.py")
    assert registry.finished("a.py", FailureKind.SYNTAX, [], after(12.1)) is True


@pytest.mark.parametrize(
    ("kind", "seconds", "is_held"),
    [
        (FailureKind.SYNTAX, 0, True),
        (FailureKind.SYNTAX, 2, False),
        (FailureKind.SYNTAX, -60, False),
        (FailureKind.RAISED, 0, False),
        (None, 0, False),
    ],
)
def test_which_answers_are_held(kind: FailureKind | None, seconds: float, is_held: bool) -> None:
    assert is_half_written(kind, NOW, after(seconds)) is is_held


def test_files_that_time_out_are_left_alone_longer_and_longer() -> None:
    assert [back_off(n).total_seconds() / 60 for n in (1, 2, 3, 5, 6, 99)] == [1, 2, 4, 16, 30, 30]
    registry = registry_of(a="")
    now = NOW
    for n in (1, 2, 3):
        due_after_change(registry, "a.py") if n == 1 else None
        registry.started("a.py")
        registry.finished("a.py", FailureKind.TIMED_OUT, [], now)
        assert registry.next_due() == now + back_off(n)
        assert registry.due(now + back_off(n) - timedelta(seconds=1)) == []
        now += back_off(n)


def test_a_change_ends_the_back_off() -> None:
    registry = registry_of(a="")
    registry.started("a.py")
    registry.finished("a.py", FailureKind.TIMED_OUT, [], NOW)
    assert due_after_change(registry, "a.py") == ["a.py"]


def test_a_file_is_gone_when_it_has_been_away_for_a_while() -> None:
    registry = registry_of(a="", b="")
    registry.note(listing("b.py"), [ROOT / "a.py"], after(1))
    assert registry.gone(after(2.9)) == []
    assert registry.next_due() == after(3)
    assert registry.gone(after(3)) == ["a.py"]
    assert registry.gone(after(4)) == []


def test_a_file_that_is_away_can_be_let_go_of_at_once() -> None:
    registry = registry_of(a="", b="")
    registry.note(listing("b.py"), [ROOT / "a.py"], after(1))
    assert [registry.let_go(path) for path in ("a.py", "a.py", "b.py", "c.py")] == [True, False, False, False]
    assert registry.gone(after(9000)) == [] and registry.due(after(9000)) == ["b.py"]


def test_a_file_that_is_back_at_once_was_only_saved() -> None:
    registry = registry_of(a="")
    registry.note(listing(), [ROOT / "a.py"], after(1))
    registry.note(listing("a.py", inode=9), [ROOT / "a.py"], after(1.1))
    assert registry.gone(after(60)) == []
    assert registry.due(after(2)) == ["a.py"]


def test_refused_files_are_neither_parsed_nor_gone() -> None:
    registry = registry_of(a="", **{"sub/b": ""})
    refused = Listing(refusals=(Refusal("a.py", "chmod"), Refusal("sub/", "unreadable")))
    registry.note(refused, [], after(1))
    assert registry.gone(after(60)) == [] and registry.due(after(600)) == []
    registry.note(listing("a.py", "sub/b.py"), [], after(700))
    assert sorted(registry.due(after(700))) == ["a.py", "sub/b.py"]


def test_a_folder_that_cannot_be_read_says_nothing_of_its_files() -> None:
    registry = registry_of(a="")
    registry.note(Listing(problem="unmounted"), [ROOT], after(1))
    assert registry.gone(after(60)) == []


def test_a_request_is_due_at_once() -> None:
    registry = registry_of(a="")
    assert registry.request("a.py", after(1)) and not registry.request("b.py", after(1))
    assert registry.due(after(1)) == ["a.py"]
