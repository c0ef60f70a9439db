"""Verbs that set many variables, connections or pools at once, as a file holds them. Secrets never reach an answer."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from typing import Any

from tui_flow.actions.plan import Plan
from tui_flow.actions.settings import check_connection, check_name, check_slots
from tui_flow.errors import BadInput, NotPossible
from tui_flow.records import ConnectionRow, Pool
from tui_flow.spec import Json
from tui_flow.store.reader import Reads
from tui_flow.store.writer import Writer

_CONNECTION_FIELDS = frozenset(ConnectionRow.__dataclass_fields__) - {"conn_id"}
_POOL_FIELDS = frozenset(Pool.__dataclass_fields__) - {"name"}


class Existing(StrEnum):
    """What an import does with names that are there already."""

    OVERWRITE = "overwrite"
    FAIL = "fail"
    SKIP = "skip"


def import_variables(
    reads: Reads,
    now: datetime,
    *,
    variables: Mapping[str, Json],
    descriptions: Mapping[str, Json] | None = None,
    existing: str = "overwrite",
) -> Plan:
    """Set many variables; values that are not text become JSON text. Answer: the keys that are set, and skipped."""
    skipped = _skipped("variable", variables, reads.variable_keys(), existing)
    wanted = {key: _as_text(value) for key, value in variables.items() if key not in skipped}
    for key in wanted:
        check_name("variable", key)
    told = {key: str(text) for key, text in (descriptions or {}).items() if text is not None}

    def write(writer: Writer) -> None:
        for key, value in wanted.items():
            writer.set_variable(key, value, told.get(key), now)

    return Plan({"set": sorted(wanted), "skipped": sorted(skipped)}, write=write)


def import_connections(reads: Reads, now: datetime, *, connections: Mapping[str, Json], existing: str = "skip") -> Plan:
    """Set many connections, given as their fields by id. Answer: the ids that are set, and skipped."""
    skipped = _skipped("connection", connections, reads.connection_ids(), existing)
    wanted = [_connection(conn_id, fields) for conn_id, fields in sorted(connections.items()) if conn_id not in skipped]

    def write(writer: Writer) -> None:
        for row in wanted:
            writer.set_connection(row, now)

    return Plan({"set": [row.conn_id for row in wanted], "skipped": sorted(skipped)}, write=write)


def import_pools(reads: Reads, now: datetime, *, pools: Mapping[str, Json], existing: str = "overwrite") -> Plan:
    """Set many pools, given as their fields by name. Answer: the names that are set, and skipped."""
    known = {use.pool.name: use.pool for use in reads.pools()}
    skipped = _skipped("pool", pools, known, existing)
    wanted = [_pool(name, fields) for name, fields in sorted(pools.items()) if name not in skipped]

    def write(writer: Writer) -> None:
        for pool in wanted:
            writer.set_pool(pool)

    before: Json = [asdict(known[pool.name]) for pool in wanted if pool.name in known]
    return Plan({"set": [pool.name for pool in wanted], "skipped": sorted(skipped)}, write=write, before=before)


def _skipped(kind: str, given: Mapping[str, Json], known: Collection[str], existing: str) -> set[str]:
    if existing not in set(Existing):
        raise BadInput(f"existing {kind}s can be met with overwrite, fail or skip, not {existing!r}")
    taken = set(known).intersection(given)
    if taken and existing == Existing.FAIL:
        raise NotPossible(f"{kind}s are there already: {', '.join(sorted(taken))}; nothing was imported")
    return taken if existing == Existing.SKIP else set()


def _connection(conn_id: str, fields: Json) -> ConnectionRow:
    given = _checked("connection", conn_id, fields, _CONNECTION_FIELDS)
    given["conn_type"] = given.get("conn_type") or ""
    given["description"] = given.get("description") or ""
    row = ConnectionRow(conn_id, **given)
    check_connection(row)
    return row


def _pool(name: str, fields: Json) -> Pool:
    given = _checked("pool", name, fields, _POOL_FIELDS)
    slots = given.get("slots")
    if not isinstance(slots, int) or isinstance(slots, bool):
        raise BadInput(f"pool {name!r} needs slots, a whole number, not {slots!r}")
    check_slots(name, slots)
    return Pool(name, slots, bool(given.get("include_deferred")), str(given.get("description") or ""))


def _checked(kind: str, name: str, fields: Json, known: Collection[str]) -> dict[str, Any]:
    check_name(kind, name)
    if not isinstance(fields, Mapping):
        raise BadInput(f"{kind} {name!r} must be an object of its fields, not {type(fields).__name__}")
    if unknown := sorted(set(fields) - set(known)):
        raise BadInput(f"{kind} {name!r} has no field {unknown[0]!r}; known are {', '.join(sorted(known))}")
    return dict(fields)


def _as_text(value: Json) -> str:
    """As Airflow stores it."""
    return value if isinstance(value, str) else json.dumps(value, indent=2)
