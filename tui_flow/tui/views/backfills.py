"""A backfill before it is made: its dates as a strip of days; and those that are under way. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby

from rich.style import Style

from tui_flow import times
from tui_flow.planner.backfill import Outcome, Progress
from tui_flow.records import Backfill, DagRun
from tui_flow.spec import Json
from tui_flow.state import FINISHED_RUN, RunState
from tui_flow.tui.palette import BOLD, DIM, GOOD, Palette
from tui_flow.tui.text import Piece, Row, fit, plain
from tui_flow.tui.views import spans
from tui_flow.tui.views.bars import median, took_s
from tui_flow.tui.views.deeds import Deed, command

REPROCESS = ("none", "failed", "completed")
WHICH = ("missing dates only", "and failed runs again", "and all ended runs again")
CREATES = frozenset({Outcome.CREATED, Outcome.CLEARED})
BAR = 12


def backfill_deed(
    dag_id: str,
    span: tuple[datetime, datetime],
    reprocess: int,
    backwards: bool,
    at_once: int,
    conf: Mapping[str, Json],
) -> Deed:
    start, end = (moment.isoformat(timespec="seconds") for moment in span)
    args: dict[str, Json] = {
        "dag_id": dag_id,
        "from_date": start,
        "to_date": end,
        "reprocess": REPROCESS[reprocess],
        "max_active_runs": at_once,
        "run_backwards": backwards,
        "conf": dict(conf),
    }
    words: list[object] = ["backfill", dag_id, "--start", start, "--end", end, "--max-active-runs", at_once]
    if reprocess:
        words += ["--reprocess", REPROCESS[reprocess]]
    if backwards:
        words.append("--backwards")
    if conf:
        words += ["--conf", json.dumps(dict(conf))]
    return Deed("create_backfill", args, command(*words))


@dataclass(frozen=True, slots=True)
class Slot:
    """One date of the span."""

    at: datetime
    outcome: Outcome
    state: RunState | None = None
    """Of the run that is there."""


def slots_of(answer: Mapping[str, Json], there: Mapping[datetime, RunState]) -> list[Slot]:
    """From the answer of the dry run, in the order of time."""
    found = []
    for each in answer["slots"]:
        moment = datetime.fromisoformat(each["logical_date"])
        found.append(Slot(moment, Outcome(each["outcome"]), there.get(moment)))
    return sorted(found, key=lambda slot: slot.at)


def which_words(answer: Mapping[str, Json], slots: Sequence[Slot]) -> tuple[str, ...]:
    """The choices of `WHICH`, each with the runs that it would make; without them where not all dates are known."""
    if answer["total"] > len(slots):
        return WHICH
    missing = sum(slot.state is None for slot in slots)
    failed = sum(slot.state is RunState.FAILED for slot in slots)
    ended = sum(slot.state in FINISHED_RUN for slot in slots)
    counts = (missing, missing + failed, missing + ended)
    return tuple(f"{words} ({count})" for words, count in zip(WHICH, counts, strict=True))


def _sign(slot: Slot, look: Palette) -> Piece:
    if slot.outcome is Outcome.CREATED:
        return "+", GOOD
    if slot.outcome is Outcome.CLEARED:
        return look.line("↻"), GOOD
    if slot.state is None:
        return look.line("·"), DIM
    return look.glyph(slot.state), look.style(slot.state)


def strip_rows(slots: Sequence[Slot], look: Palette, is_utc: bool, width: int) -> list[Row]:
    """Days with one sign each where no day has two dates, else a line for each day."""
    zone = times.zone(is_utc)
    days = [(day, list(some)) for day, some in groupby(slots, key=lambda slot: slot.at.astimezone(zone).date())]
    if any(len(some) > 1 for _, some in days):
        pieces = [_day(day, some, look) for day, some in days]
    else:
        pieces = _months([(day, some[0]) for day, some in days], look, max((width - 14) // 3, 5))
    return [Row(index, tuple(row)) for index, row in enumerate(pieces)]


def _day(day: date, slots: Sequence[Slot], look: Palette) -> list[Piece]:
    return [(f"   {day:%d %b %Y}  ", DIM), *(_sign(slot, look) for slot in slots)]


def _months(days: Sequence[tuple[date, Slot]], look: Palette, per_row: int) -> list[list[Piece]]:
    """Two lines for at most `per_row` days of one month: their numbers, and their signs."""
    rows: list[list[Piece]] = []
    for _, some in groupby(days, key=lambda each: (each[0].year, each[0].month)):
        month = list(some)
        for start in range(0, len(month), per_row):
            part = month[start : start + per_row]
            name = f"{part[0][0]:%b %Y}" if start == 0 else ""
            rows.append([(fit(f"   {name}", 13), BOLD), ("".join(f"{day.day:>2} " for day, _ in part), DIM)])
            signs: list[Piece] = [(" " * 13, None)]
            for _, slot in part:
                sign, style = _sign(slot, look)
                signs.append((f" {sign} ", style))
            rows.append(signs)
    return rows


def sentence(answer: Mapping[str, Json], slots: Sequence[Slot], usual_s: float | None, at_once: int) -> list[Piece]:
    """How many runs, of how many dates, and how long they take."""
    new = sum(slot.outcome in CREATES for slot in slots)
    about = "about " if answer["is_estimate"] else ""
    first = f"; of the first {len(slots):,}" if answer["total"] > len(slots) else ":"
    takes = ""
    if usual_s and new:
        takes = f" {new} x {spans.short_s(usual_s)} usual, {at_once} at once: "
        takes += f"about {spans.short_s(usual_s * new / at_once)}."
    return [
        (f"{about}{answer['total']:,} dates{first}{' ' if first == ':' else ', '}{new:,} make a run. ", BOLD),
        (f"+ created  ↻ runs again  others stay as they are.{takes}", DIM),
    ]


def usual_s(runs: Sequence[DagRun], at: datetime) -> float | None:
    """How long a run takes that goes well."""
    took = [seconds for run in runs if run.state is RunState.SUCCESS and (seconds := took_s(run, at)) is not None]
    return median(took) if took else None


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A backfill that is there, and how far it is."""

    backfill: Backfill
    progress: Progress
    counts: Mapping[RunState, int] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        return self.backfill.completed_at is None and self.backfill.cancelled_at is None


def under_way_row(one: UnderWay, look: Palette, at: datetime, is_utc: bool) -> Row:
    backfill, done, total = one.backfill, one.progress.done, max(one.progress.total, 1)
    full = min(done * BAR // total, BAR)
    span = f"{spans.minute(backfill.from_date, is_utc)[:10]} to {spans.minute(backfill.to_date, is_utc)[:10]}"
    failed = one.counts.get(RunState.FAILED, 0)
    bad: tuple[str, Style | None] = (f" {look.glyph(RunState.FAILED)}{failed}", look.style(RunState.FAILED))
    pieces: list[Piece] = [
        (f" {backfill.id:>4} ", DIM),
        (fit(plain(backfill.dag_id), 18), None),
        (f" {span} ", None),
        (look.line("█" * full + "░" * (BAR - full)), None),
        (f" {done}/{one.progress.total}", BOLD),
        bad if failed else ("", None),
        (f" {_status(one, at)}", DIM),
    ]
    return Row(backfill.id, tuple(pieces))


def _status(one: UnderWay, at: datetime) -> str:
    backfill, ends_at = one.backfill, one.progress.ends_at
    if backfill.cancelled_at:
        return "cancelled"
    if backfill.completed_at:
        return "done"
    if backfill.is_paused:
        return "paused: p lets it go on"
    return f"ends in {spans.short(ends_at - at, False)}" if ends_at else f"{backfill.max_active_runs} at once"
