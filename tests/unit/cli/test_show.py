"""What reaches the terminal: inert data, plain columns in a pipe, JSON that is JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from tui_flow.cli.show import View, cell, cut, facts, listing, plain, width
from tui_flow.state import TaskState

EVIL = "a\x1b]0;PWN\x1b\\b\nc[red]\u202e\x9b2J"
WHEN = datetime(2026, 5, 31, 12, 30, tzinfo=UTC)


@dataclass
class Thing:
    name: str
    at: datetime
    span: timedelta
    state: TaskState


def test_a_listing_in_a_pipe_is_aligned_plain_and_uncut(capsys: pytest.CaptureFixture[str]) -> None:
    rows: list[dict[str, object]] = [
        {"name": "a", "state": TaskState.FAILED, "note": "x" * 300},
        {"name": "long", "state": None, "note": ""},
    ]
    listing(rows, "name state note", View(), empty="nothing")
    head, first, second = capsys.readouterr().out.splitlines()
    assert head.split() == ["name", "state", "note"]
    assert first == f"a     failed  {'x' * 300}"
    assert second == "long"


def test_data_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    listing([{"name": EVIL}], "name", View(), empty="")
    facts({"doc": EVIL}, View())
    listing([{"name": EVIL}], "name", View(as_json=True), empty="")
    listing([], "name", View(), empty=EVIL.replace("\n", ""))
    captured = capsys.readouterr()
    for text in (captured.out, captured.err):
        assert not set(text) & set("\x1b\x9b\u202e")
    assert "[red]" in captured.out


def test_an_empty_listing_talks_on_stderr_and_is_an_empty_list_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    listing([], "name", View(), empty="no DAGs yet")
    assert capsys.readouterr() == ("", "no DAGs yet\n")
    listing([], "name", View(as_json=True), empty="no DAGs yet")
    assert capsys.readouterr() == ("[]\n", "")


def test_records_become_plain_json() -> None:
    thing = Thing("a", WHEN, timedelta(seconds=1.5), TaskState.SUCCESS)
    expected = {"name": "a", "at": "2026-05-31T12:30:00+00:00", "span": 1.5, "state": "success"}
    assert plain((thing,)) == [expected]
    assert json.loads(json.dumps(plain({"x": {1: None}, "y": True}))) == {"x": {"1": None}, "y": True}


def test_facts_leave_out_what_is_empty(capsys: pytest.CaptureFixture[str]) -> None:
    facts({"dag_id": "etl", "next_run": None, "is_paused": False}, View())
    assert capsys.readouterr().out == "dag id     etl\nis paused  no\n"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        (True, "yes"),
        (7, "7"),
        (WHEN, "2026-05-31 12:30:00+00:00"),
        (timedelta(seconds=61), "1m 01s"),
        (("a", "b"), "a, b"),
        ({}, ""),
        ({"a": "\n"}, '{"a": "\\n"}'),
        ("two\nlines", "two lines"),
    ],
)
def test_one_value_is_one_line(value: object, expected: str) -> None:
    assert cell(value, utc=True) == expected


def test_widths_count_cells() -> None:
    assert width("\x1b[32mok\x1b[0m") == 2
    assert width("日本") == 4
    assert width("e\u0301") == 1
    assert width(cut("日本語日本語", 6)) <= 6
