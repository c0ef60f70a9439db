"""What happens to each line just before it is written: no control character, and only what the terminal can show."""

from __future__ import annotations

import re
import sys

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from tui_flow.tui.palette import Palette, to_ascii

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def line_filters(look: Palette, has_colours: bool) -> list[LineFilter]:
    """What this terminal needs."""
    filters: list[LineFilter] = [ControlFilter()]
    if not has_colours:
        filters.append(ColourlessFilter())
    if look.is_ascii:
        written_to = sys.__stderr__  # where Textual's driver writes
        filters.append(AsciiFilter(has_utf8=written_to is not None and "utf" in written_to.encoding.lower()))
    return filters


class ControlFilter(LineFilter):
    """Replaces control characters and direction marks in what is about to be drawn by pictures, one cell each."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        if not any(_CONTROL.search(segment.text) for segment in segments):
            return segments
        return [
            segment if segment.control else Segment(_CONTROL.sub(_picture, segment.text), segment.style)
            for segment in segments
        ]


class ColourlessFilter(LineFilter):
    """Bold, dim and reverse stay; not one colour code is written."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            Segment(segment.text, segment.style.without_color if segment.style else None, segment.control)
            for segment in segments
        ]


def _picture(match: re.Match[str]) -> str:
    code = ord(match.group())
    return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else "\ufffd"


class AsciiFilter(LineFilter):
    """Draws our own signs and lines in ASCII; text from elsewhere stays where the terminal takes UTF-8."""

    def __init__(self, has_utf8: bool) -> None:
        super().__init__()
        self._has_utf8 = has_utf8

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [segment if segment.text.isascii() else self._in_ascii(segment) for segment in segments]

    def _in_ascii(self, segment: Segment) -> Segment:
        text = to_ascii(segment.text)
        if not self._has_utf8:
            text = "".join(sign if sign.isascii() else "?" * cell_len(sign) for sign in text)
        return Segment(text, segment.style, segment.control)
