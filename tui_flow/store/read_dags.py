"""Reads of DAGs, their files and versions."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime

from tui_flow.records import Dag, DagFile, ImportErrorRow, PlannedRun
from tui_flow.store import rows
from tui_flow.store.read_base import ReadBase, marks
from tui_flow.store.schema import SCHEDULED_DAGS


class DagReads(ReadBase):
    def dags(self, with_missing: bool = True) -> list[Dag]:
        where = "" if with_missing else "WHERE is_missing = 0"
        found = self._all(f"SELECT {rows.DAG} FROM {rows.DAG_TABLES} {where} ORDER BY dag.dag_id")
        return [rows.dag(row) for row in found]

    def dag(self, dag_id: str) -> Dag | None:
        row = self._one(f"SELECT {rows.DAG} FROM {rows.DAG_TABLES} WHERE dag.dag_id = ?", (dag_id,))
        return rows.dag(row) if row else None

    def dag_ids(self) -> list[str]:
        return [dag_id for (dag_id,) in self._all("SELECT dag_id FROM dag ORDER BY dag_id")]

    def dags_due(self, now: datetime) -> list[Dag]:
        """Active DAGs whose next scheduled run has fallen due, the longest waiting first."""
        sql = f"SELECT {rows.DAG} FROM {rows.DAG_TABLES} WHERE {SCHEDULED_DAGS} AND next_run_after <= ?"
        return [rows.dag(row) for row in self._all(f"{sql} ORDER BY next_run_after, dag.dag_id", (rows.micros(now),))]

    def next_due(self, except_for: Collection[str] = ()) -> datetime | None:
        """When the next scheduled run of any active DAG, `except_for` those, falls due."""
        where = f"{SCHEDULED_DAGS} AND dag_id NOT IN ({marks(len(except_for))})"
        row = self._one(f"SELECT min(next_run_after) FROM dag WHERE {where}", tuple(except_for))
        return rows.moment(row[0]) if row else None

    def planned_runs(self, dag_id: str) -> list[PlannedRun]:
        """The next runs that the timetable in the DAG's file told, oldest first."""
        sql = """SELECT run_after, data_interval_start, data_interval_end FROM planned_run WHERE dag_id = ?
            ORDER BY data_interval_start, data_interval_end"""
        return [PlannedRun(*map(rows.moment, row)) for row in self._all(sql, (dag_id,))]

    def spec_versions(self, dag_id: str) -> list[tuple[int, str, datetime]]:
        """(number, version, when it was first seen), newest first."""
        sql = "SELECT number, version, created_at FROM spec_version WHERE dag_id = ? ORDER BY number DESC"
        return [(number, version, rows.moment(at)) for number, version, at in self._all(sql, (dag_id,))]

    def source_of_spec(self, dag_id: str, version: str) -> str | None:
        """The source version of the newest run that has this version of the DAG."""
        sql = "SELECT source_version FROM dag_run WHERE dag_id = ? AND spec_version = ? ORDER BY id DESC LIMIT 1"
        row = self._one(sql, (dag_id, version))
        return str(row[0]) if row else None

    def files(self) -> list[DagFile]:
        return [rows.dag_file(row) for row in self._all(f"SELECT {rows.DAG_FILE} FROM dag_file ORDER BY path")]

    def file(self, path: str) -> DagFile | None:
        row = self._one(f"SELECT {rows.DAG_FILE} FROM dag_file WHERE path = ?", (path,))
        return rows.dag_file(row) if row else None

    def dags_of_file(self, path: str) -> list[str]:
        """Ids of the DAGs that the file owns and still has."""
        sql = "SELECT dag_id FROM dag WHERE file = ? AND is_missing = 0 ORDER BY dag_id"
        return [dag_id for (dag_id,) in self._all(sql, (path,))]

    def import_errors(self) -> list[ImportErrorRow]:
        sql = f"SELECT {rows.IMPORT_ERROR} FROM dag_file WHERE error IS NOT NULL ORDER BY path"
        return [rows.import_error(row) for row in self._all(sql)]

    def manifest(self, source_version: str) -> dict[str, str]:
        """Path -> content hash of everything that makes up a source version; empty for an unknown one."""
        row = self._one("SELECT manifest FROM source_version WHERE version = ?", (source_version,))
        return dict(json.loads(row[0])) if row else {}

    def sources_in_use(self) -> set[str]:
        """Source versions that a DAG, or a run that could be cleared, still needs."""
        sql = """SELECT version FROM source_version s
            WHERE EXISTS (SELECT 1 FROM dag WHERE source_version = s.version)
               OR EXISTS (SELECT 1 FROM dag_file WHERE source_version = s.version)
               OR EXISTS (SELECT 1 FROM dag_run WHERE source_version = s.version)"""
        return {version for (version,) in self._all(sql)}
