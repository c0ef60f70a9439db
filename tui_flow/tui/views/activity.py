"""What runs and waits now, with the reason, and what happened: runs that ended, tries that failed, what people did."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tui_flow.records import DagRun, Event, FailedAttempt, PoolUse, TaskInstance, TaskInstanceKey
from tui_flow.state import AttemptState, RunState, TaskState
from tui_flow.tui.palette import BOLD, DIM, Palette
from tui_flow.tui.text import Piece, Row, columns, fit, plain
from tui_flow.tui.views import spans
from tui_flow.tui.views.deed_words import deed_said
from tui_flow.tui.views.reasons import in_words
from tui_flow.tui.views.run_names import kind_of, why_failed

MEANT = ("marked by the user", "cleared")
"""Why a try was stopped that did not fail: it got another state by hand."""
Live = Sequence[tuple[DagRun, TaskInstance]]


@dataclass(frozen=True, slots=True)
class Use:
    """What the processes of an attempt take now."""

    cpu_percent: float
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class ActivityModel:
    live: Live
    reasons: Mapping[TaskInstanceKey, str] = field(default_factory=dict)
    last_lines: Mapping[TaskInstanceKey, str] = field(default_factory=dict)
    uses: Mapping[TaskInstanceKey, Use] = field(default_factory=dict)
    ended: Sequence[DagRun] = ()
    """Newest first."""
    failed: Sequence[FailedAttempt] = ()
    """Newest first."""
    events: Sequence[Event] = ()
    """Newest first."""


def ranks_of(live: Live, before: Mapping[TaskInstanceKey, int]) -> dict[TaskInstanceKey, int]:
    """In which order they were first seen, of those that are still there."""
    known = {ti.key: before[ti.key] for _, ti in live if ti.key in before}
    after = max(known.values(), default=-1) + 1
    return known | {key: rank for rank, key in enumerate((ti.key for _, ti in live if ti.key not in known), after)}


def in_order(live: Live, ranks: Mapping[TaskInstanceKey, int]) -> Live:
    """What runs first; within both parts nothing changes its place, however often it is put off and looked at again."""
    return sorted(live, key=lambda pair: (pair[1].state is not TaskState.RUNNING, ranks[pair[1].key]))


@dataclass(frozen=True, slots=True)
class Slots:
    """How much may run, and does."""

    busy: int = 0
    """Task instances that run or are about to."""
    parallelism: int = 0
    pools: Sequence[PoolUse] = ()


def slot_facts(slots: Slots) -> list[str]:
    """Of all together, then of the pools that are in use, those that are full first."""
    return [f"slots {slots.busy}/{slots.parallelism}"] * bool(slots.busy) + _pool_facts(slots.pools)


def _pool_facts(uses: Sequence[PoolUse]) -> list[str]:
    found: list[tuple[bool, str]] = []
    for use in uses:
        taken, slots = use.running + use.queued, use.pool.slots
        if taken and slots >= 0:
            found.append((taken < slots, f"pool {plain(use.pool.name)} {taken}/{slots}{' full' * (taken >= slots)}"))
    return [text for _, text in sorted(found)]


@dataclass(frozen=True, slots=True)
class EventKey:
    """Of a line of the audit trail; what it is about may be empty."""

    id: int
    dag_id: str
    run_id: str
    task_id: str


class Kind(StrEnum):
    """Which events are shown."""

    ALL = "all"
    FAILURES = "failures"
    PEOPLE = "what people did"
    SCHEDULER = "what the scheduler did"


@dataclass(frozen=True, slots=True)
class Widths:
    """Of the columns, for a page of some width; 0: the column is left out."""

    since: int
    dag: int
    task: int
    state: int = 14
    uses: int = 0


def widths(width: int) -> Widths:
    if width < 100:
        return Widths(0, 16, 15)
    return Widths(11, 18, 18, uses=19) if width < 140 else Widths(11, 26, 30, uses=19)


def matching(rows: Sequence[Row], words: str) -> list[Row]:
    """Those that hold all the words, in what is shown or in the ids of what they stand for."""
    wanted = words.lower().split()
    return [row for row in rows if all(word in _text_of(row) for word in wanted)]


def _text_of(row: Row) -> str:
    return f"{' '.join(text for text, _ in row.pieces)} {row.key}".lower()


def live_heading(width: int) -> str:
    w = widths(width)
    since = f"{fit('Since', w.since)} " if w.since else ""
    uses = f"{fit('Uses', w.uses)} " if w.uses else ""
    return f"   {since}{fit('DAG', w.dag)} {fit('Task', w.task)} {fit('State', w.state)} {uses}Does, or waits for"


def live_rows(model: ActivityModel, look: Palette, at: datetime, is_utc: bool, width: int) -> list[Row]:
    return [_live(model, run, ti, look, at, is_utc, widths(width)) for run, ti in model.live]


def _live(
    model: ActivityModel, run: DagRun, ti: TaskInstance, look: Palette, at: datetime, is_utc: bool, w: Widths
) -> Row:
    since = _since(ti) or run.started_at
    name = ti.task_id + (f"[{ti.map_index}]" if ti.map_index >= 0 else "")
    use = model.uses.get(ti.key)
    uses = f"cpu {use.cpu_percent:3.0f}%  mem {use.memory_bytes / 2**20:4.0f}M" if use else ""
    if ti.state is TaskState.RUNNING:
        doing = plain(model.last_lines.get(ti.key) or "")
    else:
        doing = in_words(model.reasons.get(ti.key) or "", at, is_utc)
    pieces: list[Piece] = [(look.glyph(ti.state) + " ", look.style(ti.state))]
    if w.since:
        pieces.append((fit(spans.clock(since, at, is_utc) if since else "", w.since) + " ", DIM))
    pieces += columns(
        [
            (plain(run.dag_id), None, w.dag),
            (plain(name), BOLD, w.task),
            (_state(ti, since, at), None, w.state),
            *([(uses, DIM, w.uses)] if w.uses else []),
        ]
    )
    return Row((run.dag_id, run.run_id, ti.task_id, ti.map_index), (*pieces, (doing, None)))


def _since(ti: TaskInstance) -> datetime | None:
    """Of what waits between two looks, or two parts of a try: since the try began."""
    match ti.state:
        case TaskState.RUNNING:
            return ti.started_at
        case TaskState.UP_FOR_RESCHEDULE | TaskState.DEFERRED:
            return ti.first_started_at or ti.queued_at
        case _:
            return ti.queued_at or ti.started_at


def _state(ti: TaskInstance, since: datetime | None, at: datetime) -> str:
    """What it is about, and since when or for how long."""
    match ti.state:
        case TaskState.RUNNING if since:
            return spans.short(at - since, False)
        case TaskState.QUEUED if since:
            return f"queued {spans.short(at - since, False)}"
        case TaskState.UP_FOR_RETRY:
            return f"try {ti.try_number + 1} {_in(ti.due_at, at)}"
        case TaskState.UP_FOR_RESCHEDULE:
            return f"looks {_in(ti.due_at, at)}"
        case TaskState.AWAITING_INPUT:
            return "waits for you"
        case state:
            return str(state).replace("_", " ")


def _in(due_at: datetime | None, at: datetime) -> str:
    return f"in {spans.until(due_at, at)}" if due_at and due_at > at else "now"


# -- what happened


def event_rows(model: ActivityModel, kind: Kind, look: Palette, at: datetime, is_utc: bool, width: int) -> list[Row]:
    """Runs that ended, tries that failed, and what was done by people and by the scheduler, newest first."""
    drawn = _Drawn(look, at, is_utc, widths(width).dag)
    found: list[tuple[datetime, Row]] = []
    if kind in (Kind.ALL, Kind.FAILURES):
        wanted = [run for run in model.ended if kind is Kind.ALL or run.state is RunState.FAILED]
        found += [(run.ended_at or at, drawn.ended(run)) for run in wanted]
        found += [(one.attempt.ended_at or at, drawn.failed(one)) for one in model.failed]
    if kind is not Kind.FAILURES:
        wanted_by = {Kind.PEOPLE: (True,), Kind.SCHEDULER: (False,)}.get(kind, (True, False))
        found += [(event.at, drawn.done(event)) for event in model.events if bool(event.who) in wanted_by]
    return [row for _, row in sorted(found, key=lambda item: item[0], reverse=True)]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Events as rows: when, a sign, the DAG, what happened."""

    look: Palette
    at: datetime
    is_utc: bool
    dag_width: int

    def _row(self, key: Hashable, when: datetime, sign: Piece, dag_id: str, said: str) -> Row:
        name = (fit(plain(dag_id), self.dag_width) + " ", None)
        return Row(key, ((fit(spans.second(when, self.at, self.is_utc), 10), DIM), sign, name, (plain(said), None)))

    def ended(self, run: DagRun) -> Row:
        took = f" in {spans.short(run.ended_at - run.started_at)}" if run.ended_at and run.started_at else ""
        how = "ok" if run.state is RunState.SUCCESS else str(run.state)
        why = f": {found}" if (found := why_failed(run)) else ""
        said = f"{kind_of(run)} run {spans.clock(run.run_after, self.at, self.is_utc)} {how}{took}{why}"
        sign = (self.look.glyph(run.state) + " ", self.look.style(run.state))
        return self._row((run.dag_id, run.run_id, "", -1), run.ended_at or self.at, sign, run.dag_id, said)

    def failed(self, one: FailedAttempt) -> Row:
        attempt = one.attempt
        task = attempt.task_id + (f"[{attempt.map_index}]" if attempt.map_index >= 0 else "")
        tries_again = attempt.try_number <= one.max_tries
        state = TaskState.UP_FOR_RETRY if tries_again else TaskState.FAILED
        last = ", no tries left" if one.max_tries and not tries_again else ""
        said = f"{task} try {attempt.try_number} of {one.max_tries + 1} {attempt.state}{last}: {attempt.reason or ''}"
        sign = (self.look.glyph(state) + " ", self.look.style(state))
        if attempt.state is AttemptState.KILLED and attempt.reason in MEANT:
            said, sign = f"{task} try {attempt.try_number} stopped: {attempt.reason}", ("- ", DIM)
        key = (one.run.dag_id, one.run.run_id, attempt.task_id, attempt.map_index, attempt.try_number)
        return self._row(key, attempt.ended_at or self.at, sign, one.run.dag_id, said.removesuffix(": "))

    def done(self, event: Event) -> Row:
        key = EventKey(event.id, event.dag_id or "", event.run_id or "", event.task_id or "")
        return self._row(key, event.at, ("@ ", BOLD), key.dag_id, deed_said(event, self.is_utc))
