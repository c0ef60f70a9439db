"""The conf of a run: its size and depth, and the DAG's params that it must fit."""

from __future__ import annotations

import json
from collections.abc import Mapping

from tui_flow.errors import BadInput, ParamsInvalid
from tui_flow.json_formats import format_checker
from tui_flow.spec import DagSpec, Json

MAX_CONF_BYTES = 256 * 1024
MAX_DEPTH = 64


def check_conf(spec: DagSpec, conf: Mapping[str, Json]) -> None:
    """Raises BadInput for what is too large or not JSON, ParamsInvalid for values that fail the DAG's schemas.

    The conf goes over the params' defaults; keys that are no params are allowed.
    """
    check_size(conf)
    for name, schema in spec.params.items():
        if name not in conf and "default" not in schema:
            raise ParamsInvalid(
                f"DAG {spec.dag_id!r} needs param {name!r}, which has no default; give it with -p {name}=..."
            )
        _check_value(f"DAG {spec.dag_id!r}", name, schema, conf.get(name, schema.get("default")))


def check_params(whose: str, schemas: Mapping[str, Mapping[str, Json]], values: Mapping[str, Json]) -> dict[str, Json]:
    """The values over the schemas' defaults. Raises BadInput for what is too large, ParamsInvalid for what does not
    fit or is missing."""
    check_size(values)
    found: dict[str, Json] = {}
    for name, schema in schemas.items():
        if name not in values and "default" not in schema:
            raise ParamsInvalid(f"{whose} needs param {name!r}, which has no default; give it with -p {name}=...")
        found[name] = values.get(name, schema.get("default"))
        _check_value(whose, name, schema, found[name])
    return found


def check_size(conf: Mapping[str, Json]) -> None:
    if _is_deeper(conf, MAX_DEPTH):
        raise BadInput(f"the conf is nested deeper than {MAX_DEPTH} levels; pass the name of a file instead")
    try:
        size = len(json.dumps(conf, allow_nan=False))
    except (TypeError, ValueError) as err:
        raise BadInput(f"the conf is not JSON: {err}") from err
    if size > MAX_CONF_BYTES:
        raise BadInput(
            f"the conf has {size} bytes; at most {MAX_CONF_BYTES} are allowed: pass the name of a file instead"
        )


def _is_deeper(value: Json, levels: int) -> bool:
    """Walks level by level, so that no depth of nesting can exhaust the stack."""
    layer: list[Json] = [value]
    for _ in range(levels + 1):
        inside: list[Json] = []
        for item in layer:
            if isinstance(item, Mapping):
                inside += item.values()
            elif isinstance(item, list | tuple):
                inside += item
        if not inside:
            return False
        layer = inside
    return True


def problem_with(schema: Mapping[str, Json], value: Json) -> str:
    """What a param's schema says against the value; empty: nothing."""
    from jsonschema import SchemaError  # 60 modules, for DAGs with params only

    try:
        return _problem(schema, value)
    except SchemaError as err:
        return f"its schema is not valid: {err.message}"


def _check_value(whose: str, name: str, schema: Mapping[str, Json], value: Json) -> None:
    from jsonschema import SchemaError  # as above

    try:
        problem = _problem(schema, value)
    except SchemaError as err:
        raise ParamsInvalid(f"param {name!r} of {whose} has a schema that is not valid: {err.message}") from err
    if problem:
        raise ParamsInvalid(f"param {name!r} of {whose}: {problem}")


def _problem(schema: Mapping[str, Json], value: Json) -> str:
    from jsonschema import Draft202012Validator  # as above
    from jsonschema.exceptions import best_match
    from jsonschema.validators import validator_for

    kind = validator_for(schema, default=Draft202012Validator)
    kind.check_schema(dict(schema))
    error = best_match(kind(schema, format_checker=format_checker()).iter_errors(value))
    return str(error.message) if error is not None else ""
