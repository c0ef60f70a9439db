"""The first rows of the first page, on the terminal before Textual is imported: half a second that nobody waits.

Drawn by the same functions as the page, in the same places; the dashboard writes over it.
"""

from __future__ import annotations

import contextlib
import os
import termios
import tty
from collections.abc import Iterable
from typing import Any

from tui_flow import times
from tui_flow.errors import TuiflowError
from tui_flow.logs.safe import safe
from tui_flow.settings import Home
from tui_flow.store.lock import read_holder
from tui_flow.store.reader import Reader
from tui_flow.tui.dags_model import load_dags
from tui_flow.tui.palette import BOLD, DIM, Palette
from tui_flow.tui.places import HOME, read_memory, state_file
from tui_flow.tui.sizes import LOW, SMALL, TINY
from tui_flow.tui.text import Piece, fit_pieces
from tui_flow.tui.views.dags import SORTS, heading, ordered, row_of

ENTER, LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?1049l\x1b[?25h"
SHORT = 30
"""Of a page below so many lines, less of its lower part is shown."""


class FirstFrame:
    """Whether it stands: then the terminal is in the state that the dashboard's driver would bring it into, and keeps
    the keys that are typed meanwhile as they are."""

    stands = False
    _before: list[Any] | None = None
    """How the terminal was set."""

    def draw(self, home: Home, look: Palette, has_colours: bool, title: str, fd: int) -> None:
        """Nothing where the dashboard opens at another page, or where there is nothing to show yet."""
        try:
            width, height = os.get_terminal_size(fd)
            lines = frame_lines(home, look, title, width, height)
            if lines:
                text = "\r\n".join(_drawn(line, width, has_colours) for line in lines)
                self.stands = True
                self._quieten(fd)
                os.write(fd, f"{ENTER}\x1b[1;1H{text}".encode())
        except (TuiflowError, OSError, ValueError):
            return  # the dashboard says it better

    def _quieten(self, fd: int) -> None:
        """No echo, no lines, return as it is; ctrl+c still ends the start."""
        with contextlib.suppress(termios.error):
            self._before = termios.tcgetattr(fd)
            quiet = termios.tcgetattr(fd)
            quiet[tty.IFLAG] &= ~(termios.ICRNL | termios.IXON | termios.INLCR | termios.IGNCR)
            quiet[tty.LFLAG] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN)
            termios.tcsetattr(fd, termios.TCSANOW, quiet)

    def hand_over(self, fd: int) -> bool:
        """The driver sets the terminal from here on, and will set it back to how it was; whether the frame stands."""
        if self._before is not None:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(fd, termios.TCSANOW, self._before)
            self._before = None
        stood, self.stands = self.stands, False
        return stood

    def take_away(self, fd: int) -> None:
        """The dashboard does not come: give the terminal back."""
        if self.hand_over(fd):
            os.write(fd, LEAVE.encode())


FRAME = FirstFrame()


def frame_lines(home: Home, look: Palette, title: str, width: int, height: int) -> list[list[Piece]]:
    """The screen down to the last row of the list."""
    memory = read_memory(state_file(home.root))
    is_tiny = width < TINY[0] or height < TINY[1]
    if memory.places[-1].page != HOME.page or not home.database.exists() or is_tiny:
        return []
    above = 3 if read_holder(home) is None and height >= LOW else 2 if height >= SMALL[1] else 1
    page = height - above - 1
    is_small = width < SMALL[0] or height < SMALL[1]
    room = page - 1 if is_small else page - 2 - (14 if page >= SHORT else 6)
    choices = memory.choices.get("dags", {})
    if choices.get("filter"):
        return []
    sort = choices.get("sort", SORTS[0])
    with Reader(home.database) as reader:
        model = load_dags(reader, home, (), None, sort if sort in SORTS else SORTS[0], max(room, 1))
    if not model.dags:
        return []
    at, keys = times.now(), ordered(model, sort if sort in SORTS else SORTS[0])
    rows = [row_of(model, key, look, at, False, width - 1) for key in keys[: max(room, 1)]]
    top: list[list[Piece]] = [[(f" {title}  DAGs", BOLD)], *([] for _ in range(above - 1))]
    head = "".join(text for text, _ in heading(width - 1))
    return [*top, [(head, DIM)], *([(" ", None), *row.pieces] for row in rows)]


def _drawn(pieces: Iterable[Piece], width: int, has_colours: bool) -> str:
    out = []
    for text, style in fit_pieces(list(pieces), width):
        harmless = safe(text)
        out.append(style.render(harmless) if style is not None and has_colours else harmless)
    return "".join(out).rstrip()
