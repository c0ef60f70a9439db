"""What will run: a lane for each DAG over the hours of a day. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tui_flow import times
from tui_flow.records import Dag
from tui_flow.state import TaskState
from tui_flow.tui.palette import BOLD, DIM, GOOD, WARN, Palette
from tui_flow.tui.text import Piece, Row, fit, plain
from tui_flow.tui.views import spans
from tui_flow.tui.views.month import Month

COUNTED = 2000
"""Of a DAG no more runs than this are worked out."""
WIDE = 100
LONG_S = 300
"""Runs that take as long are named where they meet."""


@dataclass(frozen=True, slots=True)
class Lane:
    """The coming runs of one DAG in the span that is shown."""

    dag: Dag
    dates: Sequence[datetime]
    usual_s: float | None = None
    """How long its runs usually take."""
    retry_at: datetime | None = None
    """When a task of it is tried again."""
    awaits: str = ""
    """An asset whose update starts it."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """A run that is still going on when one of another DAG begins."""

    dag_id: str
    """Of the other."""
    seconds: float
    """How long both run."""


@dataclass(frozen=True, slots=True)
class UpcomingModel:
    lanes: Sequence[Lane]
    start: datetime
    end: datetime
    month: Month
    """Of the DAG under the cursor."""


def lane_width(width: int) -> tuple[int, int]:
    """Cells for the name and for the lane."""
    name = 24 if width >= WIDE else 16
    return name, max(width - name - (30 if width >= WIDE else 24), 12)


def scale_row(model: UpcomingModel, width: int, is_utc: bool) -> str:
    """Hours over the lanes, as clocks show them: on the day that these are put forward or back one is missing or there
    twice."""
    name, lane = lane_width(width)
    line = [" "] * lane
    span = model.end - model.start
    step = 2 if lane >= 60 else 4
    quarter, free = timedelta(minutes=15), 0
    at = model.start.replace(minute=0, second=0, microsecond=0)
    while at < model.end:
        local = at.astimezone(times.zone(is_utc))
        column = int((at - model.start) / span * lane)
        if at >= model.start and not local.minute and local.hour % step == 0 and free <= column <= lane - 2:
            line[column : column + 2] = f"{local:%H}"
            free = column + 3
        at += quarter
    return " " * (name + 3) + "".join(line)


def lane_row(
    lane: Lane,
    model: UpcomingModel,
    look: Palette,
    at: datetime,
    width: int,
    is_utc: bool,
    meets: Meeting | None = None,
) -> Row:
    name, cells = lane_width(width)
    style = DIM if lane.dag.is_paused else None
    said: Piece = ("  " + _said(lane, look, at, is_utc), DIM)
    if meets is not None:
        how_long = f" {spans.in_minutes(meets.seconds)}" if width >= WIDE else ""
        said = (f"  ! meets {plain(meets.dag_id)}{how_long}", WARN)
    pieces: tuple[Piece, ...] = (
        (fit(plain(lane.dag.dag_id), name) + "  ", style or BOLD),
        (_marks(lane, model, look, cells), style or GOOD),
        said,
    )
    return Row(lane.dag.dag_id, pieces)


def _marks(lane: Lane, model: UpcomingModel, look: Palette, cells: int) -> str:
    """A sign where something runs, a fuller one where more than one run begins or still goes on; where a task is tried
    again, the sign of that."""
    span = (model.end - model.start).total_seconds()
    filled = [0] * cells
    for run_after in lane.dates:
        first = (run_after - model.start).total_seconds() / span * cells
        last = first + (lane.usual_s or 0.0) / span * cells
        for column in range(max(int(first), 0), min(int(last), cells - 1) + 1):
            filled[column] += 1
    one = "#" if look.is_ascii else "▪"
    marks = [" " if not count else one if count == 1 else look.line("█") for count in filled]
    if lane.retry_at is not None and model.start - timedelta(minutes=1) <= lane.retry_at < model.end:
        at = int((lane.retry_at - model.start).total_seconds() / span * cells)
        marks[max(at, 0)] = look.glyph(TaskState.UP_FOR_RETRY)
    return "".join(marks)


def _said(lane: Lane, look: Palette, at: datetime, is_utc: bool) -> str:
    if lane.retry_at is not None and (not lane.dates or lane.retry_at < lane.dates[0]):
        retry = max(lane.retry_at, at).astimezone(times.zone(is_utc))
        return f"{look.glyph(TaskState.UP_FOR_RETRY)} retry {retry:%H:%M}"
    if lane.dag.is_paused:
        return "paused"
    took = spans.short_s(lane.usual_s) if lane.usual_s else ""
    if not lane.dates:
        coming = lane.dag.next_run_after
        waits = f"after {plain(lane.awaits)}" if lane.awaits else "by hand"
        return (f"in {spans.until(coming, at)}" + (f", usual {took}" if took else "")) if coming else waits
    if len(lane.dates) == 1:
        return f"{lane.dates[0].astimezone(times.zone(is_utc)):%H:%M}" + (f", usual {took}" if took else "")
    return f"{len(lane.dates)}{'+' * (len(lane.dates) >= COUNTED)} runs" + (f", {took} each" if took else "")


def overlaps(lanes: Sequence[Lane]) -> dict[str, Meeting]:
    """DAGs of which a long run will meet a long run of another, by dag_id: the first meeting."""
    long = sorted(
        (date, date + timedelta(seconds=lane.usual_s), lane.dag.dag_id)
        for lane in lanes
        if lane.usual_s and lane.usual_s >= LONG_S and len(lane.dates) <= 24
        for date in lane.dates
    )
    found: dict[str, Meeting] = {}
    for index, (_, end, dag_id) in enumerate(long):
        if dag_id in found:
            continue
        for later in range(index + 1, len(long)):
            start, other_end, other = long[later]
            if start >= end:
                break
            if other != dag_id:
                found[dag_id] = Meeting(other, (min(end, other_end) - start).total_seconds())
                break
    return found
