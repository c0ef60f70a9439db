"""What authors write about a DAG or a task, as Markdown: drawn as lines of text. Pure.

Nothing in it acts: links are text, HTML is not drawn, and what would steer a terminal is made visible before it is read
as Markdown and once more when it is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from inspect import cleandoc

from rich.console import Console
from rich.segment import Segment
from rich.style import Style

from tui_flow.logs import safe
from tui_flow.tui.palette import Palette
from tui_flow.tui.text import Piece, Row, chopped, plain

LONGEST = 20_000
"""Characters that are drawn; the source tab has the rest."""
MARGIN = "   "


@lru_cache(maxsize=8)  # drawn anew with every change of a page
def doc_rows(doc: str | None, width: int, look: Palette) -> tuple[Row, ...]:
    """The lines below a heading; none where nothing is written."""
    text = cleandoc(safe_lines((doc or "")[:LONGEST]))
    if not text.strip():
        return ()
    room = max(width - len(MARGIN) - 1, 20)
    lines = _drawn(text, room)
    if lines is None:
        lines = [[(part, None)] for line in text.splitlines() for part in chopped(line, room) or [""]]
    return tuple(
        Row(("doc", nth), ((MARGIN, None), *((look.line(text), style) for text, style in line)))
        for nth, line in enumerate(_without_edges(lines))
    )


def safe_lines(text: str) -> str:
    """The same lines, with nothing in them that steers a terminal."""
    return "\n".join(safe(line).replace("\t", "    ") for line in text.splitlines())


def _drawn(text: str, width: int) -> list[list[Piece]] | None:
    """None where it cannot be read as Markdown: nested too deeply, say."""
    from rich.markdown import Markdown  # 60 ms, where there are docs

    console = Console(width=width, color_system=None, force_terminal=False, legacy_windows=False, emoji=False)
    try:
        drawn = console.render_lines(Markdown(text, hyperlinks=False), console.options.update(width=width), pad=False)
    except Exception:  # the front end's edge: whatever authors wrote, the page stands
        return None
    return [list(_pieces(line)) for line in drawn]


def _pieces(line: list[Segment]) -> Iterator[Piece]:
    for segment in line:
        text = plain(segment.text)
        if text and not segment.control:
            yield text, _style(segment.style)


def _style(style: Style | None) -> Style | None:
    """Without colours, which are for states, and without anything that acts."""
    if style is None or not (style.bold or style.italic or style.underline or style.dim or style.strike):
        return None
    return Style(bold=style.bold, italic=style.italic, underline=style.underline, dim=style.dim, strike=style.strike)


def _without_edges(lines: list[list[Piece]]) -> list[list[Piece]]:
    """Without empty lines at the top and the bottom."""
    said = [nth for nth, line in enumerate(lines) if any(text.strip() for text, _ in line)]
    return lines[said[0] : said[-1] + 1] if said else []
