"""Signs of states: complete, one cell wide, told apart without colour."""

from __future__ import annotations

import io
from enum import StrEnum
from unicodedata import east_asian_width

import pytest

from tui_flow.signs import SIGNS, sign_of, wants_ascii, wants_colour
from tui_flow.state import AttemptState, RunState, TaskState


class Terminal(io.TextIOWrapper):
    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__(io.BytesIO(), encoding=encoding)

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("state", [*TaskState, *RunState, *AttemptState])
def test_every_state_has_a_sign_one_cell_wide(state: StrEnum) -> None:
    sign = sign_of(state)
    assert len(sign.glyph) == len(sign.ascii) == 1
    assert sign.ascii.isascii()
    assert east_asian_width(sign.glyph) not in "WF"


def test_task_states_are_told_apart_without_colour() -> None:
    waiting = {TaskState.UP_FOR_RESCHEDULE, TaskState.DEFERRED}  # both wait for something outside
    states = set(TaskState) - waiting | {TaskState.DEFERRED}
    assert len({SIGNS[state].glyph for state in states}) == len(states)
    assert len({SIGNS[state].ascii for state in states}) == len(states)


def test_colour_only_on_a_terminal_that_wants_it() -> None:
    assert wants_colour(Terminal(), {"TERM": "xterm"})
    assert not wants_colour(Terminal(), {"TERM": "xterm", "NO_COLOR": "1"})
    assert not wants_colour(Terminal(), {"TERM": "dumb"})
    assert not wants_colour(io.StringIO(), {"TERM": "xterm"})


@pytest.mark.parametrize(
    ("encoding", "environ", "expected"),
    [
        ("utf-8", {"TERM": "xterm", "LANG": "de_DE.UTF-8"}, False),
        ("ascii", {"TERM": "xterm"}, True),
        ("latin-1", {"TERM": "xterm"}, True),
        ("utf-8", {"TERM": "linux"}, True),
        ("utf-8", {"LANG": "ja_JP.UTF-8"}, True),
        ("utf-8", {"LANG": "ja_JP.UTF-8", "LC_ALL": "C.UTF-8"}, False),
    ],
)
def test_ascii_where_signs_would_be_unreadable(encoding: str, environ: dict[str, str], expected: bool) -> None:
    assert wants_ascii(Terminal(encoding), environ) is expected
