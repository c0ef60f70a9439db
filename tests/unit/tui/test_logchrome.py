"""What a log says of itself: what fits its width, most needed first; what is hidden, and how to see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tui_flow.logs import Level
from tui_flow.logs.kinds import Stream
from tui_flow.logs.viewed import Filter
from tui_flow.state import TaskState
from tui_flow.tui.line import Part
from tui_flow.tui.logchrome import LogFacts, Sought, TryFacts, above, all_hidden, below, why_hidden
from tui_flow.tui.palette import Palette
from tui_flow.tui.views.scrollbar import scrollbar

LOOK = Palette()
TRIED = TryFacts(TaskState.FAILED, 2, 3, ("exit 1", "took 5m 00s", "cpu 0.5s"))
FACTS = LogFacts(Filter(least=Level.INFO), 38_000, 412, 31, errors=3, warnings=1, line=400, follows=False)
SOUGHT = Sought("503", 2, 3, 0, 100)


def said(parts: Sequence[Part]) -> str:
    return "".join(part.text for part in parts)


@pytest.mark.parametrize(
    ("width", "left", "right"),
    [
        (
            120,
            " ✗ failed · try ‹2 of 3› · [all]  stdout  stderr  task log  ",
            "381 of 412 lines · 38 KB · level ≥ INFO · 3 ERROR 1 WARN ",
        ),
        (80, " ✗ try ‹2 of 3›  [all] stdout stderr log ", "381 of 412 · ≥ INFO · 3 ERROR 1 WARN "),
        (70, " ✗ try ‹2 of 3›  [all] stdout stderr log ", "≥ INFO · 3 ERROR 1 WARN "),
        (60, " ✗ try ‹2 of 3›  [all] stdout stderr log ", "3 ERROR 1 WARN "),
    ],
)
def test_above(width: int, left: str, right: str) -> None:
    lefts, rights = above(TRIED, FACTS, LOOK, width)
    assert (said(lefts), said(rights)) == (left, right)
    assert {part.text: part.action for part in lefts if part.action}["stderr"] == "next_stream"
    assert [part.action for part in rights if "ERROR" in part.text] == ["next_error"]


def test_a_task_without_a_try_says_so() -> None:
    lefts, _ = above(TryFacts(TaskState.NONE, 0, 1), LogFacts(), LOOK, 80)
    assert said(lefts).startswith(" · no try  [all]")


def test_says_how_far_it_is_counted() -> None:
    _, rights = above(TRIED, replace(FACTS, counted_percent=40), LOOK, 80)
    assert said(rights) == "38 KB · counting 40% "


def test_nothing_is_said_of_errors_where_there_are_none() -> None:
    _, rights = above(None, LogFacts(lines=1, size=9), LOOK, 120)
    assert said(rights) == "1 line · 9 B "


@pytest.mark.parametrize(
    ("facts", "sought", "width", "left", "right"),
    [
        (
            FACTS,
            SOUGHT,
            120,
            " /503   match 2 of 3   n N next/prev   & only matching lines   esc clear",
            "  follow off (F) · wrap off · line 400/412 ",
        ),
        (FACTS, SOUGHT, 80, " /503  match 2 of 3  n N  & only hits", "  follow off (F) · line 400/412 "),
        (FACTS, SOUGHT, 50, " /503", "  follow off (F) · line 400/412 "),
        (FACTS, None, 80, " 31 of 412 lines hidden (esc shows all)", "  follow off (F) · line 400/412 "),
        (LogFacts(lines=9, line=9), None, 80, " exit 1 · took 5m 00s · cpu 0.5s", "  following · line 9/9 "),
        (
            replace(FACTS, filter=Filter(only_hits=True), marked=2),
            replace(SOUGHT, hidden=1),
            120,
            " /503   match 2 of 3 (1 hidden)   n N next/prev   & all lines",
            "  follow off (F) · 2 marked · wrap off · line 400/412 ",
        ),
        (FACTS, replace(SOUGHT, hits=0), 80, " /503  not found  esc clear", "  follow off (F) · line 400/412 "),
        (FACTS, replace(SOUGHT, percent=12), 60, " /503  3 found · 12%", "  follow off (F) · line 400/412 "),
    ],
)
def test_below(facts: LogFacts, sought: Sought | None, width: int, left: str, right: str) -> None:
    lefts, rights = below(TRIED, facts, sought, width)
    assert (said(lefts), said(rights)) == (left, right)


def test_lines_that_do_not_tell_their_stream_are_told_of() -> None:
    facts = LogFacts(Filter(stream=Stream.STDOUT), 9, 12, 12, untold=2)
    assert "2 lines do not tell the stream" in said(below(None, facts, None, 120)[0])
    assert all_hidden(facts, LOOK).split("\n") == [
        "all 12 lines are hidden by stream stdout ([ ] other streams); esc shows all of them",
        " 2 lines do not tell the stream",
    ]


def test_what_hides_and_what_shows_again() -> None:
    assert why_hidden(Filter(), LOOK) == ""
    assert why_hidden(Filter(least=Level.WARN), LOOK) == "level ≥ WARN (+ shows INFO)"
    assert why_hidden(Filter(least=Level.ERROR), Palette(is_ascii=True)) == "level >= ERROR (+ shows WARN)"
    chosen = Filter(Level.INFO, Stream.TASK_LOG, only_hits=True)
    keys = "+ shows DEBUG, [ ] other streams, & shows all"
    assert why_hidden(chosen, LOOK) == f"level ≥ INFO and stream task log and & only hits ({keys})"


@pytest.mark.parametrize(
    ("top", "seen", "count", "bar"), [(0, 4, 4, "    "), (0, 4, 8, "██││"), (4, 4, 8, "││██"), (500, 4, 1000, "││█│")]
)
def test_scrollbar(top: int, seen: int, count: int, bar: str) -> None:
    assert "".join(scrollbar(y, 4, top, seen, count) for y in range(4)) == bar
