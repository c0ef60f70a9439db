"""The command line: jump to anything, do anything, by a few letters of its name."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Input
from textual.worker import Worker

from tui_flow.errors import DatabaseMissing, TuiflowError
from tui_flow.tui import palette
from tui_flow.tui.keys import bindings
from tui_flow.tui.pauses import pause_or_let_go_on
from tui_flow.tui.rows import Rows
from tui_flow.tui.sheet import Sheet
from tui_flow.tui.text import Row, plain
from tui_flow.tui.views.commands import FUZZY_BELOW, NOTHING, Finder, Target, find, here_entries, target_row
from tui_flow.tui.views.targets import beside, command_of, key_of
from tui_flow.tui.wrapped import Wrapped


class CommandSheet(Sheet):
    HINTS = ("choose_below=up down~choose", "open", "complete", "copy", "back")
    VERB = "do it"
    BINDINGS = bindings("choose_below", "choose_above", "complete", "copy")
    DEFAULT_CSS = """
    CommandSheet { height: auto; max-height: 70%; layout: vertical; }
    CommandSheet #command-text { height: 1; }
    CommandSheet #command-hits { height: 10; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._every, self._here, self._near = NOTHING, NOTHING, NOTHING
        self._hits: list[Target] = []
        self._are_names_read = False
        self._is_entered = False
        """Before the names were read: whoever types fast means one that is not here yet."""

    def compose(self) -> ComposeResult:
        yield self.title_line("Go to, or do")
        yield Input(placeholder="letters of a DAG, task, run, page; trigger, pause, clear ...", id="command-text")
        yield Rows(id="command-hits", empty="nothing has a name like that")
        yield Wrapped(id="command-line")

    def on_mount(self) -> None:
        self.trap_focus()
        self._here = Finder(here_entries(self.desk.place))
        self._use(self.desk.names.every, NOTHING)  # as they were read last
        self._reading: Worker[None] = self.run_worker(self._read_names)

    async def _read_names(self) -> None:
        desk = self.desk
        try:
            self._use(*await desk.feed.read(lambda reader: desk.names.load(reader, desk.place)))
        except DatabaseMissing:
            pass  # pages and actions have names all the same
        except TuiflowError as err:
            desk.toast(str(err))
        self._are_names_read = True
        if self._is_entered:
            await self._do()

    def take_focus(self) -> None:
        self._rows.can_focus = False
        self.query_one("#command-text", Input).focus()

    @property
    def _rows(self) -> Rows:
        return self.query_one("#command-hits", Rows)

    def _use(self, every: Finder, near: Finder) -> None:
        is_same = (every, near) == (self._every, self._near)
        self._every, self._near = every, near
        if not is_same:
            self._find(self.query_one("#command-text", Input).value)

    def _find(self, text: str) -> None:
        self._hits = find(text, self._every, self._here, self._near)
        if text.strip() and 0 < len(self._hits) < FUZZY_BELOW:
            known = {(hit.kind, hit.name) for hit in self._hits}
            self._hits += [one for one in beside(self._hits[0]) if (one.kind, one.name) not in known]
        hits, look, keymap = self._hits, self.desk.look, self.desk.keys

        def draw(index: int, width: int) -> Row:
            return target_row(index, hits[index], width, look, key_of(hits[index], keymap))

        self._rows.show_lazily(range(len(hits)), draw)
        if hits:
            self._rows.action_first()
        self._say_command()

    def _say_command(self) -> None:
        line = command_of(self._chosen) if self._chosen else ""
        self.query_one("#command-line", Wrapped).say([(f"same as:  {plain(line)}", palette.DIM)] if line else [])

    def on_input_changed(self, event: Input.Changed) -> None:
        self._find(event.value)

    # -- choosing

    @property
    def _chosen(self) -> Target | None:
        at = self._rows.cursor_key
        return self._hits[at] if isinstance(at, int) and at < len(self._hits) else None

    def action_choose_below(self) -> None:
        self._rows.action_down()
        self._say_command()

    def action_choose_above(self) -> None:
        self._rows.action_up()
        self._say_command()

    def action_copy(self) -> None:
        from tui_flow.tui import clipboard

        line = command_of(self._chosen) if self._chosen else ""
        how = clipboard.copy(line, self.desk.write_to_terminal) if line else ""
        self.desk.toast(f"copied the command {how}" if how else "no command does the same")

    def action_complete(self) -> None:
        if (target := self._chosen) is not None:
            text = self.query_one("#command-text", Input)
            text.value = target.name
            text.cursor_position = len(target.name)

    def on_input_submitted(self) -> None:
        self.call_later(self._do)

    def on_rows_opened(self) -> None:
        self.call_later(self._do)

    async def _do(self) -> None:
        self._is_entered = True
        if not self._are_names_read:
            return
        target, desk = self._chosen, self.desk
        if target is None:
            desk.toast("nothing has a name like that")
            return
        if target.sheet:
            name, *rest = target.sheet
            await desk.open_sheet(str(name), *rest)
            return
        desk.close_sheet()
        if target.place is not None and target.place.dag_id:
            desk.go(target.place)
        elif target.place is not None:
            desk.go_home(target.place.page)
        elif target.pause is not None:
            await pause_or_let_go_on(desk, [target.pause])
        else:
            self.app.call_later(desk.do, target.action)
