"""`tuiflow variables ...`."""

from __future__ import annotations

from typing import Annotated

import typer

from tui_flow.cli.act import act
from tui_flow.cli.inputs import confirm, secret_from_stdin
from tui_flow.cli.lazy import command, group_app
from tui_flow.cli.lookup import open_reader
from tui_flow.cli.options import AsJson, VariableKey, Yes
from tui_flow.cli.show import View, facts, lines, listing, say
from tui_flow.errors import NotFound, did_you_mean

app = group_app("List, get, set and delete variables.")
MASK = "***"
Reveal = Annotated[bool, typer.Option("--reveal", help="Show the values instead of ***.")]


@command(app, "list", example="tuiflow variables list --json")
def list_variables(reveal: Reveal = False, as_json: AsJson = False) -> None:
    """List variables; values are masked."""
    with open_reader() as reader:
        if reveal:
            rows = [{"key": v.key, "value": v.value, "description": v.description} for v in reader.variables()]
        else:  # without the secrets key
            rows = [{"key": key, "value": MASK, "description": ""} for key in reader.variable_keys()]
    listing(rows, "key value description", View(as_json), empty="no variables; `tuiflow variables set KEY` makes one")


@command(app, "get", example="tuiflow variables get region")
def get_variable(key: VariableKey, as_json: AsJson = False) -> None:
    """Print the value of one variable."""
    with open_reader() as reader:
        variable = reader.variable(key)
        if variable is None:
            raise NotFound(f"no variable {key!r}{did_you_mean(key, reader.variable_keys())}; `tuiflow variables list`")
    if as_json:
        facts({"key": key, "value": variable.value, "description": variable.description}, View(True))
    else:
        lines([variable.value])


@command(app, "set", example="echo eu-west | tuiflow variables set region")
def set_variable(
    key: VariableKey,
    description: Annotated[str, typer.Option(metavar="TEXT", help="What it is for.")] = "",
) -> None:
    """Set a variable to what is typed or piped in, so that it never stands in the shell's history."""
    value = secret_from_stdin(f"Value of {key}: ")
    act("set_variable", key=key, value=value, description=description)
    say(f"variable {key!r} is set")


@command(app, "delete", example="tuiflow variables delete region -y")
def delete_variable(key: VariableKey, yes: Yes = False) -> None:
    """Delete a variable."""
    confirm(f"Delete variable {key!r}?", yes)
    act("delete_variable", key=key)
    say(f"deleted variable {key!r}")
