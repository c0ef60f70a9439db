"""What will run in the next day, and a month of the DAG under the cursor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from textual.app import ComposeResult

from tui_flow import times
from tui_flow.records import Dag
from tui_flow.store.reader import Reader
from tui_flow.tui import chrome, palette
from tui_flow.tui.keys import bindings
from tui_flow.tui.line import Line, Part
from tui_flow.tui.page import Page
from tui_flow.tui.pages.month_reading import load_month, month_after
from tui_flow.tui.pages.upcoming_reading import SPAN, Asked, Coming, load_upcoming
from tui_flow.tui.places import Place
from tui_flow.tui.rows import Rows
from tui_flow.tui.subject import DagDeeds
from tui_flow.tui.text import Row, plain
from tui_flow.tui.views.month import Month, month_legend, month_rows
from tui_flow.tui.views.upcoming import Meeting, UpcomingModel, lane_row, overlaps, scale_row

LOW = 20
"""With fewer lines the month stands in the place of the lanes, where it is asked for."""


class UpcomingPage(Page, DagDeeds):
    NAME = "upcoming"
    HINTS = ("open", "trigger", "pause", "later~day", "next_month~month", "zone", "command", "help")
    BINDINGS = bindings("trigger", "pause", "earlier", "later", "next_month", "previous_month", "backfill")
    DEFAULT_CSS = """
    UpcomingPage #upcoming-lanes { height: 1fr; }
    UpcomingPage #upcoming-month { height: 9; }
    UpcomingPage.low #upcoming-month, UpcomingPage.low #upcoming-rule { display: none; }
    UpcomingPage.low.month #upcoming-month, UpcomingPage.low.month #upcoming-rule { display: block; }
    UpcomingPage.low.month #upcoming-lanes, UpcomingPage.low.month #upcoming-scale { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._model: UpcomingModel | None = None
        self._coming = Coming()
        self._days = 0
        """How many days the lanes are turned forward."""
        self._meets: Mapping[str, Meeting] = {}
        """Of what the model holds: DAGs whose long runs will meet others."""
        self._months = 0
        """How many months the calendar is turned forward."""

    def compose(self) -> ComposeResult:
        yield Line(id="upcoming-scale")
        yield Rows(id="upcoming-lanes", empty="no DAG has a schedule; `schedule=` in its file gives it one")
        yield Line(id="upcoming-rule", fill=self.desk.look.line("─"), base=palette.DIM)
        yield Rows(id="upcoming-month")

    def on_mount(self) -> None:
        self.query_one("#upcoming-month", Rows).can_focus = False

    def on_resize(self) -> None:
        self.set_class(self.size.height < LOW, "low")
        self._draw()

    @property
    def _lanes(self) -> Rows:
        return self.query_one("#upcoming-lanes", Rows)

    def take_focus(self) -> None:
        self._lanes.focus()

    # -- reading

    def load(self) -> Callable[[Reader], UpcomingModel]:
        asked = Asked(times.now(), self._days, self._month(), self.dag_id(), self.desk.is_utc)
        return lambda reader: load_upcoming(reader, asked, self._coming)

    def show(self, model: UpcomingModel) -> None:
        self._model, self._meets = model, overlaps(model.lanes)
        self._draw()

    def load_cursor(self) -> Callable[[Reader], Month]:
        month, dag_id, is_utc = self._month(), self.dag_id(), self.desk.is_utc
        return lambda reader: load_month(reader, dag_id, month, times.now(), is_utc)

    def show_cursor(self, model: Month) -> None:
        if self._model is not None:
            self._model = replace(self._model, month=model)
            self._draw()

    def _draw(self) -> None:
        model = self._model
        if model is None or not self.size.width:
            return
        desk, at, width = self.desk, times.now(), self.size.width - 1
        self.query_one("#upcoming-scale", Line).say([Part(scale_row(model, width, desk.is_utc), palette.DIM)])
        lanes, look, is_utc, meets = model.lanes, desk.look, desk.is_utc, self._meets

        def draw(index: int, width: int) -> Row:
            lane = lanes[index]
            return lane_row(lane, model, look, at, width - 1, is_utc, meets.get(lane.dag.dag_id))

        self._lanes.show_lazily([lane.dag.dag_id for lane in lanes], draw)
        title = f"{desk.look.line('─')} {plain(self.dag_id())} · {month_legend(desk.look)} "
        self.query_one("#upcoming-rule", Line).say([Part(title)])
        self.query_one("#upcoming-month", Rows).show_rows(month_rows(model.month, desk.look, at, desk.is_utc))

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
        start = (times.now() + self._days * SPAN).astimezone(times.zone(self.desk.is_utc))
        span = f"24 h from {start:%a %-d %b %H:%M}" if self._days else "next 24 h"
        return chrome.main_tabs(self.NAME, self.desk.keys), [Part(f"{span} · times {start:%Z} ", palette.DIM, "zone")]

    # -- going on

    def about(self) -> Place:
        return Place(self.NAME, self.dag_id())

    def dag_id(self) -> str:
        return str(self._lanes.cursor_key or "")

    def on_rows_opened(self) -> None:
        if self.dag_id():
            self.desk.go(Place("dag", self.dag_id(), tab="grid"))

    def action_earlier(self) -> None:
        if not self._days:
            self.desk.toast("the day begins now; what was stands in Activity (2) and in the calendar")
            return
        self._days -= 1
        self.reload()

    def action_later(self) -> None:
        self._days += 1
        self.reload()

    def action_next_month(self) -> None:
        self._turn_month(1)

    def action_previous_month(self) -> None:
        self._turn_month(-1)

    def _turn_month(self, step: int) -> None:
        if self.has_class("low") and not self.has_class("month"):
            self.add_class("month")
            return
        self._months += step
        self.desk.reload_cursor()

    def peel(self) -> bool:
        if not (self._days or self._months or self.has_class("month")):
            return False
        self._days = self._months = 0
        self.remove_class("month")
        self.reload()
        return True

    def dag(self) -> Dag | None:
        lanes = self._model.lanes if self._model else ()
        return next((lane.dag for lane in lanes if lane.dag.dag_id == self.dag_id()), None)
