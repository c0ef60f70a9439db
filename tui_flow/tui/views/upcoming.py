"""What will run: a lane for each DAG over the next hours, and a month of one DAG with what was and what is to come."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tui_flow import times
from tui_flow.records import Dag, DagRun
from tui_flow.state import RunState
from tui_flow.tui.palette import BOLD, DIM, GOOD, WARN, Palette
from tui_flow.tui.text import Piece, Row, fit, plain
from tui_flow.tui.views import spans
from tui_flow.tui.views.bars import level, median, took_s

COUNTED = 2000
"""Of a DAG no more runs than this are worked out."""


@dataclass(frozen=True, slots=True)
class Lane:
    """The coming runs of one DAG in the span that is shown."""

    dag: Dag
    dates: Sequence[datetime]
    usual_s: float | None = None
    """How long its runs usually take."""


@dataclass(frozen=True, slots=True)
class UpcomingModel:
    lanes: Sequence[Lane]
    start: datetime
    end: datetime
    history: Sequence[DagRun] = ()
    """Of the DAG under the cursor: its runs of the month that is shown."""
    planned: Sequence[datetime] = ()
    """And its coming ones."""


def lane_width(width: int) -> tuple[int, int]:
    """Cells for the name and for the lane."""
    name = 24 if width >= 100 else 16
    return name, max(width - name - (30 if width >= 100 else 24), 12)


def scale_row(model: UpcomingModel, width: int, is_utc: bool) -> str:
    """Hours over the lanes."""
    name, lane = lane_width(width)
    line = [" "] * lane
    span = model.end - model.start
    step = 2 if lane >= 60 else 4
    at = model.start.astimezone(times.zone(is_utc)).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    while at < model.end:
        column = int((at - model.start) / span * lane)
        if at.hour % step == 0 and column + 2 <= lane:
            line[column : column + 2] = f"{at:%H}"
        at += timedelta(hours=1)
    return " " * (name + 3) + "".join(line)


def lane_row(
    lane: Lane, model: UpcomingModel, look: Palette, at: datetime, width: int, is_utc: bool, meets: str | None = None
) -> Row:
    """`meets`: a DAG whose long run is still going on when this one's begins, or the other way round."""
    name, cells = lane_width(width)
    span = (model.end - model.start).total_seconds()
    filled = [0] * cells
    for run_after in lane.dates:
        first = (run_after - model.start).total_seconds() / span * cells
        last = first + (lane.usual_s or 0.0) / span * cells
        for column in range(max(int(first), 0), min(int(last), cells - 1) + 1):
            filled[column] += 1
    marks = "".join(" " if not count else "▪" if count == 1 else "█" for count in filled)
    style = DIM if lane.dag.is_paused else None
    pieces: tuple[Piece, ...] = (
        (fit(plain(lane.dag.dag_id), name) + "  ", style or BOLD),
        (look.line(marks).replace("▪", "#" if look.is_ascii else "▪"), style or GOOD),
        (f"  ! meets {plain(meets)}", WARN) if meets else ("  " + _said(lane, at, is_utc), DIM),
    )
    return Row(lane.dag.dag_id, pieces)


def _said(lane: Lane, at: datetime, is_utc: bool) -> str:
    if lane.dag.is_paused:
        return "paused"
    if not lane.dates:
        coming = lane.dag.next_run_after
        return f"in {spans.until(coming, at)}" if coming else "by hand"
    took = spans.short_s(lane.usual_s) if lane.usual_s else ""
    if len(lane.dates) == 1:
        return f"{lane.dates[0].astimezone(times.zone(is_utc)):%H:%M}" + (f", usual {took}" if took else "")
    return f"{len(lane.dates)}{'+' * (len(lane.dates) >= COUNTED)} runs" + (f", {took} each" if took else "")


def overlaps(lanes: Sequence[Lane]) -> dict[str, str]:
    """DAGs of which a long run will meet a long run of another: dag_id -> the other's."""
    long = [
        (date, date + timedelta(seconds=lane.usual_s), lane.dag.dag_id)
        for lane in lanes
        if lane.usual_s and lane.usual_s >= 300 and len(lane.dates) <= 24
        for date in lane.dates
    ]
    found: dict[str, str] = {}
    for index, (_, end, dag_id) in enumerate(sorted(long)):
        for start, _, other in sorted(long)[index + 1 :]:
            if start >= end:
                break
            if other != dag_id:
                found.setdefault(dag_id, other)
    return found


def month_rows(
    month: date, history: Sequence[DagRun], planned: Sequence[datetime], look: Palette, at: datetime, is_utc: bool
) -> list[Row]:
    """A calendar: of each day whether its runs went well, and how long they took; what is planned."""
    zone = times.zone(is_utc)
    by_day: dict[date, list[DagRun]] = {}
    for run in history:
        by_day.setdefault(run.run_after.astimezone(zone).date(), []).append(run)
    coming = {each.astimezone(zone).date() for each in planned}
    usual = median([s for run in history if run.state is RunState.SUCCESS and (s := took_s(run, at))])
    rows = [
        Row("title", ((f"  {month:%B %Y}", BOLD),), can_select=False),
        Row("days", (("  " + "  ".join(calendar.day_abbr[day][:2] for day in range(7)), DIM),), can_select=False),
    ]
    today = at.astimezone(zone).date()
    for number, week in enumerate(calendar.Calendar().monthdatescalendar(month.year, month.month)):
        pieces: list[Piece] = [(" ", None)]
        for day in week:
            pieces += _day(day, month, by_day.get(day, []), day in coming, today, usual, look, at)
        rows.append(Row(number, tuple(pieces), can_select=False))
    return rows


def _day(
    day: date,
    month: date,
    runs: Sequence[DagRun],
    is_planned: bool,
    today: date,
    usual: float,
    look: Palette,
    at: datetime,
) -> list[Piece]:
    if day.month != month.month:
        return [("    ", None)]
    number: Piece = (f"{day.day:3}", BOLD if day == today else None)
    if any(run.state is RunState.FAILED for run in runs):
        return [number, (look.glyph(RunState.FAILED), look.style(RunState.FAILED))]
    if any(run.state in (RunState.RUNNING, RunState.QUEUED) for run in runs):
        return [number, (look.glyph(RunState.RUNNING), look.style(RunState.RUNNING))]
    if runs:
        took = [s for run in runs if (s := took_s(run, at)) is not None]
        return [number, (look.line(level(max(took, default=0.0), usual)), GOOD)]
    return [number, ("+" if is_planned else " ", WARN if is_planned else None)]
