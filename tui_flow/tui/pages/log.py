"""The log of one try of a task: its end at once, whatever its size; search, levels, tries, copy."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from textual.app import ComposeResult
from textual.widgets import Input

from tui_flow import times
from tui_flow.actions.reasons import reasons
from tui_flow.logs import log_path
from tui_flow.logs.index import Pattern
from tui_flow.records import DagRun, TaskAttempt, TaskInstance, TaskInstanceKey
from tui_flow.settings import Home, load_settings
from tui_flow.state import FINISHED_TASK
from tui_flow.store.reader import Reader
from tui_flow.tui import chrome, clipboard, palette
from tui_flow.tui.keys import bindings
from tui_flow.tui.line import Part
from tui_flow.tui.logview import LogView
from tui_flow.tui.page import Page
from tui_flow.tui.places import Place
from tui_flow.tui.programs import open_in_editor, open_in_pager
from tui_flow.tui.subject import Subject, TaskDeeds
from tui_flow.tui.text import plain
from tui_flow.tui.views import spans
from tui_flow.tui.views.log import LEVELS, Clock, LevelPattern
from tui_flow.tui.views.run_names import run_name

CLOCKS = tuple(Clock)


@dataclass(frozen=True, slots=True)
class LogModel:
    run: DagRun | None
    ti: TaskInstance | None = None
    attempts: Sequence[TaskAttempt] = ()
    """Of the try that is shown."""
    path: Path | None = None
    try_number: int = 0
    reasons: Sequence[str] = ()
    """Why it has not started, where it has not."""


class LogPage(Page, TaskDeeds):
    NAME = "log"
    HINTS = (
        "find~find",
        "next_hit",
        "only_hits",
        "next_error",
        "follow",
        "wrap",
        "less",
        "zone",
        "earlier",
        "copy",
        "help",
    )
    BINDINGS = bindings(
        "find",
        "next_hit",
        "previous_hit",
        "only_hits",
        "follow",
        "wrap",
        "more",
        "less",
        "zone",
        "earlier",
        "later",
        "copy",
        "sort",
        "edit",
        "pager",
        "clear",
        "mark_state",
        "stop",
    )
    DEFAULT_CSS = """
    LogPage #log-find { display: none; height: 1; dock: bottom; }
    LogPage.finding #log-find { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._model: LogModel | None = None
        self._shown: Path | None = None
        self._level = 0
        self._only_hits = False
        self._clock = Clock.LOCAL

    def compose(self) -> ComposeResult:
        yield LogView(id="log-view")
        yield Input(id="log-find", placeholder="find: text, or /a regular expression/", select_on_focus=False)

    @property
    def _view(self) -> LogView:
        return self.query_one("#log-view", LogView)

    async def visit(self, place: Place) -> None:
        if place != self.place:
            self._model, self._shown = None, None
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
        view.empty = _why_empty(model)
        if model.path != self._shown:
            self._shown = model.path
            view.open(model.path)
            if self._level:
                self._filter()
        else:
            view.refresh()
        self.desk.say()

    def on_log_view_changed(self) -> None:
        self.desk.say()

    # -- chrome

    def crumbs(self) -> Sequence[str]:
        place = self.place
        task = place.task_id + (f"[{place.map_index}]" if place.map_index >= 0 else "")
        return ("DAGs", place.dag_id, run_name(place.run_id, self.desk.is_utc), task)

    def tabs(self) -> tuple[Sequence[Part], Sequence[Part]]:
        return [Part(" "), *self._facts()], self._state()

    def _facts(self) -> list[Part]:
        model, look = self._model, self.desk.look
        if model is None or model.ti is None:
            return []
        ti = model.ti
        parts = [Part(f"try {model.try_number} of {max(ti.max_tries + 1, model.try_number)}  ", palette.BOLD)]
        if model.try_number == ti.try_number or not ti.try_number:
            parts.append(Part(f"{look.glyph(ti.state)} {ti.state}", look.style(ti.state)))
        last = model.attempts[-1] if model.attempts else None
        if last is not None:
            if model.try_number != ti.try_number:
                parts.append(Part(f"{look.glyph(last.state)} {last.state}", look.style(last.state)))
            parts.append(Part(_how(last, self.size.width >= chrome.NARROW), palette.DIM))
        return parts

    def _state(self) -> list[Part]:
        view = self._view
        said = [f"{view.count:,} lines"]
        if view.look.pattern is not None:
            at = sum(line <= view.cursor_line for line in view.hits)
            said.insert(0, f"{at} of {len(view.hits):,}: {plain(view.look.pattern.text)}" if view.hits else "not found")
        if self._level:
            said.append(f"{LEVELS[self._level]} and above")
        if self._only_hits:
            said.append("only hits")
        said.append(self._clock)
        follows = Part("  following" if view.follows else "  not following (F)", palette.BOLD, "follow")
        return [follows, Part("".join(f" · {fact}" for fact in said) + " ", palette.DIM)]

    # -- find and filter

    def action_find(self) -> None:
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
        self._view.look_for(pattern)
        if pattern is not None and not self._view.hits:
            self.desk.toast(f"{plain(text)} is not in this log")
        if self._only_hits:
            self._filter()

    def action_next_hit(self) -> None:
        self._hit(False)

    def action_previous_hit(self) -> None:
        self._hit(True)

    def _hit(self, backwards: bool) -> None:
        if self._view.look.pattern is None:
            self.desk.toast("nothing is looked for: / finds")
        elif not self._view.next_hit(backwards):
            self.desk.toast("no earlier hit" if backwards else "no later hit")

    def action_only_hits(self) -> None:
        if self._view.look.pattern is None and not self._only_hits:
            self.desk.toast("nothing is looked for: / finds, then & shows only that")
            return
        self._only_hits = not self._only_hits
        self._filter()

    def _filter(self) -> None:
        pattern = self._view.look.pattern if self._only_hits else None
        if pattern is None and self._level:
            pattern = LevelPattern(LEVELS[self._level])
        self._view.show_only(pattern)

    def action_more(self) -> None:
        """More levels: less is hidden."""
        self._level = max(self._level - 1, 0)
        self._filter()

    def action_less(self) -> None:
        self._level = min(self._level + 1, len(LEVELS) - 1)
        self._filter()

    def action_wrap(self) -> None:
        self._view.change_look(replace(self._view.look, wrap=not self._view.look.wrap))

    def action_zone(self) -> None:
        self._clock = CLOCKS[(CLOCKS.index(self._clock) + 1) % len(CLOCKS)]
        self._view.change_look(replace(self._view.look, clock=self._clock))

    def action_follow(self) -> None:
        if self._view.follows:
            self._view.action_up()
        else:
            self._view.action_last()

    def peel(self) -> bool:
        if self.has_class("finding"):
            self.remove_class("finding")
            self.take_focus()
        elif self._only_hits or self._level:
            self._only_hits, self._level = False, 0
            self._filter()
        elif self._view.look.pattern is not None:
            self.query_one("#log-find", Input).value = ""
            self._view.look_for(None)
        else:
            return self._view.forget_marks()
        return True

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

    # -- elsewhere

    def action_copy(self) -> None:
        lines = self._view.chosen()
        how = clipboard.copy("\n".join(lines), self.desk.write_to_terminal)
        count = f"{len(lines)} line{'s' if len(lines) != 1 else ''}"
        self.desk.toast(f"copied {count} {how}" if how else f"{count} are too much to copy; the file is {self._shown}")

    def action_sort(self) -> None:
        """Save what is shown as a file."""
        if self._shown is None or not self._shown.exists():
            self.desk.toast("there is no log to save yet")
            return
        target = (
            Path.cwd() / f"{self.place.dag_id}.{self.place.task_id}.{self._model.try_number if self._model else 1}.log"
        )
        try:
            shutil.copyfile(self._shown, target)
        except OSError as err:
            self.desk.toast(f"cannot write {target}: {err.strerror}")
        else:
            self.desk.toast(f"saved as {target}")

    def action_pager(self) -> None:
        if path := self._file():
            open_in_pager(self.desk, path, "less -R")

    def action_edit(self) -> None:
        if path := self._file():
            open_in_editor(self.desk, path, self._view.cursor_line + 1)

    def _file(self) -> Path | None:
        if self._shown is not None and self._shown.exists():
            return self._shown
        self.desk.toast("there is no log to open yet")
        return None

    def subject(self) -> Subject:
        place = self.place
        return Subject(place.dag_id, place.run_id, [(place.run_id, place.task_id, place.map_index)])

    def choices(self) -> dict[str, Any]:
        return {"clock": self._clock, "wrap": self._view.look.wrap}

    def restore(self, choices: dict[str, Any]) -> None:
        if choices.get("clock") in CLOCKS:
            self._clock = Clock(choices["clock"])
        self._view.look = replace(self._view.look, clock=self._clock, wrap=bool(choices.get("wrap")))


def _how(attempt: TaskAttempt, has_room: bool) -> str:
    """How an attempt ended and what it took: of the machine, too, where there is room to say it."""
    said = []
    if attempt.signal is not None:
        said.append(f"signal {attempt.signal}")
    elif attempt.exit_code is not None:
        said.append(f"exit {attempt.exit_code}")
    if attempt.started_at and attempt.ended_at:
        said.append(f"took {spans.short(attempt.ended_at - attempt.started_at)}")
    if attempt.cpu_s is not None and has_room:
        said.append(f"cpu {attempt.cpu_s:.1f}s")
    if attempt.max_rss_bytes and has_room:
        said.append(f"memory {attempt.max_rss_bytes / 2**20:.0f} MiB")
    return "  " + "  ".join(said)


def _why_empty(model: LogModel) -> str:
    if model.run is None:
        return "this run is gone; esc leads back"
    if model.ti is None:
        return "this run has no such task; esc leads back"
    if model.ti.try_number:
        return "nothing logged yet" if model.ti.state not in FINISHED_TASK else "the log is gone, or was never written"
    return "\n".join(["it has not started:", *(f"  {plain(reason)}" for reason in model.reasons)])


def load_log(reader: Reader, home: Home, place: Place) -> LogModel:
    run = reader.run(place.dag_id, place.run_id)
    ti = reader.task_instance(TaskInstanceKey(run.id, place.task_id, place.map_index)) if run else None
    if run is None or ti is None:
        return LogModel(run)
    number = place.try_number or ti.try_number
    attempts = [attempt for attempt in reader.attempts(ti.key) if attempt.try_number == number]
    if not ti.try_number:
        parallelism = load_settings(home).core.parallelism
        return LogModel(run, ti, reasons=reasons(reader, run, ti, times.now(), parallelism))
    path = log_path(home.logs, run.dag_id, run.run_id, ti.task_id, ti.map_index, number)
    return LogModel(run, ti, attempts, path, number)
