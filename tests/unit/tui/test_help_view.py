"""The keys of a page side by side."""

from __future__ import annotations

import pytest

from tui_flow.tui.keys import ACTIONS, by_section, shown_key
from tui_flow.tui.palette import Palette
from tui_flow.tui.text import pieces_width
from tui_flow.tui.views.help import help_rows, in_column, signs

IDS = [name for name in ACTIONS if name not in ("example", "folder", "import_cron", "know_airflow")]


def texts(sought: str = "", width: int = 79) -> list[str]:
    return ["".join(text for text, _ in row.pieces) for row in help_rows(IDS, {}, sought, width)]


@pytest.mark.parametrize("width", [30, 59, 79, 119, 199])
def test_every_key_stands_there_once_and_no_line_is_too_long(width: int) -> None:
    rows = help_rows(IDS, {}, "", width)
    assert all(pieces_width(row.pieces) <= width for row in rows)
    keys = [text.strip() for row in rows for text, _ in row.pieces[::2] if text.startswith("  ")]
    assert sorted(key for key in keys if key) == sorted(in_column(shown_key(ACTIONS[name], {})) for name in IDS)


def test_no_heading_ends_a_column() -> None:
    for width in (59, 79, 119):
        rows = help_rows(IDS, {}, "", width)
        last = "".join(text for text, _ in rows[-1].pieces)
        assert not any(f" {title} " in last for title in by_section(IDS))


def test_what_is_sought_has_its_sentence() -> None:
    assert not texts("crash")
    assert any("y" in line and "copy" in line for line in texts("copy"))
    assert [line.split()[0] for line in texts("fewer levels")] == ["-"]
    assert any(line.split()[0] == "&" for line in texts("&")), "a key finds itself"


def test_a_key_of_the_settings_is_shown() -> None:
    (row,) = help_rows(["trigger"], {"trigger": "T"}, "trigger", 80)
    assert row.pieces[0][0].strip() == "T"


def test_no_key_breaks_its_column() -> None:
    (row,) = (row for row in help_rows(IDS, {}, "", 79) if any("pan right" in text for text, _ in row.pieces))
    assert {pieces_width(row.pieces[at : at + 2]) for at in range(0, 6, 2)} == {26}


def test_all_states_that_a_grid_shows_have_a_sign_here() -> None:
    said = "".join(text for text, _ in signs(Palette()))
    assert "◦" in said and "◌" in said


def test_signs_in_ascii() -> None:
    assert "".join(text for text, _ in signs(Palette(is_ascii=True))).replace("\N{NO-BREAK SPACE}", " ").isascii()
