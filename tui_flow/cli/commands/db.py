"""`tuiflow db ...`."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from tui_flow import times
from tui_flow.cli.act import act, writing
from tui_flow.cli.inputs import confirm
from tui_flow.cli.lazy import command, group_app
from tui_flow.cli.lookup import open_reader
from tui_flow.cli.options import AsJson, DryRun, InUtc, Limit, Yes
from tui_flow.cli.show import View, count, facts, listing, say
from tui_flow.errors import BadInput, NotPossible
from tui_flow.settings import home_from_environment, load_settings
from tui_flow.store.lock import held

app = group_app("Check, back up, clean and query the database.")


@command(app, "check", example="tuiflow db check")
def check(as_json: AsJson = False) -> None:
    """Read the whole database and report damage; exit code 1 when there is some."""
    from tui_flow.store.adhoc import problems

    path = home_from_environment().database
    found = problems(path)
    with open_reader() as reader:
        meta = reader.meta()
    size = f"{path.stat().st_size / 2**20:.1f} MiB"
    facts(
        {"database": path, "size": size, "state": "damaged" if found else "ok", "problems": found} | meta, View(as_json)
    )
    if found:
        raise typer.Exit(1)


@command(app, "backup", example="tuiflow db backup tuiflow-backup.db")
def backup(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Where to; must not exist yet.", show_default=False)],
) -> None:
    """Write a consistent copy of the database; a running scheduler goes on meanwhile.

    The key of secrets is apart: `tuiflow config show` says where.
    """
    from tui_flow.store.adhoc import back_up

    copy = Path(file).absolute()
    back_up(home_from_environment().database, copy)
    say(f"wrote {copy} ({copy.stat().st_size / 2**20:.1f} MiB)")


@command(app, "clean", example="tuiflow db clean --before -90d --dry-run")
def clean(
    before: Annotated[
        str | None, typer.Option(metavar="DATE", help="Runs that ended earlier; [retention] runs_days without it.")
    ] = None,
    keep: Annotated[
        int | None, typer.Option(metavar="N", help="The newest of each DAG stay; [retention] runs_per_dag without it.")
    ] = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
    utc: InUtc = False,
) -> None:
    """Delete old finished runs with their logs, old updates of assets and old lines of the audit trail.

    The newest run of each DAG stays, and the newest update of each asset.
    """
    from tui_flow.actions.retention import expired_runs  # the planner, here only
    from tui_flow.planner.retention import Keep

    settings, at = load_settings(home_from_environment()).retention, times.now()
    days = timedelta(days=settings.runs_days) if settings.runs_days and keep is None else None
    since = times.parse_date(before, at, utc) if before else at - days if days else None
    bound = Keep(since, (0 if before else settings.runs_per_dag) if keep is None else keep)
    if bound.keeps_all:
        raise BadInput("[retention] keeps all; say how old with --before, like --before -90d, or how many with --keep")
    with open_reader() as reader:
        old = [
            {"dag_id": run.dag_id, "run_id": run.run_id, "ended_at": run.ended_at}
            for run in expired_runs(reader, bound)
        ]
        updates = reader.old_asset_events(bound.since) if bound.since else 0
        lines = reader.old_events(bound.since) if bound.since else 0
    if dry_run or as_json:
        listing(old, "dag_id run_id ended_at", View(as_json, utc), empty="no run is that old")
    more = f", {count(updates, 'update')} of assets" if updates else ""
    more += f", {count(lines, 'line')} of the audit trail" if lines else ""
    say(f"{count(len(old), 'run')}{more} {_told(bound.since, bound.per_dag, utc)}")
    if dry_run or not (old or more):
        return
    confirm(f"Delete {count(len(old), 'run')} with their logs{more}?", yes)
    say(f"deleted {count(_clean(bound.since, bound.per_dag), 'run')}{more}")


def _told(since: datetime | None, per_dag: int, utc: bool) -> str:
    bounds = [
        *([f"ended before {times.shown(since, utc)}"] if since else []),
        *([f"are beyond the newest {per_dag} of their DAG"] if per_dag else []),
    ]
    return " or ".join(bounds)


def _clean(since: datetime | None, per_dag: int) -> int:
    """Page by page, so that a scheduler gets its turn in between."""
    number = 0
    before = since.isoformat() if since else None
    for verb in ("clean_asset_events", "clean_events") if before else ():
        while act(verb, before=before) != {"removed": 0}:
            pass
    while True:
        done: Any = act("clean_runs", since=before, per_dag=per_dag)
        number += len(done["runs"])
        if not done["runs"]:
            return number


@command(app, "query", example="tuiflow db query 'SELECT state, count(*) FROM dag_run GROUP BY state'")
def query(
    sql: Annotated[str, typer.Argument(metavar="SQL", help="One statement that only reads.", show_default=False)],
    limit: Limit = 1000,
    as_json: AsJson = False,
) -> None:
    """Run one read-only SQL statement. Instants are microseconds since 1970 in UTC."""
    from tui_flow.store.adhoc import query as run_query

    names, found = run_query(home_from_environment().database, sql, limit)
    keys = [name if names.count(name) == 1 else f"{name}_{index}" for index, name in enumerate(names)]
    listing([dict(zip(keys, row, strict=True)) for row in found], keys, View(as_json), empty="no rows")


@command(app, "takeover", example="tuiflow db takeover")
def takeover(yes: Yes = False) -> None:
    """Make a home that was moved from another machine this machine's. The other one must no longer use it."""
    confirm("Make the database this machine's? No other machine may use it any more.", yes)
    with writing(home_from_environment(), "db takeover", takeover=True):
        say("the database belongs to this machine now")


@command(app, "reset", example="tuiflow db reset")
def reset(yes: Yes = False) -> None:
    """Delete all that this home holds but settings and DAG files: runs, logs, XComs, variables, connections, pools.

    Needs a scheduler that is down, and no task that still runs. The next start makes a new database.
    """
    home = home_from_environment()
    with open_reader() as reader:
        dags = count(len(reader.dag_ids()), "DAG")
    confirm(f"Delete the history of {dags} and all variables, connections and pools in {home.root}?", yes)
    with held(home, "`tuiflow db reset`", 1.0):
        with open_reader() as reader:
            if alive := reader.active_attempts():
                raise NotPossible(
                    f"{count(len(alive), 'task')} may still run; `tuiflow up`, then `tuiflow down --kill-tasks`"
                )
        for folder in (home.journal, home.logs, home.sources, home.spill, home.triggers, home.scratch):
            shutil.rmtree(folder, ignore_errors=True)
        for ending in ("-wal", "-shm", ""):
            home.database.with_name(home.database.name + ending).unlink(missing_ok=True)
    say(f"deleted the history of {dags}; settings and DAG files stay")
