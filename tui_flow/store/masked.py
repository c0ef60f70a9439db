"""What screens show of values that tasks and people gave: without the secrets of this home.

The values themselves stay as they are, since tasks need them. Not found here: secrets that only a task knew, which
its log masks.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TypeVar

from tui_flow.errors import HomeError
from tui_flow.masking import MASKER, mask_secret
from tui_flow.records import ConnectionRow, VariableRow, XCom
from tui_flow.spec import Json
from tui_flow.store.reader import Reads

Shown = TypeVar("Shown")
_learned: set[int] = set()


def masked(reads: Reads, value: Shown, name: str | None = None) -> Shown:
    """`value` without passwords and other secrets of the home, and without what has a sensitive name."""
    _learn(reads)
    shown: Shown = MASKER.redact_value(value, name)
    return shown


def masked_xcoms(reads: Reads, xcoms: list[XCom]) -> list[XCom]:
    if xcoms:
        _learn(reads)
    return [replace(xcom, value=_masked_text(xcom.value, xcom.key)) for xcom in xcoms]


def _masked_text(text: str, name: str) -> str:
    value: Json = json.loads(text)
    shown = MASKER.redact_value(value, name)
    return text if shown == value else json.dumps(shown, separators=(",", ":"), ensure_ascii=False)


def _learn(reads: Reads) -> None:
    """Have this process mask the home's secrets; each sealed value is opened once. Without the key that opens them
    only names tell what is secret."""
    new = {hash(token) for token in reads.sealed_values()} - _learned
    if not new:
        return
    try:
        for connection in reads.connections():
            _learn_connection(connection)
        for variable in reads.variables():
            _learn_variable(variable)
    except HomeError:
        return
    _learned.update(new)


def _learn_connection(connection: ConnectionRow) -> None:
    mask_secret(connection.password or "")
    mask_secret(_loaded(connection.extra or ""), "extra")


def _learn_variable(variable: VariableRow) -> None:
    mask_secret(variable.value, variable.key)
    mask_secret(_loaded(variable.value), variable.key)


def _loaded(text: str) -> Json:
    try:
        value: Json = json.loads(text)
    except ValueError:
        return None
    return value
