"""The trigger form: from the schemas of a DAG's params to fields, and from what was typed to a conf. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from tui_flow.spec import Json


class Kind(StrEnum):
    """How a param is asked for."""

    TEXT = "text"
    NUMBER = "number"
    SWITCH = "switch"
    CHOICE = "choice"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class ParamField:
    name: str
    kind: Kind
    title: str
    note: str = ""
    """What it is for, and what it must be."""
    value: Json = None
    options: tuple[Json, ...] = ()
    """Of a choice."""
    is_needed: bool = False
    section: str = ""
    schema: Mapping[str, Json] = field(default_factory=dict)
    """What a value must be."""

    @property
    def is_secret(self) -> bool:
        return self.schema.get("format") == "password" or bool(self.schema.get("writeOnly"))

    @property
    def text(self) -> str:
        """The value as it stands in the field."""
        if self.value is None:
            return ""
        return self.value if isinstance(self.value, str) and self.kind is not Kind.JSON else json.dumps(self.value)


def fields_of(params: Mapping[str, Mapping[str, Json]], last: Mapping[str, Json] | None = None) -> list[ParamField]:
    """In the order of the file, sections together; `last` is a conf whose values come before the defaults."""
    found = [_field(name, schema, last or {}) for name, schema in params.items()]
    sections = list(dict.fromkeys(field.section for field in found))
    return sorted(found, key=lambda field: sections.index(field.section))


def _field(name: str, schema: Mapping[str, Json], last: Mapping[str, Json]) -> ParamField:
    options = tuple(schema.get("enum") or ())
    examples = tuple(schema.get("examples") or ())
    said = [str(schema.get("description") or ""), _rule(schema)]
    if examples and not options:
        said.append(f"such as {', '.join(map(str, examples[:3]))}")
    return ParamField(
        name,
        Kind.CHOICE if options else _kind(schema),
        str(schema.get("title") or name),
        " · ".join(part for part in said if part),
        last.get(name, schema.get("default")),
        options,
        "default" not in schema,
        str(schema.get("section") or ""),
        schema,
    )


def _types(schema: Mapping[str, Json]) -> list[str]:
    kind = schema.get("type")
    return [kind] if isinstance(kind, str) else list(kind or [])


def _kind(schema: Mapping[str, Json]) -> Kind:
    types = [kind for kind in _types(schema) if kind != "null"]
    if types == ["boolean"]:
        return Kind.SWITCH
    if types and set(types) <= {"integer", "number"}:
        return Kind.NUMBER
    if types == ["string"]:
        return Kind.TEXT
    if types:
        return Kind.JSON
    default = schema.get("default")
    if isinstance(default, bool):
        return Kind.SWITCH
    return Kind.TEXT if default is None or isinstance(default, str) else Kind.JSON


def _rule(schema: Mapping[str, Json]) -> str:
    types = _types(schema)
    said = [word for kind, word in (("array", "JSON: [...]"), ("object", "JSON: {...}")) if kind in types]
    said += [_span(schema, "minimum", "maximum"), _beyond(schema)]
    said += [_span(schema, "minLength", "maxLength", " characters"), _span(schema, "minItems", "maxItems", " items")]
    if "multipleOf" in schema:
        said.append(f"a multiple of {schema['multipleOf']}")
    if "format" in schema:
        said.append(_FORMATS.get(str(schema["format"]), str(schema["format"])))
    if "pattern" in schema:
        said.append(f"like {schema['pattern']}")
    if "null" in types:
        said.append("may be empty")
    return ", ".join(word for word in said if word)


_FORMATS = {"multiline": "several lines: ctrl+o edits them", "date-time": "date and time"}


def _span(schema: Mapping[str, Json], low: str, high: str, unit: str = "") -> str:
    if low in schema and high in schema:
        return f"{schema[low]} to {schema[high]}{unit}"
    if low in schema or high in schema:
        return f"at least {schema[low]}{unit}" if low in schema else f"at most {schema[high]}{unit}"
    return ""


def _beyond(schema: Mapping[str, Json]) -> str:
    named = (("exclusiveMinimum", "more than"), ("exclusiveMaximum", "less than"))
    return ", ".join(f"{word} {schema[name]}" for name, word in named if name in schema)


class NotAValue(ValueError):
    """What was typed is no value of the field's kind; the message says what is wanted."""


def value_of(field: ParamField, text: str) -> Json:
    """What the text of a field means. Raises NotAValue. An empty field without default means None."""
    if field.kind is Kind.TEXT:
        return None if text == "" and not isinstance(field.value, str) else text
    if text.strip() == "":
        return None
    try:
        value = json.loads(text)
    except json.JSONDecodeError as err:
        problem = f"it is no JSON: {err.msg}, at {err.colno}"
        if not text.lstrip().startswith(("{", "[", '"')):
            problem = f"it is no JSON: a text needs quotes, {json.dumps(text.strip())}"
        raise NotAValue("it must be a number" if field.kind is Kind.NUMBER else problem) from err
    if field.kind is Kind.NUMBER and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise NotAValue("it must be a number")
    return value


def object_of(text: str) -> dict[str, Json]:
    """A JSON object; empty where nothing is typed. Raises NotAValue."""
    try:
        value = json.loads(text.strip() or "{}")
    except ValueError as err:
        raise NotAValue(f"it is no JSON: {err}") from err
    if not isinstance(value, dict):
        raise NotAValue("it must be an object: {...}")
    return value


def conf_of(fields: Sequence[ParamField], values: Mapping[str, Json]) -> dict[str, Json]:
    """Only what differs from what the DAG says anyway: the run follows later changes of its defaults."""
    defaults = {field.name: field.value for field in fields}
    needed = {field.name for field in fields if field.is_needed}
    return {name: value for name, value in values.items() if name in needed or value != defaults.get(name)}


def masked(conf: Mapping[str, Json], fields: Sequence[ParamField]) -> dict[str, Json]:
    """As it may stand on a screen: without passwords."""
    secret = {field.name for field in fields if field.is_secret}
    return {name: "***" if name in secret and value else value for name, value in conf.items()}
