"""What is taken away from the log page: texts for the clipboard, a copy of the log as a file."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tui_flow.logs.index import bytes_of
from tui_flow.tui.places import Place
from tui_flow.tui.sheets.copy import Copied


def texts_of(place: Place, try_number: int, lines: Sequence[str], path: Path, size: int) -> list[Copied]:
    """The lines that are chosen, how they are told to others, the whole log, and where it lies."""
    text = "\n".join(lines)
    title = f"**{place.dag_id}.{place.task_id}** run {place.run_id}, try {try_number}"
    count = f"{len(lines):,} lines"
    return [
        Copied("lines" if len(lines) > 1 else "line", count if len(lines) > 1 else text, text),
        Copied("Markdown", f"{count} with task and run" if len(lines) > 1 else text, f"{title}\n```\n{text}\n```"),
        Copied("log", f"all of it, {bytes_of(size)}", path),
        Copied("path", str(path), str(path)),
    ]


def file_name(place: Place, try_number: int) -> str:
    mapped = [str(place.map_index)] if place.map_index >= 0 else []
    return ".".join([place.dag_id, place.task_id, *mapped, str(try_number)])


def saved(source: Path, folder: Path, name: str) -> Path:
    """A copy of the log in the folder, under a name that no file had. Raises OSError."""
    for nth in itertools.count(1):
        target = folder / (f"{name}.log" if nth == 1 else f"{name} ({nth}).log")
        with suppress(FileExistsError), target.open("xb") as file:
            with source.open("rb") as log:
                shutil.copyfileobj(log, file)
            return target
    raise AssertionError("there is always another number")
