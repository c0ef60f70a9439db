"""Lanes and the month: runs where they belong, overlaps of long runs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from tests.unit.planner.dsl import dag_of, run_of
from tui_flow.records import Dag
from tui_flow.state import RunState
from tui_flow.tui.palette import Palette
from tui_flow.tui.views.upcoming import Lane, UpcomingModel, lane_row, lane_width, month_rows, overlaps, scale_row

START = datetime(2026, 1, 5, 12, tzinfo=UTC)
H = timedelta(hours=1)
LOOK = Palette()


def dag(dag_id: str) -> Dag:
    return Dag(dag_id, "d.py", False, False, "v", 1, "s", START + H, None, None)


def test_a_run_lies_under_its_hour() -> None:
    model = UpcomingModel((), START, START + 24 * H)
    scale = scale_row(model, 119, is_utc=True)
    lane = "".join(text for text, _ in lane_row(Lane(dag("a"), [START + 6 * H]), model, LOOK, START, 119, True).pieces)
    assert abs(scale.index("18") - (lane.index("▪") + 1)) <= 1


def test_a_long_run_is_long() -> None:
    model = UpcomingModel((), START, START + 24 * H)
    row = lane_row(Lane(dag("a"), [START + 6 * H], 6 * 3600), model, LOOK, START, 119, True)
    cells = lane_width(119)[1]
    assert abs("".join(text for text, _ in row.pieces).count("▪") - cells // 4) <= 1


def test_long_runs_that_meet_are_named() -> None:
    lanes = [
        Lane(dag("a"), [START], 3600),
        Lane(dag("b"), [START + H / 2], 3600),
        Lane(dag("c"), [START + 9 * H], 3600),
    ]
    assert overlaps(lanes) == {"a": "b"}
    assert overlaps([Lane(dag("a"), [START], 1), Lane(dag("b"), [START], 1)]) == {}


def test_a_month_says_how_each_day_went() -> None:
    spec = dag_of("a")
    runs = [
        run_of(spec, 1, run_after=datetime(2026, 1, 2, 9, tzinfo=UTC), state=RunState.SUCCESS, ended_at=START),
        run_of(spec, 2, run_after=datetime(2026, 1, 3, 9, tzinfo=UTC), state=RunState.FAILED, ended_at=START),
    ]
    rows = month_rows(date(2026, 1, 1), runs, [datetime(2026, 1, 6, 9, tzinfo=UTC)], LOOK, START, is_utc=True)
    lines = ["".join(text for text, _ in row.pieces) for row in rows]
    assert lines[0].strip() == "January 2026"
    assert "  3✗" in lines[2] and "  6+" in lines[3]
    assert all(len(line) == len(lines[2]) for line in lines[2:])


def test_a_lane_says_when_its_only_run_is_or_what_it_meets() -> None:
    model = UpcomingModel((), START, START + 24 * H)
    lane = Lane(dag("a"), [START + 6 * H], 2040)
    for width in (79, 119):
        alone = "".join(text for text, _ in lane_row(lane, model, LOOK, START, width, True).pieces)
        assert alone.endswith("  18:00, usual 34m 00s") and len(alone) <= width
        meets = "".join(text for text, _ in lane_row(lane, model, LOOK, START, width, True, "backup_home").pieces)
        assert meets.endswith("  ! meets backup_home") and len(meets) < width
