"""Airflow's file formats for variables, connections and pools: text to values and back. Nothing is read or stored here.

JSON, YAML and env (`NAME=value` lines). A connection is a URI, JSON text or an object of its fields; a variable is its
value, or `{"value": ..., "description": ...}`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from tui_flow.errors import BadInput, NotPossible, TuiflowError
from tui_flow.records import ConnectionRow, Pool, VariableRow
from tui_flow.sdk.connection import Connection
from tui_flow.sdk.exceptions import AirflowException
from tui_flow.spec import Json

_FIELDS = ("conn_type", "description", "login", "password", "host", "port", "schema", "extra")


class FileFormat(StrEnum):
    JSON = "json"
    YAML = "yaml"
    ENV = "env"


def format_of(name: str, asked: str | None = None) -> FileFormat:
    """The format that is asked for, else the one of the file's ending; `-` (a pipe) is JSON."""
    word = asked or ("json" if name == "-" else name.rpartition(".")[2].lower())
    word = "yaml" if word == "yml" else word
    if word not in set(FileFormat):
        wanted = "--file-format" if asked else f"the ending of {name!r}"
        raise BadInput(f"{wanted} must be one of {', '.join(FileFormat)}")
    return FileFormat(word)


def format_to_write(kind: str, path: str) -> FileFormat:
    """Of a file for pools, variables or connections. Raises TuiflowError for one that is not written for these."""
    form = format_of(path)
    if kind != "connection" and form is not FileFormat.JSON:
        raise NotPossible(f"{kind}s are written as JSON: name the file like {kind}s.json")
    return form


def variables_text(rows: Iterable[VariableRow]) -> str:
    """JSON, as `airflow variables export` writes it."""
    found: dict[str, Json] = {}
    for row in rows:
        value = _json_or_text(row.value)
        needs_object = row.description or (isinstance(value, dict) and "value" in value)
        found[row.key] = {"value": value, "description": row.description or None} if needs_object else value
    return json.dumps(found, sort_keys=True, indent=4)


def connections_text(rows: Iterable[ConnectionRow], form: FileFormat, *, as_uri: bool = True) -> str:
    """As `airflow connections export` writes it; `as_uri` says how env lines hold a connection."""
    found = {row.conn_id: {name: getattr(row, name) or None for name in _FIELDS} for row in rows}
    if form is FileFormat.JSON:
        return json.dumps(found, indent=2)
    if form is FileFormat.YAML:
        text: str = _yaml().safe_dump(found, allow_unicode=True)
        return text
    if as_uri:
        return "".join(f"{conn_id}={Connection(**fields).get_uri()}\n" for conn_id, fields in found.items())
    return "".join(f"{conn_id}={json.dumps(fields)}\n" for conn_id, fields in found.items())


def pools_text(pools: Iterable[Pool]) -> str:
    """JSON, as `airflow pools export` writes it."""
    found = {
        pool.name: {"slots": pool.slots, "description": pool.description, "include_deferred": pool.include_deferred}
        for pool in pools
    }
    return json.dumps(found, indent=4, sort_keys=True)


def read_variables(text: str, form: FileFormat) -> tuple[dict[str, Json], dict[str, Json]]:
    """(values, descriptions) by key."""
    values: dict[str, Json] = {}
    descriptions: dict[str, Json] = {}
    for key, given in _read(text, form).items():
        if isinstance(given, dict) and "value" in given:
            values[key], descriptions[key] = given["value"], given.get("description")
        else:
            values[key] = given
    return values, descriptions


def read_connections(text: str, form: FileFormat) -> dict[str, dict[str, Json]]:
    """Fields by id. Raises BadInput for what is no connection, without a value that may be a secret."""
    return {conn_id: connection_fields(conn_id, given) for conn_id, given in _read(text, form).items()}


def connection_fields(conn_id: str, given: Json) -> dict[str, Json]:
    """The fields of one connection, given as a URI, as JSON text or as an object."""
    try:
        if isinstance(given, str):
            if not given.lstrip().startswith("{") and "://" not in given:
                raise BadInput(f"connection {conn_id!r} is neither JSON nor a URI like postgres://login@host:5432/db")
            connection = Connection.from_text(given, conn_id)
        elif isinstance(given, Mapping):
            connection = Connection.from_json(json.dumps(_with_extra(given)), conn_id)
        else:
            raise BadInput(f"connection {conn_id!r} must be a URI or an object, not {type(given).__name__}")
    except json.JSONDecodeError as err:
        raise BadInput(f"connection {conn_id!r} is not JSON: {err}") from err
    except (TypeError, ValueError, AirflowException) as err:
        raise BadInput(str(err)) from err
    if not connection.conn_type:
        raise BadInput(f"connection {conn_id!r} has no type: conn_type in JSON, what stands before :// in a URI")
    return {name: getattr(connection, name) or None for name in _FIELDS}


def read_pools(text: str, form: FileFormat = FileFormat.JSON) -> dict[str, Json]:
    """Fields by name."""
    found = _read(text, form)
    return {name: _json_or_text(given) if isinstance(given, str) else given for name, given in found.items()}


def _with_extra(given: Mapping[str, Any]) -> dict[str, Any]:
    """`extra_dejson` is another name of `extra`."""
    fields = dict(given)
    if "extra_dejson" in fields:
        if fields.get("extra"):
            raise BadInput("a connection has either extra or extra_dejson, not both")
        fields["extra"] = fields.pop("extra_dejson")
    return fields


def _read(text: str, form: FileFormat) -> dict[str, Json]:
    if form is FileFormat.ENV:
        return dict(_env_lines(text))
    try:
        found = json.loads(text) if form is FileFormat.JSON else _from_yaml(text)
    except RecursionError as err:
        raise BadInput("the file is nested too deeply") from err
    except ValueError as err:
        raise BadInput(f"the file is not {form.upper()}: {err}") from err
    if not isinstance(found, dict):
        raise BadInput(f"the file must hold one object with names as keys, not {type(found).__name__}")
    return found


def _env_lines(text: str) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        name = name.strip()
        if not equals or not name:
            raise BadInput(f"line {number} of the file is not NAME=value")
        if name in found:
            raise BadInput(f"line {number} of the file sets {name!r} a second time; keep one of them")
        found[name] = value.strip()
    return found


def _from_yaml(text: str) -> Any:
    yaml = _yaml()
    try:
        found = yaml.safe_load(text)
        return json.loads(json.dumps(found if found is not None else {}, default=str))
    except (yaml.YAMLError, TypeError) as err:
        raise ValueError(" ".join(str(err).split())) from err


def _yaml() -> Any:
    try:
        import yaml  # an extra: for files in YAML only
    except ImportError as err:
        raise TuiflowError("YAML files need PyYAML: pip install 'tuiflow[yaml]', or use JSON") from err
    return yaml


def _json_or_text(value: str) -> Json:
    """Decoded where an import makes the same value of it again."""
    try:
        found = json.loads(value, parse_constant=_not_json)
    except (ValueError, RecursionError):
        return value
    is_same = isinstance(found, dict | list) or json.dumps(found) == value
    return found if is_same and not isinstance(found, str) else value


def _not_json(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")
