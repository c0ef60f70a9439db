"""Signs and styles: of every state, and of the roles that text plays on a page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from rich.style import Style

from tui_flow.signs import SIGNS, Sign

_NAMES = {"31": "red", "32": "green", "33": "yellow", "34": "blue", "35": "magenta", "36": "cyan"}
_OKABE_ITO = {
    "green": "#009E73",
    "red": "#D55E00",
    "cyan": "#56B4E9",
    "yellow": "#F0E442",
    "magenta": "#CC79A7",
    "blue": "#2E8BC8",
}
"""For themes with colours of their own: told apart by most colour-blind people. The blue is lighter than theirs."""
_DARKER = {
    "green": "#00724F",
    "red": "#B33F00",
    "cyan": "#0B6FA4",
    "yellow": "#7A6200",
    "magenta": "#9A3F73",
    "blue": "#004E80",
}
"""The same hues for a light background, each with a contrast of 4.5 or more."""


@dataclass(frozen=True, slots=True)
class Palette:
    """How things look on this terminal."""

    is_ascii: bool = False
    has_own_colours: bool = False
    """False: the terminal's sixteen."""
    is_light: bool = False
    """Whether the background is."""

    def glyph(self, state: StrEnum) -> str:
        return self.sign_text(SIGNS[state])

    def sign_text(self, sign: Sign) -> str:
        return sign.ascii if self.is_ascii else sign.glyph

    def style(self, state: StrEnum) -> Style:
        return _style(SIGNS[state].sgr, self.has_own_colours, self.is_light)

    def line(self, text: str) -> str:
        """Lines and bars of a drawing in what this terminal can show."""
        return to_ascii(text) if self.is_ascii else text


def to_ascii(text: str) -> str:
    """Our own signs in ASCII, as wide as before; other text as it is."""
    return text.translate(_TO_ASCII)


@cache
def _style(sgr: str, own: bool, light: bool) -> Style:
    """One object per look, so that neighbours are known to be alike."""
    codes = sgr.split(";")
    name = next((_NAMES[code] for code in codes if code in _NAMES), None)
    if name and own:
        name = (_DARKER if light else _OKABE_ITO)[name]
    elif name == "yellow" and light:
        name = None  # of the sixteen the one that is hardly seen on white
    return Style(color=name, bold="1" in codes or None, dim="2" in codes or None)


@cache
def uncoloured(style: Style | None) -> Style | None:
    """Where the colours are reversed: a coloured or dim background would hide bars and lanes, and look like a gap."""
    return style.without_color + _NOT_DIM if style else None


_NOT_DIM = Style(dim=False)


DIM = Style(dim=True)
BOLD = Style(bold=True)
REVERSE = Style(reverse=True)
TITLE = Style(bold=True)
WARN = Style(color="yellow", bold=True)
BAD = Style(color="red", bold=True)
GOOD = Style(color="green")
UPSTREAM = Style(color="blue", bold=True)
DOWNSTREAM = Style(color="yellow", bold=True)

_TO_ASCII = str.maketrans(
    {
        **dict.fromkeys("─━", "-"),
        **dict.fromkeys("│┃‖", "|"),
        **dict.fromkeys("╭╮╰╯├┤┬┴┼", "+"),
        **dict.fromkeys("▸›»", ">"),
        **dict.fromkeys("◂‹«", "<"),
        **dict(zip("▁▂▃▄▅▆▇█", "._-=+*%#", strict=True)),
        **dict(zip("▓▒░", "#=.", strict=True)),
        "·": ".",
        "…": "~",
        "⋯": "~",
        "—": "-",
        "→": ">",
        "⇠": "<",
        "↓": "v",
        "↑": "^",
        "•": "*",
        "✓": "+",
        "✗": "X",
        "×": "x",
        "±": "~",
    }
)
