"""Pools, variables, connections: lists to look at, to add to, to change and to delete from."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual.app import ComposeResult

from tui_flow.errors import HomeError, TuiflowError
from tui_flow.store.reader import Reader
from tui_flow.tui import palette
from tui_flow.tui.keys import bindings
from tui_flow.tui.line import Line, Part
from tui_flow.tui.list_pane import ListPane
from tui_flow.tui.rows import Rows
from tui_flow.tui.text import Row, plain
from tui_flow.tui.views.settings import (
    ConnectionFacts,
    VariableFacts,
    connection_row,
    facts_of_connection,
    facts_of_variable,
    pool_row,
    variable_row,
)


@dataclass(frozen=True, slots=True)
class Listed:
    """By name, in the order of the list."""

    items: Mapping[str, Any]
    problem: str = ""


class SettingsPane(ListPane):
    """Subclasses read their things, draw one, and name the sheet that changes it."""

    KIND: ClassVar[str]
    HINTS: ClassVar[tuple[str, ...]] = ("open", "add", "delete", "mark", "import_file", "export", "next_tab", "help")
    BINDINGS = bindings("add", "delete", "import_file", "export")

    def __init__(self) -> None:
        super().__init__()
        self._listed = Listed({})

    def compose(self) -> ComposeResult:
        yield Line(id=f"{self.NAME}-problem", base=palette.BAD)
        yield Rows(id=f"{self.NAME}-list", can_mark=True, empty=f"no {self.KIND} is kept here; A adds one")

    def on_mount(self) -> None:
        self.query_one(f"#{self.NAME}-problem", Line).display = False

    def load(self) -> Callable[[Reader], Listed]:
        return self.read

    @staticmethod
    def read(reader: Reader) -> Listed:
        raise NotImplementedError

    def row(self, item: Any, width: int) -> Row:
        raise NotImplementedError

    def show(self, model: Listed) -> None:
        self._listed = model
        problem = self.query_one(f"#{self.NAME}-problem", Line)
        problem.display = bool(model.problem)
        problem.say([Part(f" {plain(model.problem)}")])
        names = list(model.items)
        self._list.show_lazily(names, lambda index, width: self.row(model.items[names[index]], width))

    def facts(self) -> Sequence[Part]:
        count = len(self._listed.items)
        return [Part(f"{count} {self.KIND}{'s' * (count != 1)} ", palette.DIM)]

    def peel(self) -> bool:
        return self._list.forget_marks()

    # -- deeds

    def _args(self, name: str) -> Sequence[object]:
        """What the sheet takes that changes it."""
        return (self._listed.items[name],)

    async def on_rows_opened(self, message: Rows.Opened) -> None:
        name = str(message.key)
        if name in self._listed.items:
            await self.desk.open_sheet(self.KIND, *self._args(name))

    async def action_add(self) -> None:
        await self.desk.open_sheet(self.KIND)

    async def action_import_file(self) -> None:
        await self.desk.open_sheet("import", self.KIND)

    async def action_export(self) -> None:
        await self.desk.open_sheet("export", self.KIND)

    async def action_delete(self) -> None:
        names = [str(key) for key in self._list.chosen]
        if names:
            await self.desk.open_sheet("delete_setting", self.KIND, names)


class PoolsPane(SettingsPane):
    NAME = "pools"
    TITLE = "Pools"
    KIND = "pool"

    @staticmethod
    def read(reader: Reader) -> Listed:
        return Listed({use.pool.name: use for use in reader.pools()})

    def row(self, item: Any, width: int) -> Row:
        return pool_row(item, self.desk.look, width)

    def _args(self, name: str) -> Sequence[object]:
        return (self._listed.items[name].pool,)


class VariablesPane(SettingsPane):
    NAME = "variables"
    TITLE = "Variables"
    KIND = "variable"

    @staticmethod
    def read(reader: Reader) -> Listed:
        try:
            return Listed({row.key: facts_of_variable(row) for row in reader.variables()})
        except HomeError as err:  # another secrets key: names can be read all the same
            return Listed({key: VariableFacts(key, text) for key, text in reader.variable_names()}, str(err))

    def row(self, item: Any, width: int) -> Row:
        return variable_row(item, width)


class ConnectionsPane(SettingsPane):
    NAME = "connections"
    TITLE = "Connections"
    KIND = "connection"
    HINTS = ("open", "test", *SettingsPane.HINTS[1:])
    BINDINGS = bindings("test")

    async def action_test(self) -> None:
        """In a child process, which runs the hook of the connection's type."""
        name = self._list.cursor_key
        if name is None:
            return
        self.desk.toast(f"trying {name} ...")
        try:
            found = await asyncio.to_thread(self.desk.deeds.try_connection, str(name))
        except (TuiflowError, OSError) as err:
            self.desk.toast(str(err))
            return
        title = (
            f"{self.desk.look.line('✓')} {name} works" if found["ok"] else f"{self.desk.look.line('✗')} {name} fails"
        )
        if self.desk.is_seen(self) and self.display:
            await self.desk.open_sheet("told", title, str(found["message"]))
        else:
            self.desk.toast(f"{title}: {found['message']}")

    @staticmethod
    def read(reader: Reader) -> Listed:
        try:
            return Listed({row.conn_id: facts_of_connection(row) for row in reader.connections()})
        except HomeError as err:  # another secrets key: names can be read all the same
            names = reader.connection_names()
            sealed = [ConnectionFacts(conn_id, kind, text, is_sealed=True) for conn_id, kind, text in names]
            return Listed({facts.conn_id: facts for facts in sealed}, str(err))

    def row(self, item: Any, width: int) -> Row:
        return connection_row(item, width)
