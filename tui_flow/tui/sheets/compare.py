"""Two runs of a DAG side by side, and what a version of it changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult

from tui_flow import times
from tui_flow.planner.compare import Compared, compare_runs
from tui_flow.planner.spec_diff import Change, diff_specs
from tui_flow.records import DagRun
from tui_flow.store.reader import Reader
from tui_flow.tui.rows import Rows
from tui_flow.tui.sheet import Sheet
from tui_flow.tui.text import Row
from tui_flow.tui.views.compare import change_rows, compared_rows

Pair = tuple[DagRun, DagRun]


class _ListSheet(Sheet):
    """Shows rows that are read when it opens."""

    HINTS: ClassVar[tuple[str, ...]] = ("down", "up", "back")
    DEFAULT_CSS = "_ListSheet { height: 70%; layout: vertical; }"
    TITLE = ""

    def compose(self) -> ComposeResult:
        yield self.title_line(self.TITLE)
        yield Rows(id="compared-rows")

    async def on_mount(self) -> None:
        self.trap_focus()
        self.query_one("#compared-rows", Rows).show_rows(await self.rows())

    async def rows(self) -> Sequence[Row]:
        raise NotImplementedError

    def take_focus(self) -> None:
        self.query_one("#compared-rows", Rows).focus()


class CompareSheet(_ListSheet):
    def __init__(self, dag_id: str, run_id: str, with_run_id: str = "") -> None:
        super().__init__()
        self._dag_id, self._run_id, self._with = dag_id, run_id, with_run_id
        self.TITLE = f"Two runs of {dag_id}: A, and how B differs"

    async def rows(self) -> Sequence[Row]:
        found = await self.desk.feed.read(load_compared(self._dag_id, self._run_id, self._with))
        if found is None:
            return [Row("none", (("   there is no earlier run to compare it with", None),))]
        runs, tasks = found
        desk = self.desk
        return compared_rows(runs, tasks, desk.look, times.now(), desk.is_utc, self.app.size.width - 1)


class VersionSheet(_ListSheet):
    def __init__(self, dag_id: str, number: int) -> None:
        super().__init__()
        self._dag_id, self._number = dag_id, number
        self.TITLE = f"{dag_id}: what version {number} changed"

    async def rows(self) -> Sequence[Row]:
        found = await self.desk.feed.read(load_changes(self._dag_id, self._number))
        if found is None:
            return [Row("none", (("   there is no version before it", None),))]
        return change_rows(found, self.desk.look)


def load_compared(
    dag_id: str, run_id: str, with_run_id: str
) -> Callable[[Reader], tuple[Pair, Sequence[Compared]] | None]:
    """The older run first; None where there is no second one. Without `with_run_id` it is the one before."""

    def load(reader: Reader) -> tuple[Pair, Sequence[Compared]] | None:
        run = reader.run(dag_id, run_id)
        if run is None:
            return None
        other = reader.run(dag_id, with_run_id) if with_run_id else reader.previous_run(run)
        if other is None:
            return None
        old, new = sorted((run, other), key=lambda each: (each.run_after, each.id))
        return (old, new), compare_runs(reader.task_instances(old.id), reader.task_instances(new.id))

    return load


def load_changes(dag_id: str, number: int) -> Callable[[Reader], Sequence[Change] | None]:
    """Since the version before; None where it is the first that is known."""

    def load(reader: Reader) -> Sequence[Change] | None:
        versions = {known: version for known, version, _ in reader.spec_versions(dag_id)}
        before = max((known for known in versions if known < number), default=None)
        if before is None or number not in versions:
            return None
        return diff_specs(reader.spec(dag_id, versions[before]), reader.spec(dag_id, versions[number]))

    return load
