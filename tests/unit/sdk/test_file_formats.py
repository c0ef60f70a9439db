"""Files as Airflow writes them: read, and written again the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_flow.errors import BadInput
from tui_flow.records import ConnectionRow, Pool, VariableRow
from tui_flow.sdk.file_formats import (
    FileFormat,
    connections_text,
    format_of,
    pools_text,
    read_connections,
    read_pools,
    read_variables,
    variables_text,
)

VARIABLES = """{
    "flag": true,
    "limits": {
        "max": 3,
        "names": [
            "a"
        ]
    },
    "region": "eu-west",
    "told": {
        "description": "what it is",
        "value": "x"
    },
    "version": "1.10",
    "wrapped": {
        "description": null,
        "value": {
            "value": 1
        }
    }
}"""
CONNECTIONS = """{
  "files": {
    "conn_type": "fs",
    "description": null,
    "login": null,
    "password": null,
    "host": null,
    "port": null,
    "schema": null,
    "extra": "{\\"path\\": \\"/data\\"}"
  },
  "warehouse": {
    "conn_type": "postgres",
    "description": "the warehouse",
    "login": "etl",
    "password": "p@ss/word",
    "host": "db.local",
    "port": 5432,
    "schema": "main",
    "extra": "{\\"sslmode\\": \\"require\\"}"
  }
}"""
POOLS = """{
    "db": {
        "description": "four at once",
        "include_deferred": true,
        "slots": 4
    }
}"""
ENV = """warehouse=postgres://etl:p%40ss%2Fword@db.local:5432/main?sslmode=require
"""


def as_rows(found: dict[str, dict[str, Any]]) -> list[ConnectionRow]:
    return [
        ConnectionRow(conn_id, **(fields | {"description": fields["description"] or ""}))
        for conn_id, fields in found.items()
    ]


def as_variables(text: str, form: FileFormat = FileFormat.JSON) -> list[VariableRow]:
    """As the store keeps them after an import."""
    values, told = read_variables(text, form)
    return [
        VariableRow(key, value if isinstance(value, str) else json.dumps(value, indent=2), str(told.get(key) or ""))
        for key, value in values.items()
    ]


def test_variables_come_out_as_they_went_in() -> None:
    assert variables_text(as_variables(VARIABLES)) == VARIABLES


def test_descriptions_are_read_apart_from_values() -> None:
    values, descriptions = read_variables(VARIABLES, FileFormat.JSON)
    assert (values["told"], descriptions["told"]) == ("x", "what it is")
    assert values["wrapped"] == {"value": 1}


@given(st.dictionaries(st.text(min_size=1), st.text()))
def test_any_text_survives_export_and_import(values: dict[str, str]) -> None:
    again = as_variables(variables_text([VariableRow(key, value) for key, value in values.items()]))
    for row in again:
        is_json_object = values[row.key].lstrip()[:1] in ("{", "[")
        assert row.value == values[row.key] or (is_json_object and json.loads(row.value) == json.loads(values[row.key]))
    assert len(again) == len(values)


def test_connections_come_out_as_they_went_in() -> None:
    rows = as_rows(read_connections(CONNECTIONS, FileFormat.JSON))
    assert connections_text(rows, FileFormat.JSON) == CONNECTIONS


@pytest.mark.parametrize("as_uri", [True, False])
@pytest.mark.parametrize("form", FileFormat)
def test_every_format_of_connections_is_read_again(form: FileFormat, as_uri: bool) -> None:
    rows = as_rows(read_connections(CONNECTIONS, FileFormat.JSON))
    again = as_rows(read_connections(connections_text(rows, form, as_uri=as_uri), form))
    keeps_descriptions = form is not FileFormat.ENV or not as_uri
    assert [(row.conn_id, row.password, row.extra, row.port) for row in again] == [
        (row.conn_id, row.password, row.extra, row.port) for row in rows
    ]
    assert not keeps_descriptions or again == rows


def test_env_lines_are_uris_as_airflow_writes_them() -> None:
    rows = as_rows(read_connections(CONNECTIONS, FileFormat.JSON))[1:]
    assert connections_text(rows, FileFormat.ENV) == ENV


def test_env_lines_may_hold_comments_json_and_variables() -> None:
    text = '# all\n\nc={"conn_type": "http", "host": "h"}\n'
    assert read_connections(text, FileFormat.ENV)["c"]["host"] == "h"
    assert read_variables("a=1\nb = x=y", FileFormat.ENV) == ({"a": "1", "b": "x=y"}, {})


def test_pools_come_out_as_they_went_in() -> None:
    pools = [Pool(name, **fields) for name, fields in read_pools(POOLS).items()]
    assert pools_text(pools) == POOLS


def test_yaml_may_hold_uris_and_extras_as_objects() -> None:
    found = read_connections("a: http://h/\nb:\n  conn_type: fs\n  extra_dejson: {path: /x}\n", FileFormat.YAML)
    assert (found["a"]["host"], found["b"]["extra"]) == ("h", '{"path": "/x"}')


@pytest.mark.parametrize(
    ("text", "form", "told"),
    [
        ("[1]", "json", "one object with names as keys"),
        ("{", "json", "is not JSON"),
        ("a: [", "yaml", "is not YAML"),
        ("nothing", "env", "line 1 of the file is not NAME=value"),
        ("a=http://x\na=http://y", "env", "sets 'a' a second time"),
        ('{"a": 3}', "json", "must be a URI or an object"),
        ('{"a": "word"}', "json", "neither JSON nor a URI"),
        ('{"a": {"host": "h"}}', "json", "'a' has no type"),
        ('{"a": {"conn_type": "x", "hst": "h"}}', "json", "unknown key 'hst'"),
        ('{"a": {"conn_type": "x", "port": "no"}}', "json", "port must be a number"),
        ('{"a": {"conn_type": "x", "extra": "{}", "extra_dejson": {}}}', "json", "not both"),
    ],
)
def test_what_is_no_connection_is_refused_in_a_line(text: str, form: str, told: str) -> None:
    with pytest.raises(BadInput, match=told) as err:
        read_connections(text, FileFormat(form))
    assert "\n" not in str(err.value)


def test_the_format_is_asked_for_or_the_files_ending() -> None:
    assert [format_of(name) for name in ("a.json", "b.YML", "c.env", "-")] == ["json", "yaml", "env", "json"]
    assert format_of("a.txt", "env") == "env"
    for name, asked in (("a.txt", None), ("a.json", "xml")):
        with pytest.raises(BadInput, match="must be one of json, yaml, env"):
            format_of(name, asked)
