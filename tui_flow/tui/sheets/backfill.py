"""Make the runs of past dates: which dates, in a strip of days, with the backfills that are under way below."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.widget import Widget

from tui_flow import times
from tui_flow.errors import BadInput
from tui_flow.planner.backfill import progress
from tui_flow.state import RunState
from tui_flow.store.reader import Reader
from tui_flow.tui.forms import Choices, Field
from tui_flow.tui.keys import bindings
from tui_flow.tui.places import Place
from tui_flow.tui.rows import Rows
from tui_flow.tui.sheets.asking import AskingSheet
from tui_flow.tui.text import Piece
from tui_flow.tui.views.backfills import (
    CREATES,
    WHICH,
    Slot,
    UnderWay,
    backfill_deed,
    sentence,
    slots_of,
    strip_rows,
    under_way_row,
    usual_s,
    which_words,
)
from tui_flow.tui.views.deeds import Deed, Preview

MOST_SHOWN = 20
LOOK_EVERY_S = 2.0


class BackfillSheet(AskingSheet):
    HINTS: ClassVar[tuple[str, ...]] = ("open", "next_pane", "pause", "stop", "copy", "back")
    BINDINGS = bindings("pause", "stop")
    DEFAULT_CSS = """
    BackfillSheet #backfill-under-way { height: auto; min-height: 1; max-height: 4; }
    """
    VERB = "make"
    MANY = "runs"

    def __init__(self, dag_id: str) -> None:
        super().__init__()
        self._dag_id = dag_id
        self._answer: Mapping[str, Any] = {}
        self._slots: list[Slot] = []
        self._usual_s: float | None = None
        self._under_way: dict[int, UnderWay] = {}
        self.TITLE = f"Backfill {dag_id}"

    def fields(self) -> Sequence[Widget]:
        return (
            Field("from", "from", "-7d", note="2026-05-01, yesterday, -3d"),
            Field("to", "to", "now", note="the last date, included"),
            Choices("Which", WHICH, id="backfill-which"),
            Choices("Order", ("oldest first", "newest first"), id="backfill-order"),
            Field("at_once", "runs at once", "10"),
            Field("conf", "conf", hint="{}", note="JSON"),
        )

    def compose(self) -> ComposeResult:
        yield from super().compose()
        yield self.title_line("Backfills: p pauses, x cancels the one at the cursor", id="backfill-title")
        yield Rows(id="backfill-under-way", empty="no backfill has been made yet")

    async def on_mount(self) -> None:
        self.set_interval(LOOK_EVERY_S, self._look)
        await self._look()

    # -- the new one

    def _text(self, name: str) -> str:
        return self.query_one(f"#field-{name}", Field).value.strip()

    def deeds(self) -> Sequence[Deed]:
        at, is_utc = times.now(), self.desk.is_utc
        span = (times.parse_date(self._text("from"), at, is_utc), times.parse_end(self._text("to"), at, is_utc))
        which, order = (self.query_one(f"#backfill-{name}", Choices).index for name in ("which", "order"))
        return [backfill_deed(self._dag_id, span, which, order == 1, self._at_once(), self._conf())]

    def _at_once(self) -> int:
        """Raises BadInput."""
        text = self._text("at_once")
        if not text.isascii() or not text.isdigit() or int(text) < 1:
            raise BadInput(f"runs at once: {text!r} is not a number from 1 on")
        return int(text)

    def _conf(self) -> dict[str, Any]:
        """Raises BadInput."""
        try:
            conf = json.loads(self._text("conf") or "{}")
        except ValueError as err:
            raise BadInput(f"the conf is no JSON: {err}") from err
        if not isinstance(conf, dict):
            raise BadInput("a conf is an object: {...}")
        return conf

    async def preview(self, answers: Sequence[Any]) -> Preview:
        self._answer = answers[0]
        there, self._usual_s = await self.desk.feed.read(_there(self._dag_id, self._answer, times.now()))
        self._slots = slots_of(self._answer, there)
        new = sum(slot.outcome in CREATES for slot in self._slots)
        self.query_one("#backfill-which", Choices).say(which_words(self._answer, self._slots))
        desk = self.desk
        return Preview(strip_rows(self._slots, desk.look, desk.is_utc, self.size.width), new, runs=new)

    def sentence(self, preview: Preview) -> Sequence[Piece]:
        if preview.problem:
            return super().sentence(preview)
        return sentence(self._answer, self._slots, self._usual_s, self._at_once())

    def done(self, _preview: Preview, answers: Sequence[Any]) -> str:
        off = "" if self.desk.status.scheduler else "; no scheduler runs: S starts one"
        return f"backfill {answers[0]['backfill_id']} is made{off}"

    # -- those that are there

    async def _look(self) -> None:
        dag_id, desk, at = self._dag_id, self.desk, times.now()
        found = await desk.feed.read(lambda reader: load_under_way(reader, dag_id, at))
        if self.is_attached:
            self._under_way = {one.backfill.id: one for one in found}
            rows = [under_way_row(one, desk.look, at, desk.is_utc) for one in found]
            self.query_one("#backfill-under-way", Rows).show_rows(rows)

    def _chosen(self) -> UnderWay | None:
        """The open one under the cursor; a toast where there is none."""
        key = self.query_one("#backfill-under-way", Rows).cursor_key
        one = self._under_way.get(key) if isinstance(key, int) else None
        if one is None or not one.is_open:
            self.desk.toast("that backfill has ended" if one else "no backfill has been made yet")
            return None
        return one

    def on_rows_opened(self, message: Rows.Opened) -> None:
        """Enter on one that is there: to the runs."""
        if message.rows.id == "backfill-under-way":
            self.desk.go(Place("dag", self._dag_id, tab="runs"))

    async def action_pause(self) -> None:
        if (one := self._chosen()) is None:
            return
        pause = not one.backfill.is_paused
        if await self.desk.perform("pause_backfill", backfill_id=one.backfill.id, is_paused=pause) is not None:
            self.desk.toast(f"backfill {one.backfill.id} {'paused' if pause else 'goes on'}")
            await self._look()

    async def action_stop(self) -> None:
        if (one := self._chosen()) is not None:
            await self.desk.open_sheet("cancel_backfill", one.backfill.id)


def _there(
    dag_id: str, answer: Mapping[str, Any], at: datetime
) -> Callable[[Reader], tuple[dict[datetime, RunState], float | None]]:
    """States of the runs within the dates that are shown, and how long a run takes."""

    def load(reader: Reader) -> tuple[dict[datetime, RunState], float | None]:
        dates = sorted(datetime.fromisoformat(slot["logical_date"]) for slot in answer["slots"])
        runs = reader.runs_between(dag_id, dates[0], dates[-1]) if dates else []
        states = {run.logical_date: run.state for run in runs if run.logical_date is not None}
        return states, usual_s(reader.runs(dag_id, [RunState.SUCCESS], limit=20), at)

    return load


def load_under_way(reader: Reader, dag_id: str | None, at: datetime, most: int = MOST_SHOWN) -> list[UnderWay]:
    """Of this DAG, or of all, the newest first."""
    found = []
    for backfill in reader.backfills(dag_id)[:most]:
        dag = reader.dag(backfill.dag_id)
        if dag is None:
            continue
        counts = reader.backfill_counts(backfill.id)
        waiting = sum(counts.get(state, 0) for state in (RunState.QUEUED, RunState.RUNNING))
        spec = reader.spec(dag.dag_id, dag.spec_version)
        found.append(UnderWay(backfill, progress(spec, backfill, waiting, at), counts))
    return found
