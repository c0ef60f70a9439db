"""Lines of a log as the log page draws them: columns that can be taken away, hits, wrapped or cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from rich.style import Style

from tui_flow import times
from tui_flow.logs import Join, Level, LogLine, Source, parse_line
from tui_flow.logs.escapes import without_escapes
from tui_flow.logs.search import Pattern
from tui_flow.tui.palette import DIM
from tui_flow.tui.text import Piece, plain, width_of
from tui_flow.tui.views.loglines import STYLES
from tui_flow.tui.views.sgr import pieces_of

HIT = Style(reverse=True)
LEVELS = (Level.DEBUG, Level.INFO, Level.WARN, Level.ERROR)
"""From which level on lines are shown."""


class Clock(StrEnum):
    """How the time of a line is shown."""

    LOCAL = "local"
    UTC = "UTC"
    OFF = "no time"


@dataclass(frozen=True, slots=True)
class Look:
    """What of a line is shown."""

    clock: Clock = Clock.LOCAL
    wrap: bool = False
    pattern: Pattern | None = None


def drawn(text: str, look: Look) -> list[Piece]:
    """One line of the file: its time, its level where that is news, its text."""
    line = parse_line(text)
    style = STYLES[line.level] if line.level is not Level.INFO else None
    body = [(shown, own + style if own and style else own or style) for shown, own in pieces_of(line.text)]
    if look.pattern is not None:
        body = _with_hits(without_escapes(line.text), look.pattern, style)
    return [*_columns(line, look), *body]


def _columns(line: LogLine, look: Look) -> list[Piece]:
    if line.at is None:
        return []
    pieces: list[Piece] = []
    if look.clock is not Clock.OFF:
        local = line.at.astimezone(times.zone(look.clock is Clock.UTC))
        pieces.append((f"{local:%H:%M:%S} " if line.join is Join.NEW else " " * 9, DIM))
    if line.join is Join.NEW:
        is_hit = look.pattern is not None and look.pattern.spans(line.level)
        pieces += [(f"{line.level:<5}", HIT if is_hit else STYLES[line.level] or DIM), (" ", None)]
        if line.source is Source.TUIFLOW:
            pieces.append(("· ", DIM))
    else:
        pieces.append((" " * 6, None))
    return pieces


def _with_hits(text: str, pattern: Pattern, style: Style | None) -> list[Piece]:
    pieces: list[Piece] = []
    at = 0
    for start, end in pattern.spans(text):
        pieces += [(plain(text[at:start]), style), (plain(text[start:end]), HIT)]
        at = end
    return [*pieces, (plain(text[at:]), style)]


def text_of(text: str) -> str:
    """What of a line is worth copying: without time, level and escape sequences."""
    return without_escapes(parse_line(text).text)


def rows_of(pieces: Sequence[Piece], width: int, first: int, wrap: bool) -> list[list[Piece]]:
    """The rows that a line takes: one, from column `first` on, or as many as it needs."""
    if not wrap:
        return [_window(pieces, first, width)]
    total = sum(width_of(text) for text, _ in pieces)
    indent = 0
    rows: list[list[Piece]] = []
    at = 0
    while at < total or not rows:
        row = _window(pieces, at, width - indent)
        rows.append([(" " * indent, None), *row] if indent else row)
        at += max(width - indent, 1)
        indent = min(4, width // 4)
    return rows


def _window(pieces: Sequence[Piece], first: int, width: int) -> list[Piece]:
    """The cells from `first` to before `first + width`."""
    out: list[Piece] = []
    at, end = 0, first + width
    for text, style in pieces:
        if text.isascii():
            out.append((text[max(first - at, 0) : max(end - at, 0)], style))
            at += len(text)
        else:
            kept = []
            for char in text:
                cells = width_of(char)
                if first <= at and at + cells <= end:
                    kept.append(char)
                at += cells
            out.append(("".join(kept), style))
        if at >= end:
            break
    return [(text, style) for text, style in out if text]
