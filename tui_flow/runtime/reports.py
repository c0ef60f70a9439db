"""From an attempt's journal, and what its parent saw of its end, to the one `Report` that the scheduler records."""

from __future__ import annotations

import os
import resource
import signal
from dataclasses import replace
from datetime import UTC, datetime

from tui_flow.journal import Entry
from tui_flow.logs import Level
from tui_flow.messages import Message, Report
from tui_flow.runtime.task_instance import RETURN_KEY
from tui_flow.spec import Json
from tui_flow.state import AttemptState

SKIP_EXIT_CODE = 99
TIMEOUT_SLACK_S = 5.0
"""How long an attempt may take to raise its own time-out before others signal it."""
ENDS_WELL = (AttemptState.SUCCESS, AttemptState.SKIPPED, AttemptState.RESCHEDULED, AttemptState.DEFERRED)


def utc_now() -> str:
    return datetime.now(UTC).isoformat()


def end_line(state: str, seconds: float, reason: str | None) -> tuple[str, Level]:
    """The last line of an attempt's log, and its level."""
    level = Level.INFO if state in ENDS_WELL else Level.ERROR
    return f"ended: {state} after {seconds:.2f} s{f': {reason}' if reason else ''}", level


def seconds_of(report: Report) -> float | None:
    """How long the attempt itself says that it took."""
    if report.started_at is None:
        return None
    return (datetime.fromisoformat(report.at) - datetime.fromisoformat(report.started_at)).total_seconds()


def report_from_result(attempt_id: int, entry: Entry) -> Report:
    """The report of a journal that holds a result."""
    assert entry.result is not None, "only for journals with a result"
    result = dict(entry.result)
    for effect in entry.effects:
        if effect["kind"] == "outcome":
            result.update({k: v for k, v in effect.items() if k != "kind"})
    last_line = (xcom_of_last_line(entry, result["last_line"]),) if "last_line" in result else ()
    done = any(e["kind"] == "called" for e in entry.effects) or result.get("callbacks_done", True)
    return Report.from_dict(
        {
            "attempt_id": attempt_id,
            "skips": (),
            **{k: v for k, v in result.items() if k in Report.__slots__},
            "effects": _effects_of(entry) + last_line,
            "callbacks_done": done,
        }
    )


def xcom_of_last_line(entry: Entry, value: str) -> Message:
    """What a shell command's last line is to be written as, behind the journal's effects."""
    return {"kind": "xcom", "key": RETURN_KEY, "value": value, "seq": len(entry.effects)}


def _effects_of(entry: Entry) -> tuple[Message, ...]:
    """What is to be written, numbered as in the journal; the rest are notes of the attempt to itself."""
    numbered = enumerate(entry.effects)
    return tuple({**effect, "seq": seq} for seq, effect in numbered if effect["kind"] not in ("outcome", "called"))


def report_from_exit(
    attempt_id: int,
    entry: Entry,
    status: int | None,
    usage: resource.struct_rusage | None,
    *,
    kill_reason: str | None = None,
    timed_out: bool = False,
    skip_exit_codes: tuple[int, ...] = (SKIP_EXIT_CODE,),
) -> Report:
    """The report of an attempt that left no result: a shell wrapper's, or one that died. `status` is a wait status,
    None when nobody could wait for it."""
    code = os.waitstatus_to_exitcode(status) if status is not None else entry.exit_code
    if entry.exit_code is not None:
        code = entry.exit_code
    claim = entry.claim or {}
    base = Report(
        attempt_id=attempt_id,
        state=AttemptState.LOST,
        at=utc_now(),
        started_at=claim.get("at"),
        pid=claim.get("pid"),
        exit_code=code if code is not None and code >= 0 else None,
        signal=-code if code is not None and code < 0 else None,
        callbacks_done=False,
        effects=_effects_of(entry),
    )
    state, reason = _meaning(code, bool(claim.get("shell")), kill_reason, timed_out, skip_exit_codes)
    return replace(base, state=state, reason=reason, **_usage_figures(usage))


def _meaning(
    code: int | None, is_shell: bool, kill_reason: str | None, timed_out: bool, skip_codes: tuple[int, ...]
) -> tuple[AttemptState, str | None]:
    if timed_out and code != 0:
        return AttemptState.FAILED, "execution_timeout: it ran longer than allowed"
    if code is None:
        return AttemptState.LOST, "its supervisor died and nobody can know how it ended"
    if kill_reason is not None and code != 0:
        return AttemptState.KILLED, kill_reason
    if code < 0:
        hint = " (likely out of memory)" if code == -signal.SIGKILL else ""
        return AttemptState.FAILED, f"killed by {_signal_name(-code)}{hint}"
    if not is_shell:
        return AttemptState.FAILED, f"its process exited with code {code} before the task returned"
    if code == 0:
        return AttemptState.SUCCESS, None
    if code in skip_codes:
        return AttemptState.SKIPPED, f"exit code {code} means skip"
    if code > 128 and code - 128 in signal.valid_signals():
        return AttemptState.FAILED, f"exit code {code}: the command was killed by {_signal_name(code - 128)}"
    return AttemptState.FAILED, f"exit code {code}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _usage_figures(usage: resource.struct_rusage | None) -> dict[str, Json]:
    if usage is None:
        return {}
    return {
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 6),
        "max_rss_bytes": usage.ru_maxrss * 1024,
        "read_bytes": usage.ru_inblock * 512,
        "write_bytes": usage.ru_oublock * 512,
    }
