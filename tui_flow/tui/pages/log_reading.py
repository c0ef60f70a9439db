"""What the log page knows of a try: read from the database, not from its log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tui_flow import times
from tui_flow.actions.reasons import reasons
from tui_flow.logs import log_path
from tui_flow.records import DagRun, TaskAttempt, TaskInstance, TaskInstanceKey
from tui_flow.settings import Home, load_settings
from tui_flow.state import FINISHED_TASK
from tui_flow.store.reader import Reader
from tui_flow.tui.logchrome import TryFacts
from tui_flow.tui.places import Place
from tui_flow.tui.text import plain
from tui_flow.tui.views import spans


@dataclass(frozen=True, slots=True)
class LogModel:
    run: DagRun | None
    ti: TaskInstance | None = None
    attempts: Sequence[TaskAttempt] = ()
    """Of the try that is shown."""
    path: Path | None = None
    try_number: int = 0
    reasons: Sequence[str] = ()
    """Why it has not started, where it has not."""


def load_log(reader: Reader, home: Home, place: Place) -> LogModel:
    run = reader.run(place.dag_id, place.run_id)
    ti = reader.task_instance(TaskInstanceKey(run.id, place.task_id, place.map_index)) if run else None
    if run is None or ti is None:
        return LogModel(run)
    number = place.try_number or ti.try_number
    attempts = [attempt for attempt in reader.attempts(ti.key) if attempt.try_number == number]
    if not ti.try_number:
        parallelism = load_settings(home).core.parallelism
        return LogModel(run, ti, reasons=reasons(reader, run, ti, times.now(), parallelism))
    path = log_path(home.logs, run.dag_id, run.run_id, ti.task_id, ti.map_index, number)
    return LogModel(run, ti, attempts, path, number)


def try_facts(model: LogModel) -> TryFacts | None:
    """None: there is no task."""
    ti = model.ti
    if ti is None:
        return None
    last = model.attempts[-1] if model.attempts else None
    is_newest = model.try_number == ti.try_number or last is None
    state = ti.state if is_newest or last is None else last.state
    return TryFacts(state, model.try_number, max(ti.max_tries + 1, model.try_number), _how(last) if last else ())


def _how(attempt: TaskAttempt) -> list[str]:
    """How an attempt ended and what it took."""
    said = []
    if attempt.signal is not None:
        said.append(f"signal {attempt.signal}")
    elif attempt.exit_code is not None:
        said.append(f"exit {attempt.exit_code}")
    if attempt.started_at and attempt.ended_at:
        said.append(f"took {spans.short(attempt.ended_at - attempt.started_at)}")
    if attempt.cpu_s is not None:
        said.append(f"cpu {attempt.cpu_s:.1f}s")
    if attempt.max_rss_bytes:
        said.append(f"memory {attempt.max_rss_bytes / 2**20:.0f} MiB")
    return said


def why_empty(model: LogModel, is_missing: bool) -> str:
    """What stands there where the log has no lines; `is_missing`: there is no file."""
    if model.run is None:
        return "this run is gone; esc leads back"
    if model.ti is None:
        return "this run has no such task; esc leads back"
    if model.ti.try_number:
        if not _has_ended(model):
            return "nothing logged yet"
        return "the log is gone, or was never written" if is_missing else "the log is empty: nothing was printed"
    return "\n".join(["it has not started:", *(f"  {plain(reason)}" for reason in model.reasons)])


def end_of(model: LogModel | None) -> str:
    """What is said behind the last line; empty while more may come."""
    return "end of log · task finished" if model is not None and _has_ended(model) else ""


def _has_ended(model: LogModel) -> bool:
    ti = model.ti
    if ti is None or not model.try_number:
        return False
    return model.try_number < ti.try_number or ti.state in FINISHED_TASK
