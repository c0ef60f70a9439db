"""The Grid tab of a DAG: its runs and tasks, and what is known of the cell under the cursor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input

from tui_flow import times
from tui_flow.graph.model import folded_at_first
from tui_flow.records import Dag, DagRun
from tui_flow.spec import DagSpec
from tui_flow.store.reader import Reader
from tui_flow.tui import palette
from tui_flow.tui.grid import Grid
from tui_flow.tui.keys import bindings
from tui_flow.tui.line import Line, Part
from tui_flow.tui.pages.grid_reading import Outlines, Shown, Wanted, load_facts, load_grid
from tui_flow.tui.pauses import Pausing
from tui_flow.tui.places import Place
from tui_flow.tui.rows import Rows
from tui_flow.tui.subject import DagDeeds, Subject, TaskDeeds, place_of
from tui_flow.tui.tabbed import Pane
from tui_flow.tui.text import plain
from tui_flow.tui.views import spans
from tui_flow.tui.views.dags import schedule_of
from tui_flow.tui.views.details import CellFacts, cell_lines, cell_summary
from tui_flow.tui.views.grid import GridModel, failures_text, find_row, legend, seen_text

WIDE = 110
"""From this many columns on there is room for the details beside the grid."""
TALL = 18
"""With so many lines there is room for a few words on the cell below it."""


class GridPane(Pane, TaskDeeds, DagDeeds):
    NAME = "grid"
    TITLE = "Grid"
    HINTS = (
        "open",
        "log=L",
        "clear",
        "mark_state",
        "stop",
        "focus~only failed",
        "find",
        "mark",
        "unfold",
        "trigger",
        "help",
    )
    FOLDING = ("less~fold group", "more~unfold")
    NEVER_RAN = ("trigger", "backfill", "diagram", "source", "info", "pause", "help")
    BINDINGS = bindings(
        "log",
        "clear",
        "mark_state",
        "stop",
        "stop_run",
        "trigger",
        "pause",
        "backfill",
        "fold",
        "unfold",
        "more",
        "less",
        "note",
        "find",
        "next_hit",
        "previous_hit",
        "focus",
        "task",
    )
    DEFAULT_CSS = """
    GridPane #grid-details { width: 42; border-left: ascii $foreground-muted; display: none; }
    GridPane.wide #grid-details { display: block; }
    GridPane #grid-rule, GridPane #grid-below { display: none; }
    GridPane #grid-below { height: 3; }
    GridPane.tall #grid-rule, GridPane.tall #grid-below { display: block; }
    GridPane.wide #grid-rule, GridPane.wide #grid-below { display: none; }
    GridPane #grid-legend { display: none; }
    GridPane.wide #grid-legend { display: block; }
    GridPane #grid-find { display: none; height: 1; dock: bottom; }
    GridPane.finding #grid-find { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._folded: frozenset[str] | None = None
        self._shown: Shown | None = None
        self._outlines = Outlines()
        self._only_failed = False
        self._text = ""
        self._pausing = Pausing()

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Grid(self.desk.look, id="grid-cells")
            yield Rows(id="grid-details")
        yield Line(id="grid-legend", base=palette.DIM)
        yield Line(id="grid-rule", base=palette.DIM, fill=self.desk.look.line("─"))
        yield Rows(id="grid-below")
        yield Input(id="grid-find", placeholder="find a task")

    def on_mount(self) -> None:
        for name in ("grid-details", "grid-below"):
            self.query_one(f"#{name}", Rows).can_focus = False

    def on_resize(self) -> None:
        self.set_class(self.size.width >= WIDE, "wide")
        self.set_class(self.size.height >= TALL, "tall")

    @property
    def grid(self) -> Grid:
        return self.query_one("#grid-cells", Grid)

    async def visit(self, place: Place) -> None:
        if place.dag_id != self.place.dag_id:
            self._folded, self._shown, self._only_failed = None, None, False
            self.grid.show(GridModel((), ()))
        self.place = place

    def take_focus(self) -> None:
        self.grid.focus()

    # -- reading

    def load(self) -> Callable[[Reader], Shown]:
        grid, home = self.grid, self.desk.home
        self._pausing.begin_read()
        runs, tasks = grid.wanted()
        members = grid.row.members if grid.row else ()
        wanted = Wanted(
            self.place.dag_id, self._folded, runs, tasks, grid.room(), grid.cursor, members, self._only_failed
        )
        return lambda reader: load_grid(reader, home, wanted, self._outlines, times.now())

    def load_cursor(self) -> Callable[[Reader], Shown | CellFacts | None] | None:
        shown, cursor, row, home = self._shown, self.grid.cursor, self.grid.row, self.desk.home
        if shown is None or shown.spec is None or cursor is None or row is None:
            return None
        if not self.grid.is_covered(shown.tasks):
            return self.load()
        run = shown.grid.runs.get(cursor[0])
        return lambda reader: load_facts(reader, home, run, row.members, times.now())

    def show_cursor(self, model: Shown | CellFacts | None) -> None:
        if isinstance(model, Shown):
            self.show(model)
        elif self._shown is not None:
            self._shown = replace(self._shown, facts=model)
            self._show_details()

    def show(self, model: Shown) -> None:
        before, self._shown = self._shown, replace(model, dag=self._pausing.over_one(model.dag))
        grid = self.grid
        at = grid.cursor
        grid.is_utc = self.desk.is_utc
        grid.empty = f"{plain(self.place.dag_id)} has never run.\nt triggers it, b runs it for past dates."
        if self._only_failed and model.grid.run_ids:
            grid.empty = "nothing failed in the runs that are seen; f shows all tasks"
        grid.show(model.grid)
        self.desk.say()
        if before is None and (self.place.run_id or self.place.task_id):
            wanted = next((r.id for r in model.grid.runs.values() if r.run_id == self.place.run_id), None)
            grid.move_to(wanted, self.place.task_id)
        elif before is None:
            grid.move_to(None, model.first)
        is_known = before is not None and grid.cursor == at and before.grid.rows == model.grid.rows
        if not is_known or not grid.is_covered(model.tasks):
            self.desk.reload_cursor()  # for the cells that are seen only now, and the details of the cursor's
        self._show_details()

    def _show_details(self) -> None:
        self._say_legend()
        shown, desk = self._shown, self.desk
        beside, below = (self.query_one(f"#{name}", Rows) for name in ("grid-details", "grid-below"))
        if shown is None or shown.facts is None or self.grid.row is None:
            beside.show_rows([])
            below.show_rows([])
            return
        facts, row, at = shown.facts, self.grid.row, times.now()
        width, height = max(beside.size.width - 1, 20), max(beside.size.height, 1)
        beside.show_rows(cell_lines(facts, row, desk.look, at, desk.is_utc, width, height))
        below.show_rows(cell_summary(facts, row, desk.look, at, desk.is_utc))

    def on_grid_moved(self) -> None:
        self._say_legend()
        self.desk.reload_cursor()

    def _say_legend(self) -> None:
        """Which of the rows are seen, and what the signs mean."""
        where = Part(seen_text(self.grid.seen_rows(), len(self._shown.grid.rows) if self._shown else 0))
        self.query_one("#grid-legend", Line).say([where], [Part(*piece) for piece in legend(self.desk.look)])
        self.query_one("#grid-rule", Line).say([where] if where.text else [])

    def hints(self) -> Sequence[str]:
        """Of a DAG that never ran what makes it run; folding only where there are groups."""
        shown = self._shown
        if shown is None or shown.spec is None:
            return self.HINTS
        if not shown.grid.run_ids:
            return self.NEVER_RAN
        before = self.HINTS.index("unfold")
        folding = self.FOLDING if shown.spec.groups else ()
        return [*self.HINTS[:before], *folding, *self.HINTS[before + (not shown.spec.groups) :]]

    def minute(self) -> None:
        self._show_details()

    def facts(self) -> Sequence[Part]:
        dag = self._shown.dag if self._shown else None
        if dag is None:
            return ()
        due = f"next in {spans.until(dag.next_run_after, times.now())}" if dag.next_run_after else ""
        only = [Part("only failed (f)  ", palette.BOLD, "focus")] if self._only_failed else []
        known = [
            schedule_of(dag),
            "paused" if dag.is_paused else due,
            failures_text(self.grid.shown_runs(), self.desk.look),
        ]
        return [*only, Part(f"{' · '.join(filter(None, known))} ", palette.DIM)]

    # -- folding, going on

    def _fold_all(self, folded: frozenset[str]) -> None:
        self._folded = folded
        self.reload()

    def action_fold(self) -> None:
        spec = self._shown.spec if self._shown else None
        if spec is not None:
            self._fold_all(frozenset(group.group_id for group in spec.groups))

    def action_unfold(self) -> None:
        self._fold_all(frozenset())

    def _folded_now(self, spec: DagSpec) -> frozenset[str]:
        return self._folded if self._folded is not None else folded_at_first(spec)

    def action_more(self) -> None:
        """Unfold the group under the cursor."""
        if self.grid.row is not None and self.grid.row.is_group:
            self.on_grid_opened()

    def action_less(self) -> None:
        """Fold the group that the task under the cursor is in."""
        spec, row = self._shown.spec if self._shown else None, self.grid.row
        task = spec.by_id.get(row.id) if spec and row else None
        if spec is None or task is None or task.group is None:
            self.desk.toast("this task is in no group")
            return
        self._fold_all(self._folded_now(spec) | {task.group})
        self.grid.move_to(None, task.group)

    # -- finding

    def action_focus(self) -> None:
        """Only tasks that failed in the runs that are seen, or all."""
        self._only_failed = not self._only_failed
        self.reload()

    def action_find(self) -> None:
        self.add_class("finding")
        self.query_one("#grid-find", Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.remove_class("finding")
        self.take_focus()
        self._text = event.value.strip()
        self._hit(1)

    def action_next_hit(self) -> None:
        self._hit(1)

    def action_previous_hit(self) -> None:
        self._hit(-1)

    def _hit(self, step: int) -> None:
        shown, row = self._shown, self.grid.row
        if shown is None or shown.spec is None or row is None:
            return
        if not self._text:
            self.desk.toast("nothing is looked for: / finds a task")
            return
        found = find_row(shown.grid.rows, self._text, list(shown.grid.rows).index(row), step)
        if found is None:
            self.desk.toast(f"no task has {plain(self._text)} in its name")
            return
        group, task_id = found
        if group.id != task_id:  # it lies in a folded group
            self._fold_all(self._folded_now(shown.spec) - {group.id})
        self.grid.move_to(None, task_id)

    def _run(self) -> DagRun | None:
        cursor = self.grid.cursor
        return self._shown.grid.runs.get(cursor[0]) if self._shown and cursor else None

    def on_grid_opened(self) -> None:
        run, row = self._run(), self.grid.row
        if row is not None and row.is_group and self._shown and self._shown.spec:
            self._fold_all(self._folded_now(self._shown.spec) - {row.id})
        elif run is not None and row is not None:
            self.desk.go(Place("run", run.dag_id, run.run_id, row.id))

    def action_log(self) -> None:
        run, facts = self._run(), self._shown.facts if self._shown else None
        if run is None or facts is None or facts.ti is None:
            is_group = self.grid.row is not None and self.grid.row.is_group
            why = "nothing in this group failed or runs" if is_group else "this task has not run here, so it has no log"
            self.desk.toast(why)
            return
        self.desk.go(Place("log", run.dag_id, run.run_id, facts.ti.task_id, facts.ti.map_index))

    def action_task(self) -> None:
        """The task under the cursor in that run: its tries, its templates, its XComs."""
        run, row = self._run(), self.grid.row
        if run is None or row is None:
            self.desk.toast(self.NO_SUBJECT)
        elif row.is_group:
            self.desk.toast("a group has no tries of its own: + unfolds it")
        else:
            self.desk.go(Place("run", run.dag_id, run.run_id, row.id, tab="task"))

    def peel(self) -> bool:
        if self.has_class("finding"):
            self.remove_class("finding")
            self.take_focus()
            return True
        if self.grid.forget_marks():
            return True
        if self._only_failed:
            self.action_focus()
            return True
        return False

    # -- deeds

    def dag(self) -> Dag | None:
        return self._shown.dag if self._shown else None

    def pausing(self) -> Pausing:
        return self._pausing

    def show_pausing(self) -> None:
        if self._shown is not None:
            self._shown = replace(self._shown, dag=self._pausing.over_one(self._shown.dag))
            self.desk.say()

    def about(self) -> Place:
        return place_of(self.subject(), self.place)

    def subject(self) -> Subject | None:
        """Map index -1 stands for all indexes of a mapped task."""
        run = self._run()
        if run is None or self._shown is None:
            return None
        rows = {row.id: row for row in self._shown.grid.rows}
        runs = self._shown.grid.runs
        keys = [
            (runs[number].run_id, task_id, -1)
            for number, row_id in self.grid.chosen
            if number in runs and row_id in rows
            for task_id in rows[row_id].members
        ]
        return Subject(run.dag_id, run.run_id, keys)
