"""`tuiflow import ...`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui_flow.cli.act import act
from tui_flow.cli.inputs import confirm, read_file, secret_from_stdin
from tui_flow.cli.lazy import command, group_app
from tui_flow.cli.lookup import open_reader
from tui_flow.cli.options import AsJson, DryRun, Yes
from tui_flow.cli.show import View, count, listing, print_json, say
from tui_flow.errors import BadInput, DatabaseMissing, UsageError
from tui_flow.settings import dags_folder, home_from_environment, load_settings

if TYPE_CHECKING:
    from tui_flow.cli.airflow_holdings import Holdings

app = group_app("Make a DAG file of a crontab; bring over what an Airflow holds.")


@command(app, "crontab", example="tuiflow import crontab --write")
def import_crontab(
    file: Annotated[
        str, typer.Argument(metavar="[FILE]", help="A crontab, - for stdin; yours where none is given.")
    ] = "",
    write: Annotated[bool, typer.Option("--write", help="Write the file into the DAGs folder.")] = False,
) -> None:
    """Show the DAG file that does what a crontab does, or write it; cron itself is never changed."""
    from tui_flow.actions.beginnings import CRON_FILE, users_crontab, write_dag_files
    from tui_flow.crontab import dag_source, parse_crontab  # timetables cost 40 ms

    text = read_file(file) if file else users_crontab()
    crontab = parse_crontab(text)
    for problem in crontab.problems:
        say(f"line {problem.line} is left out: {problem.reason}: {problem.text}")
    if not crontab.entries:
        raise BadInput(f"{file or 'your crontab'} has no entry that a DAG can be made of")
    source = dag_source(crontab, f"the crontab {file}" if file not in ("", "-") else "a crontab")
    if not write:
        sys.stdout.write(source)
        say(f"{count(len(crontab.entries), 'DAG')}; nothing was written: --write puts this into the DAGs folder")
        return
    home = home_from_environment()
    paths = write_dag_files(Path(dags_folder(home, load_settings(home))), {CRON_FILE: source})
    say(f"wrote {paths[0]} with {count(len(crontab.entries), 'DAG')}; they are paused, as cron goes on")


@command(app, "airflow", example="tuiflow import airflow --export variables.json --export connections.yaml")
def import_airflow(
    db: Annotated[
        str | None,
        typer.Option("--db", metavar="URL", help="Airflow's database: a SQLite file or a SQLAlchemy URL."),
    ] = None,
    export: Annotated[
        list[str] | None,
        typer.Option("--export", metavar="FILE", help="A file that Airflow exported; KIND=FILE says what. Repeatable."),
    ] = None,
    airflow_home: Annotated[
        str | None, typer.Option("--airflow-home", metavar="FOLDER", help="Where airflow.cfg is; $AIRFLOW_HOME.")
    ] = None,
    fernet_key: Annotated[
        str | None, typer.Option("--fernet-key", metavar="KEY", help="Airflow's; - to type it or pipe it in.")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace what is there already; else it stays.")
    ] = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Bring over an Airflow's variables, connections and pools, from its database or from files that it exported.

    Shows what would come and what is there already, then asks. Values are never shown, and Airflow is not changed.
    Without options the database and the Fernet key are those of Airflow's environment variables and airflow.cfg.
    Exit code 1 when something cannot come over; the rest does.
    """
    if db and export:
        raise UsageError("give --db or --export, not both: they are two places of the same things")
    found = _airflow_holdings(db, export, airflow_home, fernet_key)
    rows = _planned(found, overwrite)
    if not as_json:
        listing(rows, "kind name what", View(), empty="there are no variables, connections or pools to bring over")
    for problem in found.problems:
        say(f"left out: {problem}")
    coming = sum(row["what"] != KEPT for row in rows)
    if coming and not dry_run:
        confirm(f"Import {coming} of these?", yes)
        _bring_over(found, overwrite)
    if as_json:
        print_json({"items": rows, "problems": found.problems, "imported": 0 if dry_run else coming})
    elif dry_run:
        say("nothing was imported")
    else:
        say(f"imported {coming}, left {len(rows) - coming} as they are")
    if found.problems:
        raise typer.Exit(1)


NEW, REPLACED, KEPT = "new", "replaces the one that is there", "stays: it is there already (--overwrite)"


def _airflow_holdings(
    db: str | None, export: list[str] | None, airflow_home: str | None, fernet_key: str | None
) -> Holdings:
    from tui_flow.cli.airflow_holdings import read_exports  # with what it reads 100 ms, for this command

    if export:
        return read_exports(export)
    from tui_flow.cli.airflow_database import AirflowSettings, airflow_folder, read_database

    theirs = AirflowSettings(Path(airflow_home).expanduser() if airflow_home else airflow_folder())
    key = secret_from_stdin("Fernet key: ").strip() if fernet_key == "-" else fernet_key
    return read_database(db or theirs.url(), key or theirs.fernet_key())


def _planned(found: Holdings, overwrite: bool) -> list[dict[str, Any]]:
    """What would become of each thing."""
    from tui_flow.cli.airflow_holdings import KINDS

    known = _known_names()
    met = REPLACED if overwrite else KEPT
    return [
        {"kind": kind.removesuffix("s"), "name": name, "what": met if name in known[kind] else NEW}
        for kind in KINDS
        for name in sorted(found.of_kind(kind))
    ]


def _known_names() -> dict[str, set[str]]:
    try:
        with open_reader() as reader:
            pools = {use.pool.name for use in reader.pools()}
            return {
                "variables": set(reader.variable_keys()),
                "connections": set(reader.connection_ids()),
                "pools": pools,
            }
    except DatabaseMissing:
        return {"variables": set(), "connections": set(), "pools": {"default_pool"}}


def _bring_over(found: Holdings, overwrite: bool) -> None:
    existing = "overwrite" if overwrite else "skip"
    if found.pools:
        act("import_pools", pools=found.pools, existing=existing)
    if found.variables:
        act("import_variables", variables=found.variables, descriptions=found.descriptions, existing=existing)
    if found.connections:
        act("import_connections", connections=found.connections, existing=existing)
