"""The log of one try of a task: its end at once, whatever its size; search, levels, tries, copy."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from textual.app import ComposeResult
from textual.widgets import Input

from tui_flow.logs.search import Pattern
from tui_flow.logs.viewed import Filter
from tui_flow.store.reader import Reader
from tui_flow.tui import logchrome
from tui_flow.tui.keys import bindings
from tui_flow.tui.line import Line, Part
from tui_flow.tui.logchrome import LogFacts, Sought
from tui_flow.tui.logview import LogView
from tui_flow.tui.pages.log_elsewhere import LogElsewhere
from tui_flow.tui.pages.log_reading import LogModel, end_of, load_log, try_facts, why_empty
from tui_flow.tui.places import Place
from tui_flow.tui.subject import Subject, TaskDeeds
from tui_flow.tui.views.log import LEVELS, Clock
from tui_flow.tui.views.run_names import run_name

NO_EARLIER, NO_LATER = "no earlier hit", "no later hit"


class LogPage(LogElsewhere, TaskDeeds):
    NAME = "log"
    HINTS = (
        "follow",
        "find_text",
        "less=+-~level",
        "next_error~error",
        "wrap",
        "next_stream=[]~stream",
        "earlier=<>~try",
        "copy",
        "only_hits~only",
        "zone~time",
        "pager",
        "source",
        "edit",
        "save",
        "help",
    )
    BINDINGS = bindings(
        "find_text",
        "next_hit",
        "previous_hit",
        "only_hits",
        "follow",
        "wrap",
        "more",
        "less",
        "next_stream",
        "previous_stream",
        "zone",
        "earlier",
        "later",
        "copy",
        "save",
        "edit",
        "source",
        "pager",
        "clear",
        "mark_state",
        "stop",
    )
    DEFAULT_CSS = """
    LogPage #log-find { display: none; height: 1; dock: bottom; }
    LogPage.finding #log-find { display: block; }
    LogPage.finding #log-below { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._is_open = False
        """Whether the view has what the model says: it keeps the log before until then."""
        self._filter = Filter()
        self._has_time = True

    def compose(self) -> ComposeResult:
        yield LogView(id="log-view")
        yield Line(id="log-below")
        yield Input(id="log-find", placeholder="find: text, or /a regular expression/")

    async def visit(self, place: Place) -> None:
        if place != self.place:
            self._model, self._shown, self._is_open = None, None, False
        if _task(place) != _task(self.place):
            self._filter = Filter()
            self._forget_sought()
        await super().visit(place)

    def take_focus(self) -> None:
        self._view.focus()

    # -- reading

    def load(self) -> Callable[[Reader], LogModel]:
        place, home = self.place, self.desk.home
        return lambda reader: load_log(reader, home, place)

    def show(self, model: LogModel) -> None:
        self._model = model
        view = self._view
        view.rows.end = end_of(model)
        view.rows.why_hidden = self._why_hidden_between()
        if view.rows.look.clock is not self._clock():
            view.rows.look = replace(view.rows.look, clock=self._clock())
        if model.path != self._shown or not self._is_open:
            self._shown, self._is_open = model.path, True
            view.open(model.path, self._filter)
        else:
            view.place()
        self.desk.say()

    def on_log_lines_changed(self) -> None:
        self.desk.say()

    # -- chrome

    def hints(self) -> Sequence[str]:
        """On a line of a traceback first how to come to the source."""
        if self._view.follows or self.named_here() is None:
            return self.HINTS
        return ("source", "edit~that file", *(hint for hint in self.HINTS if hint not in ("source", "edit")))

    def crumbs(self) -> Sequence[str]:
        place = self.place
        task = place.task_id + (f"[{place.map_index}]" if place.map_index >= 0 else "")
        return ("DAGs", place.dag_id, run_name(place.run_id, self.desk.is_utc), f"{task} ▸ log")

    def tabs(self) -> tuple[Sequence[Part], Sequence[Part]]:
        model, look, width = self._model, self.desk.look, self.app.size.width
        if model is None:
            return (), ()
        tried, facts = try_facts(model), self._facts()
        self.query_one("#log-below", Line).say(*logchrome.below(tried, facts, self._sought(), width))
        viewed = self._view.viewed
        is_missing = viewed is None or viewed.index.is_missing
        empty = logchrome.all_hidden(facts, look) if facts.hidden else why_empty(model, is_missing)
        self._view.say_instead(empty)
        return logchrome.above(tried, facts, look, width)

    def _facts(self) -> LogFacts:
        view = self._view
        log, look = view.viewed, view.rows.look
        if log is None:
            return LogFacts(self._filter, follows=view.follows, wrap=look.wrap)
        index = log.index
        return LogFacts(
            filter=self._filter,
            size=index.file_size,
            lines=index.lines,
            hidden=log.hidden if not view.is_counting else 0,
            untold=index.untold,
            errors=index.errors,
            warnings=index.warnings,
            counted_percent=min(index.size * 100 // index.file_size, 99) if view.is_counting else 100,
            line=min(view.cursor_line + 1, index.lines),
            marked=len(view.marks),
            follows=view.follows,
            wrap=look.wrap,
        )

    def log_size(self) -> int:
        return self._facts().size

    def _sought(self) -> Sought | None:
        log = self._view.viewed
        if log is None or log.search is None:
            return None
        search, at = log.search, log.hits_until(self._view.cursor_line)
        return Sought(search.pattern.text, at, len(log.hits), log.hidden_hits, search.done_percent)

    # -- find and filter

    def action_find_text(self) -> None:
        self.add_class("finding")
        self.query_one("#log-find", Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.remove_class("finding")
        self.take_focus()
        text = event.value
        is_regex = len(text) > 2 and text[0] == text[-1] == "/"
        try:
            pattern = Pattern(text[1:-1] if is_regex else text, is_regex) if text else None
        except re.error as err:
            self.desk.toast(f"{text} is not a regular expression: {err}")
            return
        if pattern is None and self._filter.only_hits:
            self._choose(replace(self._filter, only_hits=False))
        self._view.look_for(pattern)

    def action_next_hit(self) -> None:
        self._hit(False)

    def action_previous_hit(self) -> None:
        self._hit(True)

    def _hit(self, backwards: bool) -> None:
        if self._view.rows.look.pattern is None:
            self.desk.toast("nothing is looked for: / finds")
        elif not self._view.next_hit(backwards):
            self.desk.toast(NO_EARLIER if backwards else NO_LATER)
        else:
            self.desk.unsay(NO_EARLIER)
            self.desk.unsay(NO_LATER)

    def action_only_hits(self) -> None:
        if self._view.rows.look.pattern is None and not self._filter.only_hits:
            self.desk.toast("nothing is looked for: / finds, then & shows only that")
            return
        self._choose(replace(self._filter, only_hits=not self._filter.only_hits))

    def _choose(self, chosen: Filter) -> None:
        self._filter = chosen
        self._view.rows.why_hidden = self._why_hidden_between()
        self._view.show_only(chosen)

    def _why_hidden_between(self) -> str:
        """Between hits that are shown alone nothing is said: there it is of every line."""
        return "" if self._filter.only_hits else logchrome.why_hidden(self._filter, self.desk.look)

    def action_more(self) -> None:
        """More levels: less is hidden."""
        self._change_level(-1)

    def action_less(self) -> None:
        self._change_level(1)

    def _change_level(self, step: int) -> None:
        at = LEVELS.index(self._filter.least) + step
        if not 0 <= at < len(LEVELS):
            self.desk.toast("all levels are shown" if at < 0 else "only errors are shown")
            return
        passed = LEVELS[at if step < 0 else at - 1]
        self._choose(replace(self._filter, least=LEVELS[at]))
        if (log := self._view.viewed) is not None and log.index.is_counted and not log.has(passed):
            self.desk.toast(f"no line of this log is {passed}")

    def action_next_stream(self) -> None:
        self._change_stream(1)

    def action_previous_stream(self) -> None:
        self._change_stream(-1)

    def _change_stream(self, step: int) -> None:
        at = logchrome.STREAMS.index(self._filter.stream) + step
        self._choose(replace(self._filter, stream=logchrome.STREAMS[at % len(logchrome.STREAMS)]))

    def action_wrap(self) -> None:
        look = self._view.rows.look
        self._view.change_look(replace(look, wrap=not look.wrap))

    async def action_zone(self) -> None:
        """Local time, UTC, no time: the zone is that of all pages."""
        if self._has_time and self.desk.is_utc:
            self._has_time = False
        else:
            self._has_time = True
            await self.app.run_action("zone")
        self._view.change_look(replace(self._view.rows.look, clock=self._clock()))

    def _clock(self) -> Clock:
        if not self._has_time:
            return Clock.OFF
        return Clock.UTC if self.desk.is_utc else Clock.LOCAL

    def action_follow(self) -> None:
        if self._view.follows:
            self._view.pause()
        else:
            self._view.action_last()

    def peel(self) -> bool:
        if self.has_class("finding"):
            self.remove_class("finding")
            self.take_focus()
        elif not self._filter.is_all:
            self._choose(Filter())
        elif self._view.rows.look.pattern is not None:
            self._forget_sought()
        else:
            return self._view.forget_marks()
        return True

    def _forget_sought(self) -> None:
        self.query_one("#log-find", Input).value = ""
        self._view.look_for(None)

    # -- tries

    def _try(self, step: int) -> None:
        model = self._model
        if model is None or model.ti is None:
            return
        number = model.try_number + step
        if not 1 <= number <= max(model.ti.try_number, 1):
            self.desk.toast("there is no other try in that direction")
            return
        self.desk.go_beside(replace(self.place, try_number=number))

    def action_earlier(self) -> None:
        self._try(-1)

    def action_later(self) -> None:
        self._try(1)

    def subject(self) -> Subject:
        place = self.place
        return Subject(place.dag_id, place.run_id, [(place.run_id, place.task_id, place.map_index)])

    def choices(self) -> dict[str, Any]:
        return {"has_time": self._has_time, "wrap": self._view.rows.look.wrap}

    def restore(self, choices: dict[str, Any]) -> None:
        self._has_time = bool(choices.get("has_time", True))
        self._view.rows.look = replace(self._view.rows.look, wrap=bool(choices.get("wrap")))


def _task(place: Place) -> tuple[str, str, int]:
    return place.dag_id, place.task_id, place.map_index
