"""Modules of the plugins folders that define a plugin (a class of `AirflowPlugin`), found without importing them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from tui_flow.loader.discover import SKIPPED_FOLDERS
from tui_flow.loader.recorder import Recorder, unwatched
from tui_flow.loader.sources import on_disk

_DEFINES = re.compile(rb"^[ \t]*class\s+\w+\s*\([^)]*\bAirflowPlugin\b", re.MULTILINE)


def defines_plugin(source: bytes) -> bool:
    return _DEFINES.search(source) is not None


def plugin_modules(recorder: Recorder, folders: Sequence[str]) -> list[str]:
    """Their dotted names; they become part of the source version. `folders`: relative to the DAGs folder."""
    return [
        path.removeprefix(f"{folder}/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for folder in folders
        for path in (_stored(recorder, folder) if recorder.view is not None else _on_disk(recorder, folder))
    ]


def _stored(recorder: Recorder, folder: str) -> list[str]:
    assert recorder.view is not None
    paths = [path for path in recorder.view.manifest if path.startswith(f"{folder}/") and path.endswith(".py")]
    return sorted(path for path in paths if defines_plugin(recorder.read(path)))


def _on_disk(recorder: Recorder, folder: str) -> Iterator[str]:
    recorder.dependencies.add(f"{folder}/")
    with unwatched():
        paths = plugin_files(Path(on_disk(recorder.dags_folder, folder)))
    for relative in filter(None, (recorder.relative(str(path)) for path in paths)):
        recorder.read(relative)
        yield relative


def plugin_files(folder: Path) -> list[Path]:
    """The files below a folder that define a plugin."""
    return [path for path in sorted(_python_files(folder)) if _has_plugin(path)]


def _has_plugin(path: Path) -> bool:
    try:
        return defines_plugin(path.read_bytes())
    except OSError:
        return False


def _python_files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in SKIPPED_FOLDERS]
        yield from (Path(place, name) for name in names if name.endswith(".py"))
