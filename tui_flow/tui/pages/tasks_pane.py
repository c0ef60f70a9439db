"""The Tasks tab of a run: the list with its time scale, and the end of the log of the task under the cursor."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace

from textual.app import ComposeResult

from tui_flow import times
from tui_flow.graph.model import folded_at_first
from tui_flow.records import TaskInstance
from tui_flow.state import FAILED_TASK, FINISHED_TASK, RunState, TaskState
from tui_flow.store.reader import Reader
from tui_flow.tui import palette
from tui_flow.tui.keys import bindings
from tui_flow.tui.line import Line, Part
from tui_flow.tui.pages.grid_reading import Outlines
from tui_flow.tui.pages.tasks_reading import AtCursor, Wanted, load_line, load_run
from tui_flow.tui.places import Place
from tui_flow.tui.rows import LowerRows, Rows
from tui_flow.tui.subject import DagDeeds, Subject, TaskDeeds, place_of
from tui_flow.tui.tabbed import Pane
from tui_flow.tui.text import Row, width_of
from tui_flow.tui.uses import Meter
from tui_flow.tui.views.log_rule import legend, log_rule
from tui_flow.tui.views.loglines import pieces_of
from tui_flow.tui.views.run_course import summary
from tui_flow.tui.views.tasks import (
    NO_LOG,
    RunModel,
    TaskLine,
    scale_of,
    task_heading,
    task_row,
    task_widths,
    why_no_log,
)

MEASURE_EVERY_S = 2


class TasksPane(Pane, TaskDeeds, DagDeeds):
    NAME = "tasks"
    TITLE = "Tasks"
    HINTS = ("open", "clear", "mark_state", "stop", "stop_run", "focus", "earlier", "later", "mark", "help")
    BINDINGS = bindings(
        "log",
        "clear",
        "mark_state",
        "stop",
        "stop_run",
        "trigger",
        "pause",
        "backfill",
        "focus",
        "fold",
        "unfold",
        "note",
    )

    def __init__(self) -> None:
        super().__init__()
        self._model: RunModel | None = None
        self._tis: Sequence[TaskInstance] = ()
        self._opened: frozenset[str] = frozenset()
        self._folded: frozenset[str] | None = None
        self._only_failed = False
        self._marks_hidden: frozenset[Hashable] = frozenset()
        """Marks there were when rows were hidden: they come back with their rows."""
        self._meter = Meter()
        self._outlines = Outlines()
        self._seconds = 0

    def compose(self) -> ComposeResult:
        yield Line(id="tasks-heading")
        yield Rows(id="tasks-list", can_mark=True, empty="this run has no tasks")
        yield Line(id="tasks-rule", base=palette.DIM, fill=self.desk.look.line("─"))
        yield LowerRows(12, 5, id="tasks-log", empty=NO_LOG)

    def on_mount(self) -> None:
        self.query_one("#tasks-log", Rows).can_focus = False
        self.set_interval(1.0, self._second)

    def on_resize(self) -> None:
        self._arrange()

    @property
    def _list(self) -> Rows:
        return self.query_one("#tasks-list", Rows)

    async def visit(self, place: Place) -> None:
        if (place.dag_id, place.run_id) != (self.place.dag_id, self.place.run_id):
            self._model, self._opened, self._folded = None, frozenset(), None
            self._list.marks.clear()
            self._marks_hidden = frozenset()
        self.place = place

    def take_focus(self) -> None:
        self._list.focus()

    # -- reading

    def load(self) -> Callable[[Reader], tuple[RunModel, Sequence[TaskInstance]] | None]:
        cursor = self._list.cursor_key if self._model else None
        wanted, home = Wanted(self.place, self._folded, self._opened, cursor), self.desk.home
        return lambda reader: load_run(reader, home, wanted, times.now(), self._meter, self._outlines)

    def load_cursor(self) -> Callable[[Reader], AtCursor] | None:
        model, line, home = self._model, self._line(), self.desk.home
        if model is None or line is None:
            return None
        return lambda reader: load_line(reader, home, model.run, line)

    def show_cursor(self, model: AtCursor) -> None:
        if self._model is not None:
            self._model = replace(self._model, attempt=model.attempt, log=model.log, usual_s=model.usual_s)
            self._show_log()

    def show(self, model: tuple[RunModel, Sequence[TaskInstance]]) -> None:
        first = self._model is None
        self._model, self._tis = model
        self._arrange()
        if first:
            self._list.move_to((self.place.task_id or self._first_wanted(), -2))
            self.desk.reload_cursor()
        self._show_log()
        self.desk.say()

    def _first_wanted(self) -> str:
        """The first failed task, else the first that runs, else the first."""
        lines = self._model.lines if self._model else ()
        failed = [line.row.id for line in lines if line.state in FAILED_TASK]
        going = [line.row.id for line in lines if line.state not in FINISHED_TASK and line.ti and line.ti.started_at]
        return next(iter([*failed, *going, *(line.row.id for line in lines)]), "")

    def _shown(self) -> list[TaskLine]:
        lines = list(self._model.lines) if self._model else []
        if self._only_failed:
            return [line for line in lines if any(line.counts.get(state) for state in FAILED_TASK)]
        return lines

    def _arrange(self) -> None:
        model = self._model
        if model is None or not self.size.width:
            return
        at, look, width = times.now(), self.desk.look, self.size.width - 1
        chart = scale_of(model.run, self._tis, at, max(task_widths(width).chart, 1))
        lines = self._shown()
        heading = task_heading(width, chart, self.desk.is_utc)
        self.query_one("#tasks-heading", Line).say([Part(heading, palette.DIM)])
        self._list.empty = "nothing failed in this run; f shows all tasks" if self._only_failed else "no tasks"

        def draw(index: int, _width: int) -> Row:
            return task_row(model, lines[index], chart, look, at, width)

        self._list.show_lazily([line.key for line in lines], draw)

    def _second(self) -> None:
        """Bars and durations of what runs grow; what it takes is measured again."""
        model = self._model
        if model is None or model.run.state is not RunState.RUNNING or not self.display or not self.desk.is_seen(self):
            return
        self._seconds += 1
        if self._seconds % MEASURE_EVERY_S == 0 and model.counts.get(TaskState.RUNNING):
            self.reload()
        else:
            self._arrange()
            self._say_rule()

    def minute(self) -> None:
        self._arrange()

    def _show_log(self) -> None:
        model, pane, line = self._model, self.query_one("#tasks-log", Rows), self._line()
        if model is None or line is None or line.ti is None:
            pane.show_rows([])
            return
        self._say_rule()
        ti = line.ti
        room = max(pane.size.height, 1)
        if pane.empty != (empty := why_no_log(model, ti, self.size.width - 3)):
            pane.empty = empty
            pane.refresh()
        pane.show_rows(
            [
                Row(number, pieces_of(log_line, self.desk.is_utc), can_select=False)
                for number, log_line in enumerate(model.log[-room:])
            ]
        )

    def _say_rule(self) -> None:
        """Over the log; its seconds go on while the task runs."""
        model, line, width = self._model, self._line(), self.size.width
        if model is None or line is None or line.ti is None:
            return
        use, look = model.uses.get(line.ti.key), self.desk.look
        said = log_rule(line.ti, model.attempt, use, model.usual_s, look, times.now(), width)
        has_bars = task_widths(width - 1).chart and model.course.path
        bars = [Part(legend(look, width - width_of(said)), palette.DIM)] if has_bars else []
        self.query_one("#tasks-rule", Line).say([Part(said)], bars)

    def _line(self) -> TaskLine | None:
        key = self._list.cursor_key
        return next((line for line in self._shown() if line.key == key), None)

    def place_at_cursor(self) -> Place:
        """The task instance under the cursor, or the run where that is a group."""
        line = self._line()
        if line is None or line.row.is_group or line.ti is None:
            return self.place
        return replace(self.place, task_id=line.ti.task_id, map_index=line.ti.map_index)

    def on_rows_moved(self, message: Rows.Moved) -> None:
        if message.rows is self._list:
            self.desk.reload_cursor()

    def facts(self) -> Sequence[Part]:
        if self._model is None:
            return ()
        model = self._model
        pieces = summary(model.run, model.counts, model.course, self.desk.look, times.now())
        hidden = len(model.lines) - len(self._shown())
        only = [Part(f"{hidden:,} hidden (f) ", palette.BOLD, "focus")] if hidden else []
        return only + [Part(text, style) for text, style in pieces] + [Part(" ")]

    # -- going on

    def on_rows_opened(self) -> None:
        line = self._line()
        if line is None:
            return
        if line.row.is_group and self._model is not None:
            folded = self._folded if self._folded is not None else folded_at_first(self._model.spec)
            self._folded = folded - {line.row.id}
            self.reload()
        elif sum(line.counts.values()) > 1:
            self._opened ^= {line.row.id}
            self.reload()
        else:
            self.action_log()

    def action_log(self) -> None:
        line = self._line()
        if line is None or line.ti is None or not line.ti.try_number:
            self.desk.toast("this task has not started, so it has no log yet")
            return
        self.desk.go(Place("log", self.place.dag_id, self.place.run_id, line.ti.task_id, line.ti.map_index))

    def action_focus(self) -> None:
        self._only_failed = not self._only_failed
        if self._only_failed:
            self._marks_hidden = frozenset(self._list.marks)
        else:
            self._list.marks |= self._marks_hidden
        self._arrange()
        self.desk.say()

    def action_fold(self) -> None:
        if self._model is not None:
            self._folded = frozenset(group.group_id for group in self._model.spec.groups)
            self._opened = frozenset()
            self.reload()

    def action_unfold(self) -> None:
        self._folded = frozenset()
        self.reload()

    def peel(self) -> bool:
        if self._only_failed:
            self.action_focus()
            return True
        return self._list.forget_marks()

    # -- deeds

    def about(self) -> Place:
        return place_of(self.subject(), self.place)

    def subject(self) -> Subject:
        lines = {line.key: line for line in self._shown()}
        chosen = [lines[key] for key in self._list.chosen if key in lines]
        run_id = self.place.run_id
        keys = [
            (run_id, task_id, -1 if line.index is None else line.index)
            for line in chosen
            for task_id in line.row.members
        ]
        return Subject(self.place.dag_id, run_id, keys)
