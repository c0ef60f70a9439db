"""A layout as text. A crossing is drawn as `│` (what runs across passes below); `┼` always means joined."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from rich.cells import cell_len, chop_cells

from tui_flow.graph.layout import ACROSS, DOWN, LEFT, RIGHT, UP, UPRIGHT, Layout, arms_of, is_crossing

_LINES = {
    LEFT: "─",
    RIGHT: "─",
    UP: "│",
    DOWN: "│",
    ACROSS: "─",
    UPRIGHT: "│",
    RIGHT | DOWN: "╭",
    LEFT | DOWN: "╮",
    RIGHT | UP: "╰",
    LEFT | UP: "╯",
    UPRIGHT | RIGHT: "├",
    UPRIGHT | LEFT: "┤",
    ACROSS | DOWN: "┬",
    ACROSS | UP: "┴",
    ACROSS | UPRIGHT: "┼",
}
_ASCII = {
    arms: next(
        sign for lines, sign in (("─", "-"), ("│", "|"), ("╭╮┬", "."), ("╰╯┴", "'"), ("├┤┼", "+")) if line in lines
    )
    for arms, line in _LINES.items()
}
"""One below another, `.` and `'` say which way their lines go: `+` goes both."""


_PLAIN = str.maketrans({"▸": ">", "×": "x", "…": "~"})


class Ink(NamedTuple):
    """A run of text in one row, and what it belongs to."""

    text: str
    node: str | None = None
    """Set for a node's sign and label."""
    nets: tuple[int, ...] = ()
    """Set for lines: the nets that pass here."""


LEAST_OF_LABEL = 7
"""Cells of a node's own name before its note is left out."""
Sign = Callable[[str], str]
"""The sign of a node's state, one cell wide."""


def paint_row(
    drawn: Layout, y: int, sign: Sign, is_ascii: bool = False, first: int = 0, last: int | None = None
) -> list[Ink]:
    """What row `y` shows in the cells from `first` to before `last`."""
    last = drawn.width if last is None else min(last, drawn.width)
    out: list[Ink] = []
    x = first
    starts = drawn.row_starts(y)
    for start, node in starts.items():
        box = drawn.boxes[node]
        if start < first < start + box.width:
            out.append(Ink(_skip(node_text(drawn, node, sign, is_ascii), first - start), node))
            x = start + box.width
    while x < last:
        if x in starts:
            out.append(Ink(node_text(drawn, starts[x], sign, is_ascii), starts[x]))
            x += drawn.boxes[starts[x]].width
        else:
            out.append(_line(drawn, x, y, is_ascii))
            x += 1
    return list(_joined(_cut(out, last - first)))


def paint(drawn: Layout, sign: Sign, is_ascii: bool = False) -> list[str]:
    """The whole picture, one text for each row, without trailing blanks."""
    rows = (paint_row(drawn, y, sign, is_ascii) for y in range(drawn.height))
    return ["".join(ink.text for ink in row).rstrip() for row in rows]


def node_text(drawn: Layout, node_id: str, sign: Sign, is_ascii: bool = False) -> str:
    """Exactly as wide as the node's box."""
    width = drawn.boxes[node_id].width - 2
    node = drawn.graph.nodes[node_id]
    text, note = (part.translate(_PLAIN) if is_ascii else part for part in (node.text, node.note))
    if cell_len(text) > width:
        more = ("~" if is_ascii else "…") + (f" {note}" if note and width - cell_len(note) >= LEAST_OF_LABEL else "")
        room = width - cell_len(more)
        text = chop_cells(text, room)[0] + more if room > 0 else text[:width]
    return f"{sign(node_id)} {text}{' ' * (width - cell_len(text))}"


def _line(drawn: Layout, x: int, y: int, is_ascii: bool) -> Ink:
    strokes = drawn.cells.get((x, y))
    if not strokes:
        return Ink(" ")
    arms = arms_of(strokes)
    nets = tuple(sorted(arms))
    if (x, y) in drawn.letters:
        return Ink(drawn.letters[x, y].translate(_PLAIN) if is_ascii else drawn.letters[x, y], None, nets)
    if (x, y) in drawn.heads:
        return Ink(">" if is_ascii else "▸", None, nets)
    joined = UPRIGHT if is_crossing(strokes) else _united(arms)
    return Ink((_ASCII if is_ascii else _LINES)[joined], None, nets)


def _united(arms: dict[int, int]) -> int:
    joined = 0
    for each in arms.values():
        joined |= each
    return joined


def _skip(text: str, cells: int) -> str:
    while text and cells > 0:
        cells -= cell_len(text[0])
        text = text[1:]
    return text


def _cut(inks: list[Ink], width: int) -> Iterator[Ink]:
    for ink in inks:
        if cell_len(ink.text) > width:
            ink = ink._replace(text=chop_cells(ink.text, width)[0] if width > 0 else "")
        width -= cell_len(ink.text)
        if ink.text:
            yield ink


def _joined(inks: Iterator[Ink]) -> Iterator[Ink]:
    """Neighbours that belong together as one."""
    held: Ink | None = None
    for ink in inks:
        if held is not None and (held.node, held.nets) == (ink.node, ink.nets):
            held = held._replace(text=held.text + ink.text)
        else:
            if held is not None:
                yield held
            held = ink
    if held is not None:
        yield held
