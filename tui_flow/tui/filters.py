"""The last line of defence: whatever a page lets through, no control character reaches the terminal as text."""

from __future__ import annotations

import re

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


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
