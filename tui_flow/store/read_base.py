"""What every group of reads stands on: one connection, whole results, and the parsed specs it has met."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from tui_flow.spec import DagSpec, spec_from_dict
from tui_flow.store.connect import OneProcess, Row, explain
from tui_flow.store.secrets import SecretBox

SPECS_KEPT = 512


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
            spec = spec_from_dict(json.loads(row[0]))
            if len(self._specs) >= SPECS_KEPT:
                del self._specs[next(iter(self._specs))]
            self._specs[dag_id, version] = spec
        return spec


def marks(count: int) -> str:
    """`?, ?, ?`."""
    return ", ".join("?" * count)
