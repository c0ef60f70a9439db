"""What of this place can be copied: names, and the command that shows the same."""

from __future__ import annotations

from textual.app import ComposeResult

from tui_flow.tui import clipboard, palette
from tui_flow.tui.places import Place
from tui_flow.tui.rows import Rows
from tui_flow.tui.sheet import Sheet
from tui_flow.tui.text import Row, fit, plain
from tui_flow.tui.views.deeds import command


class CopySheet(Sheet):
    DEFAULT_CSS = """
    CopySheet { height: auto; layout: vertical; }
    CopySheet Rows { height: auto; min-height: 1; max-height: 8; }
    """

    def __init__(self, place: Place) -> None:
        super().__init__()
        self._texts = texts_of(place)

    def compose(self) -> ComposeResult:
        yield self.title_line("Copy")
        yield Rows(id="copy-rows", empty="nothing to copy here; go into a DAG or a run")

    def on_mount(self) -> None:
        self.trap_focus()
        rows = [Row(name, ((fit(f"  {name}", 12), palette.DIM), (plain(text), None))) for name, text in self._texts]
        self.query_one("#copy-rows", Rows).show_rows(rows)

    def take_focus(self) -> None:
        self.query_one("#copy-rows", Rows).focus()

    def on_rows_opened(self, message: Rows.Opened) -> None:
        text = dict(self._texts)[str(message.key)]
        how = clipboard.copy(text, self.desk.write_to_terminal)
        self.desk.close_sheet()
        self.desk.toast(f"copied {text} {how}" if how else "that is too long to copy")


def texts_of(place: Place) -> list[tuple[str, str]]:
    """Names of what the place is about, the nearest first, and a command that shows it."""
    found = [("task", place.task_id), ("run", place.run_id), ("DAG", place.dag_id)]
    if place.task_id and place.run_id:
        found.append(("command", command("logs", place.dag_id, place.task_id, "--run", place.run_id)))
    elif place.run_id:
        found.append(("command", command("runs", "show", place.dag_id, place.run_id)))
    elif place.dag_id:
        found.append(("command", command("dags", "show", place.dag_id)))
    return [(name, text) for name, text in found if text]
