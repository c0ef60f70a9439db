"""A month of one DAG as a calendar: of each day whether its runs went well, and how long they took; what is planned."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from tui_flow import times
from tui_flow.state import RunState
from tui_flow.store.read_history import RunDay
from tui_flow.tui.palette import BOLD, DIM, GOOD, WARN, Palette
from tui_flow.tui.text import Piece, Row
from tui_flow.tui.views.bars import level, median


@dataclass(frozen=True, slots=True)
class Month:
    first: date
    days: Mapping[date, RunDay] = field(default_factory=dict)
    """What was."""
    planned: Sequence[datetime] = ()
    """What is to come: of each day that has one a run."""


def month_rows(month: Month, look: Palette, at: datetime, is_utc: bool) -> list[Row]:
    zone = times.zone(is_utc)
    coming = {each.astimezone(zone).date() for each in month.planned}
    usual = median([day.longest_s for day in month.days.values() if day.longest_s is not None and not day.failed])
    rows = [
        Row("title", ((f"  {month.first:%B %Y}", BOLD),), can_select=False),
        Row("days", (("  " + "  ".join(calendar.day_abbr[day][:2] for day in range(7)), DIM),), can_select=False),
    ]
    today = at.astimezone(zone).date()
    for number, week in enumerate(calendar.Calendar().monthdatescalendar(month.first.year, month.first.month)):
        pieces: list[Piece] = [(" ", None)]
        for day in week:
            if day.month != month.first.month:
                pieces.append(("    ", None))
                continue
            pieces.append((f"{day.day:3}", BOLD if day == today else None))
            pieces.append(_sign(month.days.get(day), day in coming, usual, look))
        rows.append(Row(number, tuple(pieces), can_select=False))
    return rows


def _sign(day: RunDay | None, is_planned: bool, usual_s: float, look: Palette) -> Piece:
    if day is None or not day.runs:
        return ("+", WARN) if is_planned else (" ", None)
    if day.failed or day.going:
        state = RunState.FAILED if day.failed else RunState.RUNNING
        return look.glyph(state), look.style(state)
    return look.line(level(day.longest_s or 0.0, usual_s)), GOOD


def month_legend(look: Palette) -> str:
    return f"{look.line('▃')} took  {look.glyph(RunState.FAILED)} failed  + planned"
