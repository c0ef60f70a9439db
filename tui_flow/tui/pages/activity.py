"""What runs and waits now, and what happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from textual.app import ComposeResult
from textual.events import Click

from tui_flow import times
from tui_flow.actions.reasons import reasons
from tui_flow.records import TaskInstanceKey
from tui_flow.settings import Home, load_settings
from tui_flow.state import TaskState
from tui_flow.store.reader import Reader
from tui_flow.tui import chrome, palette
from tui_flow.tui.filtered import FilteredPage
from tui_flow.tui.keys import bindings
from tui_flow.tui.line import Line, Part
from tui_flow.tui.logtail import log_tail
from tui_flow.tui.places import Place
from tui_flow.tui.rows import Rows
from tui_flow.tui.subject import DagDeeds, Subject, TaskDeeds, one_at_a_time, place_of
from tui_flow.tui.text import plain
from tui_flow.tui.uses import Meter
from tui_flow.tui.views.activity import (
    ActivityModel,
    EventKey,
    Kind,
    Slots,
    event_rows,
    in_order,
    live_heading,
    live_rows,
    matching,
    ranks_of,
    slot_facts,
)

MOST_LIVE = 500
MOST_LOOKED_AT = 40
"""Tasks whose last line, or reason to wait, is read."""
MOST_EVENTS = 200
KINDS = tuple(Kind)
NOTHING_RUNS = "nothing runs or waits; t on the DAGs page triggers a run"
NO_EVENTS = "nothing has happened yet"
NO_MATCH = "nothing matches the filter; esc takes it away"


class ActivityPage(FilteredPage, TaskDeeds, DagDeeds):
    NAME = "activity"
    NO_SUBJECT = "nothing runs here"
    HINTS = ("open", "log", "stop", "mark", "next_pane", "focus", "find", "command", "help")
    BINDINGS = bindings(
        *("log", "stop", "stop_run", "clear", "mark_state", "note", "trigger", "pause", "backfill"),
        *("focus", "find", "next_pane"),
    )
    DEFAULT_CSS = """
    ActivityPage #activity-live { height: auto; max-height: 50%; min-height: 3; }
    ActivityPage #activity-events { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._model: ActivityModel | None = None
        self._slots = Slots()
        self._kind = Kind.ALL
        self._meter = Meter()
        self._ranks: Mapping[TaskInstanceKey, int] = {}
        self._is_past = False
        """Keys are for what happened, not for what goes on."""

    def compose(self) -> ComposeResult:
        yield Line(id="activity-now")
        yield Rows(id="activity-live", can_mark=True, empty=NOTHING_RUNS)
        yield Line(id="activity-past", fill=self.desk.look.line("─"), base=palette.DIM)
        yield Rows(id="activity-events", empty=NO_EVENTS)
        yield self.filter_field("filter: words of both lists")

    def on_mount(self) -> None:
        self.set_interval(2.0, self._grow)

    def take_focus(self) -> None:
        """To the list that had it."""
        (self._events if self._is_past else self._live).focus()

    def action_next_pane(self) -> None:
        self._is_past = not self._is_past
        self.take_focus()

    def on_click(self, event: Click) -> None:
        self._is_past = event.widget is self._events

    @property
    def _events(self) -> Rows:
        return self.query_one("#activity-events", Rows)

    @property
    def _live(self) -> Rows:
        return self.query_one("#activity-live", Rows)

    # -- reading

    def load(self) -> Callable[[Reader], tuple[ActivityModel, Slots]]:
        home, meter = self.desk.home, self._meter
        return lambda reader: load_activity(reader, home, meter)

    def show(self, model: tuple[ActivityModel, Slots]) -> None:
        found, self._slots = model
        self._ranks = ranks_of(found.live, self._ranks)
        self._model = replace(found, live=in_order(found.live, self._ranks))
        self._draw()

    def _draw(self) -> None:
        if self._model is None:
            return
        desk, at = self.desk, times.now()
        width = self.size.width - 1
        self.query_one("#activity-now", Line).say([Part(live_heading(width), palette.DIM)])
        self._live.empty, self._events.empty = (NO_MATCH, NO_MATCH) if self.words else (NOTHING_RUNS, NO_EVENTS)
        self._live.show_rows(matching(live_rows(self._model, desk.look, at, desk.is_utc, width), self.words))
        title = f"{desk.look.line('─')} What happened, newest first · f: {self._kind} "
        self.query_one("#activity-past", Line).say([Part(title)])
        events = event_rows(self._model, self._kind, desk.look, at, desk.is_utc, width)
        self._events.show_rows(matching(events, self.words))

    def on_resize(self) -> None:
        self._draw()

    def minute(self) -> None:
        self._draw()

    def _grow(self) -> None:
        """Durations, CPU and last lines of what runs."""
        running = self._model is not None and any(ti.state is TaskState.RUNNING for _, ti in self._model.live)
        if running and self.desk.is_seen(self):
            self.reload()

    # -- chrome

    def crumbs(self) -> Sequence[str]:
        return ("Activity",)

    def tabs(self) -> tuple[Sequence[Part], Sequence[Part]]:
        said = " · ".join([*([f"filter: {plain(self.words)}"] if self.words else []), *slot_facts(self._slots)])
        return chrome.main_tabs(self.NAME, self.desk.keys), [Part(f"{said} ", palette.DIM)] if said else []

    # -- going on

    def on_rows_opened(self, message: Rows.Opened) -> None:
        if (place := _place_of(message.key)) is not None:
            self.desk.go(place)
        else:
            self.desk.toast("this is about no DAG")

    def action_log(self) -> None:
        (self._events if self._is_past else self._live).action_open()

    def action_focus(self) -> None:
        self._kind = KINDS[(KINDS.index(self._kind) + 1) % len(KINDS)]
        self._draw()

    def draw_filtered(self) -> None:
        self._draw()

    def peel(self) -> bool:
        return self.peel_filter() or self._live.forget_marks()

    def about(self) -> Place:
        return place_of(self.subject(), self.place)

    def refusal(self) -> str:
        marked = () if self._is_past else self._live.chosen
        return one_at_a_time({key[0] for key in marked if isinstance(key, tuple)})

    def dag_id(self) -> str:
        """Of what the cursor or the marks are on; why there is none is said."""
        subject = self.subject()
        if problem := self.refusal() or ("" if subject else self.NO_SUBJECT):
            self.desk.toast(problem)
            return ""
        return subject.dag_id if subject else ""

    def subject(self) -> Subject | None:
        """Of one DAG: the first that is chosen."""
        if self._is_past:
            place = _place_of(self._events.cursor_key)
            tasks = [(place.run_id, place.task_id, place.map_index)] if place and place.task_id else []
            return Subject(place.dag_id, place.run_id, tasks) if place else None
        chosen = [key for key in self._live.chosen if isinstance(key, tuple)]
        if not chosen:
            return None
        dag_id = chosen[0][0]
        keys = [(run_id, task_id, map_index) for of, run_id, task_id, map_index in chosen if of == dag_id]
        return Subject(dag_id, keys[0][0], keys)

    def choices(self) -> dict[str, Any]:
        return {"kind": self._kind}

    def restore(self, choices: dict[str, Any]) -> None:
        if choices.get("kind") in KINDS:
            self._kind = Kind(choices["kind"])


def _place_of(key: object) -> Place | None:
    """Of a row that stands for a task, one of its tries, a run, or what was done to one of them."""
    if isinstance(key, EventKey):
        page = "run" if key.run_id else "dag" if key.dag_id else ""
        return Place(page, key.dag_id, key.run_id, key.task_id) if page else None
    if not isinstance(key, tuple) or len(key) < 4:
        return None
    dag_id, run_id, task_id, map_index, *tries = key
    return Place("log" if task_id else "run", dag_id, run_id, task_id, map_index, try_number=tries[0] if tries else 0)


def load_activity(reader: Reader, home: Home, meter: Meter) -> tuple[ActivityModel, Slots]:
    live = reader.live_tasks(MOST_LIVE)
    running = [(run, ti) for run, ti in live if ti.state is TaskState.RUNNING][:MOST_LOOKED_AT]
    waiting = [(run, ti) for run, ti in live if ti.state is not TaskState.RUNNING][:MOST_LOOKED_AT]
    live = [*(pair for pair in live if pair[1].state is TaskState.RUNNING), *waiting]
    pids = {attempt.key: attempt.pid for attempt in reader.active_attempts() if attempt.pid}
    uses = meter.look(pids.values())
    parallelism = load_settings(home).core.parallelism
    at = times.now()
    model = ActivityModel(
        live,
        {ti.key: "; ".join(reasons(reader, run, ti, at, parallelism)) for run, ti in waiting},
        {ti.key: line.text for run, ti in running for line in log_tail(home, run, ti, 1)},
        {key: uses[pid] for key, pid in pids.items() if pid in uses},
        reader.ended_runs(MOST_EVENTS),
        reader.failed_attempts(MOST_EVENTS),
        reader.events(limit=MOST_EVENTS),
    )
    live_counts = reader.live_counts()
    busy = sum(live_counts.get(state, 0) for state in (TaskState.RUNNING, TaskState.RESTARTING, TaskState.QUEUED))
    return model, Slots(busy, parallelism, reader.pools())
