"""What an attempt's journal says when its host does not: the reports of dead, adopted and never started attempts."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from tui_flow import journal
from tui_flow.journal import Entry, Liveness
from tui_flow.logs import Source, parse_line, read_tail
from tui_flow.messages import Report
from tui_flow.runtime.processes import end_marked, find_leader, is_same_process, seconds_since_boot
from tui_flow.runtime.reports import TIMEOUT_SLACK_S, report_from_exit, report_from_result, utc_now
from tui_flow.sdk import xcom
from tui_flow.spec import Json
from tui_flow.state import AttemptState


def settle(attempt_id: int, path: Path, log: Path, *, same_boot: bool = True, timed_out: bool = False) -> Report | None:
    """The report of an attempt that no live host answers for; None while something of it lives.

    Never started: it is voided first, so that it never will. Of an earlier boot: lost. Dead without a result: lost,
    after its stray processes were ended. `timed_out`: its end was asked for because it `is_overdue`."""
    if not same_boot:
        return _lost(attempt_id, "the machine restarted while it ran")
    liveness, entry = journal.look(path)
    match liveness:
        case Liveness.ALIVE:
            if _has_only_leftovers(path, entry):
                end_marked(str(path))
            return None
        case Liveness.UNCLAIMED:
            journal.crash_point("void.before")
            if not journal.void(path):
                return None
            journal.crash_point("void.linked")
            return _void(attempt_id)
        case Liveness.VOID:
            return _void(attempt_id)
        case Liveness.ENDED | Liveness.GONE:
            return None if journal.is_taken_over(path) else _ended(attempt_id, path, log, timed_out)


def dead_host_of(path: Path) -> int | None:
    """The pid of the dead host of an attempt that lives and whose output nobody pumps; None where all is well."""
    liveness, entry = journal.look(path)
    if liveness is not Liveness.ALIVE or _host_lives(entry) or journal.is_taken_over(path):
        return None
    return int(_claim(entry).get("host", 0)) or None


def is_overdue(path: Path) -> bool:
    """Whether an attempt lives on beyond its execution_timeout while the host that would enforce it is dead. A Python
    attempt raises its time-out itself first."""
    liveness, entry = journal.look(path)
    claim = _claim(entry)
    if liveness is not Liveness.ALIVE or claim.get("timeout") is None or "start" not in claim or _host_lives(entry):
        return False
    slack_s = 0.0 if claim.get("shell") else TIMEOUT_SLACK_S
    return bool(seconds_since_boot() > claim["start"] + claim["timeout"] + slack_s)


def _has_only_leftovers(path: Path, entry: Entry | None) -> bool:
    """The attempt's own process and its host are dead, and its output is pumped to the end: what still holds the lock
    was left behind."""
    claim = _claim(entry)
    if "host" not in claim or _host_lives(entry) or pid_of(path, claim) is not None:
        return False
    return not journal.is_taken_over(path)


def pid_of(path: Path, claim: Mapping[str, Json]) -> int | None:
    """The attempt's own live process, by an identity that no other can have; None when it is gone. A shell's, whose
    host died before it could note it, is known by its marker."""
    if "pid" in claim:
        return claim["pid"] if is_same_process(claim["pid"], claim.get("start")) else None
    return find_leader(str(path)) if claim.get("shell") else None


def _host_lives(entry: Entry | None) -> bool:
    claim = _claim(entry)
    return "host" not in claim or is_same_process(claim["host"], claim.get("host_start"))


def _claim(entry: Entry | None) -> dict[str, Json]:
    return (entry.claim if entry else None) or {}


def _ended(attempt_id: int, path: Path, log: Path, timed_out: bool) -> Report:
    end_marked(str(path))
    _, entry = journal.look(path)  # the result may have come just before the lock fell
    assert entry is not None, "the journal is still there"
    if entry.result is not None:
        return report_from_result(attempt_id, entry)
    return _with_last_line(report_from_exit(attempt_id, entry, None, None, timed_out=timed_out), entry, log)


def _with_last_line(report: Report, entry: Entry, log: Path) -> Report:
    """A shell command's XCom, which its host did not live to push, is the last line of its output in the log: if that
    is there."""
    if report.state != AttemptState.SUCCESS or not _claim(entry).get("xcom") or report.effects:
        return report
    if not entry.is_pumped:
        return _lost(report.attempt_id, "its exit code is 0, but its last line of output died with its host")
    lines = [parse_line(line) for line in read_tail(log).splitlines()]
    texts = [line.text for line in lines if line.source is Source.STDOUT]
    last = texts[-1].rstrip() if texts else ""
    effect = {"kind": "xcom", "key": "return_value", "value": xcom.encode(last), "seq": 0}
    return replace(report, effects=(effect,), callbacks_done=True)


def signal_session(path: Path, number: int) -> bool:
    """Signal an attempt's whole session by its journal, whoever supervises it; False when it is gone."""
    _, entry = journal.look(path)
    pid = pid_of(path, _claim(entry))
    if pid is None:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, number)
    return True


def _void(attempt_id: int) -> Report:
    return Report(attempt_id=attempt_id, state=AttemptState.VOID, at=utc_now(), reason="never started")


def _lost(attempt_id: int, reason: str) -> Report:
    return Report(attempt_id=attempt_id, state=AttemptState.LOST, at=utc_now(), reason=reason, callbacks_done=False)
