"""The dashboard's looks from settings and environment, and its keys."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from tui_flow.errors import BadInput
from tui_flow.settings import Home, UiSettings, load_keys, load_settings
from tui_flow.state import TaskState
from tui_flow.tui.filters import ColourlessFilter
from tui_flow.tui.keys import check_keymap
from tui_flow.tui.looks import has_colours, has_mouse, palette_of, theme_of


class HomeOfText(Home):
    def __init__(self, text: str) -> None:
        object.__setattr__(self, "root", Path("/nonexistent/home"))
        self.fd = os.memfd_create("settings", os.MFD_CLOEXEC)
        os.write(self.fd, text.encode())

    @property
    def settings_file(self) -> Path:
        return Path(f"/proc/self/fd/{self.fd}")

    __setattr__ = object.__setattr__


@pytest.mark.parametrize(
    ("theme", "colorfgbg", "found"),
    [
        ("auto", "", "ansi-dark"),
        ("auto", "15;0", "ansi-dark"),
        ("auto", "0;15", "ansi-light"),
        ("auto", "0;default;7", "ansi-light"),
        ("nord", "0;15", "nord"),
    ],
)
def test_themes(theme: str, colorfgbg: str, found: str) -> None:
    assert theme_of(UiSettings(theme=theme), {"COLORFGBG": colorfgbg}) == found


def test_an_unknown_theme_is_told_with_what_there_is() -> None:
    with pytest.raises(BadInput, match="did you mean 'nord'.*ansi-dark"):
        theme_of(UiSettings(theme="nrod"), {})


def luminance(hexadecimal: str) -> float:
    """As WCAG defines it."""
    parts = [int(hexadecimal[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", ["textual-light", "solarized-light", "textual-dark", "nord"])
@pytest.mark.parametrize("state", list(TaskState))
def test_each_sign_is_seen_on_the_background_of_its_theme(theme: str, state: TaskState) -> None:
    colour = palette_of(UiSettings(), theme, io.StringIO(), {}).style(state).color
    background = BUILTIN_THEMES[theme].background or "#121212"
    if colour is not None:
        one, other = sorted((luminance(colour.name), luminance(background)))
        assert (other + 0.05) / (one + 0.05) >= 3, colour.name


def test_no_state_is_yellow_on_a_light_background() -> None:
    styles = [palette_of(UiSettings(), "ansi-light", io.StringIO(), {}).style(state) for state in TaskState]
    assert not [style for style in styles if style.color is not None and style.color.name == "yellow"]
    assert str(palette_of(UiSettings(), "ansi-dark", io.StringIO(), {}).style(TaskState.QUEUED)) == "yellow"


def test_themes_with_colours_of_their_own_use_those_that_most_people_can_tell_apart() -> None:
    out = io.StringIO()
    assert str(palette_of(UiSettings(), "nord", out, {}).style(TaskState.FAILED)) == "bold #d55e00"
    assert str(palette_of(UiSettings(), "ansi-dark", out, {}).style(TaskState.FAILED)) == "bold red"


@pytest.mark.parametrize(
    ("choice", "term", "found"), [("on", "", True), ("off", "linux", False), ("auto", "dumb", True)]
)
def test_ascii(choice: str, term: str, found: bool) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    assert palette_of(UiSettings(ascii=choice), "nord", out, {"TERM": term}).is_ascii is found


def test_choices_that_there_are_not() -> None:
    with pytest.raises(BadInput, match=r"\[ui\] mouse: 'yes' is none of on, off"):
        has_mouse(UiSettings(mouse="yes"))


@pytest.mark.parametrize("environ", [{"NO_COLOR": "1", "TERM": "xterm"}, {"TERM": "dumb"}, {"TERM": "vt100"}])
def test_no_colours(environ: dict[str, str]) -> None:
    assert not has_colours(environ) and has_colours({"TERM": "xterm"})


def test_without_colours_no_colour_code_is_left() -> None:
    style = Style(color="red", bgcolor="#010203", bold=True, reverse=True)
    (segment,) = ColourlessFilter().apply([Segment("x", style)], Color(0, 0, 0))
    assert segment == Segment("x", Style(bold=True, reverse=True))


def test_keys_of_the_settings() -> None:
    home = HomeOfText("[keys]\ntrigger = 'T'\n[core]\nparallelism = 3\n")
    assert load_keys(home) == {"trigger": "T"} and load_settings(home, {}).core.parallelism == 3


@pytest.mark.parametrize("text", ["keys = 1\n", "[keys]\ntrigger = 5\n", "[keys]\ntrigger = ''\n"])
def test_keys_that_are_none(text: str) -> None:
    with pytest.raises(BadInput, match=r"\[keys\]"):
        load_keys(HomeOfText(text))


def test_a_key_for_two_actions_is_told_in_one_line() -> None:
    check_keymap({})
    with pytest.raises(BadInput, match="'c' is given to both clear and trigger|'c' is given to both trigger and clear"):
        check_keymap({"trigger": "c"})
    with pytest.raises(BadInput, match="did you mean 'trigger'"):
        check_keymap({"triger": "c"})
    with pytest.raises(BadInput, match="'question_mark'|'\\?' is given to both"):
        check_keymap({"trigger": "?"})


@pytest.mark.parametrize("name", ["hyperx", "ctrl+shift+pgdown", "f99", ",", "t,,T", "cntrl+t"])
def test_what_is_no_key_is_told(name: str) -> None:
    with pytest.raises(BadInput, match=r"\[keys\] trigger: .* is no key; such are"):
        check_keymap({"trigger": name})


@pytest.mark.parametrize("name", ["T", "ctrl+t", "f5", "alt+x", "shift+up", "T, ctrl+t", "plus", "é", "ctrl+pagedown"])
def test_what_is_a_key_can_be_given(name: str) -> None:
    check_keymap({"trigger": name, "zone": "Z", "more": "Y"})
