"""`tuiflow backfill`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from tui_flow import times
from tui_flow.cli.act import act, complete, preview
from tui_flow.cli.background import running_scheduler
from tui_flow.cli.habits import COMMANDS
from tui_flow.cli.inputs import confirm, parse_conf
from tui_flow.cli.lazy import command, verb_app
from tui_flow.cli.lookup import open_reader
from tui_flow.cli.options import AsJson, Conf, DagId, DryRun, InUtc, ParamPairs, Yes
from tui_flow.cli.show import View, count, listing, print_json, say
from tui_flow.errors import UsageError
from tui_flow.settings import home_from_environment

app = verb_app()
SHOWN = 40
"""So many dates are shown before the question; a dry run shows all that are known."""

Start = Annotated[
    str, typer.Option("--start", "-s", metavar="DATE", help="First logical date, included.", show_default=False)
]
End = Annotated[
    str,
    typer.Option(
        "--end",
        "-e",
        metavar="DATE",
        help="Last logical date, included; a day without a time is the whole day.",
        show_default=False,
    ),
]
Which = Annotated[str, typer.Option(metavar="WHICH", help="Which existing runs run again: none, failed or completed.")]
AtOnce = Annotated[int, typer.Option(metavar="N", help="Runs of the backfill at once.")]
Backwards = Annotated[bool, typer.Option("--backwards", help="The latest date first.")]


@command(app, "backfill", example="tuiflow backfill etl --start 2026-05-01 --end 2026-05-31 --dry-run")
def backfill(
    dag_id: DagId,
    start: Start,
    end: End,
    reprocess: Which = "none",
    max_active_runs: AtOnce = 10,
    backwards: Backwards = False,
    conf: Conf = None,
    param: ParamPairs = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
    utc: InUtc = False,
) -> None:
    """Create the runs of a DAG for a span of dates whose data intervals have ended.

    Shows each date and what becomes of it, then asks.
    """
    _refuse_airflows_verb(dag_id)
    at = times.now()
    asked = {
        "dag_id": dag_id,
        "from_date": times.parse_date(start, at, utc).isoformat(),
        "to_date": times.parse_end(end, at, utc).isoformat(),
        "reprocess": reprocess,
        "max_active_runs": max_active_runs,
        "run_backwards": backwards,
        "conf": parse_conf(conf, param),
    }
    args = complete("create_backfill", asked)  # once: what is shown is what is made
    found: Any = preview("create_backfill", **args)
    if not as_json:
        _print(found, View(utc=utc), len(found["slots"]) if dry_run else SHOWN)
    if not dry_run:
        if found["total"] > 1:
            confirm(f"Backfill {_total(found)} of DAG {dag_id!r}?", yes)
        found = act("create_backfill", **args)
        say(f"backfill {found['backfill_id']} of DAG {dag_id!r} is created: {_total(found)}")
        _say_what_it_waits_for(dag_id, found["is_paused"])
    if as_json:
        print_json(found)


def _say_what_it_waits_for(dag_id: str, is_paused: bool) -> None:
    if is_paused:
        say(f"DAG {dag_id!r} is paused, so its runs wait: `tuiflow unpause {dag_id}` lets them start")
    if running_scheduler(home_from_environment()) is None:
        say("no scheduler is running, so its runs wait: `tuiflow up` starts one")


def _refuse_airflows_verb(word: str) -> None:
    """`backfill create` is no DAG called create, unless there is one."""
    ours = COMMANDS.get(f"backfill {word}")
    if ours is None:
        return
    with open_reader() as reader:
        if reader.dag(word) is None:
            raise UsageError(f"no DAG {word!r} to backfill; Airflow's `backfill {word}` is `tuiflow {ours}` here")


def _print(found: dict[str, Any], view: View, limit: int) -> None:
    rows = [
        {"logical_date": datetime.fromisoformat(slot["logical_date"]), "what_happens": slot["outcome"]}
        for slot in found["slots"][:limit]
    ]
    listing(rows, "logical_date what_happens", view, empty="no dates")
    more = f", of which the first {len(rows)} are shown" if found["total"] > len(rows) else ""
    more += "; --dry-run shows more" if len(found["slots"]) > len(rows) else ""
    say(f"{_total(found)} in all{more}")


def _total(found: dict[str, Any]) -> str:
    return f"about {count(found['total'], 'date')}" if found["is_estimate"] else count(found["total"], "date")
