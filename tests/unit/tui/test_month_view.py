"""A month as a calendar: every day has its sign."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tui_flow.store.read_history import RunDay
from tui_flow.tui.palette import Palette
from tui_flow.tui.views.month import Month, month_legend, month_rows

AT = datetime(2026, 1, 5, 12, tzinfo=UTC)
DAYS = {
    date(2026, 1, 1): RunDay(1, 0, 0, 60.0),
    date(2026, 1, 2): RunDay(24, 0, 0, 60.0),
    date(2026, 1, 3): RunDay(24, 1, 1, 900.0),
    date(2026, 1, 4): RunDay(1, 0, 0, 240.0),
    date(2026, 1, 5): RunDay(9, 0, 2, 30.0),
    date(2026, 1, 7): RunDay(0, 0, 0, None),
}
PLANNED = [datetime(2026, 1, day, 9, tzinfo=UTC) for day in (5, 6)]


@pytest.mark.parametrize(
    ("look", "signs"),
    [(Palette(), ("1▄", "2▄", "3✗", "4█", "5»", "6+")), (Palette(is_ascii=True), ("3X", "5>", "6+"))],
)
def test_a_month_says_how_each_day_went(look: Palette, signs: tuple[str, ...]) -> None:
    rows = month_rows(Month(date(2026, 1, 1), DAYS, PLANNED), look, AT, is_utc=True)
    lines = ["".join(text for text, _ in row.pieces) for row in rows]
    assert lines[0].strip() == "January 2026" and lines[1].split()[0] == "Mo"
    said = " ".join(lines[2:])
    assert all(f"  {sign}" in said for sign in signs), said
    assert "  7 " in said and "  8 " in said
    assert all(len(line) == len(lines[2]) for line in lines[2:])
    assert "failed" in month_legend(look)
