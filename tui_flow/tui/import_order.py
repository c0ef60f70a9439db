"""Modules in the order in which each finds there what it imports, so that to import the next one takes a moment only.

Read from the import lines of our own files, without running them. Modules of others are imported whole.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Container, Iterable, Iterator
from pathlib import Path

import tui_flow

PACKAGE = tui_flow.__name__
_ROOT = Path(tui_flow.__file__).parent
_IMPORT = re.compile(r"^(?:from (?P<source>\S+) )?import (?P<names>[^#\n]+)", re.MULTILINE)
"""At the beginning of a line: what is further in is imported when it is used, or for the types alone."""


def in_order(names: Iterable[str], known: Container[str] = sys.modules) -> Iterator[str]:
    """These modules and what they import, as far as they are not known when their turn comes."""
    seen: set[str] = set()
    opened: set[str] = set()
    """Packages whose modules come with them: they import those themselves."""

    def walk(name: str) -> Iterator[str]:
        if name in seen or name in known:
            return
        seen.add(name)
        package = name.rpartition(".")[0]
        if package:
            yield from walk(package)
        opened.add(name)
        for imported in imported_by(name):
            yield from walk(imported)
        opened.discard(name)
        if not any(name.startswith(f"{above}.") for above in opened):
            yield name

    for name in names:
        yield from walk(name)


def imported_by(name: str) -> Iterator[str]:
    """What a module of ours imports at its top; nothing for those of others."""
    path = _file_of(name)
    for found in _IMPORT.finditer(path.read_text(encoding="utf-8") if path else ""):
        source, listed = found["source"], found["names"].strip("( \\").split(",")
        names = [part.split()[0] for part in listed if part.strip()]
        if source is None:
            yield from names
            continue
        yield source
        yield from (f"{source}.{each}" for each in names if _file_of(f"{source}.{each}"))


def _file_of(name: str) -> Path | None:
    first, *rest = name.split(".")
    if first != PACKAGE:
        return None
    place = _ROOT.joinpath(*rest)
    return next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file()), None)
