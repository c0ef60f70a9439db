"""Small pictures in one row of text: durations as bars."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from tui_flow.records import DagRun
from tui_flow.state import RunState, RunType
from tui_flow.tui.palette import GOOD, Palette
from tui_flow.tui.text import Piece
from tui_flow.tui.views.spans import short_s

LEVELS = "▁▂▃▄▅▆▇█"


def level(value: float, usual: float) -> str:
    """A bar whose middle is the usual value; twice as long is two steps higher."""
    if value <= 0 or usual <= 0:
        return LEVELS[0]
    return LEVELS[max(0, min(7, 3 + round(2 * math.log2(value / usual))))]


def scaled(values: Sequence[float]) -> str:
    """Bars from 0 to the largest value."""
    top = max(values, default=0.0)
    return "".join(LEVELS[min(7, int(value / top * 7.999))] if top > 0 else LEVELS[0] for value in values)


def took_s(run: DagRun, at: datetime) -> float | None:
    """How long a run took, or has taken so far; None before its start."""
    if run.started_at is None:
        return None
    return ((run.ended_at or at) - run.started_at).total_seconds()


def was_due(run: DagRun) -> bool:
    """Whether it went well, at a time that says how late it was: a run by hand was never due, a backfill's long ago."""
    is_due = run.run_type in (RunType.SCHEDULED, RunType.ASSET_TRIGGERED)
    return is_due and run.state is RunState.SUCCESS and run.ended_at is not None


def median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return ordered[len(ordered) // 2] if ordered else 0.0


def usual_said(values: Sequence[float], with_spread: bool = True) -> str:
    """`usual 22s ± 4s`, of how long something took before, in seconds."""
    middle = median(values)
    spread = median([abs(value - middle) for value in values])
    return f"usual {short_s(middle)}" + (f" ± {short_s(spread, False)}" if with_spread and spread >= 1 else "")


def run_bars(runs: Sequence[DagRun], width: int, look: Palette, at: datetime) -> list[Piece]:
    """The newest runs at the right: a bar for one that went well, its sign for any other."""
    shown = runs[-width:]
    good = [took_s(run, at) or 0.0 for run in shown if run.state is RunState.SUCCESS]
    usual = median(good)
    out: list[Piece] = [(" " * (width - len(shown)), None)]
    for run in shown:
        if run.state is RunState.SUCCESS:
            out.append((look.line(level(took_s(run, at) or 0.0, usual)), GOOD))
        else:
            out.append((look.glyph(run.state), look.style(run.state)))
    return out
