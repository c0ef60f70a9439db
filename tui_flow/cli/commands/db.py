"""`tuiflow db ...`."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui_flow import times
from tui_flow.cli.act import writing
from tui_flow.cli.inputs import confirm
from tui_flow.cli.lazy import command, group_app
from tui_flow.cli.lookup import open_reader
from tui_flow.cli.options import AsJson, DryRun, InUtc, Limit, Yes
from tui_flow.cli.show import View, count, facts, listing, say
from tui_flow.errors import BadInput
from tui_flow.logs.removal import delete_logs
from tui_flow.records import DagRun
from tui_flow.settings import Home, home_from_environment, load_settings
from tui_flow.state import FINISHED_RUN

if TYPE_CHECKING:
    from tui_flow.store.reader import Reads

app = group_app("Check, back up, clean and query the database.")
EVERYTHING = 10**9


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
    dry_run: DryRun = False,
    yes: Yes = False,
    utc: InUtc = False,
) -> None:
    """Delete old finished runs with their logs. The newest run of each DAG stays; needs the scheduler to be stopped."""
    home = home_from_environment()
    at = times.now()
    limit = times.parse_date(before, at, utc) if before else _retained_since(home, at)
    with open_reader() as reader:
        old = _old_runs(reader, limit)
    say(f"{count(len(old), 'run')} ended before {times.shown(limit, utc)}")
    if dry_run or not old:
        return
    confirm(f"Delete {count(len(old), 'run')} with their logs?", yes)
    with writing(home, "db clean") as writer:
        while writer.clean_slice(limit, at, requests_before=at - timedelta(days=30)):
            pass
        left = {(run.dag_id, run.run_id) for run in writer.reads.runs(limit=EVERYTHING)}
    gone = [run for run in old if (run.dag_id, run.run_id) not in left]
    for run in gone:
        delete_logs(home, run.dag_id, run.run_id)
    say(f"deleted {count(len(gone), 'run')}")


def _retained_since(home: Home, at: datetime) -> datetime:
    days = load_settings(home).retention.runs_days
    if days <= 0:
        raise BadInput("[retention] runs_days is 0, which keeps all; say how old with --before, like --before -90d")
    return at - timedelta(days=days)


def _old_runs(reads: Reads, limit: datetime) -> list[DagRun]:
    newest: set[str] = set()
    old = []
    for run in reads.runs(limit=EVERYTHING):
        is_newest = run.dag_id not in newest
        newest.add(run.dag_id)
        if not is_newest and run.state in FINISHED_RUN and run.ended_at and run.ended_at < limit:
            old.append(run)
    return old


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
