"""`tuiflow backfills ...`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from tui_flow import times
from tui_flow.cli.act import act
from tui_flow.cli.inputs import confirm
from tui_flow.cli.lazy import command, group_app
from tui_flow.cli.lookup import find_dag, newest_spec, open_reader
from tui_flow.cli.options import AnyDagId, AsJson, InUtc, Yes
from tui_flow.cli.show import View, facts, listing, print_json, say
from tui_flow.errors import NotFound
from tui_flow.records import Backfill
from tui_flow.state import RunState

app = group_app("List, show, pause, resume and cancel backfills.")
SHOWN = 20
"""Of failed runs, so many."""
BackfillId = Annotated[int, typer.Argument(metavar="ID", help="Number of the backfill.", show_default=False)]


@command(app, "list", example="tuiflow backfills list")
def list_backfills(
    dag_id: AnyDagId = None,
    only_open: Annotated[bool, typer.Option("--open", help="Only those that have not ended.")] = False,
    as_json: AsJson = False,
    utc: InUtc = False,
) -> None:
    """List backfills, the newest first."""
    with open_reader() as reader:
        if dag_id is not None:
            find_dag(reader, dag_id)
        rows = [_row(backfill) for backfill in reader.backfills(dag_id, only_open)]
    columns = "id dag_id status from_date to_date total cursor reprocess"
    listing(rows, columns, View(as_json, utc), empty="no backfills; `tuiflow backfill DAG --start --end` makes one")


def _row(backfill: Backfill) -> dict[str, Any]:
    row: dict[str, Any] = {key: getattr(backfill, key) for key in Backfill.__dataclass_fields__}
    if backfill.cancelled_at:
        status = "cancelled"
    elif backfill.completed_at:
        status = "completed"
    else:
        status = "paused" if backfill.is_paused else "active"
    return row | {"status": status}


@command(app, "show", example="tuiflow backfills show 3")
def show_backfill(backfill_id: BackfillId, as_json: AsJson = False, utc: InUtc = False) -> None:
    """Show one backfill: how far it is, when it will have ended at this pace, and its runs that failed."""
    from tui_flow.planner.backfill import progress  # with the timetables 40 ms, here only

    at = times.now()
    with open_reader() as reader:
        backfill = reader.backfill(backfill_id)
        if backfill is None:
            raise NotFound(f"there is no backfill {backfill_id}; `tuiflow backfills list` shows them")
        dag = find_dag(reader, backfill.dag_id)
        counts = reader.backfill_counts(backfill_id)
        failed = reader.runs(backfill.dag_id, [RunState.FAILED], backfill_id=backfill_id, limit=SHOWN)
        waiting = sum(counts.get(state, 0) for state in (RunState.QUEUED, RunState.RUNNING))
        found = progress(newest_spec(reader, dag), backfill, waiting, at)
    row = _row(backfill) | {
        "done": found.done,
        "runs": {str(state): number for state, number in counts.items()},
        "ends_at": found.ends_at,
        "failed": [run.run_id for run in failed],
    }
    if as_json:
        print_json(row)
        return
    row["runs"] = ", ".join(f"{number:,} {state}" for state, number in counts.items())
    left = f", ends in {times.lasting(found.ends_at - at)} at this pace" if found.ends_at else ""
    row["progress"] = f"{found.done} of {found.total} dates ({found.done * 100 // max(1, found.total)} %){left}"
    facts(
        {key: value for key, value in row.items() if key not in ("total", "done", "ends_at", "cursor")}, View(utc=utc)
    )


@command(app, "pause", example="tuiflow backfills pause 3")
def pause(backfill_id: BackfillId) -> None:
    """Let a backfill start no further runs for now."""
    act("pause_backfill", backfill_id=backfill_id, is_paused=True)
    say(f"backfill {backfill_id} is paused")


@command(app, "resume", example="tuiflow backfills resume 3")
@command(app, "unpause", example="tuiflow backfills unpause 3")
def unpause(backfill_id: BackfillId) -> None:
    """Let a paused backfill go on."""
    act("pause_backfill", backfill_id=backfill_id, is_paused=False)
    say(f"backfill {backfill_id} goes on")


@command(app, "cancel", example="tuiflow backfills cancel 3 -y")
def cancel(backfill_id: BackfillId, yes: Yes = False) -> None:
    """End a backfill: no further runs, queued ones fail, running ones go on."""
    confirm(f"Cancel backfill {backfill_id}?", yes)
    act("cancel_backfill", backfill_id=backfill_id)
    say(f"backfill {backfill_id} is cancelled")
