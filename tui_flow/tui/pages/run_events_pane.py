"""The Events tab of a run; enter on an attempt opens its log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tui_flow.store.reader import Reader
from tui_flow.tui.list_pane import ListPane
from tui_flow.tui.places import Place
from tui_flow.tui.rows import Rows
from tui_flow.tui.views.run_events import MOST, RunEvents, run_event_rows


class EventsPane(ListPane):
    NAME = "events"
    TITLE = "Events"
    HINTS = ("open", "earlier", "later", "next_tab", "help")

    def load(self) -> Callable[[Reader], RunEvents | None]:
        place = self.place
        return lambda reader: load_events(reader, place)

    def show(self, model: RunEvents) -> None:
        self._list.show_rows(run_event_rows(model, self.desk.is_utc))

    def on_rows_opened(self, message: Rows.Opened) -> None:
        key = message.key
        if isinstance(key, tuple) and key[0] == "attempt":
            _, task_id, map_index, number, *_ = key
            place = replace(self.place, page="log", task_id=task_id, map_index=map_index, try_number=number)
            self.desk.go(place)


def load_events(reader: Reader, place: Place) -> RunEvents | None:
    run = reader.run(place.dag_id, place.run_id)
    if run is None:
        return None
    return RunEvents(
        run, reader.events_about(run, MOST), reader.newest_attempts(run.id, MOST), reader.callbacks_of(run.id, MOST)
    )
