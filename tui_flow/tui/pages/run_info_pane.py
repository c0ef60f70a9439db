"""The Info tab of a run; enter shows all of a value, `y` copies it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace

from tui_flow.store.masked import masked, masked_xcoms
from tui_flow.store.reader import Reader
from tui_flow.tui import clipboard
from tui_flow.tui.keys import bindings
from tui_flow.tui.list_pane import ListPane
from tui_flow.tui.places import Place
from tui_flow.tui.rows import Rows
from tui_flow.tui.views.params import fields_of
from tui_flow.tui.views.run_info import MOST_XCOMS, Fact, RunInfo, facts_of, run_info_rows


class RunInfoPane(ListPane):
    NAME = "info"
    TITLE = "Info"
    ACTION = "info"
    HINTS = ("open", "copy", "earlier", "later", "next_tab", "help")
    BINDINGS = bindings("copy")

    def __init__(self) -> None:
        super().__init__()
        self._sections: dict[str, list[Fact]] = {}
        self._opened: set[Hashable] = set()

    def load(self) -> Callable[[Reader], RunInfo | None]:
        place = self.place
        return lambda reader: load_info(reader, place)

    def show(self, model: RunInfo) -> None:
        self._sections = facts_of(model, self.desk.is_utc)
        self._draw()

    def _draw(self) -> None:
        self._list.show_rows(run_info_rows(self._sections, self._opened, self.size.width))

    def on_resize(self) -> None:
        self._draw()

    def on_rows_opened(self, message: Rows.Opened) -> None:
        self._opened ^= {message.key}
        self._draw()

    def action_copy(self) -> None:
        key = self._list.cursor_key
        fact = next((fact for facts in self._sections.values() for fact in facts if fact.key == key), None)
        if fact is not None:
            how = clipboard.copy(fact.whole, self.desk.write_to_terminal)
            self.desk.toast(f"copied {how}" if how else "it is too much to copy")


def load_info(reader: Reader, place: Place) -> RunInfo | None:
    run = reader.run(place.dag_id, place.run_id)
    if run is None:
        return None
    fields = fields_of(reader.spec(run.dag_id, run.spec_version).params)
    params = [(field.name, run.conf.get(field.name, field.text)) for field in fields]
    run = replace(run, conf=masked(reader, run.conf))
    events = [replace(event, extra=masked(reader, event.extra)) for event in reader.events_of_run(run.id)]
    xcoms = masked_xcoms(reader, reader.first_xcoms(run.id, MOST_XCOMS + 1))
    return RunInfo(run, [(name, masked(reader, value, name)) for name, value in params], events, xcoms)
