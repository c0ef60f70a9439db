"""Verbs on pools, variables and connections. Secret values never reach an answer or the audit trail."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, replace
from datetime import datetime

from tui_flow.actions.plan import Plan
from tui_flow.errors import BadInput, NotFound, NotPossible, did_you_mean
from tui_flow.records import ConnectionRow, Pool
from tui_flow.store.reader import Reads
from tui_flow.store.writer import Writer

DEFAULT_POOL = "default_pool"
LONGEST_NAME = 250
_CONN_ID = re.compile(r"[\w#!()\-.:/\\]+")


def set_pool(
    reads: Reads, now: datetime, *, name: str, slots: int, include_deferred: bool = False, description: str = ""
) -> Plan:
    """Create a pool or change it. -1 slots: unlimited; 0: closed."""
    check_name("pool", name)
    check_slots(name, slots)
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


def set_variable(
    reads: Reads,
    now: datetime,
    *,
    key: str,
    value: str | None = None,
    description: str | None = None,
    only_new: bool = False,
) -> Plan:
    """None keeps the value or the description that is there. Answer: the key, and whether it is new."""
    check_name("variable", key)
    is_new = key not in reads.variable_keys()
    if only_new and not is_new:
        raise NotPossible(f"variable {key!r} is there already; `tuiflow variables set` replaces its value")
    if is_new and value is None:
        raise BadInput(f"variable {key!r} is new; it needs a value")

    def write(writer: Writer) -> None:
        kept = writer.reads.variable(key) if value is None else None
        writer.set_variable(key, kept.value if kept else value or "", description, now)

    return Plan({"key": key, "is_new": is_new}, write=write)


def delete_variable(reads: Reads, now: datetime, *, key: str) -> Plan:
    known = reads.variable_keys()
    if key not in known:
        raise NotFound(f"no variable {key!r}{did_you_mean(key, known)}; `tuiflow variables list` shows them")
    return Plan({"key": key}, write=lambda writer: _did(writer.delete_variable(key)))


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
    only_new: bool = False,
    keep: list[str] | None = None,
) -> Plan:
    """Create a connection or, unless `only_new`, replace it: whole, but for the secrets (password, extra) that `keep`
    names. Answer: its id and type, and whether it is new."""
    row = ConnectionRow(conn_id, conn_type, host, login, password, schema, port, extra, description)
    check_connection(row)
    is_new = conn_id not in reads.connection_ids()
    if only_new and not is_new:
        raise NotPossible(f"connection {conn_id!r} is there already; `tuiflow connections set` replaces it")
    for name in keep or ():
        if name not in ("password", "extra"):
            raise BadInput(f"connection {conn_id!r}: keep takes password and extra, not {name!r}")
    answer = {"conn_id": conn_id, "conn_type": conn_type, "is_new": is_new}

    def write(writer: Writer) -> None:
        old = writer.reads.connection(conn_id) if keep else None
        kept = {name: getattr(old, name) for name in keep or ()} if old else {}
        writer.set_connection(replace(row, **kept), now)

    return Plan(answer, write=write)


def delete_connection(reads: Reads, now: datetime, *, conn_id: str) -> Plan:
    known = reads.connection_ids()
    if conn_id not in known:
        raise NotFound(
            f"no connection {conn_id!r}{did_you_mean(conn_id, known)}; `tuiflow connections list` shows them"
        )
    return Plan({"conn_id": conn_id}, write=lambda writer: _did(writer.delete_connection(conn_id)))


def check_connection(row: ConnectionRow) -> None:
    """Raises BadInput for what no connection can be."""
    check_name("connection", row.conn_id)
    if not row.conn_type:
        raise BadInput(f"connection {row.conn_id!r} needs a type, like postgres, http or generic")
    for name in ("conn_type", "host", "login", "password", "schema", "extra", "description"):
        if not isinstance(getattr(row, name), str | None):
            raise BadInput(f"connection {row.conn_id!r}: {name} must be text")
    if set(row.conn_type) & set(":/@ "):
        raise BadInput(
            f"connection {row.conn_id!r}: the type is a word like postgres; for a URI use "
            f"`tuiflow connections add {row.conn_id} --conn-uri URI`"
        )
    port = row.port
    if port is not None and not (isinstance(port, int) and 0 <= port <= 65535):
        raise BadInput(f"connection {row.conn_id!r}: {port!r} is not a port; it must be between 0 and 65535")
    _check_extra(row.conn_id, row.extra)


def check_slots(name: str, slots: int) -> None:
    if not -1 <= slots < 2**31:
        raise BadInput(f"pool {name!r} cannot have {slots} slots; -1 means unlimited, 0 closed")


def check_name(kind: str, name: str) -> None:
    if kind == "connection" and len(name) <= LONGEST_NAME and not _CONN_ID.fullmatch(name):
        raise BadInput(f"{name[:60]!r} cannot name a connection; use letters, digits and _ - . : / \\ # ! ( )")
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


def _did(was_there: bool) -> None:
    assert was_there, "it was found in the same transaction"
