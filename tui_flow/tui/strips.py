"""Pieces of a line as Textual draws them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style
from textual.strip import Strip

from tui_flow.tui.text import Piece, fit_pieces, segments_of


def strip_of(pieces: Sequence[Piece], width: int, base: Style) -> Strip:
    """The pieces cut or filled to exactly `width` cells, their styles over `base`."""
    return Strip(segments_of(fit_pieces(pieces, width), base), width)
