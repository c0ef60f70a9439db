"""The Grid tab of a DAG: its runs and tasks, and what is known of the cell under the cursor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal

from tui_flow import times
from tui_flow.graph.model import folded_at_first
from tui_flow.records import Dag, DagRun, TaskInstance, TaskInstanceKey
from tui_flow.settings import Home
from tui_flow.spec import DagSpec
from tui_flow.store.reader import Reader
from tui_flow.tui import palette
from tui_flow.tui.grid import CellKey, Grid
from tui_flow.tui.keys import bindings
from tui_flow.tui.line import Part
from tui_flow.tui.logtail import log_tail
from tui_flow.tui.pauses import pause_or_let_go_on
from tui_flow.tui.places import Place
from tui_flow.tui.rows import Rows
from tui_flow.tui.tabbed import Pane
from tui_flow.tui.text import plain
from tui_flow.tui.views import spans
from tui_flow.tui.views.dags import schedule_of
from tui_flow.tui.views.details import CellFacts, cell_lines
from tui_flow.tui.views.grid import GridModel, grid_rows

WIDE = 110
"""From this many columns on there is room for the details beside the grid."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What one read brings."""

    dag: Dag | None
    spec: DagSpec | None
    grid: GridModel
    facts: CellFacts | None


class GridPane(Pane):
    NAME = "grid"
    TITLE = "Grid"
    HINTS = ("open", "log=L", "clear", "mark_state", "stop", "trigger", "focus", "mark", "unfold", "help")
    BINDINGS = bindings(
        "log", "clear", "mark_state", "stop", "stop_run", "trigger", "pause", "backfill", "fold", "unfold", "note"
    )
    DEFAULT_CSS = """
    GridPane #grid-details { width: 42; border-left: ascii $foreground-muted; display: none; }
    GridPane.wide #grid-details { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._folded: frozenset[str] | None = None
        self._shown: Shown | None = None

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Grid(self.desk.look, id="grid-cells")
            yield Rows(id="grid-details")

    def on_mount(self) -> None:
        self.query_one("#grid-details", Rows).can_focus = False

    def on_resize(self) -> None:
        self.set_class(self.size.width >= WIDE, "wide")

    @property
    def grid(self) -> Grid:
        return self.query_one("#grid-cells", Grid)

    async def visit(self, place: Place) -> None:
        if place.dag_id != self.place.dag_id:
            self._folded, self._shown = None, None
            self.grid.show(GridModel((), ()))
        self.place = place

    def take_focus(self) -> None:
        self.grid.focus()

    # -- reading

    def load(self) -> Callable[[Reader], Shown]:
        dag_id, folded, home = self.place.dag_id, self._folded, self.desk.home
        runs, tasks = self.grid.wanted()
        columns, cursor, row = self.grid.columns, self.grid.cursor, self.grid.row
        members = row.members if row else ()
        return lambda reader: load_grid(reader, home, dag_id, folded, (runs, tasks), columns, cursor, members)

    def show(self, model: Shown) -> None:
        first = self._shown is None
        self._shown = model
        grid = self.grid
        grid.is_utc = self.desk.is_utc
        grid.empty = f"{plain(self.place.dag_id)} has never run.\nt triggers it, b runs it for past dates."
        grid.show(model.grid)
        if first:
            if self.place.run_id or self.place.task_id:
                wanted = next((r.id for r in model.grid.runs.values() if r.run_id == self.place.run_id), None)
                grid.move_to(wanted, self.place.task_id)
            self.reload()
        self._show_details()

    def _show_details(self) -> None:
        shown, pane = self._shown, self.query_one("#grid-details", Rows)
        if shown is None or shown.facts is None or self.grid.row is None:
            pane.show_rows([])
            return
        desk = self.desk
        pane.show_rows(
            cell_lines(shown.facts, self.grid.row, desk.look, times.now(), desk.is_utc, max(pane.size.width - 1, 20))
        )

    def on_grid_moved(self) -> None:
        self.reload()

    def minute(self) -> None:
        self._show_details()

    def facts(self) -> Sequence[Part]:
        dag = self._shown.dag if self._shown else None
        if dag is None:
            return ()
        when = "paused" if dag.is_paused else ""
        if not when and dag.next_run_after:
            when = f"next in {spans.until(dag.next_run_after, times.now())}"
        return [Part(f"{schedule_of(dag)}{' · ' if when else ''}{when} ", palette.DIM)]

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

    def _run(self) -> DagRun | None:
        cursor = self.grid.cursor
        return self._shown.grid.runs.get(cursor[0]) if self._shown and cursor else None

    def on_grid_opened(self) -> None:
        run, row = self._run(), self.grid.row
        if row is not None and row.is_group and self._shown and self._shown.spec:
            folded = self._folded if self._folded is not None else folded_at_first(self._shown.spec)
            self._fold_all(folded - {row.id})
        elif run is not None and row is not None:
            self.desk.go(Place("run", run.dag_id, run.run_id, row.id))

    def action_log(self) -> None:
        run, facts = self._run(), self._shown.facts if self._shown else None
        if run is None or facts is None or facts.ti is None:
            self.desk.toast("this task has not run here, so it has no log")
            return
        self.desk.go(Place("log", run.dag_id, run.run_id, facts.ti.task_id, facts.ti.map_index))

    def peel(self) -> bool:
        return self.grid.forget_marks()

    # -- deeds

    def _keys(self) -> list[tuple[str, str, int]]:
        """(run_id, task_id, map_index) of what is chosen; -1 stands for all indexes of a mapped task."""
        if self._shown is None:
            return []
        rows = {row.id: row for row in self._shown.grid.rows}
        runs = self._shown.grid.runs
        return [
            (runs[number].run_id, task_id, -1)
            for number, row_id in self.grid.chosen
            if number in runs and row_id in rows
            for task_id in rows[row_id].members
        ]

    async def _sheet(self, name: str, keys: Sequence[tuple[str, str, int]]) -> None:
        run = self._run()
        if run is None:
            self.desk.toast("there is no run to act on yet")
            return
        place = Place("run", run.dag_id, run.run_id)
        await self.desk.open_sheet(name, place, tuple(keys))

    async def action_clear(self) -> None:
        await self._sheet("clear", self._keys())

    async def action_mark_state(self) -> None:
        await self._sheet("mark", self._keys())

    async def action_stop(self) -> None:
        await self._sheet("stop", self._keys())

    async def action_stop_run(self) -> None:
        await self._sheet("stop", ())

    async def action_note(self) -> None:
        await self._sheet("note", self._keys())

    async def action_trigger(self) -> None:
        await self.desk.open_sheet("trigger", [self.place.dag_id])

    async def action_backfill(self) -> None:
        await self.desk.open_sheet("backfill", self.place.dag_id)

    async def action_pause(self) -> None:
        if self._shown is not None and self._shown.dag is not None:
            await pause_or_let_go_on(self.desk, [self._shown.dag])


def load_grid(
    reader: Reader,
    home: Home,
    dag_id: str,
    folded: frozenset[str] | None,
    wanted: tuple[list[int], list[str]],
    columns: int,
    cursor: CellKey | None,
    members: Sequence[str],
) -> Shown:
    """The rows of the newest version and of those of the seen runs; cells of the `wanted` runs and tasks."""
    dag = reader.dag(dag_id)
    if dag is None:
        return Shown(None, None, GridModel((), ()), None)
    spec = reader.spec(dag_id, dag.spec_version)
    numbers = reader.run_numbers(dag_id)
    seen, tasks = wanted
    seen = [number for number in seen if number in set(numbers)] or numbers[-2 * columns :]
    if numbers and seen[-1] != numbers[-1] and numbers[-1] not in seen:
        seen = [*seen, numbers[-1]]
    runs = reader.runs_by_number(seen)
    versions = {run.spec_version for run in runs.values()} - {dag.spec_version}
    others = [reader.spec(dag_id, version) for version in sorted(versions)]
    rows = grid_rows(spec, others, folded_at_first(spec) if folded is None else folded)
    tasks = tasks or [task_id for row in rows[:80] for task_id in row.members]
    cells = reader.grid_cells(seen, tasks)
    facts = _facts(reader, home, spec, runs, cursor or (numbers[-1], rows[0].id) if numbers and rows else None, members)
    return Shown(dag, spec, GridModel(rows, numbers, runs, cells), facts)


def _facts(
    reader: Reader,
    home: Home,
    spec: DagSpec,
    runs: dict[int, DagRun],
    cursor: CellKey | None,
    members: Sequence[str],
) -> CellFacts | None:
    run = runs.get(cursor[0]) if cursor else None
    if run is None or not members:
        return None
    if len(members) > 1:
        return CellFacts(run, spec)
    task_id = members[0]
    tis = reader.task_instances(run.id, [task_id])
    ti = _telling(tis)
    if ti is None:
        return CellFacts(run, spec)
    lines = tuple(log_tail(home, run, ti, 8))
    usual = reader.usual_durations(run.dag_id, [task_id])[task_id]
    upstream = {
        up: other.state
        for up in (spec.by_id[task_id].upstream if task_id in spec.by_id else ())
        if (other := reader.task_instance(TaskInstanceKey(run.id, up))) is not None
    }
    return CellFacts(run, spec, ti, reader.last_attempt(ti), tuple(usual), upstream, lines, len(tis))


def _telling(tis: Sequence[TaskInstance]) -> TaskInstance | None:
    """Of a mapped task the instance that says most: one that failed, else one that runs, else the first."""
    from tui_flow.signs import gathered

    state = gathered({ti.state: 1 for ti in tis})
    return next((ti for ti in tis if ti.state is state), None)
