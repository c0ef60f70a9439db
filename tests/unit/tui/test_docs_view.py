"""Markdown of authors as lines of text: drawn, and harmless whatever stands in it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.hostile import ATTACKS
from tui_flow.tui.palette import Palette
from tui_flow.tui.text import Row, pieces_width
from tui_flow.tui.views.docs import doc_rows

DOC = """
    # Orders

    Loads *all* orders with **care**, see [the wiki](https://wiki.example/orders).

    - one
    - two

    | table | rows |
    |-------|------|
    | items | 12   |

    ```sql
    SELECT 1
    ```
"""


def lines(rows: Sequence[Row]) -> list[str]:
    return ["".join(text for text, _ in row.pieces).rstrip() for row in rows]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_headings_lists_tables_and_code_are_drawn(width: int) -> None:
    text = "\n".join(lines(doc_rows(DOC, width, Palette())))
    for part in ("Orders", "all", "care", "wiki", "https://wiki.example/orders", "• one", "items", "SELECT 1"):
        assert part in text.replace("\n   ", "\n"), text
    assert "**" not in text and "```" not in text and "|--" not in text


def test_emphasis_is_kept_and_nothing_acts() -> None:
    rows = doc_rows("**bold** [text](javascript:quit) <script>x</script>", 80, Palette())
    styles = [style for row in rows for text, style in row.pieces if text.strip() == "bold"]
    assert styles and styles[0] is not None and styles[0].bold
    assert all(style is None or (style.link is None and not style.meta) for row in rows for _, style in row.pieces)


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_in_docs_steers_the_terminal(attack: str) -> None:
    doc = f"# {attack}\n\n- `{attack}` [{attack}]({attack})\n\n    {attack}\n\n```{attack}\n{attack}\n```\n"
    for line in lines(doc_rows(doc, 60, Palette())):
        assert all(char.isprintable() or char == "\u200d" for char in line), ascii(line)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200), st.integers(10, 100))
def test_any_text_is_drawn_within_its_width(doc: str, width: int) -> None:
    for row in doc_rows(doc, width, Palette()):
        assert "\x1b" not in "".join(text for text, _ in row.pieces)
        assert pieces_width(row.pieces) <= max(width, 24) + 40, "a word too long is cut by the list"


def test_no_docs_are_no_lines() -> None:
    assert doc_rows(None, 80, Palette()) == doc_rows(" \n ", 80, Palette()) == ()


def test_in_ascii_it_is_drawn_in_ascii() -> None:
    text = "\n".join(lines(doc_rows(DOC, 80, Palette(is_ascii=True))))
    assert text.isascii(), text
