"""What an Airflow holds outside its DAG files: variables, connections and pools, as `import airflow` brings them over.

Sources: the files of `airflow variables|connections|pools export` here, a database in `airflow_database`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tui_flow.actions.settings import check_connection, check_name
from tui_flow.cli.inputs import one_of, read_file
from tui_flow.errors import BadInput
from tui_flow.records import ConnectionRow
from tui_flow.sdk import file_formats
from tui_flow.spec import Json

KINDS = ("variables", "connections", "pools")
_IN_NAMES = {"pools": r"pool", "connections": r"conn", "variables": r"var"}


@dataclass(slots=True)
class Holdings:
    """By name; a connection and a pool as their fields."""

    variables: dict[str, Json] = field(default_factory=dict)
    descriptions: dict[str, Json] = field(default_factory=dict)
    """Of variables."""
    connections: dict[str, Json] = field(default_factory=dict)
    pools: dict[str, Json] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    """What is left out, and why; without a value."""

    def of_kind(self, kind: str) -> dict[str, Json]:
        return {"variables": self.variables, "connections": self.connections, "pools": self.pools}[kind]

    def add_connection(self, conn_id: str, fields: Mapping[str, Any]) -> None:
        """One that cannot be here is told as a problem, and keeps none of the others away."""
        given = dict(fields) | {"conn_type": fields.get("conn_type") or "generic"}
        try:
            check_connection(ConnectionRow(conn_id, **(given | {"description": given.get("description") or ""})))
        except BadInput as err:
            self.problems.append(str(err))
        else:
            self.connections[conn_id] = given

    def add_variable(self, key: str, value: Json, description: Json = None) -> None:
        try:
            check_name("variable", key)
        except BadInput as err:
            self.problems.append(str(err))
        else:
            self.variables[key], self.descriptions[key] = value, description


def read_exports(words: Iterable[str]) -> Holdings:
    """From files, each named as FILE or KIND=FILE. Raises BadInput for one that cannot be read."""
    found = Holdings()
    for word in words:
        kind, equals, name = word.partition("=")
        if not equals or Path(word).exists():
            kind, name = "", word
        _read_file(found, kind, name)
    return found


def _read_file(found: Holdings, kind: str, name: str) -> None:
    text, form = read_file(name), file_formats.format_of(name)
    match one_of(kind, KINDS, "the kind of file") if kind else _kind_of(name, text, form):
        case "variables":
            values, descriptions = file_formats.read_variables(text, form)
            for key, value in values.items():
                found.add_variable(key, value, descriptions.get(key))
        case "connections":
            for conn_id, fields in file_formats.read_connections(text, form).items():
                found.add_connection(conn_id, fields)
        case _:
            found.pools |= file_formats.read_pools(text, form)


def _kind_of(name: str, text: str, form: file_formats.FileFormat) -> str:
    """What the file's name says it holds, else what its content looks like."""
    stem = Path(name).stem.lower()
    named = [kind for kind, pattern in _IN_NAMES.items() if re.search(pattern, stem)]
    if len(named) == 1:
        return named[0]
    entries = [_object_of(value) for value in file_formats.read_variables(text, form)[0].values()]
    for kind, sign in (("pools", "slots"), ("connections", "conn_type")):
        if entries and all(sign in entry for entry in entries):
            return kind
    raise BadInput(f"{name!r} does not say what it holds; write variables={name}, connections={name} or pools={name}")


def _object_of(value: Json) -> Mapping[str, Json]:
    if isinstance(value, str):
        try:
            return file_formats.connection_fields("x", value)
        except BadInput:
            return {}
    return value if isinstance(value, dict) else {}
