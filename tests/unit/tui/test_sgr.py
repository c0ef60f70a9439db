"""Colours that a task wrote are kept; everything else that an escape sequence could do is gone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_flow.tui.views.sgr import pieces_of


def test_colours_are_kept() -> None:
    (before, style), (shown, red), (after, none) = pieces_of("a \x1b[1;31mb\x1b[0m c")
    assert (before, shown, after) == ("a ", "b", " c")
    assert style is None and none is None
    assert red is not None and red.bold and red.color is not None and red.color.name == "red"


def test_256_and_true_colours() -> None:
    pieces = pieces_of("\x1b[38;5;196mx\x1b[48;2;1;2;3my")
    assert [str(style.color and style.color.name) for _, style in pieces if style] == ["color(196)", "color(196)"]
    assert pieces[1][1] is not None and pieces[1][1].bgcolor is not None


@pytest.mark.parametrize(
    "text",
    [
        "\x1b]52;c;aGk=\x07",
        "\x1b]8;;http://x\x1b\\",
        "\x1bc",
        "\x1b[2J",
        "\x1bP1;2q\x1b\\",
        "\x1b[?1049h",
        "\x1b(0",
        "\x1b_G\x1b\\",
    ],
)
def test_nothing_else_survives(text: str) -> None:
    assert "".join(shown for shown, _ in pieces_of(f"a{text}b")) == "ab"


@given(st.text())
def test_no_text_becomes_a_control_character(text: str) -> None:
    shown = "".join(piece for piece, _ in pieces_of(text))
    assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 for char in shown)


@given(st.text(alphabet="\x1b[]m;0123456789:PX^_\\\x07ab", max_size=60))
def test_torn_sequences_are_no_trouble(text: str) -> None:
    assert not any(ord(char) < 32 for shown, _ in pieces_of(text) for char in shown)
