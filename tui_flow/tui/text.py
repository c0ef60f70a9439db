"""Pieces of a drawn line: text with a style, cut and filled by cells. All text from outside enters through `plain`."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, chop_cells
from rich.segment import Segment
from rich.style import Style

from tui_flow.logs import safe

Piece = tuple[str, Style | None]
"""Harmless text and its style over the line's own."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list."""

    key: Hashable
    pieces: tuple[Piece, ...]
    can_select: bool = True
    """False: a heading, which the cursor passes over."""


def plain(text: object) -> str:
    """`text` on one line, with nothing in it that could steer a terminal or be taken for markup."""
    return safe(str(text)).replace("\n", "␊").replace("\t", " ")


def width_of(text: str) -> int:
    """Cells that the text takes."""
    return len(text) if text.isascii() else cell_len(text)


def cut(text: str, width: int) -> str:
    """At most `width` cells; an ellipsis says that something is missing."""
    if width_of(text) <= width:
        return text
    if width < 1:
        return ""
    if text.isascii():
        return text[: width - 1] + "…"
    return chop_cells(text, width - 1)[0] + "…" if width > 1 else "…"


def chopped(text: str, width: int) -> list[str]:
    """The text in parts of at most `width` cells."""
    return chop_cells(text, max(width, 1))


def fit(text: str, width: int, align: str = "left") -> str:
    """Exactly `width` cells."""
    text = cut(text, width)
    padding = " " * (width - width_of(text))
    return padding + text if align == "right" else text + padding


def segments_of(pieces: Iterable[Piece], base: Style) -> list[Segment]:
    """Ready to be drawn; neighbours of one style become one segment, which saves bytes on the line."""
    segments: list[Segment] = []
    texts: list[str] = []
    current: Style | None = None
    for text, style in pieces:
        if not text:
            continue
        if style is not current and texts:
            segments.append(Segment("".join(texts), base + current if current else base))
            texts = []
        current = style
        texts.append(text)
    if texts:
        segments.append(Segment("".join(texts), base + current if current else base))
    return segments


def pieces_width(pieces: Sequence[Piece]) -> int:
    return sum(width_of(text) for text, _ in pieces)


def fit_pieces(pieces: Sequence[Piece], width: int) -> list[Piece]:
    """The pieces in exactly `width` cells."""
    out: list[Piece] = []
    for text, style in pieces:
        room = width
        text = cut(text, room)
        width -= width_of(text)
        out.append((text, style))
        if width <= 0:
            return out
    return [*out, (" " * width, None)]


def columns(parts: Sequence[tuple[str, Style | None, int]], gap: int = 1) -> tuple[Piece, ...]:
    """(text, style, width) side by side; a negative width aligns to the right."""
    out: list[Piece] = []
    for text, style, width in parts:
        out.append((fit(text, abs(width), "right" if width < 0 else "left"), style))
        out.append((" " * gap, None))
    return tuple(out)
