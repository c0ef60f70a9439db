"""How the dashboard looks on this terminal: its theme, its signs, whether it has colours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TextIO

from tui_flow.errors import BadInput, did_you_mean
from tui_flow.settings import UiSettings
from tui_flow.signs import wants_ascii
from tui_flow.tui.palette import Palette

_LIGHT = frozenset({"7", "15"})
"""Backgrounds that COLORFGBG tells of."""
_COLOURLESS = ("dumb", "vt100", "vt102", "vt220")


def theme_of(settings: UiSettings, environ: Mapping[str, str]) -> str:
    """Raises BadInput for a theme that there is none of."""
    if settings.theme == "auto":
        return "ansi-light" if environ.get("COLORFGBG", "").rpartition(";")[2] in _LIGHT else "ansi-dark"
    from textual.theme import BUILTIN_THEMES  # Textual, which the first frame does without

    if settings.theme not in BUILTIN_THEMES:
        known = ", ".join(sorted(BUILTIN_THEMES))
        raise BadInput(
            f"[ui] theme: there is no {settings.theme!r}{did_you_mean(settings.theme, BUILTIN_THEMES)}; known: {known}"
        )
    return settings.theme


def palette_of(settings: UiSettings, theme: str, stream: TextIO, environ: Mapping[str, str]) -> Palette:
    is_ascii = wants_ascii(stream, environ) if _choice(settings.ascii, "ascii", "auto") == "auto" else None
    return in_theme(Palette(settings.ascii == "on" if is_ascii is None else is_ascii), theme)


def in_theme(look: Palette, theme: str) -> Palette:
    """The same signs in the colours that go with a theme."""
    if theme.startswith("ansi-"):
        return replace(look, has_own_colours=False, is_light=theme == "ansi-light")
    from textual.theme import BUILTIN_THEMES  # Textual, which the first frame does without

    return replace(look, has_own_colours=True, is_light=not BUILTIN_THEMES[theme].dark)


def has_mouse(settings: UiSettings) -> bool:
    return _choice(settings.mouse, "mouse") == "on"


def has_colours(environ: Mapping[str, str]) -> bool:
    return not environ.get("NO_COLOR") and environ.get("TERM") not in _COLOURLESS


def _choice(value: str, name: str, *more: str) -> str:
    """Raises BadInput."""
    known = (*more, "on", "off")
    if value not in known:
        raise BadInput(f"[ui] {name}: {value!r} is none of {', '.join(known)}")
    return value
