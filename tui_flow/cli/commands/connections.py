"""`tuiflow connections ...`."""

from __future__ import annotations

import os
from dataclasses import asdict, replace
from typing import Annotated, Any

import typer

from tui_flow.cli.act import act
from tui_flow.cli.commands.variables import MASK, from_environment, told
from tui_flow.cli.inputs import confirm, read_file, secret_from_stdin, write_file
from tui_flow.cli.lazy import command, group_app
from tui_flow.cli.lookup import open_reader
from tui_flow.cli.options import AsJson, ConnectionId, ExportFile, FormatOfFile, ImportFile, Reveal, Yes
from tui_flow.cli.show import View, count, facts, listing, print_json, say
from tui_flow.errors import BadInput, NotFound, did_you_mean
from tui_flow.records import ConnectionRow

app = group_app("List, get, add, set, delete, test, import and export connections.")
Text = str | None
ENV_PREFIXES = ("AIRFLOW_CONN_", "TUIFLOW_CONN_")

Host = Annotated[Text, typer.Option("--host", "--conn-host", metavar="HOST", help="Host name; a file for sqlite.")]
Port = Annotated[int | None, typer.Option("--port", "--conn-port", metavar="PORT", help="Port.")]
Login = Annotated[Text, typer.Option("--login", "--conn-login", metavar="NAME", help="User name.")]
Schema = Annotated[Text, typer.Option("--schema", "--conn-schema", metavar="NAME", help="Database or schema.")]
Extra = Annotated[Text, typer.Option("--extra", "--conn-extra", metavar="JSON", help="Further settings, as an object.")]
Description = Annotated[
    str, typer.Option("--description", "--conn-description", metavar="TEXT", help="What it is for.")
]
AskPassword = Annotated[bool, typer.Option("--password", help="Ask for the password, or read it from a pipe.")]


@command(app, "list", example="tuiflow connections list")
def list_connections(reveal: Reveal = False, as_json: AsJson = False) -> None:
    """List connections; passwords and extras are masked."""
    with open_reader() as reader:
        rows = [_row(connection, reveal) for connection in reader.connections()]
    columns = "conn_id conn_type host port login password schema extra description"
    listing(rows, columns, View(as_json), empty="no connections; `tuiflow connections set ID TYPE` makes one")
    if hidden := from_environment(ENV_PREFIXES):
        say(f"in the environment, which tasks see first: {', '.join(hidden)}")


def _row(connection: ConnectionRow, reveal: bool) -> dict[str, Any]:
    row = asdict(connection)
    secret = {key: MASK for key in ("password", "extra") if row[key] and not reveal}
    return row | secret


@command(app, "get", example="tuiflow connections get warehouse --reveal")
def get_connection(conn_id: ConnectionId, reveal: Reveal = False, as_json: AsJson = False) -> None:
    """Show one connection: of the environment (AIRFLOW_CONN_ID, TUIFLOW_CONN_ID), else of the home.

    Its password and extra are masked.
    """
    connection = _find(conn_id)
    row = _row(connection, reveal)
    if reveal:
        row["uri"] = _uri(connection)
    facts(row, View(as_json))


def _find(conn_id: str) -> ConnectionRow:
    for prefix in ENV_PREFIXES:
        if text := os.environ.get(prefix + conn_id.upper()):
            return _row_of(conn_id, text)
    with open_reader() as reader:
        if (found := reader.connection(conn_id)) is not None:
            return found
        hint = did_you_mean(conn_id, reader.connection_ids())
        raise NotFound(f"no connection {conn_id!r}{hint}; `tuiflow connections list`")


def _row_of(conn_id: str, text: str) -> ConnectionRow:
    """From a URI or JSON."""
    from tui_flow.sdk.file_formats import connection_fields  # 60 ms, where text is read

    fields: Any = connection_fields(conn_id, text)
    return ConnectionRow(conn_id, **(fields | {"description": fields["description"] or ""}))


def _uri(row: ConnectionRow) -> str:
    from tui_flow.sdk.connection import Connection  # what authors import, here only

    return Connection(**asdict(row)).get_uri()


@command(app, "set", example="tuiflow connections set warehouse postgres --host db --login etl --password")
def set_connection(
    conn_id: ConnectionId,
    conn_type: Annotated[str, typer.Argument(metavar="TYPE", help="For example sqlite, postgres, http.")],
    host: Host = None,
    port: Port = None,
    login: Login = None,
    schema: Schema = None,
    extra: Extra = None,
    description: Description = "",
    password: AskPassword = False,
) -> None:
    """Create a connection or replace one. The password is typed or piped in, never an argument."""
    secret = secret_from_stdin(f"Password of {conn_id}: ") if password else None
    row = ConnectionRow(conn_id, conn_type, host, login, secret, schema, port, extra, description)
    act("set_connection", **asdict(row))
    say(f"connection {conn_id!r} is set")


@command(app, "add", example="tuiflow connections add warehouse --conn-uri postgres://etl@db:5432/main --password")
def add_connection(
    conn_id: ConnectionId,
    uri: Annotated[Text, typer.Option("--conn-uri", metavar="URI", help="All of it as a URI.")] = None,
    text: Annotated[Text, typer.Option("--conn-json", metavar="JSON", help="All of it as a JSON object.")] = None,
    conn_type: Annotated[Text, typer.Option("--conn-type", metavar="TYPE", help="Type, with the parts below.")] = None,
    host: Host = None,
    port: Port = None,
    login: Login = None,
    conn_password: Annotated[
        Text, typer.Option("--conn-password", metavar="TEXT", help="Stays in the shell's history; or --password.")
    ] = None,
    password: AskPassword = False,
    schema: Schema = None,
    extra: Extra = None,
    description: Description = "",
) -> None:
    """Create a connection from a URI, from JSON or from its parts; one that is there is left alone."""
    if sum(given is not None for given in (uri, text, conn_type)) != 1:
        raise BadInput("give one of --conn-uri, --conn-json and --conn-type")
    parts = {"host": host, "login": login, "password": conn_password, "schema": schema, "port": port}
    if conn_type is not None:
        row = ConnectionRow(conn_id, conn_type, **parts, extra=extra, description=description)  # type: ignore[arg-type]
    elif given := [name for name, value in parts.items() if value is not None]:
        raise BadInput(f"--conn-{given[0]} goes with --conn-type; a URI or JSON holds it itself")
    else:
        row = _row_of(conn_id, str(uri or text))
        row = replace(row, extra=extra or row.extra, description=description or row.description)
    if password:
        row = replace(row, password=secret_from_stdin(f"Password of {conn_id}: "))
    act("set_connection", **asdict(row), only_new=True)
    say(f"connection {conn_id!r} is added")


@command(app, "delete", example="tuiflow connections delete warehouse -y")
def delete_connection(conn_id: ConnectionId, yes: Yes = False) -> None:
    """Delete a connection."""
    confirm(f"Delete connection {conn_id!r}?", yes)
    act("delete_connection", conn_id=conn_id)
    say(f"deleted connection {conn_id!r}")


@command(app, "test", example="tuiflow connections test warehouse")
def test_connection(conn_id: ConnectionId, as_json: AsJson = False) -> None:
    """Try whether a connection works, with the hook of its type in a child process; exit code 1 where it does not."""
    from tui_flow.cli.connection_trial import try_connection  # 100 ms, for this one command

    connection = _find(conn_id)
    found = try_connection(connection)
    if as_json:
        print_json({"conn_id": conn_id, "conn_type": connection.conn_type} | found)
    else:
        say(f"connection {conn_id!r} ({connection.conn_type}): {found['message']}")
    if not found["ok"]:
        raise typer.Exit(1)


@command(app, "import", example="tuiflow connections import connections.yaml --overwrite")
def import_connections(
    file: ImportFile,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace those that are there; else they stay.")
    ] = False,
    file_format: FormatOfFile = None,
) -> None:
    """Set the connections that a file holds, as Airflow exports them: JSON, YAML or env."""
    from tui_flow.sdk import file_formats  # 60 ms, for files only

    found = file_formats.read_connections(read_file(file), file_formats.format_of(file, file_format))
    done: Any = act("import_connections", connections=found, existing="overwrite" if overwrite else "skip")
    say(told("connection", done))


@command(app, "export", example="tuiflow connections export connections.json")
def export_connections(
    file: ExportFile,
    file_format: FormatOfFile = None,
    serialization: Annotated[
        Text, typer.Option("--serialization-format", metavar="FORM", help="uri or json, within an env file.")
    ] = None,
) -> None:
    """Write all connections with their passwords to a file, as Airflow does; nothing in it is masked."""
    from tui_flow.sdk import file_formats  # 60 ms, for files only

    form = file_formats.format_of(file, file_format)
    if serialization not in (None, "uri", "json") or (serialization and form != "env"):
        raise BadInput("--serialization-format is uri or json, and goes with the env format")
    with open_reader() as reader:
        rows = reader.connections()
    write_file(file, file_formats.connections_text(rows, form, as_uri=serialization != "json"))
    say(f"wrote {count(len(rows), 'connection')}")
