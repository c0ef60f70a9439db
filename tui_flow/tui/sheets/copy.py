"""What of this place can be copied: names, and the command that shows the same."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from textual.app import ComposeResult

from tui_flow.tui import clipboard, palette
from tui_flow.tui.places import Place
from tui_flow.tui.rows import Rows
from tui_flow.tui.sheet import Sheet
from tui_flow.tui.text import Row, fit, plain
from tui_flow.tui.views.deeds import command

MOST_BYTES = 1024**2
"""Of a file whose text is copied."""


MOST_SAID = 30
"""Of what was copied; how is more worth knowing than the rest of it."""


@dataclass(frozen=True, slots=True)
class Copied:
    """Something that can be copied."""

    name: str
    shown: str
    """What is said of it."""
    text: str | Path
    """A path: what the file holds."""


class CopySheet(Sheet):
    DEFAULT_CSS = """
    CopySheet { height: auto; layout: vertical; }
    CopySheet Rows { height: auto; min-height: 1; max-height: 8; }
    """

    def __init__(self, place: Place, first: Sequence[Copied] = ()) -> None:
        """`first` is offered before the names of the place."""
        super().__init__()
        self._offered = {each.name: each for each in (*first, *texts_of(place))}

    def compose(self) -> ComposeResult:
        yield self.title_line("Copy")
        yield Rows(id="copy-rows", empty="nothing to copy here; go into a DAG or a run")

    def on_mount(self) -> None:
        self.trap_focus()
        rows = [
            Row(each.name, ((fit(f"  {each.name}", 12), palette.DIM), (plain(each.shown), None)))
            for each in self._offered.values()
        ]
        self.query_one("#copy-rows", Rows).show_rows(rows)

    def take_focus(self) -> None:
        self.query_one("#copy-rows", Rows).focus()

    def on_rows_opened(self, message: Rows.Opened) -> None:
        chosen = self._offered[str(message.key)]
        text = _read(chosen.text) if isinstance(chosen.text, Path) else chosen.text
        how = clipboard.copy(text, self.desk.write_to_terminal) if text is not None else None
        self.desk.close_sheet()
        said = chosen.shown if len(chosen.shown) <= MOST_SAID else f"the {chosen.name}"
        self.desk.toast(f"copied {said} {how}" if how else "that is too long to copy")


def _read(path: Path) -> str | None:
    """None: it is too long, or gone."""
    with suppress(OSError), path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
        return data.decode("utf-8", "backslashreplace") if len(data) <= MOST_BYTES else None
    return None


def texts_of(place: Place) -> list[Copied]:
    """Names of what the place is about, the nearest first, and a command that shows it."""
    found = [("task", place.task_id), ("run", place.run_id), ("DAG", place.dag_id)]
    if place.task_id and place.run_id:
        words = ["logs", place.dag_id, place.task_id, "--run", place.run_id]
        words += ["--map-index", str(place.map_index)] if place.map_index >= 0 else []
        words += ["--try", str(place.try_number)] if place.try_number else []
        found.append(("command", command(*words)))
    elif place.run_id:
        found.append(("command", command("runs", "show", place.dag_id, place.run_id)))
    elif place.dag_id:
        found.append(("command", command("dags", "show", place.dag_id)))
    return [Copied(name, text, text) for name, text in found if text]
