"""The keys of a page side by side on one screen, those that somebody looks for with their sentences, and the signs.
Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tui_flow.state import TaskState
from tui_flow.tui.keys import Action, by_section, shown_key
from tui_flow.tui.palette import BOLD, DIM, Palette
from tui_flow.tui.text import Piece, Row, fit, width_of

KEY_WIDTH = 8
COLUMN = 26
"""Cells of a column at least."""
MOST_COLUMNS = 4
Cell = tuple[Piece, ...]


def help_rows(action_ids: Sequence[str], keymap: Mapping[str, str], sought: str, width: int) -> list[Row]:
    """All keys in columns, section by section; where something is sought, those that have it, one to a line."""
    sections = by_section(action_ids)
    words = sought.lower().split()
    if not words:
        return _columns([(title, _cells(actions, keymap)) for title, actions in sections.items()], width)
    found = [action for actions in sections.values() for action in actions]
    return [
        Row(action.id, _sentence(action, keymap))
        for action in found
        if all(word in _told(action, keymap).lower() for word in words) or sought == shown_key(action, keymap)
    ]


def _told(action: Action, keymap: Mapping[str, str]) -> str:
    return f"{action.id} {action.text} {action.help}"


def _sentence(action: Action, keymap: Mapping[str, str]) -> Cell:
    return (
        (" " + fit(shown_key(action, keymap), KEY_WIDTH + 2), BOLD),
        (fit(action.text, 16) + " ", None),
        (action.help, DIM),
    )


def _cells(actions: Sequence[Action], keymap: Mapping[str, str]) -> list[tuple[str, Action]]:
    return [(in_column(shown_key(action, keymap)), action) for action in actions]


def in_column(key: str) -> str:
    """`S-right`: there is no room for more in a column of keys."""
    return key.replace("shift+", "S-")


def _columns(sections: Sequence[tuple[str, Sequence[tuple[str, Action]]]], width: int) -> list[Row]:
    """Filled from top to bottom, then from left to right; a heading never stands last in a column."""
    count = max(min(width // COLUMN, MOST_COLUMNS), 1)
    room = width // count
    cells: list[Cell] = []
    heads: set[int] = set()
    for title, entries in sections:
        heads.add(len(cells))
        cells.append(((fit(f" {title}", KEY_WIDTH), BOLD), (" " * (room - KEY_WIDTH), None)))
        cells += [_entry(key, action, room) for key, action in entries]
    height = -(-len(cells) // count)
    while True:
        columns = _dealt(cells, heads, height)
        if len(columns) <= count:
            break
        height += 1
    blank: Cell = ((" " * KEY_WIDTH, None), (" " * (room - KEY_WIDTH), None))
    return [
        Row(y, tuple(piece for column in columns for piece in (column[y] if y < len(column) else blank)), False)
        for y in range(height)
    ]


def _dealt(cells: Sequence[Cell], heads: set[int], height: int) -> list[list[Cell]]:
    columns: list[list[Cell]] = [[]]
    for index, cell in enumerate(cells):
        is_last_head = index in heads and len(columns[-1]) == height - 1
        if len(columns[-1]) >= height or is_last_head:
            columns.append([])
        columns[-1].append(cell)
    return columns


def _entry(key: str, action: Action, room: int) -> Cell:
    """The sentence where there is room for it, else the word."""
    taken = max(KEY_WIDTH, width_of(key))
    left = room - taken - 3
    text = action.help if action.help and width_of(action.help) < left else action.text
    return (("  " + fit(key, taken), BOLD), (" " + fit(text, left), None))


_SHOWN = (
    (TaskState.SUCCESS, "success"),
    (TaskState.FAILED, "failed"),
    (TaskState.RUNNING, "running"),
    (TaskState.QUEUED, "queued"),
    (TaskState.SCHEDULED, "scheduled"),
    (TaskState.NONE, "not yet"),
    (TaskState.UP_FOR_RETRY, "will retry"),
    (TaskState.SKIPPED, "skipped"),
    (TaskState.UPSTREAM_FAILED, "upstream failed"),
    (TaskState.DEFERRED, "deferred or sensing"),
    (TaskState.AWAITING_INPUT, "waits for a person"),
)


def signs(look: Palette) -> list[Piece]:
    """What the signs of the states mean; colour is never the only sign."""
    pieces: list[Piece] = [("Signs  ", BOLD)]
    for state, word in _SHOWN:
        pieces += [(look.glyph(state) + "\N{NO-BREAK SPACE}", look.style(state)), (_together(word) + "  ", None)]
    return [*pieces, (look.line("‖") + "\N{NO-BREAK SPACE}", DIM), ("paused", None)]


def _together(words: str) -> str:
    """What is not broken at the end of a line."""
    return words.replace(" ", "\N{NO-BREAK SPACE}")
