"""`tuiflow variables ...`."""

from __future__ import annotations

import json
import os
from typing import Annotated, Any

import typer

from tui_flow.cli.act import act
from tui_flow.cli.inputs import confirm, read_file, secret_from_stdin, write_file
from tui_flow.cli.lazy import command, group_app
from tui_flow.cli.lookup import open_reader
from tui_flow.cli.options import AsJson, ExportFile, FormatOfFile, ImportFile, Reveal, VariableKey, Yes
from tui_flow.cli.show import View, count, facts, lines, listing, print_json, say
from tui_flow.errors import BadInput, NotFound, TuiflowError, did_you_mean
from tui_flow.records import VariableRow

app = group_app("List, get, set, delete, import and export variables.")
MASK = "***"
ENV_PREFIXES = ("AIRFLOW_VAR_", "TUIFLOW_VAR_")
IsJson = Annotated[bool, typer.Option("-j", help="The value is JSON: refuse what is not.")]


@command(app, "list", example="tuiflow variables list --json")
def list_variables(reveal: Reveal = False, as_json: AsJson = False) -> None:
    """List variables; values are masked."""
    with open_reader() as reader:
        if reveal:
            rows = [{"key": v.key, "value": v.value, "description": v.description} for v in reader.variables()]
        else:  # without the secrets key
            rows = [{"key": key, "value": MASK, "description": ""} for key in reader.variable_keys()]
    listing(rows, "key value description", View(as_json), empty="no variables; `tuiflow variables set KEY` makes one")
    if hidden := from_environment(ENV_PREFIXES):
        say(f"in the environment, which tasks see first: {', '.join(hidden)}")


def from_environment(prefixes: tuple[str, ...]) -> list[str]:
    """Names of environment variables that begin so."""
    return sorted(name for name in os.environ if name.startswith(prefixes))


@command(app, "get", example="tuiflow variables get region -d eu-west")
def get_variable(
    key: VariableKey,
    default: Annotated[
        str | None, typer.Option("--default", "-d", metavar="VALUE", help="Where there is none.")
    ] = None,
    is_json: IsJson = False,
    as_json: AsJson = False,
) -> None:
    """Print the value of one variable: of the environment (AIRFLOW_VAR_KEY, TUIFLOW_VAR_KEY), else of the home."""
    variable = _find(key, default)
    value: Any = _parsed(key, variable.value) if is_json else variable.value
    if as_json:
        facts({"key": key, "value": value, "description": variable.description}, View(True))
    elif is_json:
        print_json(value)
    else:
        lines([variable.value])


def _find(key: str, default: str | None) -> VariableRow:
    for prefix in ENV_PREFIXES:
        if (text := os.environ.get(prefix + key.upper())) is not None:
            return VariableRow(key, text)
    with open_reader() as reader:
        if (found := reader.variable(key)) is not None:
            return found
        if default is not None:
            return VariableRow(key, default)
        raise NotFound(f"no variable {key!r}{did_you_mean(key, reader.variable_keys())}; `tuiflow variables list`")


def _parsed(key: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as err:
        raise TuiflowError(f"variable {key!r} is not JSON: {err}") from err


@command(app, "set", example="echo eu-west | tuiflow variables set region")
def set_variable(
    key: VariableKey,
    value: Annotated[
        str | None, typer.Argument(metavar="[VALUE]", help="The value; typed or piped in without it.")
    ] = None,
    description: Annotated[str | None, typer.Option(metavar="TEXT", help="What it is for.")] = None,
    is_json: IsJson = False,
) -> None:
    """Set a variable. Type or pipe in a secret value, so that it never stands in the shell's history."""
    text = secret_from_stdin(f"Value of {key}: ") if value is None else value
    if is_json:
        try:
            json.loads(text)
        except (ValueError, RecursionError) as err:
            raise BadInput(f"the value of {key!r} is not JSON: {err}") from err
    act("set_variable", key=key, value=text, description=description)
    say(f"variable {key!r} is set")


@command(app, "delete", example="tuiflow variables delete region -y")
def delete_variable(key: VariableKey, yes: Yes = False) -> None:
    """Delete a variable."""
    confirm(f"Delete variable {key!r}?", yes)
    act("delete_variable", key=key)
    say(f"deleted variable {key!r}")


@command(app, "import", example="tuiflow variables import variables.json -a skip")
def import_variables(
    file: ImportFile,
    existing: Annotated[
        str,
        typer.Option("--action-on-existing-key", "-a", metavar="WHAT", help="overwrite, fail or skip existing keys."),
    ] = "overwrite",
    file_format: FormatOfFile = None,
) -> None:
    """Set the variables that a file holds, as Airflow exports them: JSON, YAML or env."""
    from tui_flow.sdk import file_formats  # 60 ms, for files only

    values, descriptions = file_formats.read_variables(read_file(file), file_formats.format_of(file, file_format))
    done: Any = act("import_variables", variables=values, descriptions=descriptions, existing=existing)
    say(told("variable", done))


def told(thing: str, done: dict[str, Any]) -> str:
    """What an import did."""
    left = f"; left as they are: {', '.join(done['skipped'])}" if done["skipped"] else ""
    return f"{count(len(done['set']), thing)} set{left}"


@command(app, "export", example="tuiflow variables export variables.json")
def export_variables(file: ExportFile) -> None:
    """Write all variables with their values to a JSON file, as Airflow does; nothing in it is masked."""
    from tui_flow.sdk import file_formats  # 60 ms, for files only

    with open_reader() as reader:
        rows = reader.variables()
    write_file(file, file_formats.variables_text(rows))
    say(f"wrote {count(len(rows), 'variable')}")
