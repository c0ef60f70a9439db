"""Reads a picture as a person does: follows its lines from node to node, by its characters alone."""

from __future__ import annotations

from collections.abc import Sequence

from tui_flow.graph.layout import Layout, Stroke, arms_of, is_crossing
from tui_flow.graph.model import Edge
from tui_flow.graph.paint import paint

RIGHT, UP, DOWN = (1, 0), (0, -1), (0, 1)
Step = tuple[int, int]
_ONWARD: dict[str, dict[Step, tuple[Step, ...]]] = {
    "─": {RIGHT: (RIGHT,)},
    "│": {RIGHT: (RIGHT,), UP: (UP,), DOWN: (DOWN,)},  # across: it passes below
    "╭": {UP: (RIGHT,)},
    "╰": {DOWN: (RIGHT,)},
    "╮": {RIGHT: (DOWN,)},
    "╯": {RIGHT: (UP,)},
    "├": {UP: (UP, RIGHT), DOWN: (DOWN, RIGHT)},
    "┤": {RIGHT: (UP, DOWN), UP: (UP,), DOWN: (DOWN,)},
    "┬": {RIGHT: (RIGHT, DOWN), UP: (RIGHT,)},
    "┴": {RIGHT: (RIGHT, UP), DOWN: (RIGHT,)},
    "┼": {RIGHT: (RIGHT, UP, DOWN), UP: (UP, RIGHT), DOWN: (DOWN, RIGHT)},
}
"""Where a line that comes in one direction goes on; nothing ever runs to the left."""


def edges_drawn(drawn: Layout, is_ascii: bool = False) -> set[Edge]:
    """Every pair of nodes that a line joins. Labels must not hold line characters."""
    picture = [row.ljust(drawn.width) for row in paint(drawn, lambda _node: "o", is_ascii)]
    if is_ascii:
        picture = [_lines_of(row) for row in picture]
    at = {(box.x, box.y): node for node, box in drawn.boxes.items()}
    found: set[Edge] = set()
    for node, box in drawn.boxes.items():
        pending: list[tuple[int, int, Step]] = [(box.x + box.width, box.y, RIGHT)]
        seen = set(pending)
        while pending:
            x, y, step = pending.pop()
            sign = picture[y][x] if x < drawn.width else " "
            if sign == "▸" and step == RIGHT:
                found.add((node, at[x + 1, y]))
                continue
            for onward in _ONWARD.get(sign, {}).get(step, ()):
                following = (x + onward[0], y + onward[1], onward)
                if following not in seen:
                    seen.add(following)
                    pending.append(following)
    return found


def _lines_of(row: str) -> str:
    """A row in ASCII as lines: what goes left or right from a sign, its neighbours in the row tell."""
    out = ""
    for x, sign in enumerate(row):
        left, right = row[x - 1] in "-" if x else False, row[x + 1 : x + 2] in tuple("->")
        out += _JOINTS.get(sign, {}).get((left, right), {"-": "─", "|": "│", ">": "▸"}.get(sign, sign))
    return out


_JOINTS = {
    ".": {(False, True): "╭", (True, False): "╮", (True, True): "┬"},
    "'": {(False, True): "╰", (True, False): "╯", (True, True): "┴"},
    "+": {(False, True): "├", (True, False): "┤", (True, True): "┼"},
}
"""By the sign, and whether a line is left and right of it."""


def touched_by(drawn: Layout, net: int) -> set[str]:
    """The nodes beside whose boxes a net's lines begin or end."""
    cells = {at for at, strokes in drawn.cells.items() if any(stroke.net == net for stroke in strokes)}
    return {
        node
        for node, box in drawn.boxes.items()
        if (box.x + box.width, box.y) in cells or ((box.x - 1, box.y) in cells and (box.x - 1, box.y) in drawn.heads)
    }


def ambiguous_cells(result: Layout) -> list[tuple[int, int]]:
    """Cells that two nets share other than by a crossing, where they would read as one. There should be none but where
    the nets begin at the same node: then they are one line."""
    return [at for at, strokes in result.cells.items() if len(arms_of(strokes)) > 1 and not _is_clear(result, strokes)]


def _is_clear(result: Layout, strokes: Sequence[Stroke]) -> bool:
    if is_crossing(strokes):
        return True
    nets = [result.nets[net] for net in arms_of(strokes)]
    starts, ends = ({edge[side] for edge in nets[0]} for side in (0, 1))
    return all({a for a, _ in net} & starts or {b for _, b in net} & ends for net in nets[1:])
