"""A few lines of our own words and commands in a sheet, wrapped at its width: nothing of them is cut away."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from tui_flow.tui.strips import strip_of
from tui_flow.tui.text import Piece, chopped, width_of

INDENT = 3
MOST_LINES = 4


class Wrapped(Widget):
    """As high as what it says needs."""

    DEFAULT_CSS = "Wrapped { height: auto; width: 1fr; }"

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._pieces: Sequence[Piece] = ()

    def say(self, pieces: Sequence[Piece]) -> None:
        """Text begins at the indent of a sheet; it has no indent of its own."""
        if tuple(pieces) != tuple(self._pieces):
            width = self.size.width
            before = self._height(width)
            self._pieces = tuple(pieces)
            self.refresh(layout=not width or self._height(width) != before)  # which lays out the whole screen

    def _height(self, width: int) -> int:
        return max(len(wrapped(self._pieces, width)), 1)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return self._height(width)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        lines = wrapped(self._pieces, width)
        return strip_of(lines[y] if y < len(lines) else [], width, self.rich_style)


def wrapped(pieces: Sequence[Piece], width: int, most: int = MOST_LINES) -> list[list[Piece]]:
    """Lines of at most `width` cells, broken between words where words fit; the last says if there is more."""
    room = max(width - INDENT - 1, 1)  # one for the ellipsis
    lines: list[list[Piece]] = []
    used = 0
    for word in _words(pieces, room):
        if not used and not word[0][0].strip():
            continue
        needed = sum(width_of(text) for text, _ in word)
        if not lines or used + needed - (word[-1][0].endswith(" ")) > room:
            lines.append([(" " * INDENT, None)])
            used = 0
        lines[-1] += word
        used += needed
    return lines if len(lines) <= most else [*lines[: most - 1], [*lines[most - 1], ("…" + " " * width, None)]]


def _words(pieces: Sequence[Piece], room: int) -> Iterator[list[Piece]]:
    """What is not broken: up to a blank, in one style or several; of a word that is too long its parts. A blank that
    is not to be broken at is written as any other."""
    word: list[Piece] = []
    for text, style in pieces:
        for token in re.findall("[^ ]+ ?| ", text):
            if width_of(token.rstrip()) > room:
                yield from ([(part, style)] for part in chopped(token, room))
                continue
            word.append((token.replace("\N{NO-BREAK SPACE}", " "), style))
            if token.endswith(" "):
                yield word
                word = []
    if word:
        yield word
