"""Lines of source that tracebacks in a log name: `File "/dags/shop.py", line 62, in load`. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from tui_flow.logs import parse_line
from tui_flow.logs.escapes import without_escapes

_NAMED = re.compile(r'\bFile "(/[^"\0]+)", line (\d{1,7})\b')
AROUND = 100
"""Lines of a log above and below the cursor among which the nearest one is looked for."""


class SourceLine(NamedTuple):
    path: Path
    line: int
    """The first is 1."""


def named_in(text: str) -> SourceLine | None:
    """What one line of a log names; only whole paths count, of which no program takes one for an option."""
    found = _NAMED.search(without_escapes(parse_line(text).text))
    return SourceLine(Path(found[1]), int(found[2])) if found and int(found[2]) else None


def is_same(path: Path, file: Path) -> bool:
    """Whether both lead to one file."""
    return path.name == file.name and (path == file or path.resolve() == file.resolve())


def nearest(texts: Sequence[str], at: int, is_wanted: Callable[[Path], bool]) -> SourceLine | None:
    """What the line `at` names, else the nearest above it, else below."""
    for text in [*reversed(texts[: at + 1]), *texts[at + 1 :]]:
        named = named_in(text)
        if named is not None and is_wanted(named.path):
            return named
    return None
