"""What header and footer say. Pure: from facts to parts of a line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from textwrap import wrap

from tui_flow import times
from tui_flow.state import TaskState
from tui_flow.tui import palette
from tui_flow.tui.holds import words
from tui_flow.tui.keys import ACTIONS, shown_key
from tui_flow.tui.line import Part
from tui_flow.tui.palette import Palette
from tui_flow.tui.sizes import TINY
from tui_flow.tui.status import Status
from tui_flow.tui.text import fit, plain, width_of
from tui_flow.tui.views import spans

NARROW = 100
"""Below this many columns things are said shorter."""
MOST_NOTICE = 4
"""Lines of a notice."""
MOST_TOAST = 3
"""Lines of what is said for a few seconds."""
HELP = "help"
_DATED = re.compile(r"^[a-z ]+ \d{4}-(\d\d-\d\d \d\d:\d\d)$")
"""A run's name, of which its day and time tell most."""
Parts = tuple[Sequence[Part], Sequence[Part]]


def header(
    crumbs: Sequence[str], status: Status, look: Palette, is_utc: bool, width: int, title: str = "tuiflow"
) -> Parts:
    """Where one is; the scheduler, what runs and waits, what failed today, the time and its zone."""
    arrow = look.line(" ▸ ")
    shown = crumbs if width >= NARROW or len(crumbs) < 3 else crumbs[1:]
    name, names = Part(f" {plain(title)}  ", palette.BOLD), [plain(crumb) for crumb in shown]
    room = width - min(_width([name, _trail(names, arrow)]), max(width // 3, 24)) - 1
    rights = [_facts(status, look, is_utc, is_wide) for is_wide in (width >= NARROW, False)]
    right = next((right for right in rights if _width(right) <= room), [])
    if _width([name, _trail(names, arrow), *right]) >= width:
        names = [_DATED.sub(r"\1", each) for each in names]
    while len(names) > 1 and _width([name, _trail(names, arrow), *right]) >= width:
        names = _without_first(names)
    return [name, _trail(names, arrow)], right


def _without_first(names: list[str]) -> list[str]:
    """The last ones say where one is; an ellipsis says that more stood before."""
    known = names[1:] if names[0] == "…" else names
    return ["…", *known[1:]] if known[1:] else known


def _trail(names: Sequence[str], arrow: str) -> Part:
    return Part(arrow.join(names), palette.TITLE)


def _width(parts: Sequence[Part]) -> int:
    return sum(width_of(part.text) for part in parts)


def _facts(status: Status, look: Palette, is_utc: bool, is_wide: bool) -> list[Part]:
    return [*_scheduler(status, look, is_wide), *_counts(status, look, is_utc, is_wide), _clock(is_utc)]


def _scheduler(status: Status, look: Palette, is_wide: bool) -> list[Part]:
    word = "scheduler" if is_wide else "sched"
    if status.scheduler is None:
        return [Part(f"{look.line('✗')} {word} {_since(status, is_wide)}", palette.BAD, "start"), Part("  ")]
    if status.holds.holds_all:
        action = "accept_clock" if status.holds.clock else ""
        return [Part("!", palette.BAD, action), Part(f" {word} {_held(status)}", palette.WARN, action), Part("  ")]
    return [Part(look.line("✓"), palette.GOOD), Part(f" {word}  ")]


def _held(status: Status) -> str:
    if status.holds.is_silent:
        return "silent"
    return "stopping" if status.holds.is_stopping else "holds"


def _since(status: Status, is_wide: bool) -> str:
    if status.stopped_at is None:
        return "off"
    ago = spans.ago(status.stopped_at, times.now())
    return f"stopped {ago}" if is_wide else f"off {ago.removesuffix(' ago')}"


def _counts(status: Status, look: Palette, is_utc: bool, is_wide: bool) -> list[Part]:
    if status.unread_since is not None:
        since = f"{status.unread_since.astimezone(times.zone(is_utc)):%H:%M}"
        said = f"{look.line('✗')} " + (f"database unread since {since}" if is_wide else f"unread {since}")
        return [Part(said, palette.BAD, "page_system"), Part("  ")]
    counted = [
        (TaskState.RUNNING, status.running, "running"),
        (TaskState.QUEUED, status.queued, "queued"),
        (TaskState.AWAITING_INPUT, status.waiting_for_people, "waiting for you"),
        (TaskState.FAILED, status.failed_today, "failed today" if is_wide else "today"),
    ]
    parts: list[Part] = []
    for state, count, word in counted:
        if state is TaskState.AWAITING_INPUT and not count:
            continue
        style = look.style(state) if count else palette.DIM
        says_word = is_wide or state is TaskState.FAILED
        text = f"{look.glyph(state)}{' ' if is_wide else ''}{count}" + (f" {word}" if says_word else "")
        parts += [Part(text, style), Part("  " if is_wide else " ")]
    return parts


def _clock(is_utc: bool) -> Part:
    now = times.now().astimezone(times.zone(is_utc))
    return Part(f"{now:%H:%M %Z} ")


def notice(status: Status, keymap: Mapping[str, str], width: int) -> list[Sequence[Part]]:
    """What keeps the dashboard from showing what is, or runs from starting, in lines; none where all is well."""
    lead = Part("! ", palette.BAD)
    if status.problem:
        texts = wrap(plain(status.problem), max(width - 2, 20))[:MOST_NOTICE]
        return [[lead if not nth else Part("  "), Part(text, palette.BAD)] for nth, text in enumerate(texts)]
    if status.scheduler is None:
        text = "The scheduler is not running: nothing starts until it does.  "
        key = shown_key(ACTIONS["start"], keymap)
        lines = [[lead, Part(text), Part(key, palette.BOLD, "start"), Part(" starts it", None, "start")]]
        if status.last_words:
            lines.append([Part(fit(f"  It ended: {plain(status.last_words)}", width), palette.BAD)])
        return [*lines]
    return _held_notice(status, keymap, width)


def _held_notice(status: Status, keymap: Mapping[str, str], width: int) -> list[Sequence[Part]]:
    text = words(status.holds)
    if not text:
        return []
    key = shown_key(ACTIONS["accept_clock"], keymap)
    room = max(width - 2, 20)
    texts = wrap(f"{plain(text)} {key}" if status.holds.clock else plain(text), room)[:MOST_NOTICE]
    lines: list[Sequence[Part]] = [[Part("  "), Part(text)] for text in texts]
    lines[0] = [Part("! ", palette.BAD), Part(texts[0])]
    if status.holds.clock and texts[-1].endswith(key):
        lines[-1] = [*lines[-1][:-1], Part(texts[-1].removesuffix(key)), Part(key, palette.BOLD, "accept_clock")]
    return lines


def toast(text: str, width: int) -> list[list[Part]]:
    """What is said for a few seconds, in lines of which the last is the footer's; `width` 0: on one line."""
    lines = wrap(plain(text), max(width - 2, 20))[:MOST_TOAST] if width else [plain(text)]
    return [[Part(f" {line}", palette.BOLD)] if line else [] for line in lines] or [[]]


def too_small(width: int) -> str:
    """The one line of a tiny terminal."""
    long = f"make me bigger: {TINY[0]}x{TINY[1]} or more"
    return long if width_of(long) <= width else "make me bigger"


def footer(hints: Sequence[str], keymap: Mapping[str, str], width: int) -> Parts:
    """The keys that work here, as ids of actions (`log=L`: by another of its keys,
    `open~run again`: in other words), as many as fit, and always the
    help."""
    named = {hint: _hint(hint, keymap) for hint in hints}
    room = width + 1 - _width(named.get(HELP, ()))  # the blanks after the last may be cut
    parts: list[Part] = [Part(" ")]
    for hint, pair in named.items():
        needed = 0 if hint == HELP else _width(pair)
        if needed <= room:
            parts += pair
            room -= needed
    last = parts.pop()
    return [*parts, Part(last.text.rstrip(), last.style, last.action)], []


def keys_said(hints: Sequence[str], keymap: Mapping[str, str]) -> str:
    """All of them in a sentence, also those for which the footer has no room."""
    named = (_hint(hint, keymap) for hint in hints)
    return " · ".join(f"{key.text} {what.text.strip()}" for key, what in named)


def _hint(hint: str, keymap: Mapping[str, str]) -> list[Part]:
    named, _, other_text = hint.partition("~")
    action_id, _, other_key = named.partition("=")
    action = ACTIONS[action_id]
    key = other_key or shown_key(action, keymap)
    return [Part(key, palette.BOLD, action_id), Part(f" {other_text or action.text}  ", None, action_id)]


MAIN_PAGES = ("page_dags", "page_activity", "page_upcoming", "page_system")


def main_tabs(current: str, keymap: Mapping[str, str]) -> list[Part]:
    """The four main pages, as tabs."""
    parts = [Part(" ")]
    for action_id in MAIN_PAGES:
        text = f"{shown_key(ACTIONS[action_id], keymap)} {ACTIONS[action_id].text}"
        is_current = action_id == f"page_{current}"
        parts.append(Part(f"[{text}]" if is_current else text, palette.BOLD if is_current else None, action_id))
        parts.append(Part("  "))
    return parts
