"""What each decision makes of one task instance and its active attempt. Pure; `batch` loads and stores them.

Every function gives the pair as it becomes, or None where the decision no longer fits: another state, another try, or
an attempt that has ended. A move that the tables of `state` do not know is a defect and raises.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from tui_flow.messages import Report
from tui_flow.planner.decisions import FinishAttempt, KillAttempt, LaunchAttempt, MoveTask, ResumeTask, StartAttempt
from tui_flow.records import TaskAttempt, TaskInstance
from tui_flow.state import (
    ATTEMPT_MOVES,
    FINISHED_TASK,
    OCCUPIED_TASK,
    TASK_MOVES,
    AttemptState,
    TaskState,
)

Pair = tuple[TaskInstance, TaskAttempt | None]
_RESUMABLE = frozenset({TaskState.DEFERRED, TaskState.AWAITING_INPUT})


def move_task(pair: Pair, decision: MoveTask, now: datetime) -> Pair | None:
    ti, attempt = pair
    if attempt is not None or ti.state is not decision.old or ti.try_number != decision.try_number:
        return None
    _check_move(ti, decision.new)
    if decision.max_tries is not None:
        ti = replace(ti, max_tries=decision.max_tries)
    if decision.is_a_try:
        ti = replace(ti, try_number=ti.try_number + 1)
    if decision.new is TaskState.NONE:
        return cleared(ti), None
    moved = replace(ti, state=decision.new, reason=plain(decision.reason), due_at=decision.due_at)
    if decision.new in FINISHED_TASK:
        had_ended = ti.ended_at if ti.state in FINISHED_TASK else None  # a mark does not make a task's time longer
        moved = replace(moved, ended_at=had_ended or now, resume=None, after_kill=None)
    elif decision.new is TaskState.UP_FOR_RETRY:
        moved = replace(moved, ended_at=now, resume=None, poke_count=0)
    return moved, None


def resume(pair: Pair, decision: ResumeTask, now: datetime) -> Pair | None:
    ti, attempt = pair
    if attempt is not None or ti.state is not decision.old or ti.try_number != decision.try_number:
        return None
    if ti.resume is None or decision.wait_id not in (None, ti.resume["id"]):
        return None
    _check_move(ti, decision.new)
    ti = replace(ti, state=decision.new, due_at=None, reason=plain(decision.reason))
    if decision.new in FINISHED_TASK:
        return replace(ti, ended_at=now, resume=None, map_length=decision.map_length), None
    return replace(ti, resume={**ti.resume, "over": decision.over}), None


def launch(pair: Pair, decision: LaunchAttempt, now: datetime, boot_id: str) -> Pair | None:
    """The attempt has id 0 until it is stored."""
    ti, attempt = pair
    if attempt is not None or ti.state is not TaskState.SCHEDULED or ti.try_number != decision.old_try_number:
        return None
    ti = replace(ti, state=TaskState.QUEUED, queued_at=now, due_at=None, ended_at=None, reason=None, after_kill=None)
    if decision.try_number != decision.old_try_number:
        ti = replace(
            ti, try_number=decision.try_number, started_at=None, first_started_at=None, poke_count=0, resume=None
        )
    launched = TaskAttempt(
        0, *ti.key, ti.try_number, AttemptState.LAUNCHING, now, boot_id, source_version=decision.source_version
    )
    return ti, launched


def start(pair: Pair, decision: StartAttempt) -> Pair | None:
    ti, attempt = pair
    if attempt is None or attempt.id != decision.attempt_id or attempt.state is not AttemptState.LAUNCHING:
        return None
    state = TaskState.RUNNING if ti.state is TaskState.QUEUED else ti.state
    ti = replace(ti, state=state, started_at=decision.at, first_started_at=ti.first_started_at or decision.at)
    return ti, replace(attempt, state=AttemptState.RUNNING, started_at=decision.at, pid=decision.pid)


def finish(pair: Pair, decision: FinishAttempt) -> Pair | None:
    """The second of the pair is the ended attempt."""
    ti, attempt = pair
    if (
        attempt is None
        or attempt.id != decision.attempt_id
        or decision.attempt_state not in ATTEMPT_MOVES[attempt.state]
    ):
        return None
    if ti.state is not decision.old or ti.try_number != decision.try_number:
        return None
    _check_move(ti, decision.new)
    ended = _ended(attempt, decision)
    if decision.attempt_state is AttemptState.VOID:
        ti = _as_never_launched(ti)
    else:
        ti = _with_outcome(ti, ended, decision)
    if decision.max_tries is not None:
        ti = replace(ti, max_tries=decision.max_tries)
    if decision.new is TaskState.NONE:
        return cleared(ti), ended
    return replace(ti, state=decision.new, due_at=decision.due_at, after_kill=None), ended


def kill(pair: Pair, decision: KillAttempt) -> Pair | None:
    ti, attempt = pair
    if attempt is None or attempt.id != decision.attempt_id:
        return None
    restarts = decision.after is TaskState.NONE and ti.state in OCCUPIED_TASK
    ti = replace(ti, state=TaskState.RESTARTING if restarts else ti.state, after_kill=decision.after)
    return ti, replace(attempt, kill_reason=plain(decision.reason))


def cleared(ti: TaskInstance) -> TaskInstance:
    """As it was before its first try, but for the counts of tries."""
    return TaskInstance(ti.run, ti.task_id, ti.map_index, TaskState.NONE, ti.try_number, ti.max_tries, note=ti.note)


def plain(text: str | None) -> str | None:
    """Text that SQLite takes: what a task wrote may hold lone surrogates."""
    return None if text is None else text.encode("utf-8", "replace").decode()


def _check_move(ti: TaskInstance, new: TaskState) -> None:
    if new is not ti.state and new not in TASK_MOVES[ti.state]:
        raise ValueError(f"{ti.key}: {ti.state} -> {new} is not a legal move")


def _ended(attempt: TaskAttempt, decision: FinishAttempt) -> TaskAttempt:
    report = decision.report
    return replace(
        attempt,
        state=decision.attempt_state,
        started_at=_started(report) or attempt.started_at,  # its own word: it may be told of late
        ended_at=_instant(report.at),
        pid=report.pid or attempt.pid,
        exit_code=report.exit_code,
        signal=report.signal,
        reason=plain(report.reason),
        cpu_s=report.cpu_s,
        max_rss_bytes=report.max_rss_bytes,
        read_bytes=report.read_bytes,
        write_bytes=report.write_bytes,
    )


def _as_never_launched(ti: TaskInstance) -> TaskInstance:
    """A launch that went on with a try (a rescheduled sensor's) keeps its number; one that began it gives it back."""
    went_on = ti.poke_count > 0 or ti.resume is not None
    if went_on:
        return ti
    return replace(ti, try_number=ti.try_number - 1, queued_at=None, started_at=None, first_started_at=None)


def _with_outcome(ti: TaskInstance, ended: TaskAttempt, decision: FinishAttempt) -> TaskInstance:
    """A try that is over forgets its pokes: they say that the next launch goes on with it."""
    report, is_over = decision.report, decision.new is TaskState.UP_FOR_RETRY
    pokes = ti.poke_count + (decision.attempt_state is AttemptState.RESCHEDULED)
    return replace(
        ti,
        started_at=ended.started_at,
        first_started_at=ti.first_started_at or ended.started_at,
        ended_at=ended.ended_at,
        poke_count=0 if is_over else pokes,
        skips=report.skips if report.is_branch or report.skips else ti.skips,
        reason=ended.kill_reason if ti.after_kill is not None else ended.reason,
        map_length=decision.map_length,
        rendered_map_index=plain(report.rendered_map_index) or ti.rendered_map_index,
        resume=report.resume if decision.new in _RESUMABLE else None,
    )


def _started(report: Report) -> datetime | None:
    return _instant(report.started_at) if report.started_at else None


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
