"""Lanes and the month: runs where they belong, overlaps of long runs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tui_flow.records import Dag
from tui_flow.tui.palette import Palette
from tui_flow.tui.views.month import Month
from tui_flow.tui.views.upcoming import Lane, Meeting, UpcomingModel, lane_row, lane_width, overlaps, scale_row

START = datetime(2026, 1, 5, 12, tzinfo=UTC)
H = timedelta(hours=1)
LOOK = Palette()


def dag(dag_id: str) -> Dag:
    return Dag(dag_id, "d.py", False, False, "v", 1, "s", START + H, None, None)


def model_of(start: datetime) -> UpcomingModel:
    return UpcomingModel((), start, start + 24 * H, Month(start.date()))


def said(lane: Lane, model: UpcomingModel, width: int = 119, meets: Meeting | None = None, look: Palette = LOOK) -> str:
    return "".join(text for text, _ in lane_row(lane, model, look, model.start, width, True, meets).pieces)


def test_a_run_lies_under_its_hour() -> None:
    model = model_of(START)
    scale = scale_row(model, 119, is_utc=True)
    lane = "".join(text for text, _ in lane_row(Lane(dag("a"), [START + 6 * H]), model, LOOK, START, 119, True).pieces)
    assert abs(scale.index("18") - (lane.index("▪") + 1)) <= 1


def test_a_long_run_is_long() -> None:
    model = model_of(START)
    row = lane_row(Lane(dag("a"), [START + 6 * H], 6 * 3600), model, LOOK, START, 119, True)
    cells = lane_width(119)[1]
    assert abs("".join(text for text, _ in row.pieces).count("▪") - cells // 4) <= 1


def test_long_runs_that_meet_are_named() -> None:
    lanes = [
        Lane(dag("a"), [START], 3600),
        Lane(dag("b"), [START + H / 2], 3600),
        Lane(dag("c"), [START + 9 * H], 3600),
    ]
    assert overlaps(lanes) == {"a": Meeting("b", 1800.0)}
    assert overlaps([Lane(dag("a"), [START], 1), Lane(dag("b"), [START], 1)]) == {}


def test_a_lane_says_when_its_only_run_is_or_what_it_meets() -> None:
    model = model_of(START)
    lane = Lane(dag("a"), [START + 6 * H], 2040)
    for width in (79, 119):
        alone = "".join(text for text, _ in lane_row(lane, model, LOOK, START, width, True).pieces)
        assert alone.endswith("  18:00, usual 34m 00s") and len(alone) <= width
        meets = "".join(
            text for text, _ in lane_row(lane, model, LOOK, START, width, True, Meeting("backup_home", 660)).pieces
        )
        assert meets.endswith("  ! meets backup_home" + " 11m" * (width > 100)) and len(meets) < width


def test_a_lane_says_what_a_dag_waits_for_that_no_clock_starts() -> None:
    model = model_of(START)
    by_asset = replace(dag("a"), next_run_after=None)
    assert said(Lane(by_asset, [], awaits="sales[b]"), model).rstrip().endswith("  after sales[b]")
    later = Lane(replace(by_asset, next_run_after=START + 240 * H), [], 11_520)
    assert said(later, model).endswith("  in 10d 00h, usual 3h 12m")
    retry = Lane(dag("a"), [START + 9 * H], retry_at=START + H / 10)
    assert said(retry, model).endswith("  ↻ retry 12:06") and said(retry, model).count("↻") == 2
    assert said(retry, model, look=Palette(is_ascii=True)).endswith("  r retry 12:06")
    assert "retry" not in said(Lane(dag("a"), [START], retry_at=START + H), model)


@pytest.fixture
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("in_berlin")
@pytest.mark.parametrize(
    ("start", "hours"),
    [
        (datetime(2026, 3, 28, 23, tzinfo=UTC), "00 04 06 08 10 12 14 16 18 20 22 00"),  # 02:00 is not there
        (datetime(2026, 10, 24, 22, tzinfo=UTC), "00 02 02 04 06 08 10 12 14 16 18 20 22"),
        (datetime(2026, 6, 1, 10, 20, tzinfo=UTC), "14 16 18 20 22 00 02 04 06 08 10 12"),
    ],
)
def test_hours_are_those_of_the_clock_where_it_is_put_forward_or_back(start: datetime, hours: str) -> None:
    model = model_of(start)
    scale = scale_row(model, 149, is_utc=False)
    assert scale.split() == hours.split()
    day = start.astimezone().date()
    lane = said(Lane(dag("a"), [datetime(day.year, day.month, day.day, 16).astimezone(UTC)]), model, 149)
    assert abs(scale.index("16") - (lane.index("▪") + 1)) <= 1
