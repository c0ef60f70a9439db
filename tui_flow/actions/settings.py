"""Verbs on pools, variables and connections. Secret values never reach an answer or the audit trail."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from tui_flow.actions.plan import Plan
from tui_flow.errors import BadInput, NotFound, NotPossible, did_you_mean
from tui_flow.records import ConnectionRow, Pool
from tui_flow.spec import Json
from tui_flow.store.reader import Reads
from tui_flow.store.writer import Writer

DEFAULT_POOL = "default_pool"
LONGEST_NAME = 250


def set_pool(
    reads: Reads, now: datetime, *, name: str, slots: int, include_deferred: bool = False, description: str = ""
) -> Plan:
    """Create a pool or change it. -1 slots: unlimited; 0: closed."""
    _check_name("pool", name)
    if not -1 <= slots < 2**31:
        raise BadInput(f"pool {name!r} cannot have {slots} slots; -1 means unlimited, 0 closed")
    pool = Pool(name, slots, include_deferred, description)
    known = {use.pool.name: use.pool for use in reads.pools()}
    before = asdict(known[name]) if name in known else None
    return Plan(asdict(pool), write=lambda writer: writer.set_pool(pool), before=before)


def delete_pool(reads: Reads, now: datetime, *, name: str) -> Plan:
    """Its tasks wait from then on, and `why` says for what."""
    known = {use.pool.name: use.pool for use in reads.pools()}
    if name not in known:
        raise NotFound(f"no pool {name!r}{did_you_mean(name, known)}; `tuiflow pools list` shows them")
    if name == DEFAULT_POOL:
        raise NotPossible(f"{DEFAULT_POOL} cannot be deleted; `tuiflow pools set {DEFAULT_POOL} N` changes its slots")
    return Plan({"name": name}, write=lambda writer: _did(writer.delete_pool(name)), before=asdict(known[name]))


def set_variable(reads: Reads, now: datetime, *, key: str, value: str, description: str | None = None) -> Plan:
    """`description` None keeps the one that is there. Answer: the key, and whether it is new."""
    _check_name("variable", key)
    is_new = key not in reads.variable_keys()
    return Plan({"key": key, "is_new": is_new}, write=lambda writer: writer.set_variable(key, value, description, now))


def delete_variable(reads: Reads, now: datetime, *, key: str) -> Plan:
    known = reads.variable_keys()
    if key not in known:
        raise NotFound(f"no variable {key!r}{did_you_mean(key, known)}; `tuiflow variables list` shows them")
    return Plan({"key": key}, write=lambda writer: _did(writer.delete_variable(key)))


def import_variables(
    reads: Reads, now: datetime, *, variables: Mapping[str, Json], existing: str = "overwrite"
) -> Plan:
    """Set many at once; values that are not text become JSON text. `existing`: overwrite, fail or skip.

    Answer: the keys that are set and those that are skipped.
    """
    if existing not in ("overwrite", "fail", "skip"):
        raise BadInput(f"existing variables can be met with overwrite, fail or skip, not {existing!r}")
    known = set(reads.variable_keys()).intersection(variables)
    if known and existing == "fail":
        raise NotPossible(f"variables are there already: {', '.join(sorted(known))}; nothing was imported")
    skipped = known if existing == "skip" else set()
    wanted = {key: _as_text(value) for key, value in variables.items() if key not in skipped}
    for key in wanted:
        _check_name("variable", key)

    def write(writer: Writer) -> None:
        for key, value in wanted.items():
            writer.set_variable(key, value, None, now)

    return Plan({"set": sorted(wanted), "skipped": sorted(skipped)}, write=write)


def set_connection(
    reads: Reads,
    now: datetime,
    *,
    conn_id: str,
    conn_type: str,
    host: str | None = None,
    login: str | None = None,
    password: str | None = None,
    schema: str | None = None,
    port: int | None = None,
    extra: str | None = None,
    description: str = "",
) -> Plan:
    """Create a connection or replace it whole. Answer: its id and type, and whether it is new."""
    _check_name("connection", conn_id)
    if port is not None and not 0 <= port <= 65535:
        raise BadInput(f"connection {conn_id!r}: {port} is not a port; it must be between 0 and 65535")
    _check_extra(conn_id, extra)
    row = ConnectionRow(conn_id, conn_type, host, login, password, schema, port, extra, description)
    answer = {"conn_id": conn_id, "conn_type": conn_type, "is_new": conn_id not in reads.connection_ids()}
    return Plan(answer, write=lambda writer: writer.set_connection(row, now))


def delete_connection(reads: Reads, now: datetime, *, conn_id: str) -> Plan:
    known = reads.connection_ids()
    if conn_id not in known:
        raise NotFound(
            f"no connection {conn_id!r}{did_you_mean(conn_id, known)}; `tuiflow connections list` shows them"
        )
    return Plan({"conn_id": conn_id}, write=lambda writer: _did(writer.delete_connection(conn_id)))


def _check_name(kind: str, name: str) -> None:
    if not name or len(name) > LONGEST_NAME or not name.isprintable() or name != name.strip():
        raise BadInput(f"{name[:60]!r} cannot name a {kind}; use 1 to {LONGEST_NAME} printable characters")


def _check_extra(conn_id: str, extra: str | None) -> None:
    if extra is None:
        return
    try:
        value = json.loads(extra)
    except (ValueError, RecursionError) as err:
        raise BadInput(f"connection {conn_id!r}: extra is not JSON: {err}") from err
    if not isinstance(value, dict):
        raise BadInput(f"connection {conn_id!r}: extra must be a JSON object, not {type(value).__name__}")


def _as_text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _did(was_there: bool) -> None:
    assert was_there, "it was found in the same transaction"
