"""What happened to one run, newest first: what people did, starts and ends of attempts, callbacks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tui_flow.records import CallbackRow, DagRun, Event, TaskAttempt
from tui_flow.state import AttemptState
from tui_flow.tui.palette import BAD, BOLD, DIM
from tui_flow.tui.text import Piece, Row, plain
from tui_flow.tui.views import spans
from tui_flow.tui.views.deed_words import deed_said
from tui_flow.tui.views.run_names import why_failed

MOST = 500
"""Of each kind."""


@dataclass(frozen=True, slots=True)
class RunEvents:
    run: DagRun
    events: Sequence[Event]
    attempts: Sequence[TaskAttempt]
    callbacks: Sequence[CallbackRow]

    @property
    def is_cut(self) -> bool:
        return max(len(self.events), len(self.attempts), len(self.callbacks)) >= MOST


_Dated = tuple[datetime, Row]


def run_event_rows(model: RunEvents, is_utc: bool) -> list[Row]:
    """Keys of attempts are (`attempt`, task_id, map_index, try_number, id, `end` or `start`)."""
    found = [*_begin(model.run, is_utc)]
    found += [(event.at, _deed(event, is_utc)) for event in reversed(model.events)]
    found += [dated for attempt in reversed(model.attempts) for dated in _of_attempt(attempt, is_utc)]
    found += [(row.created_at, _callback(row, is_utc)) for row in reversed(model.callbacks)]
    found += _end(model.run, is_utc)
    found.sort(key=lambda dated: dated[0])  # what happened at once stays in the order of cause and effect
    rows = [row for _, row in reversed(found)]
    if model.is_cut:
        rows.append(Row("cut", ((f" only the newest {MOST} of each kind are shown", DIM),), can_select=False))
    return rows


def _row(key: tuple[object, ...], at: datetime, is_utc: bool, sign: str, what: str, bad: bool = False) -> Row:
    pieces: tuple[Piece, ...] = (
        (f"{spans.stamp(at, is_utc)}  ", DIM),
        (f"{sign} ", BOLD),
        (what, BAD if bad else None),
    )
    return Row(key, pieces)


def _begin(run: DagRun, is_utc: bool) -> Iterator[_Dated]:
    by = f" by {plain(run.triggered_by)}" if run.triggered_by else ""
    yield run.queued_at, _row(("run", "queued"), run.queued_at, is_utc, "+", f"run queued ({run.run_type}{by})")
    if run.started_at is not None:
        yield run.started_at, _row(("run", "start"), run.started_at, is_utc, "+", "run started")


def _end(run: DagRun, is_utc: bool) -> Iterator[_Dated]:
    if run.ended_at is not None:
        what = f"run ended: {run.state}{_because(why_failed(run))}"
        yield run.ended_at, _row(("run", "end"), run.ended_at, is_utc, "=", what, run.state == "failed")


def _deed(event: Event, is_utc: bool) -> Row:
    return _row(("event", event.id), event.at, is_utc, "@", deed_said(event, is_utc, with_run=False))


def _of_attempt(attempt: TaskAttempt, is_utc: bool) -> Iterator[_Dated]:
    name = plain(attempt.task_id) + (f"[{attempt.map_index}]" if attempt.map_index >= 0 else "")
    what = f"{name} · try {attempt.try_number}"
    key = ("attempt", attempt.task_id, attempt.map_index, attempt.try_number, attempt.id)
    started = attempt.started_at or attempt.launched_at
    pid = f" · pid {attempt.pid}" if attempt.pid else ""
    yield started, _row((*key, "start"), started, is_utc, ">", f"{what} started{pid}")
    if attempt.ended_at is not None:
        took = spans.short(max(attempt.ended_at - started, timedelta()))
        what = f"{what} {attempt.state} after {took}{_exit(attempt)}{_because(attempt.reason)}"
        row = _row((*key, "end"), attempt.ended_at, is_utc, "<", what, attempt.state is AttemptState.FAILED)
        yield attempt.ended_at, row


def _exit(attempt: TaskAttempt) -> str:
    if attempt.signal is not None:
        return f" · signal {attempt.signal}"
    return f" · exit {attempt.exit_code}" if attempt.exit_code else ""


def _callback(row: CallbackRow, is_utc: bool) -> Row:
    whose = f" of {row.task_id}" if row.task_id else ""
    what = plain(f"callback {row.kind}{whose}: {row.state}") + _because(row.error)
    return _row(("callback", row.id), row.created_at, is_utc, "!", what, bool(row.error))


def _because(reason: str | None) -> str:
    return f" · {plain(reason)}" if reason else ""
