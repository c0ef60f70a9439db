"""What every group of reads stands on: one connection, whole results, and the parsed specs it has met."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, TypeVar

from tui_flow.spec import DagSpec, spec_from_dict
from tui_flow.store.connect import OneProcess, Row, explain
from tui_flow.store.secrets import SecretBox

SPECS_KEPT = 512
Record = TypeVar("Record")


class ReadBase:
    """Runs queries on one connection; every result is fetched whole, so that no cursor holds the WAL back."""

    def __init__(self, connection: sqlite3.Connection, path: Path, secrets: SecretBox) -> None:
        self.path = path
        self._connection = connection
        self._secrets = secrets
        self._process = OneProcess()
        self._specs: dict[tuple[str, str], DagSpec] = {}

    def _all(self, sql: str, values: Row = ()) -> list[Row]:
        self._process.check()
        try:
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error as err:
            raise explain(err, self.path) from err

    def _one(self, sql: str, values: Row = ()) -> Row | None:
        found = self._all(sql, values)
        return found[0] if found else None

    def spec(self, dag_id: str, version: str) -> DagSpec:
        """A stored version of a DAG, parsed once. Raises KeyError for a version that was never stored."""
        spec = self._specs.get((dag_id, version))
        if spec is None:
            row = self._one("SELECT spec FROM spec_version WHERE dag_id = ? AND version = ?", (dag_id, version))
            if row is None:
                raise KeyError((dag_id, version))
            spec = spec_from_dict(json.loads(row[0]), version)
            if len(self._specs) >= SPECS_KEPT:
                del self._specs[next(iter(self._specs))]
            self._specs[dag_id, version] = spec
        return spec


class Kept(Generic[Record]):
    """Records of a table that is read again and again: made anew only of rows that differ from the last time."""

    def __init__(self, make: Callable[[Row], Record]) -> None:
        self._make = make
        self._before: dict[str, tuple[Row, Record]] = {}

    def records(self, rows: Sequence[Row], key: int = 0) -> dict[str, Record]:
        """By what stands in the column `key`; the same objects for the same rows."""
        before, now = self._before, {}
        for row in rows:
            known = before.get(row[key])
            now[str(row[key])] = known if known is not None and known[0] == row else (row, self._make(row))
        self._before = now
        return {at: record for at, (_, record) in now.items()}


def marks(count: int) -> str:
    """`?, ?, ?`."""
    return ", ".join("?" * count)
