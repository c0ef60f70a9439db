"""Colours inside what a task wrote: of all escape sequences only those that set a style mean something here."""

from __future__ import annotations

import re

from rich.style import Style

from tui_flow.logs.escapes import ESCAPE
from tui_flow.tui.text import Piece, plain

_COLOURS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")


def pieces_of(text: str) -> list[Piece]:
    """The text without its escape sequences, styled as they say."""
    if "\x1b" not in text:
        return [(plain(text), None)]
    pieces: list[Piece] = []
    style, at = Style(), 0
    for match in ESCAPE.finditer(text):
        pieces.append((plain(text[at : match.start()]), style or None))
        if match[1] is not None:
            style = _changed(style, match[1])
        at = match.end()
    pieces.append((plain(text[at:]), style or None))
    return [(shown, look) for shown, look in pieces if shown]


def _changed(style: Style, codes: str) -> Style:
    numbers = [int(code) if code else 0 for code in re.split("[;:]", codes)]
    while numbers:
        number = numbers.pop(0)
        if number in (38, 48):
            style += _extended(numbers, is_background=number == 48)
        else:
            style = Style() if number == 0 else style + _simple(number)
    return style


def _simple(number: int) -> Style:
    match number:
        case 1:
            return Style(bold=True)
        case 2:
            return Style(dim=True)
        case 3:
            return Style(italic=True)
        case 4:
            return Style(underline=True)
        case 7:
            return Style(reverse=True)
        case 22:
            return Style(bold=False, dim=False)
        case 39:
            return Style(color="default")
        case 49:
            return Style(bgcolor="default")
        case _ if 30 <= number <= 37:
            return Style(color=_COLOURS[number - 30])
        case _ if 40 <= number <= 47:
            return Style(bgcolor=_COLOURS[number - 40])
        case _ if 90 <= number <= 97:
            return Style(color=f"bright_{_COLOURS[number - 90]}")
        case _ if 100 <= number <= 107:
            return Style(bgcolor=f"bright_{_COLOURS[number - 100]}")
        case _:
            return Style()


def _extended(numbers: list[int], is_background: bool) -> Style:
    """`38;5;n` and `38;2;r;g;b`; takes its numbers from the list."""
    kind = numbers.pop(0) if numbers else 0
    count = {5: 1, 2: 3}.get(kind, 0)
    values, numbers[:] = numbers[:count], numbers[count:]
    if len(values) < count or not count or max(values) > 255:
        return Style()
    colour = f"color({values[0]})" if kind == 5 else f"rgb({values[0]},{values[1]},{values[2]})"
    return Style(bgcolor=colour) if is_background else Style(color=colour)
