"""The Runs tab of a DAG: all of them, newest first, a page at a time; filter, mark, act on many."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from rich.style import Style
from textual.app import ComposeResult
from textual.widgets import Input

from tui_flow import times
from tui_flow.errors import TuiflowError
from tui_flow.records import DagRun
from tui_flow.state import RunState, RunType, TaskState
from tui_flow.store.reader import Reader
from tui_flow.tui import chrome, palette
from tui_flow.tui.keys import bindings
from tui_flow.tui.line import Line, Part
from tui_flow.tui.places import Place
from tui_flow.tui.rows import Rows
from tui_flow.tui.subject import DagDeeds, Subject, TaskDeeds, place_of
from tui_flow.tui.tabbed import Pane
from tui_flow.tui.text import Piece, Row, columns, plain
from tui_flow.tui.views import spans
from tui_flow.tui.views.bars import median, scaled, took_s, was_due
from tui_flow.tui.views.run_names import kind_of, why_failed

PAGE = 200
"""So many runs are read at a time; more when the cursor comes near the end."""


@dataclass(frozen=True, slots=True)
class RunFilter:
    """`state:failed type:manual from:2026-01-01 until:-3d words`; words are looked for in run id, note and conf."""

    states: frozenset[RunState] = frozenset()
    types: frozenset[RunType] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    words: tuple[str, ...] = ()

    def keeps(self, run: DagRun) -> bool:
        text = f"{run.run_id} {run.note or ''} {dict(run.conf)}".lower()
        return all(word in text for word in self.words)


def parse_filter(text: str, at: datetime, is_utc: bool) -> RunFilter:
    """Raises BadInput for a date that is none; an unknown state or type matches nothing it could be confused with."""
    states: set[RunState] = set()
    types: set[RunType] = set()
    dates: dict[str, datetime] = {}
    words = []
    for word in text.split():
        kind, colon, value = word.partition(":")
        if colon and kind == "state":
            states |= {state for state in RunState if state.startswith(value)}
        elif colon and kind == "type":
            types |= {each for each in RunType if each.startswith(value)}
        elif colon and kind in ("from", "since") and value:
            dates["from"] = times.parse_date(value, at, is_utc)
        elif colon and kind in ("until", "to") and value:
            dates["until"] = times.parse_end(value, at, is_utc)
        else:
            words.append(word.lower())
    return RunFilter(frozenset(states), frozenset(types), dates.get("from"), dates.get("until"), tuple(words))


@dataclass(frozen=True, slots=True)
class RunsModel:
    runs: Sequence[DagRun]
    counts: dict[int, Counter[TaskState]] = field(default_factory=dict)
    is_all: bool = True


class RunsPane(Pane, TaskDeeds, DagDeeds):
    NAME = "runs"
    TITLE = "Runs"
    ACTION = "runs"
    HINTS = ("open", "clear", "mark_state", "stop_run", "find", "mark", "mark_all", "trigger", "help")
    BINDINGS = bindings(
        "clear",
        "mark_state",
        "stop_run",
        "stop",
        "trigger",
        "pause",
        "backfill",
        "find",
        "note",
        "focus",
        "compare",
        "delete",
    )
    DEFAULT_CSS = """
    RunsPane #runs-filter { display: none; height: 1; dock: bottom; }
    RunsPane.finding #runs-filter { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._model: RunsModel | None = None
        self._filter = RunFilter()
        self._wanted = PAGE

    def compose(self) -> ComposeResult:
        yield Line(id="runs-bars")
        yield Line(id="runs-landing")
        yield Line(id="runs-heading")
        yield Rows(id="runs-list", can_mark=True)
        yield Input(id="runs-filter", placeholder="state:failed type:manual from:2026-01-01 until:-3d words")

    @property
    def _list(self) -> Rows:
        return self.query_one("#runs-list", Rows)

    async def visit(self, place: Place) -> None:
        if place.dag_id != self.place.dag_id:
            self._model, self._wanted, self._filter = None, PAGE, RunFilter()
        self.place = place

    def take_focus(self) -> None:
        self._list.focus()

    # -- reading

    def load(self) -> Callable[[Reader], RunsModel]:
        dag_id, wanted, asked = self.place.dag_id, self._wanted, self._filter

        def load(reader: Reader) -> RunsModel:
            found = reader.runs(dag_id, asked.states, asked.types, asked.since, asked.until, limit=wanted)
            shown = [run for run in found if asked.keeps(run)]
            return RunsModel(shown, reader.task_counts([run.id for run in shown[:400]]), len(found) < wanted)

        return load

    def show(self, model: RunsModel) -> None:
        self._model = model
        self._draw()
        self.desk.say()

    def _draw(self) -> None:
        model, desk, at = self._model, self.desk, times.now()
        if model is None:
            return
        self._list.empty = "no run is like that; esc takes the filter away" if self._filter != RunFilter() else _NEVER
        self.query_one("#runs-heading", Line).say([Part(heading(self._is_wide), palette.DIM)])
        runs, is_wide = model.runs, self._is_wide

        def draw(index: int, _width: int) -> Row:
            counts = model.counts.get(runs[index].id, Counter())
            return run_row(runs[index], counts, desk.look, at, desk.is_utc, is_wide)

        self._list.show_lazily([run.run_id for run in runs], draw)
        took, landed = histories(runs, at)
        width = max(self.size.width - 34, 10)
        usual = spans.short_s(median(took)) if took else "-"
        bars = desk.look.line(scaled(took[-width:]))
        self.query_one("#runs-bars", Line).say([Part(f" took, old to new  usual {usual:<9}", palette.DIM), Part(bars)])
        late = spans.short_s(median(landed)) if landed else "-"
        bars = desk.look.line(scaled(landed[-width:]))
        self.query_one("#runs-landing", Line).say(
            [Part(f" landed after due  usual {late:<9}", palette.DIM), Part(bars)]
        )

    @property
    def _is_wide(self) -> bool:
        return self.size.width >= chrome.NARROW

    def minute(self) -> None:
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def on_rows_moved(self) -> None:
        rows, model = self._list, self._model
        if model is not None and not model.is_all and rows.keys and rows.cursor_key in list(rows.keys)[-20:]:
            self._wanted += PAGE
            self.reload()

    def facts(self) -> Sequence[Part]:
        if self._model is None:
            return ()
        more = "" if self._model.is_all else "+"
        return [Part(f"{len(self._model.runs)}{more} runs ", palette.DIM)]

    # -- filter

    def action_find(self) -> None:
        self.add_class("finding")
        self.query_one("#runs-filter", Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.remove_class("finding")
        self.take_focus()
        try:
            self._filter = parse_filter(event.value, times.now(), self.desk.is_utc)
        except TuiflowError as err:
            self.desk.toast(str(err))
            return
        self._wanted = PAGE
        self.reload()

    def action_focus(self) -> None:
        """Only failed runs, or all."""
        only = frozenset({RunState.FAILED})
        self._filter = RunFilter() if self._filter.states == only else RunFilter(only)
        self.reload()

    def peel(self) -> bool:
        if self.has_class("finding") or self._filter != RunFilter():
            self.remove_class("finding")
            self.query_one("#runs-filter", Input).value = ""
            self._filter = RunFilter()
            self.take_focus()
            self.reload()
            return True
        return self._list.forget_marks()

    # -- going on

    def on_rows_opened(self, message: Rows.Opened) -> None:
        self.desk.go(Place("run", self.place.dag_id, str(message.key)))

    async def action_compare(self) -> None:
        """Two marked runs; else the one under the cursor with the one before it."""
        chosen = [str(key) for key in self._list.chosen]
        if len(chosen) > 2:
            self.desk.toast("mark two runs to compare them")
        elif chosen:
            await self.desk.open_sheet("compare", self.place.dag_id, *chosen)

    async def action_delete(self) -> None:
        await self._sheet("delete_run")

    def about(self) -> Place:
        return place_of(self.subject(), self.place)

    def subject(self) -> Subject | None:
        run_ids = [str(key) for key in self._list.chosen]
        if not run_ids:
            return None
        return Subject(self.place.dag_id, run_ids[0], run_ids=run_ids if len(run_ids) > 1 else ())


_NEVER = "this DAG has never run.\nt triggers it, b runs it for past dates."


def heading(is_wide: bool) -> str:
    started = [("Started", None, 19)] if is_wide else []
    shown = columns([("State", None, 8), ("Type", None, 10), ("Due", None, 16), *started, ("Took", None, 8)])
    return "   " + "".join(text for text, _ in shown) + "Tasks"


def run_row(
    run: DagRun, counts: Counter[TaskState], look: palette.Palette, at: datetime, is_utc: bool, is_wide: bool
) -> Row:
    """Where there is little room it is not said when the run started."""
    started = spans.stamp(run.started_at, is_utc) if run.started_at else ""
    took = took_s(run, at)
    style: Style = look.style(run.state)
    pieces: list[Piece] = [
        (f"{look.glyph(run.state)} ", style),
        *columns(
            [
                (str(run.state), style, 8),
                (kind_of(run), None, 10),
                (spans.minute(run.run_after, is_utc), None, 16),
                *([(started, None, 19)] if is_wide else []),
                (spans.short_s(took, run.ended_at is not None) if took is not None else "", None, 8),
            ]
        ),
    ]
    for state, count in sorted(counts.items(), key=lambda item: -item[1]):
        pieces += [(f"{count}", None), (look.glyph(state) + " ", look.style(state))]
    if why := why_failed(run):
        pieces.append((f" {plain(why)}", palette.DIM))
    if run.note:
        pieces.append((f"  {plain(run.note)}", palette.DIM))
    if run.conf:
        pieces.append((f"  {plain(json.dumps(dict(run.conf)))}", palette.DIM))
    return Row(run.run_id, tuple(pieces))


def histories(runs: Sequence[DagRun], at: datetime) -> tuple[list[float], list[float]]:
    """Of the runs that went well, the oldest first: how long they took, and how long after they were due they ended."""
    good = [run for run in reversed(runs) if run.state is RunState.SUCCESS and run.ended_at is not None]
    took = [took_s(run, at) or 0.0 for run in good]
    return took, [(run.ended_at - run.run_after).total_seconds() for run in good if run.ended_at and was_due(run)]
