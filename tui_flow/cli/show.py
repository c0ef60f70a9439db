"""Everything that reaches the terminal: listings, facts, JSON, talk. Data is made inert by `safe` here.

Own tables instead of rich's: they cost no import, and a pipe gets plain uncut columns.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import combining, east_asian_width

from tui_flow import signs, times
from tui_flow.logs.safe import safe

if TYPE_CHECKING:
    from tui_flow.records import TaskInstance, TaskInstanceKey
    from tui_flow.spec import Json

Row = Mapping[str, Any]
_SGR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class View:
    """How a command was asked to show things."""

    as_json: bool = False
    utc: bool = False


def plain(value: Any) -> Json:
    """Records as JSON: objects by field name, dates in ISO 8601 UTC, durations in seconds."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case timedelta():
            return value.total_seconds()
        case StrEnum():
            return value.value
        case Path():
            return str(value)
        case bytes():
            return value.hex()
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case str() | int() | float() | None:
            return value
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: plain(getattr(value, item.name)) for item in fields(value)}
    return [plain(item) for item in value]


def print_json(value: Any) -> None:
    # Escapes beyond ASCII too: no byte of the data can be taken for a control sequence.
    print(json.dumps(plain(value), indent=2))


def cell(value: Any, utc: bool = False) -> str:
    """One value as text for one line of a table."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return times.shown(value, utc)
        case timedelta():
            return times.lasting(value)
        case StrEnum() if value in signs.SIGNS:
            return signs.labelled(value)
        case str():
            return one_line(value)
        case Mapping():
            return one_line(json.dumps(plain(value), ensure_ascii=False)) if value else ""
        case list() | tuple() | set() | frozenset():
            return ", ".join(cell(item, utc) for item in value)
    return one_line(str(value))


def one_line(text: str) -> str:
    return safe(text).replace("\n", " ").replace("\t", " ")


def listing(rows: Sequence[Row], columns: str | Sequence[str], view: View, *, empty: str) -> None:
    """A table of those named columns that hold something (JSON: all that the rows hold); `empty` is said of no rows."""
    if view.as_json:
        print_json(rows)
    elif not rows:
        say(empty)
    else:
        keys = columns.split() if isinstance(columns, str) else columns
        table = {key: [cell(row[key], view.utc) for row in rows] for key in keys}
        filled = {key: cells for key, cells in table.items() if any(cells)}
        print_table(list(filled), list(zip(*filled.values(), strict=True)))


def print_table(titles: Sequence[str], body: Sequence[Sequence[str]]) -> None:
    heads = [title.replace("_", " ") for title in titles]
    widths = [max(map(width, column)) for column in zip(heads, *body, strict=True)]
    room = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    print(signs.paint(_row(heads, widths, room), "1"))
    for cells in body:
        print(_row(cells, widths, room))


def _row(cells: Sequence[str], widths: Sequence[int], room: int | None) -> str:
    """One line; on a terminal the last column is cut at its edge, a pipe gets all of it."""
    padded = [text + " " * (wide - width(text)) for text, wide in zip(cells[:-1], widths[:-1], strict=True)]
    before = "".join(f"{text}  " for text in padded)
    last = cells[-1]
    if room is not None and width(before) + width(last) > room and not _SGR.search(last):
        last = cut(last, max(room - width(before), 8))
    return (before + last).rstrip()


def cut(text: str, room: int) -> str:
    """The beginning of a text that fits in so many cells, with a sign that something is missing."""
    if width(text) <= room:
        return text
    dots = "..." if signs.wants_ascii(sys.stdout) else "…"
    kept = text
    while width(kept) + len(dots) > room:
        kept = kept[:-1]
    return kept + dots


def width(text: str) -> int:
    """Cells that a text takes on a terminal."""
    bare = _SGR.sub("", text)
    if bare.isascii():
        return len(bare)
    return sum(2 if east_asian_width(c) in "WF" else 0 if combining(c) else 1 for c in bare)


def facts(values: Row, view: View) -> None:
    """One thing as `name  value` lines; what is empty is left out."""
    if view.as_json:
        print_json(values)
        return
    texts = {key.replace("_", " "): cell(value, view.utc) for key, value in values.items()}
    wide = max(map(len, texts), default=0)
    for name, text in texts.items():
        if text:
            print(f"{signs.paint(f'{name:{wide}}', '2')}  {text}")


def heading(text: str) -> None:
    print(f"\n{signs.paint(one_line(text), '1')}")


def lines(texts: Iterable[str]) -> None:
    for text in texts:
        print(safe(text))


def say(text: str, before: str = "") -> None:
    """Talk: on stderr, so that stdout stays data. `before` may hold colours of ours."""
    print(before + safe(text), file=sys.stderr)


def count(number: int, thing: str) -> str:
    """`1 run`, `3 runs`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def task_name(ti: TaskInstance | TaskInstanceKey) -> str:
    return ti.task_id if ti.map_index < 0 else f"{ti.task_id}[{ti.map_index}]"


def can_draw() -> bool:
    """Whether there is a terminal for the dashboard, or a browser that takes the place of one."""
    is_served = os.environ.get("TEXTUAL_DRIVER", "").endswith(":WebDriver")
    return is_served or (sys.stdin.isatty() and sys.stdout.isatty())
