"""What somebody did, in words, from a line of the audit trail. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from tui_flow.records import Event
from tui_flow.tui.text import plain
from tui_flow.tui.views.run_names import run_name

DONE: Mapping[str, str] = {
    "trigger": "triggered",
    "mark_run": "marked the run",
    "cancel_run": "stopped the run",
    "delete_run": "deleted the run",
    "note_run": "wrote a note on the run",
    "delete_dag": "deleted the DAG",
    "reparse": "had DAG files parsed again",
    "create_backfill": "began a backfill",
    "cancel_backfill": "cancelled a backfill",
    "set_pool": "set the pool",
    "delete_pool": "deleted the pool",
    "set_variable": "set the variable",
    "delete_variable": "deleted the variable",
    "set_connection": "set the connection",
    "delete_connection": "deleted the connection",
    "import_variables": "imported variables",
    "import_connections": "imported connections",
    "import_pools": "imported pools",
    "clean_runs": "cleaned up old runs",
    "clean_events": "cleaned up old events",
    "record_asset_event": "recorded an event of the asset",
    "materialize_asset": "had made the asset",
    "clean_asset_events": "cleaned up old asset events",
    "accept_clock": "said that the clock is right",
    "set_aside": "set aside after a defect",
    "clean": "cleaned up old runs",
    "asset_events": "could not record asset events",
}
"""Verbs of `actions` and of the scheduler as what was done, with the thing that it was done to after it."""
TO_TASKS: Mapping[str, str] = {
    "clear": "cleared",
    "mark_task": "marked",
    "kill": "stopped",
    "answer": "answered",
    "note_task": "wrote a note on",
    "set_xcom": "set an XCom of",
    "delete_xcom": "deleted an XCom of",
}
TURNED: Mapping[str, tuple[str, str]] = {
    "pause_dag": ("paused", "resumed"),
    "pause_backfill": ("paused a backfill", "resumed a backfill"),
}
NAMES = ("name", "key", "conn_id", "file")
"""Where an answer names the thing that a deed was about."""


def deed_said(event: Event, is_utc: bool, with_run: bool = True) -> str:
    """`paused by ana`, `cleared extract in 11-20 02:00 by ana`."""
    run = run_name(event.run_id, is_utc) if event.run_id and with_run else ""
    if event.verb in TO_TASKS:
        words = [TO_TASKS[event.verb], event.task_id or "tasks", f"in {run}" if run else ""]
    else:
        words = [_done(event), _thing(event), event.task_id or "", run]
    return plain(f"{' '.join(word for word in words if word)} by {event.who or 'the scheduler'}")


def _done(event: Event) -> str:
    if (turned := TURNED.get(event.verb)) is None:
        return DONE.get(event.verb) or event.verb.replace("_", " ")
    answer = event.after if isinstance(event.after, Mapping) else {}
    return turned[0] if answer.get("is_paused", True) else turned[1]


def _thing(event: Event) -> str:
    """What has no column of its own; several DAGs by their names."""
    answer = event.after if isinstance(event.after, Mapping) else {}
    dag_ids = answer.get("dag_ids")
    if isinstance(dag_ids, list) and len(dag_ids) > 1:
        return ", ".join(map(str, dag_ids))
    if event.dag_id:
        return ""
    return next((str(answer[name]) for name in NAMES if answer.get(name)), "")
