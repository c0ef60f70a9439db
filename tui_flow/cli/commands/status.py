"""`tuiflow status`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tui_flow import signs, times
from tui_flow.cli.act import ask
from tui_flow.cli.commands.runs import run_row
from tui_flow.cli.lazy import command, verb_app
from tui_flow.cli.lookup import open_reader
from tui_flow.cli.options import AsJson, InUtc
from tui_flow.cli.show import View, count, facts, heading, listing, print_json
from tui_flow.errors import DatabaseMissing, SchedulerUnreachable
from tui_flow.settings import Home, home_from_environment
from tui_flow.state import RunState, TaskState
from tui_flow.store.lock import read_holder

if TYPE_CHECKING:
    from tui_flow.store.reader import Reader

app = verb_app()
SHOWN = 5
"""Of failures and coming runs, so many."""


@command(app, "status", example="tuiflow status --json")
def status(as_json: AsJson = False, utc: InUtc = False) -> None:
    """Show whether the scheduler lives, what runs, failed and comes next."""
    home = home_from_environment()
    at = times.now()
    found = {"home": home.root, "scheduler": _scheduler(home)}
    try:
        with open_reader() as reader:
            found |= _database(reader, at)
    except DatabaseMissing:
        found["dags"] = None
    if as_json:
        print_json(found)
    else:
        _print(found, View(utc=utc), at)


def _scheduler(home: Home) -> dict[str, Any]:
    """Alive by its lock, not by a heartbeat; how long ago its loop turned, where it answers."""
    holder = read_holder(home)
    if holder is None:
        return {"is_running": False}
    facts = {"is_running": holder.role == "scheduler", "holder": holder.role, "pid": holder.pid, "since": holder.since}
    try:
        answer = ask(home, "status", {}, timeout_s=2.0)
    except SchedulerUnreachable as err:
        return facts | {"problem": str(err)}
    return facts | (answer if isinstance(answer, dict) else {})


def _database(reader: Reader, at: datetime) -> dict[str, Any]:
    dags = reader.dags(with_missing=False)
    runs, tasks = reader.run_counts(), reader.live_counts()
    coming = sorted(
        (dag for dag in dags if dag.next_run_after and not dag.is_paused), key=lambda dag: dag.next_run_after or at
    )
    failed = reader.runs(states=[RunState.FAILED], since=at - timedelta(days=1), limit=1000)
    return {
        "dags": {"active": sum(not dag.is_paused for dag in dags), "paused": sum(dag.is_paused for dag in dags)},
        "runs": {state: runs.get(state, 0) for state in (RunState.RUNNING, RunState.QUEUED)},
        "tasks": {state: number for state, number in tasks.items() if number},
        "waiting_for_people": [
            {"dag_id": asked.dag_id, "run_id": asked.run_id, "task_id": asked.key.task_id, "subject": asked.subject}
            for asked in reader.waiting_input()
        ],
        "failed_last_24_h": [run_row(run, at) for run in failed],
        "pools": [asdict(use) | {"open_slots": use.open_slots} for use in reader.pools()],
        "import_errors": [{"file": error.file, "line": error.line} for error in reader.import_errors()],
        "next_runs": [{"dag_id": dag.dag_id, "run_after": dag.next_run_after} for dag in coming],
    }


def _print(found: dict[str, Any], view: View, at: datetime) -> None:
    values = {"scheduler": scheduler_line(found["scheduler"], view, at), "home": found["home"]}
    if found["dags"] is None:
        facts(values | {"DAGs": "no database yet; `tuiflow up` starts the scheduler, which makes it"}, view)
        return
    facts(
        values
        | {
            "DAGs": f"{found['dags']['active']} active, {found['dags']['paused']} paused",
            "runs": _counts(found["runs"]),
            "tasks": _counts(found["tasks"]) or "none waits or runs",
            "pools": ", ".join(_pool(use) for use in found["pools"]),
            "import errors": len(found["import_errors"]) and _broken(found["import_errors"]) or "none",
            "failed runs": f"{len(found['failed_last_24_h'])} in the last 24 h",
        },
        view,
    )
    if waiting := found["waiting_for_people"][:SHOWN]:
        heading("waiting for you: `tuiflow answer`")
        listing(waiting, "dag_id run_id task_id subject", view, empty="")
    if failed := found["failed_last_24_h"][:SHOWN]:
        heading("failed")
        listing(failed, "dag_id run_id ended_at reason", view, empty="")
    if coming := found["next_runs"][:SHOWN]:
        heading("next")
        rows = [row | {"due": times.away(row["run_after"], at)} for row in coming]
        listing(rows, "dag_id run_after due", view, empty="")


def scheduler_line(scheduler: dict[str, Any], view: View, at: datetime) -> str:
    if "pid" not in scheduler:
        return "not running; `tuiflow up` starts it"
    who = "running" if scheduler["is_running"] else f"held by `{scheduler['holder']}`"
    line = f"{who}, pid {scheduler['pid']}, since {times.shown(scheduler['since'], view.utc)}"
    if "ticked_at" in scheduler:
        line += f", last turn {times.away(min(datetime.fromisoformat(scheduler['ticked_at']), at), at)}"
    if scheduler.get("disk_is_full"):
        line += "; the disk is too full to start anything"
    if locked_out := scheduler.get("locked_out"):
        line += f"; nothing is recorded or started: {locked_out}"
    if doubt := scheduler.get("clock_doubt"):
        line += f"; nothing is scheduled: {doubt} (`tuiflow clock accept` where that is right)"
    if aside := scheduler.get("set_aside"):
        line += f"; set aside by a defect, tried again: {', '.join(aside)} ({next(iter(aside.values()))})"
    return f"{line}; {scheduler['problem']}" if "problem" in scheduler else line


def _counts(states: dict[RunState | TaskState, int]) -> str:
    return ", ".join(f"{number} {signs.labelled(state)}" for state, number in states.items())


def _pool(use: dict[str, Any]) -> str:
    slots = use["pool"]["slots"]
    return f"{use['pool']['name']} {use['running'] + use['queued']}/{slots if slots >= 0 else 'unlimited'}"


def _broken(errors: list[dict[str, Any]]) -> str:
    return f"{count(len(errors), 'file')}; `tuiflow dags import-errors`"
