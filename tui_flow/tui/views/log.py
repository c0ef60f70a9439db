"""Lines of a log as the log page draws them: columns that can be taken away, hits, wrapped or cut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rich.style import Style

from tui_flow import times
from tui_flow.logs import Join, Level, LogLine, Source, parse_line
from tui_flow.logs.escapes import without_escapes
from tui_flow.logs.lines import lead_of
from tui_flow.logs.search import Pattern
from tui_flow.tui.palette import DIM
from tui_flow.tui.text import Piece, plain, width_of
from tui_flow.tui.views.loglines import STYLES
from tui_flow.tui.views.sgr import pieces_of

HIT = Style(reverse=True)
LEAD_WIDTH = 6
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


def rows_drawn(text: str, look: Look, width: int, first: int) -> list[list[Piece]]:
    """The rows that a line of the file takes, from column `first` on where it is not wrapped."""
    line = parse_line(text)
    columns = _columns(line, look)
    indent = sum(len(column) for column, _ in columns) or 4
    return _rows_of([*columns, *_body(line, look)], width, first, look.wrap, indent)


def drawn(text: str, look: Look) -> list[Piece]:
    """One line of the file: its time, its level where that is news, its text."""
    line = parse_line(text)
    return [*_columns(line, look), *_body(line, look)]


def _body(line: LogLine, look: Look) -> list[Piece]:
    style = STYLES[line.level] if line.level is not Level.INFO else None
    if look.pattern is not None:
        return _with_hits(without_escapes(line.text), look.pattern, style)
    return [(shown, own + style if own and style else own or style) for shown, own in pieces_of(line.text)]


def _columns(line: LogLine, look: Look) -> list[Piece]:
    if line.at is None:
        return []
    pieces: list[Piece] = []
    if look.clock is not Clock.OFF:
        local = line.at.astimezone(times.zone(look.clock is Clock.UTC))
        pieces.append((f"{local:%H:%M:%S} " if line.join is Join.NEW else " " * 9, DIM))
    if line.join is Join.NEW:
        lead = lead_of(line)
        is_hit = look.pattern is not None and look.pattern.spans(lead)
        pieces += [(lead.ljust(LEAD_WIDTH), HIT if is_hit else STYLES[line.level] or DIM), (" ", None)]
        if line.source is Source.TUIFLOW:
            pieces.append(("· ", DIM))
    else:
        pieces.append((" " * (LEAD_WIDTH + 1), None))
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


def _rows_of(pieces: Sequence[Piece], width: int, first: int, wrap: bool, indent: int = 0) -> list[list[Piece]]:
    """The rows that a line takes: one, from column `first` on, or as many as it needs, later ones indented."""
    total = sum(width_of(text) for text, _ in pieces)
    if not wrap:
        if total - first <= width:
            return [_window(pieces, first, width)]
        return [[*_window(pieces, first, width - 1), ("…", DIM)]]
    if total <= width:
        return [list(pieces)]
    room = width - (indent if indent <= width // 2 else min(4, width // 4))
    rows: list[list[Piece]] = []
    for start, end in _spans("".join(_cells(text) for text, _ in pieces), width, room):
        row = _window(pieces, start, end - start)
        rows.append([(" " * (width - room), None), *row] if rows and room < width else row)
    return rows


def _cells(text: str) -> str:
    """A sign for each cell: of wide ones the second cannot begin a row."""
    if text.isascii():
        return text
    return "".join(char if width_of(char) == 1 else "x+"[: width_of(char)] for char in text)


def _spans(cells: str, width: int, room: int) -> Iterator[tuple[int, int]]:
    """Where rows begin and end, the first of them `width` wide and later ones `room`: between words, where there is a
    space in the second half of a row."""
    at, end = 0, width
    while end < len(cells):
        space = cells.rfind(" ", (at + end) // 2, end + 1)
        if space < 0 and cells[end] == "+" and end - at > 1:
            end -= 1
        yield at, space if space >= 0 else end
        at = space + 1 if space >= 0 else end
        end = at + max(room, 1)
    if at < len(cells) or not cells:
        yield at, len(cells)


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
