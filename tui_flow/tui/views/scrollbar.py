"""Where in a long text one is, as a column of cells. Pure."""

from __future__ import annotations


def scrollbar(y: int, height: int, top: int, seen: int, count: int) -> str:
    """The cell of row `y`, where `seen` of `count` lines are on the screen from line `top` on."""
    if seen >= count or height < 2:
        return " "
    thumb = max(height * seen // count, 1)
    first = round((height - thumb) * top / (count - seen))
    return "█" if min(first, height - thumb) <= y < first + thumb else "│"
