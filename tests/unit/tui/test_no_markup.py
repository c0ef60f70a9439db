"""No text from outside is ever taken for markup: the ways in which Textual and rich would do so are not used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "tui_flow" / "tui"
WAYS = (
    re.compile(r"\b(?:Static|Label|Button|Option|Content)\(\s*f[\"']"),
    re.compile(r"markup\s*=\s*True"),
    re.compile(r"\bfrom_markup\("),
    re.compile(r"\bfrom_ansi\("),
    re.compile(r"\bborder_(?:sub)?title\s*="),
    re.compile(r"\.notify\("),
)


def found_in(text: str) -> list[str]:
    return [match.group() for way in WAYS for match in way.finditer(text)]


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.py")), ids=lambda path: str(path.relative_to(FOLDER)))
def test_no_markup_from_data(path: Path) -> None:
    assert found_in(path.read_text(encoding="utf-8")) == []


def test_each_way_is_found() -> None:
    lines = 'Static(f"{x}") markup = True Text.from_markup( Text.from_ansi( self.border_title = x app.notify('
    assert len(found_in(lines)) == len(WAYS)
