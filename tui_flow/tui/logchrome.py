"""What stands above and below the lines of a log: whose it is, how much, what is hidden, found and followed. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tui_flow.logs.index import bytes_of
from tui_flow.logs.kinds import Stream
from tui_flow.logs.viewed import Filter
from tui_flow.tui import palette
from tui_flow.tui.chrome import NARROW, Parts
from tui_flow.tui.line import Part
from tui_flow.tui.palette import Palette
from tui_flow.tui.text import cut, plain, width_of
from tui_flow.tui.views.log import LEVELS

STREAMS = tuple(Stream)
MOST_PATTERN = 24
"""Cells of what is looked for."""


@dataclass(frozen=True, slots=True)
class TryFacts:
    """Of the try whose log it is."""

    state: StrEnum
    number: int
    count: int
    how: Sequence[str] = ()
    """How it ended and what it took."""


@dataclass(frozen=True, slots=True)
class LogFacts:
    filter: Filter = Filter()
    size: int = 0
    lines: int = 0
    hidden: int = 0
    untold: int = 0
    """Lines that do not tell who wrote them."""
    errors: int = 0
    warnings: int = 0
    counted_percent: int = 100
    line: int = 0
    """The one under the cursor; the first is 1."""
    marked: int = 0
    follows: bool = True
    wrap: bool = False


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for."""

    text: str
    at: int
    """How many hits there are up to the cursor."""
    hits: int
    hidden: int
    """Hits on lines that are hidden."""
    percent: int
    """How much of the log was looked through."""


def above(tried: TryFacts | None, facts: LogFacts, look: Palette, width: int) -> Parts:
    """The try and the streams to choose from; how long the log is, what is shown of it, how many errors there are."""
    is_wide = width >= NARROW
    left = [Part(" "), *(_try(tried, look, is_wide) if tried else ()), *_streams(facts.filter.stream, is_wide)]
    room = width - sum(width_of(part.text) for part in left) - 1
    for shown in _rights(facts, look, is_wide):
        if sum(width_of(part.text) for part in shown) <= room:
            return left, shown
    return left, []


def _try(tried: TryFacts, look: Palette, is_wide: bool) -> list[Part]:
    state = f"{look.glyph(tried.state)} {tried.state}" if is_wide else look.glyph(tried.state)
    between = " · " if is_wide else " "
    if not tried.number:
        return [Part(state, look.style(tried.state)), Part(f"{between}no try{' · ' if is_wide else '  '}")]
    return [
        Part(state, look.style(tried.state)),
        Part(f"{between}try "),
        Part("‹", palette.BOLD if tried.number > 1 else palette.DIM, "earlier"),
        Part(f"{tried.number} of {tried.count}", palette.BOLD),
        Part("›", palette.BOLD if tried.number < tried.count else palette.DIM, "later"),
        Part(" · " if is_wide else "  "),
    ]


def _streams(current: Stream, is_wide: bool) -> list[Part]:
    parts = []
    for stream in STREAMS:
        name = "log" if stream is Stream.TASK_LOG and not is_wide else str(stream)
        is_later = STREAMS.index(stream) > STREAMS.index(current)
        action = "next_stream" if is_later else "previous_stream"
        shown = Part(f"[{name}]", palette.BOLD) if stream is current else Part(name, None, action)
        parts += [shown, Part(" " if not is_wide else "  ")]
    return parts


def _rights(facts: LogFacts, look: Palette, is_wide: bool) -> list[list[Part]]:
    """From all there is to say to what must be said."""
    if facts.counted_percent < 100:
        return [[Part(f"{bytes_of(facts.size)} · counting {facts.counted_percent}% ", palette.DIM)]]
    lines = f"{facts.lines:,} line{'' if facts.lines == 1 else 's'}"
    if facts.hidden:
        lines = f"{facts.lines - facts.hidden:,} of {lines if is_wide else f'{facts.lines:,}'}"
    level = _at_least(facts.filter, look)
    most = [[lines, bytes_of(facts.size), f"level {level}" if level else ""]] if is_wide else []
    counts = _counts(facts)
    return [_with_counts([fact for fact in said if fact], counts) for said in (*most, [lines, level], [level], [])]


def _with_counts(said: Sequence[str], counts: Sequence[Part]) -> list[Part]:
    between = " · " if said and counts else ""
    return [Part(" · ".join(said) + between, palette.DIM), *counts, Part(" ")]


def _counts(facts: LogFacts) -> list[Part]:
    parts = []
    if facts.errors:
        parts.append(Part(f"{facts.errors:,} ERROR", palette.BAD, "next_error"))
    if facts.warnings:
        parts.append(Part(f"{' ' if parts else ''}{facts.warnings:,} WARN", palette.WARN))
    return parts


def _at_least(chosen: Filter, look: Palette) -> str:
    if chosen.least is LEVELS[0]:
        return ""
    return f"{'>=' if look.is_ascii else '≥'} {chosen.least}"


def why_hidden(chosen: Filter, look: Palette) -> str:
    """What hides lines, and what shows them again: for `31 lines hidden by ...`; empty where nothing does."""
    causes, keys = [], []
    if level := _at_least(chosen, look):
        causes.append(f"level {level}")
        keys.append(f"+ shows {LEVELS[LEVELS.index(chosen.least) - 1]}")
    if chosen.stream is not Stream.ALL:
        causes.append(f"stream {chosen.stream}")
        keys.append("[ ] other streams")
    if chosen.only_hits:
        causes.append("& only hits")
        keys.append("& shows all")
    return f"{' and '.join(causes)} ({', '.join(keys)})" if causes else ""


def all_hidden(facts: LogFacts, look: Palette) -> str:
    """What stands there where not one line is shown."""
    if facts.hidden == 1:
        said = "the only line is"
    else:
        said = f"all {facts.hidden:,} lines are"
    text = f"{said} hidden by {why_hidden(facts.filter, look)}; esc shows all of them"
    return "\n ".join([text, *_untold(facts)])


def _untold(facts: LogFacts) -> list[str]:
    if facts.filter.stream is Stream.ALL or not facts.untold:
        return []
    return [f"{facts.untold:,} line{' does' if facts.untold == 1 else 's do'} not tell the stream"]


def below(tried: TryFacts | None, facts: LogFacts, sought: Sought | None, width: int) -> Parts:
    """What is looked for, else what is hidden, else how the try ended; whether it follows, and where the cursor is."""
    is_wide = width >= NARROW
    right = _whereabouts(facts, is_wide)
    room = width - sum(width_of(part.text) for part in right) - 1
    said = _left(tried, facts, sought, is_wide)
    shown: list[Part] = []
    for parts in said:
        if sum(width_of(part.text) for part in [*shown, *parts]) > room:
            break
        shown += parts
    return shown or ([Part(cut(said[0][0].text, room), said[0][0].style)] if said else []), right


def _left(tried: TryFacts | None, facts: LogFacts, sought: Sought | None, is_wide: bool) -> list[list[Part]]:
    if sought is not None:
        return _sought(sought, facts.filter, is_wide)
    if facts.hidden:
        said = f" {facts.hidden:,} of {facts.lines:,} lines hidden (esc shows all)"
        return [[Part(said, palette.DIM)], *([Part(f" · {text}", palette.DIM)] for text in _untold(facts))]
    how = tried.how if tried else ()
    return [[Part((" · " if nth else " ") + fact, palette.DIM)] for nth, fact in enumerate(how)]


def _sought(sought: Sought, chosen: Filter, is_wide: bool) -> list[list[Part]]:
    found = f"match {sought.at:,} of {sought.hits:,}" if sought.hits else "not found"
    if sought.percent == 100 and sought.hidden and not sought.hits:
        found = f"all {sought.hidden:,} are hidden"
    elif sought.percent < 100:
        found = f"{sought.hits:,} found · {sought.percent}%"
    elif sought.hidden:
        found += f" ({sought.hidden:,} hidden)"
    only = "& all lines" if chosen.only_hits else "& only matching lines" if is_wide else "& only hits"
    gap = "   " if is_wide else "  "
    said = [[Part(f" /{cut(plain(sought.text), MOST_PATTERN)}", palette.BOLD), Part(f"{gap}{found}")]]
    if sought.hits and sought.percent == 100:
        said.append([Part(f"{gap}n N", palette.BOLD, "next_hit"), Part(" next/prev" if is_wide else "")])
        said.append([Part(gap + only, None, "only_hits")])
    said.append([Part(gap + "esc clear", None, "back")])
    return said


def _whereabouts(facts: LogFacts, is_wide: bool) -> list[Part]:
    follows = Part("following", palette.BOLD, "follow") if facts.follows else Part("follow off (F)", None, "follow")
    said = [f"{facts.marked:,} marked"] if facts.marked else []
    said += [f"wrap {'on' if facts.wrap else 'off'}"] if is_wide else []
    if facts.counted_percent == 100:
        said.append(f"line {facts.line:,}/{facts.lines:,}")
    return [Part("  "), follows, Part("".join(f" · {fact}" for fact in said) + " ", palette.DIM)]
