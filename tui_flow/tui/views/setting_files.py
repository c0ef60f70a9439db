"""Imports and exports of pools, variables and connections: verbs, commands, what would be set. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tui_flow.spec import Json
from tui_flow.tui.palette import DIM
from tui_flow.tui.text import Row, plain
from tui_flow.tui.views.deeds import Deed, Preview, command

EXISTING = ("skip", "overwrite", "fail")


def import_deed(kind: str, path: str, args: Mapping[str, Json], existing: str) -> Deed:
    words: list[object] = [f"{kind}s", "import", path]
    if kind == "variable":
        words += ["-a", existing]
    elif kind == "connection" and existing == "overwrite":
        words.append("--overwrite")
    return Deed(f"import_{kind}s", {**args, "existing": existing}, command(*words))


def export_deed(kind: str, path: str) -> Deed:
    return Deed("export", {}, command(f"{kind}s", "export", path))


def import_preview(answer: Mapping[str, Sequence[str]]) -> Preview:
    """A row for each name; values are not shown."""
    rows = [Row(("set", name), ((f"   {plain(name)}", None),)) for name in answer["set"]]
    rows += [Row(("skipped", name), ((f"   {plain(name)} stays as it is", DIM),)) for name in answer["skipped"]]
    skipped = len(answer["skipped"])
    return Preview(rows, runs=len(answer["set"]), note=f"; {skipped} stay as they are" if skipped else "")


def imported(kind: str, answer: Any) -> str:
    left = f", {len(answer['skipped'])} left as they are" if answer["skipped"] else ""
    return f"{len(answer['set'])} {kind}{'s' * (len(answer['set']) != 1)} set{left}"
