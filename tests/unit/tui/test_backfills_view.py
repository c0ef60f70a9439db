"""A backfill before it is made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tui_flow.planner.backfill import Outcome
from tui_flow.state import RunState
from tui_flow.tui.views.backfills import WHICH, Slot, which_words

FIRST = datetime(2026, 11, 1, tzinfo=UTC)


def test_each_choice_says_how_many_runs_it_makes() -> None:
    states = [RunState.SUCCESS, None, RunState.FAILED, RunState.RUNNING, None]
    slots = [Slot(FIRST + timedelta(days=nth), Outcome.EXISTS, state) for nth, state in enumerate(states)]
    assert which_words({"total": 5}, slots) == (f"{WHICH[0]} (2)", f"{WHICH[1]} (3)", f"{WHICH[2]} (4)")
    assert which_words({"total": 900}, slots) == WHICH, "not all dates are known"
