"""A line of an attempt's log as it is drawn: time, level, text, each in its colour."""

from __future__ import annotations

from rich.style import Style

from tui_flow import times
from tui_flow.logs import Level, LogLine
from tui_flow.tui.palette import BAD, DIM, WARN
from tui_flow.tui.text import Piece, plain

STYLES: dict[Level, Style | None] = {
    Level.DEBUG: DIM,
    Level.INFO: None,
    Level.WARN: WARN,
    Level.ERROR: BAD,
    Level.CRIT: BAD,
}


def pieces_of(line: LogLine, is_utc: bool) -> tuple[Piece, ...]:
    """`02:39:58  ERROR  text`; a line that is not in our format is only its text."""
    style = STYLES[line.level]
    if line.at is None:
        return ((plain(line.text), style),)
    local = line.at.astimezone(times.zone(is_utc))
    return (f"{local:%H:%M:%S}  ", DIM), (f"{line.level:<5}  ", style), (plain(line.text), style)
