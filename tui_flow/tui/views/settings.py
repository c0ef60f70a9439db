"""Pools, variables and connections: their lists, and what a form would change in one. Pure; secret values never come
here, only whether there is one. The value of a variable is a secret if its key sounds like one, as in Airflow."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tui_flow.masking import is_sensitive_name
from tui_flow.records import ConnectionRow, Pool, PoolUse, VariableRow
from tui_flow.spec import Json
from tui_flow.tui.palette import BOLD, DIM, GOOD, WARN, Palette
from tui_flow.tui.text import Piece, Row, columns, fit, plain
from tui_flow.tui.views.deeds import Deed, Preview, command

MASK = "***"
BAR = 16


@dataclass(frozen=True, slots=True)
class ConnectionFacts:
    """A connection without its secrets."""

    conn_id: str
    conn_type: str
    description: str = ""
    host: str = ""
    port: int | None = None
    login: str = ""
    schema: str = ""
    has_password: bool = False
    has_extra: bool = False
    is_sealed: bool = False
    """The secrets key does not fit: only id, type and description are known."""

    @property
    def where(self) -> str:
        """As a URI says it."""
        login = f"{self.login}@" if self.login else ""
        port = f":{self.port}" if self.port is not None else ""
        schema = f"/{self.schema}" if self.schema else ""
        return f"{login}{self.host}{port}{schema}"


@dataclass(frozen=True, slots=True)
class VariableFacts:
    key: str
    description: str = ""
    value: str | None = None
    """None: it is a secret, or the secrets key does not fit."""

    @property
    def fits_a_line(self) -> bool:
        """Whether it can be shown and changed in a line of text."""
        return self.value is not None and self.value.isprintable()


def facts_of_connection(row: ConnectionRow) -> ConnectionFacts:
    return ConnectionFacts(
        row.conn_id,
        row.conn_type,
        row.description,
        row.host or "",
        row.port,
        row.login or "",
        row.schema or "",
        bool(row.password),
        bool(row.extra),
    )


# -- lists


def pool_row(use: PoolUse, look: Palette, width: int) -> Row:
    taken, slots = use.running + use.queued, use.pool.slots
    is_full = 0 <= slots <= taken
    shown = "no limit" if slots < 0 else f"{taken}/{slots}"
    pieces: list[Piece] = [(" ", None)]
    pieces += columns([(plain(use.pool.name), None, _name_width(width)), (shown, BOLD, 10)])
    pieces += [(bar(use, look), WARN if is_full else GOOD), (" full" if is_full else "     ", WARN)]
    counted = (("running", use.running), ("queued", use.queued), ("deferred", use.deferred))
    pieces.append(("".join(f"  {count} {word}" for word, count in counted if count), None))
    pieces.append((f"  {plain(use.pool.description)}", DIM))
    return Row(use.pool.name, tuple(pieces))


def bar(use: PoolUse, look: Palette) -> str:
    """How much of a pool is taken."""
    slots = use.pool.slots
    if slots < 0:
        return " " * BAR
    filled = min(BAR, round((use.running + use.queued) / slots * BAR)) if slots else 0
    return look.line("█" * filled + "░" * (BAR - filled))


def facts_of_variable(row: VariableRow) -> VariableFacts:
    return VariableFacts(row.key, row.description, None if is_sensitive_name(row.key) else row.value)


def variable_row(facts: VariableFacts, width: int) -> Row:
    name = _name_width(width)
    room = max(width - name - 4, 0)
    value = (MASK, DIM) if facts.value is None else (plain(facts.value[: room + 1]), None)
    about = room // 3 if facts.description else 0
    listed = columns([(plain(facts.key), None, name), (*value, room - about), (plain(facts.description), DIM, about)])
    return Row(facts.key, ((" ", None), *listed))


def connection_row(facts: ConnectionFacts, width: int) -> Row:
    secrets = [word for word, has in (("password", facts.has_password), ("extra", facts.has_extra)) if has]
    hidden = "sealed with another key" if facts.is_sealed else " ".join(f"{word} {MASK}" for word in secrets)
    name = _name_width(width)
    room = max((width - name - 38) // (2 if width >= 100 else 1), 16)
    listed = columns(
        [
            (plain(facts.conn_id), None, name),
            (plain(facts.conn_type), DIM, 9),
            (plain(facts.where), None, room),
            (hidden, WARN if facts.is_sealed else DIM, 23),
            *([(plain(facts.description), DIM, room)] if width >= 100 else []),
        ]
    )
    return Row(facts.conn_id, ((" ", None), *listed))


def _name_width(width: int) -> int:
    return 28 if width >= 100 else 20


# -- what a form says


def pool_deed(name: str, slots: int, include_deferred: bool, description: str) -> Deed:
    args: dict[str, Json] = {
        "name": name,
        "slots": slots,
        "include_deferred": include_deferred,
        "description": description,
    }
    words: list[object] = ["pools", "set", name]
    words += ["--include-deferred"] if include_deferred else []
    words += ["--description", description] if description else []
    words += ["--", slots] if slots < 0 else [slots]
    return Deed("set_pool", args, command(*words))


def variable_deed(key: str, value: str | None, description: str, is_new: bool) -> Deed:
    """None keeps the value of a variable that is there."""
    args: dict[str, Json] = {"key": key, "value": value, "description": description, "only_new": is_new}
    line = command("variables", "set", key, None if is_sensitive_name(key) else value)
    return Deed("set_variable", args, f"{line} --description {shlex.quote(description)}")


def connection_deed(facts: ConnectionFacts, password: str | None, extra: str | None, is_new: bool) -> Deed:
    """None keeps a secret that is there; empty takes it away."""
    secrets = {"password": password, "extra": extra}
    args: dict[str, Json] = {
        "conn_id": facts.conn_id,
        "conn_type": facts.conn_type,
        "host": facts.host or None,
        "login": facts.login or None,
        "schema": facts.schema or None,
        "port": facts.port,
        "description": facts.description,
        "only_new": is_new,
        "keep": [name for name, value in secrets.items() if value is None],
        **{name: value for name, value in secrets.items() if value},
    }
    words: list[object] = ["connections", "set", facts.conn_id, facts.conn_type]
    for name in ("host", "port", "login", "schema", "description"):
        if getattr(facts, name) not in (None, ""):
            words += [f"--{name}", getattr(facts, name)]
    words += ["--extra", MASK] if facts.has_extra else []
    words += ["--password"] if facts.has_password else []
    return Deed("set_connection", args, command(*words))


DELETES = {
    "pool": ("delete_pool", "name", "pools"),
    "variable": ("delete_variable", "key", "variables"),
    "connection": ("delete_connection", "conn_id", "connections"),
}
"""Verb, its argument, group of commands."""


def delete_deeds(kind: str, names: Sequence[str]) -> list[Deed]:
    verb, argument, group = DELETES[kind]
    return [Deed(verb, {argument: name}, command(group, "delete", name, "-y")) for name in names]


# -- what would change


def pool_said(pool: Pool) -> dict[str, str]:
    slots = "no limit" if pool.slots < 0 else "closed" if pool.slots == 0 else str(pool.slots)
    deferred = "keep their slots" if pool.include_deferred else "give their slots back"
    return {"slots": slots, "deferred tasks": deferred, "description": pool.description}


def connection_said(facts: ConnectionFacts, password: str, extra: str) -> dict[str, str]:
    """`password` and `extra` as they may be shown."""
    port = "" if facts.port is None else str(facts.port)
    return {
        "type": facts.conn_type,
        "host": facts.host,
        "port": port,
        "login": facts.login,
        "password": password,
        "schema": facts.schema,
        "extra": extra,
        "description": facts.description,
    }


def secret_said(has_one: bool, typed: str | None = None) -> str:
    """How a secret is shown: as it is, or as it would be once `typed` is taken (None: it stays, empty: it goes)."""
    if typed:
        return f"{MASK} (another)" if has_one else MASK
    return MASK if has_one and typed is None else ""


def changes(before: Mapping[str, str] | None, after: Mapping[str, str], look: Palette) -> Preview:
    """A row for each thing that a form says differently; `before` None: it is all new."""
    old = before or {}
    rows = [
        _change_row(name, old.get(name, ""), value, look) for name, value in after.items() if value != old.get(name, "")
    ]
    return Preview(rows, runs=int(bool(rows) or before is None))


def _change_row(name: str, old: str, new: str, look: Palette) -> Row:
    pieces: list[Piece] = [(f"   {fit(name, 16)} ", DIM)]
    if old:
        pieces.append((f"{plain(old)} {look.line('→')} ", None))
    pieces.append((plain(new) or "none", BOLD))
    return Row(name, tuple(pieces))
