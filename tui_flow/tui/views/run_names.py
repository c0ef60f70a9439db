"""How a run is called where there is little room: by its kind and its time, if its id was made of them."""

from __future__ import annotations

from datetime import datetime

from tui_flow.records import DagRun
from tui_flow.state import RunState, RunType
from tui_flow.tui.views import spans

_KINDS = frozenset(str(kind) for kind in RunType)


def run_name(run_id: str, is_utc: bool) -> str:
    """`manual 2026-11-20 02:00` for `manual__2026-11-20T01:00:00.123456+00:00`; an id of another form as it is."""
    kind, made, when = run_id.partition("__")
    if not made or kind not in _KINDS:
        return run_id
    try:
        at = datetime.fromisoformat(when)
    except ValueError:
        return run_id
    return f"{kind.replace('_', ' ')} {spans.minute(at, is_utc)}" if at.tzinfo else run_id


def why_failed(run: DagRun) -> str:
    """In words why a run failed; "" where its tasks say it, or it did not."""
    if run.state is not RunState.FAILED or run.reason in (None, "task_failure"):
        return ""
    return str(run.reason).replace("_", " ")


def kind_of(run: DagRun) -> str:
    """What made it, in one word: manual, scheduled, backfill, asset."""
    return str(run.run_type).removesuffix("_triggered")


def about_run(run_id: str, reason: str) -> str:
    """A reason where it is seen which run it speaks of."""
    return reason.removeprefix(f"run {run_id} is ")
