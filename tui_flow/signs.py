"""The sign and colour of every state: readable without colour, one cell wide, with an ASCII twin."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple, TextIO

from tui_flow.state import AttemptState, RunState, TaskState


class Sign(NamedTuple):
    glyph: str
    ascii: str
    sgr: str
    """Parameters of the terminal's colour sequence; the terminal's own palette."""


_SUCCESS = Sign("✓", "+", "32")
_FAILED = Sign("✗", "X", "1;31")
_RUNNING = Sign("»", ">", "1;36")
_QUEUED = Sign("◌", "q", "33")
_NONE = Sign("·", ".", "2")
_STOPPED = Sign("⊠", "k", "31")
_WAITING = Sign("~", "~", "34")

# Not ● ○ ■ ◆ (two cells in CJK locales) and not ✔ ⚠ ▶ (emoji).
SIGNS: dict[StrEnum, Sign] = {
    TaskState.NONE: _NONE,
    TaskState.SCHEDULED: Sign("◦", "o", "2"),
    TaskState.QUEUED: _QUEUED,
    TaskState.RUNNING: _RUNNING,
    TaskState.SUCCESS: _SUCCESS,
    TaskState.FAILED: _FAILED,
    TaskState.SKIPPED: Sign("⊘", "s", "35"),
    TaskState.UPSTREAM_FAILED: Sign("⊗", "u", "31"),
    TaskState.UP_FOR_RETRY: Sign("↻", "r", "1;33"),
    TaskState.UP_FOR_RESCHEDULE: _WAITING,
    TaskState.DEFERRED: _WAITING,
    TaskState.AWAITING_INPUT: Sign("?", "?", "1;33"),
    TaskState.RESTARTING: Sign("⟳", "R", "33"),
    TaskState.REMOVED: Sign("-", "-", "2"),
    RunState.QUEUED: _QUEUED,
    RunState.RUNNING: _RUNNING,
    RunState.SUCCESS: _SUCCESS,
    RunState.FAILED: _FAILED,
    AttemptState.LAUNCHING: _QUEUED,
    AttemptState.RUNNING: _RUNNING,
    AttemptState.SUCCESS: _SUCCESS,
    AttemptState.FAILED: _FAILED,
    AttemptState.SKIPPED: Sign("⊘", "s", "35"),
    AttemptState.RESCHEDULED: _WAITING,
    AttemptState.DEFERRED: _WAITING,
    AttemptState.KILLED: _STOPPED,
    AttemptState.LOST: Sign("!", "!", "1;31"),
    AttemptState.VOID: _NONE,
}


def sign_of(state: StrEnum) -> Sign:
    # By value: states of different kinds that share a word share their sign.
    return SIGNS[state]


_TELLING = (
    TaskState.FAILED,
    TaskState.AWAITING_INPUT,
    TaskState.RUNNING,
    TaskState.RESTARTING,
    TaskState.UP_FOR_RETRY,
    TaskState.UPSTREAM_FAILED,
    TaskState.QUEUED,
    TaskState.UP_FOR_RESCHEDULE,
    TaskState.DEFERRED,
    TaskState.SCHEDULED,
    TaskState.NONE,
    TaskState.SUCCESS,
    TaskState.SKIPPED,
    TaskState.REMOVED,
)
"""Of several task instances, the state that says most about all of them comes first."""


def gathered(counts: Mapping[TaskState, int]) -> TaskState | None:
    """One state for several task instances; None for none at all."""
    return next((state for state in _TELLING if counts.get(state)), None)


def wants_colour(stream: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    return stream.isatty() and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"


def wants_ascii(stream: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether signs beyond ASCII would be unreadable, or two cells wide, on this stream."""
    encoding = (stream.encoding or "ascii").lower().replace("-", "")
    locale = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or ""
    return "utf8" not in encoding or environ.get("TERM") in ("linux", "dumb") or locale[:2] in ("zh", "ja", "ko")


def paint(text: str, sgr: str, stream: TextIO | None = None) -> str:
    """The text in a colour where the stream shows colours."""
    return f"\x1b[{sgr}m{text}\x1b[0m" if wants_colour(stream or sys.stdout) else text


def labelled(state: StrEnum, stream: TextIO | None = None) -> str:
    """A state for people: sign and word in its colour on a terminal, the bare word elsewhere."""
    stream = stream or sys.stdout
    if not stream.isatty():
        return state.value
    sign = sign_of(state)
    return paint(f"{sign.ascii if wants_ascii(stream) else sign.glyph} {state.value}", sign.sgr, stream)
