"""The first page: every DAG with its latest runs, and what is wrong with the one under the cursor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from textual.app import ComposeResult

from tui_flow import times
from tui_flow.settings import dags_folder, load_settings
from tui_flow.store.reader import Reader
from tui_flow.tui import chrome, palette
from tui_flow.tui.dags_model import Histories, load_dags, load_histories, load_trouble, with_histories
from tui_flow.tui.keys import ACTIONS, bindings, shown_key
from tui_flow.tui.line import Line, Part
from tui_flow.tui.pages.dags_deeds import DagsDeeds
from tui_flow.tui.places import Place
from tui_flow.tui.programs import open_in_editor
from tui_flow.tui.rows import LowerRows, Rows
from tui_flow.tui.status import Status
from tui_flow.tui.text import Row
from tui_flow.tui.viewing import ViewChoice
from tui_flow.tui.views.dag_preview import preview
from tui_flow.tui.views.dags import (
    COLUMNS,
    SORTS,
    BrokenFile,
    DagsModel,
    Key,
    Trouble,
    heading,
    matches_row,
    ordered,
    row_of,
)
from tui_flow.tui.views.dags_unseen import Urgent, list_facts, unseen, urgent


class DagsPage(DagsDeeds):
    NAME = "dags"
    HINTS = ("open", "trigger", "pause", "clear", "log", "diagram", "find", "mark", "command", "help", "leave")
    BINDINGS = bindings(
        "trigger",
        "pause",
        "clear",
        "log",
        "diagram",
        "runs",
        "source",
        "info",
        "backfill",
        "find",
        "sort",
        "stop_run",
        "delete",
        "edit",
    )
    DEFAULT_CSS = """
    DagsPage.dense #dags-preview, DagsPage.dense #dags-rule { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._order: list[Key] = []
        self._sort = SORTS[0]
        self._hidden: frozenset[str] = frozenset()
        """Columns."""
        self._urgent: Urgent = ()

    def compose(self) -> ComposeResult:
        yield Line(id="dags-heading")
        yield Rows(id="dags-list", can_mark=True, empty=_NOTHING)
        yield Line(id="dags-rule", fill="─", base=palette.DIM)
        yield LowerRows(14, 6, id="dags-preview")
        yield self.filter_field("filter: words, tag:etl, state:failed, paused")

    def on_mount(self) -> None:
        self.query_one("#dags-preview", Rows).can_focus = False
        self.query_one("#dags-rule", Line)._fill = self.desk.look.line("─")

    def on_resize(self) -> None:
        self._say_heading()

    async def visit(self, place: Place) -> None:
        await super().visit(place)
        self.sort_anew()
        if place.dag_id:
            self._list.move_to(place.dag_id)

    def sort_anew(self) -> None:
        """Put the rows in their order now: else they would leave their places at some later moment."""
        self._order = []
        self._arrange()

    def about(self) -> Place:
        key = self._list.cursor_key
        return Place(self.NAME, key if isinstance(key, str) else "")

    def take_focus(self) -> None:
        self._list.focus()

    # -- reading

    def load(self) -> Callable[[Reader], DagsModel]:
        rows, home = self._list, self.desk.home
        seen = [rows.keys[index] for index in rows.seen()]
        self._pausing.begin_read()
        cursor, sort, height = rows.cursor_key or self.place.dag_id or None, self._sort, rows.size.height or 50
        return lambda reader: load_dags(reader, home, seen, cursor, sort, height)

    def load_cursor(self) -> Callable[[Reader], tuple[Histories, Trouble | None]] | None:
        model, rows, home = self._model, self._list, self.desk.home
        if model is None:
            return None
        seen = [key for key in (rows.keys[index] for index in rows.seen()) if isinstance(key, str)]
        unknown = [dag_id for dag_id in seen if dag_id not in model.histories]
        newest = model.newest.get(str(rows.cursor_key))
        known = model.trouble.run.id if model.trouble else None
        if not unknown and known == (newest.id if newest else None):
            return None
        return lambda reader: (load_histories(reader, unknown), load_trouble(reader, home, newest))

    def show_cursor(self, model: tuple[Histories, Trouble | None]) -> None:
        histories, trouble = model
        if self._model is None:
            return
        self._model = replace(self._model, trouble=trouble, histories=with_histories(self._model, histories))
        if histories:
            self._arrange()
        self._show_preview()

    def show_problem(self, status: Status) -> None:
        super().show_problem(status)
        if not status.has_database and not status.problem:
            self.desk.go_home("welcome")

    def show(self, model: DagsModel) -> None:
        if not model.dags and not self.desk.status.import_errors:
            self.desk.go_home("welcome")
            return
        self._model = replace(model, dags=self._pausing.over(model.dags))
        self._arrange()
        self._show_preview()
        self.desk.reload_cursor()  # rows that are seen only now

    def _arrange(self) -> None:
        """The order is the user's: rows stay where they are until a sort is asked for; new DAGs come last."""
        model = self._model
        if model is None:
            return
        if not self._order:
            self._order = ordered(model, self._sort)
        known, there = set(self._order), set(model.keys)
        self._order = [key for key in self._order if key in there]
        self._order += [key for key in model.keys if key not in known]
        words = self.words.split()
        keys = [key for key in self._order if matches_row(model, key, words)] if words else self._order
        look, is_utc, at, hidden = self.desk.look, self.desk.is_utc, times.now(), self._hidden

        def draw(index: int, width: int) -> Row:
            return row_of(model, keys[index], look, at, is_utc, width - 1, hidden)

        self._list.empty = _NO_MATCH if words else _NOTHING
        self._urgent = urgent(model, keys)
        self._list.show_lazily(keys, draw)
        self._say_heading()
        self._say_unseen()

    def _say_heading(self) -> None:
        names = "".join(text for text, _ in heading(self.size.width - 1, self._hidden))
        self.query_one("#dags-heading", Line).say([Part(names, palette.DIM)])

    def _say_unseen(self) -> None:
        """Between the list and what is told of one row: what cannot be seen of the list, and how it is sorted."""
        line, rows = self.desk.look.line("─"), self._list
        text = unseen(self._urgent, rows.seen(), len(rows.keys))
        said = [Part(f"{line} "), Part(f"{text} ")] if text else []
        self.query_one("#dags-rule", Line).say(said, [Part(f" {self._sorted}", action="sort"), Part(f" {line}")])

    @property
    def _sorted(self) -> str:
        return f"{shown_key(ACTIONS['sort'], self.desk.keys)} sort: {self._sort}"

    def _show_preview(self) -> None:
        pane, key = self.query_one("#dags-preview", Rows), self._list.cursor_key
        if self._model is None or not isinstance(key, str | BrokenFile) or key not in self._model.keys:
            pane.show_rows([])
            return
        desk, height, width = self.desk, max(pane.size.height, 6), pane.size.width or 80
        pane.show_rows(preview(self._model, key, desk.look, times.now(), desk.is_utc, height, width))

    def minute(self) -> None:
        self._arrange()
        self._show_preview()

    def on_rows_moved(self, message: Rows.Moved) -> None:
        if message.rows is self._list:
            self._show_preview()
            self.desk.reload_cursor()

    def on_rows_turned(self, message: Rows.Turned) -> None:
        self._say_unseen()
        if message.rows is not self._list:
            self._show_preview()  # it got another height: a sheet rose below it, or went
        elif self._model is not None:
            self.desk.reload_cursor()

    # -- chrome

    def crumbs(self) -> Sequence[str]:
        return ("DAGs",)

    def tabs(self) -> tuple[Sequence[Part], Sequence[Part]]:
        key = shown_key(ACTIONS["page_system"], self.desk.keys)
        facts = list_facts(self._model, self.words, self.desk.status.import_errors, key)
        right = [Part(" · ".join(facts) + " ")]
        if self.has_class("dense"):  # where no line below the list says it
            right += [Part("  "), Part(f"{self._sorted} ", palette.DIM, "sort")]
        return chrome.main_tabs(self.NAME, self.desk.keys), right

    # -- filter and sort

    def draw_filtered(self) -> None:
        self._arrange()
        self._show_preview()

    def peel(self) -> bool:
        return self.peel_filter() or self._list.forget_marks()

    def action_sort(self) -> None:
        self._sort = SORTS[(SORTS.index(self._sort) + 1) % len(SORTS)]
        self.sort_anew()
        self.desk.say()

    def choices(self) -> dict[str, Any]:
        view = {"hidden": sorted(self._hidden), "dense": self.has_class("dense")}
        return {"sort": self._sort, "cursor": self.about().dag_id, "filter": self.words} | view

    def restore(self, choices: dict[str, Any]) -> None:
        if choices.get("sort") in SORTS:
            self._sort = choices["sort"]
        self._hidden = frozenset(choices.get("hidden") or ()) & frozenset(COLUMNS)
        self.set_class(bool(choices.get("dense")), "dense")
        self.filter_by(str(choices.get("filter") or ""))
        if cursor := choices.get("cursor"):
            self._list.move_to(cursor)

    def view_choices(self) -> Sequence[ViewChoice]:
        shown = frozenset(index for index, name in enumerate(COLUMNS) if name not in self._hidden)
        return (
            ViewChoice("columns", "Columns", ("when", "next", "last", "took", "runs", "tags"), shown, many=True),
            ViewChoice("density", "Below", ("the last lines", "nothing"), frozenset({int(self.has_class("dense"))})),
        )

    def choose_view(self, name: str, chosen: frozenset[int]) -> None:
        if name == "columns":
            self._hidden = frozenset(column for index, column in enumerate(COLUMNS) if index not in chosen)
            self._arrange()
        else:
            self.set_class(1 in chosen, "dense")

    # -- going on

    def on_rows_opened(self, message: Rows.Opened) -> None:
        if isinstance(message.key, BrokenFile):
            self.desk.go(Place("system"))
        else:
            self._go("grid")

    def _go(self, tab: str) -> None:
        if (dag_id := self._dag_id()) is not None:
            self.desk.go(Place("dag", dag_id=dag_id, tab=tab))

    def action_edit(self) -> None:
        """The file of the DAG, or the line that is wrong."""
        key, model = self._list.cursor_key, self._model
        if model is None or key is None:
            return
        file = key.file if isinstance(key, BrokenFile) else model.dags[str(key)].file
        line = model.broken[key.file].line if isinstance(key, BrokenFile) else None
        open_in_editor(self.desk, dags_folder(self.desk.home, load_settings(self.desk.home)) / file, line or 1)

    def action_diagram(self) -> None:
        self._go("diagram")

    def action_runs(self) -> None:
        self._go("runs")

    def action_source(self) -> None:
        self._go("source")

    def action_info(self) -> None:
        self._go("info")

    def action_log(self) -> None:
        """The log of the newest failed, else running, else last task."""
        trouble = self._model.trouble if self._model else None
        if trouble is None or trouble.ti is None or trouble.run.dag_id != self._list.cursor_key:
            self.desk.toast("nothing of this DAG has written a log yet")
            return
        ti = trouble.ti
        self.desk.go(Place("log", trouble.run.dag_id, trouble.run.run_id, ti.task_id, ti.map_index))

    def show_pausing(self) -> None:
        if self._model is not None:
            self._model = replace(self._model, dags=self._pausing.over(self._model.dags))
            self._arrange()
            self._show_preview()

    def hints(self) -> Sequence[str]:
        """What waits for a person comes first."""
        return ("answer", *self.HINTS) if self.desk.status.waiting_for_people else self.HINTS


_NOTHING = "no DAG could be loaded; 4 shows what is wrong with the DAG files"
_NO_MATCH = "no DAG matches the filter; esc takes it away"
