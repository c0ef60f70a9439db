"""What will run in the next day, and a month of the DAG under the cursor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from textual.app import ComposeResult

from tui_flow import times
from tui_flow.actions.upcoming import upcoming_runs
from tui_flow.records import Dag, DagRun
from tui_flow.state import RunState
from tui_flow.store.reader import Reader
from tui_flow.tui import chrome, palette
from tui_flow.tui.keys import bindings
from tui_flow.tui.line import Line, Part
from tui_flow.tui.page import Page
from tui_flow.tui.places import Place
from tui_flow.tui.rows import Rows
from tui_flow.tui.subject import DagDeeds
from tui_flow.tui.text import plain
from tui_flow.tui.views.bars import median, took_s
from tui_flow.tui.views.upcoming import COUNTED, Lane, UpcomingModel, lane_row, month_rows, overlaps, scale_row

SPAN = timedelta(hours=24)
MOST_LANES = 300
MOST_RUNS = 3000
Month = tuple[Sequence[DagRun], Sequence[datetime]]
"""Runs of a DAG in it, and the first coming one of each day."""


class UpcomingPage(Page, DagDeeds):
    NAME = "upcoming"
    HINTS = ("open", "trigger", "pause", "earlier", "later", "zone", "command", "help")
    BINDINGS = bindings("trigger", "pause", "earlier", "later", "backfill")
    DEFAULT_CSS = """
    UpcomingPage #upcoming-lanes { height: 1fr; }
    UpcomingPage #upcoming-month { height: 9; }
    UpcomingPage.short #upcoming-month, UpcomingPage.short #upcoming-rule { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._model: UpcomingModel | None = None
        self._months = 0
        """How many months the calendar is turned forward."""

    def compose(self) -> ComposeResult:
        yield Line(id="upcoming-scale")
        yield Rows(id="upcoming-lanes")
        yield Line(id="upcoming-rule", fill=self.desk.look.line("─"), base=palette.DIM)
        yield Rows(id="upcoming-month")

    def on_mount(self) -> None:
        self.query_one("#upcoming-month", Rows).can_focus = False

    def on_resize(self) -> None:
        self.set_class(self.size.height < 20, "short")
        self._draw()

    @property
    def _lanes(self) -> Rows:
        return self.query_one("#upcoming-lanes", Rows)

    def take_focus(self) -> None:
        self._lanes.focus()

    # -- reading

    def load(self) -> Callable[[Reader], UpcomingModel]:
        month, cursor = self._month(), self._lanes.cursor_key
        return lambda reader: load_upcoming(reader, times.now(), month, str(cursor) if cursor else "")

    def show(self, model: UpcomingModel) -> None:
        self._model = model
        self._draw()

    def load_cursor(self) -> Callable[[Reader], Month]:
        month, dag_id = self._month(), self.dag_id()
        return lambda reader: load_month(reader, times.now(), month, dag_id)

    def show_cursor(self, model: Month) -> None:
        if self._model is not None:
            self._model = replace(self._model, history=model[0], planned=model[1])
            self._draw()

    def _draw(self) -> None:
        model = self._model
        if model is None or not self.size.width:
            return
        desk, at, width = self.desk, times.now(), self.size.width - 1
        self.query_one("#upcoming-scale", Line).say([Part(scale_row(model, width, desk.is_utc), palette.DIM)])
        meets = overlaps(model.lanes)
        rows = [
            lane_row(lane, model, desk.look, at, width, desk.is_utc, meets.get(lane.dag.dag_id)) for lane in model.lanes
        ]
        self._lanes.empty = "no DAG has a schedule; `schedule=` in its file gives it one"
        self._lanes.show_rows(rows)
        title = f"{desk.look.line('─')} {plain(self._lanes.cursor_key or '')}: what was, and + what is planned "
        self.query_one("#upcoming-rule", Line).say([Part(title)])
        month = month_rows(self._month(), model.history, model.planned, desk.look, at, desk.is_utc)
        self.query_one("#upcoming-month", Rows).show_rows(month)

    def _month(self) -> date:
        return month_after(self._months, self.desk.is_utc)

    def minute(self) -> None:
        self.reload()

    def on_rows_moved(self) -> None:
        self.desk.reload_cursor()

    # -- chrome

    def crumbs(self) -> Sequence[str]:
        return ("Upcoming",)

    def tabs(self) -> tuple[Sequence[Part], Sequence[Part]]:
        zone = times.now().astimezone(times.zone(self.desk.is_utc))
        return chrome.main_tabs(self.NAME, self.desk.keys), [Part(f"next 24 h · times {zone:%Z} ", palette.DIM, "zone")]

    # -- going on

    def about(self) -> Place:
        return Place(self.NAME, self.dag_id())

    def dag_id(self) -> str:
        return str(self._lanes.cursor_key or "")

    def on_rows_opened(self) -> None:
        if self.dag_id():
            self.desk.go(Place("dag", self.dag_id(), tab="grid"))

    def action_earlier(self) -> None:
        self._months -= 1
        self.desk.reload_cursor()

    def action_later(self) -> None:
        self._months += 1
        self.desk.reload_cursor()

    def dag(self) -> Dag | None:
        lanes = self._model.lanes if self._model else ()
        return next((lane.dag for lane in lanes if lane.dag.dag_id == self.dag_id()), None)


def load_upcoming(reader: Reader, at: datetime, month: date, dag_id: str) -> UpcomingModel:
    """Lanes of the DAGs with a schedule, the next to run first; the month of one of them."""
    end = at + SPAN
    dags = [dag for dag in reader.dags(with_missing=False) if dag.next_run_after is not None]
    dags.sort(key=lambda dag: (dag.is_paused, dag.next_run_after or end, dag.dag_id))
    dags = dags[:MOST_LANES]
    histories = reader.histories([dag.dag_id for dag in dags], 10)
    lanes = []
    for dag in dags:
        took = [s for run in histories[dag.dag_id] if run.state is RunState.SUCCESS and (s := took_s(run, at))]
        lanes.append(Lane(dag, _dates(reader, dag, at, end), median(took) or None))
    chosen = next((dag for dag in dags if dag.dag_id == dag_id), dags[0] if dags else None)
    if chosen is None:
        return UpcomingModel(lanes, at, end)
    return UpcomingModel(lanes, at, end, *load_month(reader, at, month, chosen.dag_id))


def load_month(reader: Reader, at: datetime, month: date, dag_id: str) -> Month:
    """The runs of a DAG in a month, and the coming ones."""
    dag = reader.dag(dag_id)
    return ((), ()) if dag is None else (runs_of_month(reader, dag_id, month), coming_in_month(reader, dag, month, at))


def month_after(months: int, is_utc: bool) -> date:
    """The first day of the month that many months from now."""
    today = times.now().astimezone(times.zone(is_utc)).date()
    count = today.year * 12 + today.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def _edges(month: date) -> tuple[datetime, datetime]:
    """Of a month, wide enough for every zone."""
    first = datetime(month.year, month.month, 1).astimezone() - timedelta(days=1)
    return first, first + timedelta(days=33)


def runs_of_month(reader: Reader, dag_id: str, month: date) -> Sequence[DagRun]:
    first, last = _edges(month)
    return reader.runs(dag_id, since=first, until=last, limit=MOST_RUNS)


def coming_in_month(reader: Reader, dag: Dag, month: date, at: datetime) -> list[datetime]:
    """The first run of each day that has one: a timetable is asked about twice a day, however often it fires."""
    if dag.is_paused or dag.next_run_after is None:
        return []
    first, end = _edges(month)
    spec = reader.spec(dag.dag_id, dag.spec_version)
    found: list[datetime] = [dag.next_run_after] if first <= dag.next_run_after <= end else []
    moment = max(at, first)
    while moment < end and (infos := upcoming_runs(reader, dag, spec, moment, 1)):
        found.append(infos[0].run_after)
        moment = midnight_after(infos[0].run_after) - timedelta(microseconds=1)
    return [date for date in found if date <= end]


def midnight_after(date: datetime) -> datetime:
    """The next one, local or of UTC: the calendar's days begin at either."""
    found = []
    for is_utc in (False, True):
        zone = times.zone(is_utc)
        day = date.astimezone(zone).date() + timedelta(days=1)
        found.append(datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC))
    return min(found)


def _dates(reader: Reader, dag: Dag, at: datetime, end: datetime) -> list[datetime]:
    """When the DAG will run until `end`."""
    coming = dag.next_run_after
    if dag.is_paused or coming is None or coming > end:
        return []
    spec, count = reader.spec(dag.dag_id, dag.spec_version), 8
    while True:  # a timetable is asked for no more than is needed
        infos = upcoming_runs(reader, dag, spec, at, count)
        if len(infos) < count or infos[-1].run_after > end or count >= COUNTED:
            break
        count *= 4
    overdue = [coming] if coming <= at else []
    return overdue + [info.run_after for info in infos if info.run_after <= end]
