"""The Task tab of a run: one task instance, its tries, its rendered templates, its XComs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace

from tui_flow import times
from tui_flow.actions.reasons import reasons
from tui_flow.errors import TuiflowError
from tui_flow.settings import Home, load_settings
from tui_flow.spec import Json
from tui_flow.state import FINISHED_TASK, OCCUPIED_TASK
from tui_flow.store.masked import masked_xcoms
from tui_flow.store.reader import Reader
from tui_flow.tui import clipboard, palette
from tui_flow.tui.keys import bindings
from tui_flow.tui.line import Part
from tui_flow.tui.list_pane import ListPane
from tui_flow.tui.places import Place
from tui_flow.tui.rows import Rows
from tui_flow.tui.subject import Subject, TaskDeeds
from tui_flow.tui.text import Row, plain
from tui_flow.tui.views.docs import doc_rows
from tui_flow.tui.views.run_info import Fact, run_info_rows
from tui_flow.tui.views.task_info import RENDER, TaskInfo, task_facts
from tui_flow.tui.views.xcoms import editable


class TaskPane(ListPane, TaskDeeds):
    NAME = "task"
    TITLE = "Task"
    ACTION = "task"
    HINTS = ("open", "log", "clear", "mark_state", "delete", "copy", "add~set XCom", "next_tab", "help")
    EMPTY = "this run has no tasks"
    BINDINGS = bindings("copy", "log", "clear", "mark_state", "stop", "note", "delete", "add")

    def __init__(self) -> None:
        super().__init__()
        self._info: TaskInfo | None = None
        self._sections: dict[str, list[Fact]] = {}
        self._opened: set[Hashable] = set()
        self._rendered: Mapping[str, Json] | None = None
        self._problem = ""

    async def visit(self, place: Place) -> None:
        if place != self.place:
            self._info, self._rendered, self._problem = None, None, ""
            self._opened.clear()
            self._list.show_rows([])
        await super().visit(place)

    def load(self) -> Callable[[Reader], TaskInfo | None]:
        place, home = self.place, self.desk.home
        return lambda reader: load_task(reader, home, place)

    def show(self, model: TaskInfo) -> None:
        self._info = model
        self._draw()

    def _draw(self) -> None:
        if self._info is None:
            return
        at = times.now()
        self._sections = task_facts(self._info, self._rendered, self._problem, at, self.desk.is_utc)
        rows = run_info_rows(self._sections, self._opened, self.size.width)
        task = self._info.task
        if task is not None and (docs := doc_rows(task.doc, self.size.width, self.desk.look)):
            rows += [Row(("title", "docs"), ((" Documentation", palette.BOLD),), can_select=False), *docs]
        self._list.show_rows(rows)

    def minute(self) -> None:
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def facts(self) -> Sequence[Part]:
        info = self._info
        if info is None or info.ti is None:
            return ()
        look, ti = self.desk.look, info.ti
        name = plain(ti.task_id) + (f"[{ti.map_index}]" if ti.map_index >= 0 else "")
        return [Part(f"{look.glyph(ti.state)} ", look.style(ti.state)), Part(f"{name} ", palette.BOLD)]

    # -- going on

    def _here(self) -> Place:
        """This task instance, wherever one came from."""
        ti = self._info.ti if self._info else None
        if ti is None:
            return self.place
        return replace(self.place, task_id=ti.task_id, map_index=ti.map_index)

    async def on_rows_opened(self, message: Rows.Opened) -> None:
        if message.key == RENDER:
            await self._render_templates()
            return
        self._opened ^= {message.key}
        self._draw()

    async def _render_templates(self) -> None:
        """In a child process, from the file as the run had it."""
        here = self._here()
        self._problem = "rendering ..."
        self._draw()
        try:
            self._rendered = await asyncio.to_thread(
                self.desk.deeds.render, here.dag_id, here.run_id, here.task_id, here.map_index
            )
            self._problem = ""
        except TuiflowError as err:
            self._problem = str(err)
        self._draw()

    def action_log(self) -> None:
        if self._info is None or self._info.ti is None or not self._info.ti.try_number:
            self.desk.toast("this task has not started, so it has no log yet")
            return
        self.desk.go(replace(self._here(), page="log", tab=""))

    def action_copy(self) -> None:
        key = self._list.cursor_key
        fact = next((fact for facts in self._sections.values() for fact in facts if fact.key == key), None)
        if fact is not None:
            how = clipboard.copy(fact.whole, self.desk.write_to_terminal)
            self.desk.toast(f"copied {how}" if how else "it is too much to copy")

    def subject(self) -> Subject:
        here = self._here()
        return Subject(here.dag_id, here.run_id, [(here.run_id, here.task_id, here.map_index)])

    async def action_delete(self) -> None:
        """The XCom under the cursor."""
        key = self._list.cursor_key
        if not (isinstance(key, tuple) and key[0] == "xcom"):
            self.desk.toast("the cursor is not on an XCom")
            return
        await self.desk.open_sheet("delete_xcom", self._here(), str(key[3]))

    async def action_add(self) -> None:
        """Another value for the XCom under the cursor; elsewhere a new one."""
        info, key = self._info, self._list.cursor_key
        if info is None or info.ti is None:
            self.desk.toast("this task has no instance in this run yet")
            return
        named = str(key[3]) if isinstance(key, tuple) and key[0] == "xcom" else ""
        value = next((row.value for row in info.xcoms if row.key == named), "")
        await self.desk.open_sheet("xcom", self._here(), named, editable(value))


def load_task(reader: Reader, home: Home, place: Place) -> TaskInfo | None:
    """Of a mapped task without an index, and of a run without a task, the one that says most."""
    run = reader.run(place.dag_id, place.run_id)
    if run is None:
        return None
    spec = reader.spec(run.dag_id, run.spec_version)
    task_id = place.task_id or _first(reader, run.id, [task.task_id for task in spec.tasks])
    tis = reader.task_instances(run.id, [task_id])
    chosen = [ti for ti in tis if ti.map_index == place.map_index] or tis
    ti = chosen[0] if chosen else None
    task = spec.by_id.get(task_id)
    if ti is None:
        return TaskInfo(run, task, None)
    waits = run.ended_at is None and ti.state not in FINISHED_TASK | OCCUPIED_TASK
    at, parallelism = times.now(), load_settings(home).core.parallelism
    return TaskInfo(
        run,
        task,
        ti,
        reader.attempts(ti.key),
        masked_xcoms(reader, reader.xcoms(run.id, [task_id], ti.map_index)),
        reasons(reader, run, ti, at, parallelism) if waits else (),
        len(tis),
        reader.usual_durations(run.dag_id, [task_id])[task_id],
    )


def _first(reader: Reader, run: int, task_ids: Sequence[str]) -> str:
    failed = reader.failed_tasks(run, 1)
    busiest = reader.busiest_task(run)
    return failed[0].task_id if failed else busiest.task_id if busiest else next(iter(task_ids), "")
