"""`tuiflow connections ...`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from tui_flow.cli.act import act
from tui_flow.cli.commands.variables import MASK, Reveal
from tui_flow.cli.inputs import confirm, secret_from_stdin
from tui_flow.cli.lazy import command, group_app
from tui_flow.cli.lookup import open_reader
from tui_flow.cli.options import AsJson, ConnectionId, Yes
from tui_flow.cli.show import View, facts, listing, say
from tui_flow.errors import NotFound, did_you_mean
from tui_flow.records import ConnectionRow

app = group_app("List, get, set and delete connections.")
Text = str | None


@command(app, "list", example="tuiflow connections list")
def list_connections(reveal: Reveal = False, as_json: AsJson = False) -> None:
    """List connections; passwords and extras are masked."""
    with open_reader() as reader:
        rows = [_row(connection, reveal) for connection in reader.connections()]
    columns = "conn_id conn_type host port login password schema extra description"
    listing(rows, columns, View(as_json), empty="no connections; `tuiflow connections set ID TYPE` makes one")


def _row(connection: ConnectionRow, reveal: bool) -> dict[str, Any]:
    row = asdict(connection)
    secret = {key: MASK for key in ("password", "extra") if row[key] and not reveal}
    return row | secret


@command(app, "get", example="tuiflow connections get warehouse --reveal")
def get_connection(conn_id: ConnectionId, reveal: Reveal = False, as_json: AsJson = False) -> None:
    """Show one connection; its password and extra are masked."""
    with open_reader() as reader:
        connection = reader.connection(conn_id)
        if connection is None:
            hint = did_you_mean(conn_id, reader.connection_ids())
            raise NotFound(f"no connection {conn_id!r}{hint}; `tuiflow connections list`")
    facts(_row(connection, reveal), View(as_json))


@command(app, "set", example="tuiflow connections set warehouse postgres --host db --login etl --password")
def set_connection(
    conn_id: ConnectionId,
    conn_type: Annotated[str, typer.Argument(metavar="TYPE", help="For example sqlite, postgres, http.")],
    host: Annotated[Text, typer.Option(metavar="HOST", help="Host name; the file of a sqlite connection.")] = None,
    port: Annotated[int | None, typer.Option(metavar="PORT", help="Port.")] = None,
    login: Annotated[Text, typer.Option(metavar="NAME", help="User name.")] = None,
    schema: Annotated[Text, typer.Option(metavar="NAME", help="Database or schema.")] = None,
    extra: Annotated[Text, typer.Option(metavar="JSON", help="Further settings; not the place for secrets.")] = None,
    description: Annotated[str, typer.Option(metavar="TEXT", help="What it is for.")] = "",
    password: Annotated[bool, typer.Option("--password", help="Ask for the password, or read it from a pipe.")] = False,
) -> None:
    """Create a connection or replace one. The password is typed or piped in, never an argument."""
    secret = secret_from_stdin(f"Password of {conn_id}: ") if password else None
    row = ConnectionRow(conn_id, conn_type, host, login, secret, schema, port, extra, description)
    act("set_connection", **asdict(row))
    say(f"connection {conn_id!r} is set")


@command(app, "delete", example="tuiflow connections delete warehouse -y")
def delete_connection(conn_id: ConnectionId, yes: Yes = False) -> None:
    """Delete a connection."""
    confirm(f"Delete connection {conn_id!r}?", yes)
    act("delete_connection", conn_id=conn_id)
    say(f"deleted connection {conn_id!r}")
