"""Writes of what parsing found: DAG files, DAGs, their versions and sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tui_flow.errors import BadDag
from tui_flow.planner.assets import check_names, references_of
from tui_flow.records import Dag, PlannedRun
from tui_flow.spec import DagSpec, spec_to_dict
from tui_flow.store.moves import plain
from tui_flow.store.rows import micros, to_text
from tui_flow.store.write_assets import AssetWrites

_FORGET_SPECS = """DELETE FROM spec_version AS old
    WHERE number <= (SELECT max(number) FROM spec_version v WHERE v.dag_id = old.dag_id) - ?
    AND NOT EXISTS (SELECT 1 FROM dag d WHERE d.dag_id = old.dag_id AND d.spec_version = old.version)
    AND NOT EXISTS (SELECT 1 FROM dag_run r WHERE r.dag_id = old.dag_id AND r.spec_version = old.version)"""


@dataclass(frozen=True, slots=True)
class Placement:
    """What the caller decides about a DAG that is new or changed."""

    next_run_after: datetime | None
    schedule: str
    """`Timetable.summary`."""
    is_paused: bool
    schedule_since: datetime | None = None
    """For a new DAG: slots before this are not owed. None: its start_date and catchup alone decide."""


Place = Callable[[DagSpec, Dag | None], Placement]
"""Given what the file says and what is known (None: a new DAG). A DAG that was missing is placed like a changed one."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What a parse changed."""

    changed: tuple[str, ...] = ()
    """DAGs that are new, have a new version or came back."""
    missing: tuple[str, ...] = ()
    """DAGs that the file no longer has."""
    refused: tuple[str, ...] = ()
    """DAG ids in it that another file owns."""
    parse_again: tuple[str, ...] = ()
    """Files that were refused a DAG id which is now free."""


class DagWrites(AssetWrites):
    def store_parsed(
        self,
        file: str,
        specs: Iterable[DagSpec],
        source_version: str,
        manifest: Mapping[str, str],
        now: datetime,
        place: Place,
        duration_s: float = 0.0,
    ) -> Stored:
        """Record a good parse of a file: its DAGs, new versions of those that mean something new, DAGs that left it."""
        with self.transaction():
            self._keep_source(source_version, file, manifest, now)
            changed: list[str] = []
            refused: dict[str, str] = {}
            clashes: list[str] = []
            seen: set[str] = set()
            for spec in specs:
                known = self.reads.dag(spec.dag_id)
                if known and known.file != file and not known.is_missing:
                    refused[spec.dag_id] = known.file
                    continue
                seen.add(spec.dag_id)
                if clash := self._asset_clash(spec, file):
                    clashes.append(clash)
                    continue
                if self._store_dag(spec, known, file, source_version, now, place):
                    changed.append(spec.dag_id)
            missing = [dag_id for dag_id in self.reads.dags_of_file(file) if dag_id not in seen]
            self._set_missing(missing)
            error = "; ".join([*_refusals(file, refused), *clashes]) or None
            self._store_file(file, now, duration_s, manifest, source_version, error, refused)
            return Stored(tuple(changed), tuple(missing), tuple(refused), self._waiting_for(missing))

    def set_planned_runs(self, dag_id: str, planned: Sequence[PlannedRun], next_run_after: datetime | None) -> bool:
        """Replace the runs that a DAG's own timetable told, and when the next one is due; whether that is news."""
        known = self.reads.dag(dag_id)
        if known is None or (
            known.next_run_after == next_run_after and self.reads.planned_runs(dag_id) == list(planned)
        ):
            return False
        with self.transaction() as connection:
            connection.execute("DELETE FROM planned_run WHERE dag_id = ?", (dag_id,))
            connection.executemany(
                """INSERT INTO planned_run (dag_id, run_after, data_interval_start, data_interval_end)
                VALUES (?, ?, ?, ?)""",
                [(dag_id, *map(micros, run)) for run in planned],
            )
            connection.execute("UPDATE dag SET next_run_after = ? WHERE dag_id = ?", (micros(next_run_after), dag_id))
        return True

    def store_import_error(
        self,
        file: str,
        message: str,
        line: int | None,
        now: datetime,
        manifest: Mapping[str, str] | None = None,
        duration_s: float = 0.0,
    ) -> None:
        """Record that a file could not be parsed; the last good versions of its DAGs stay scheduled.

        `manifest`: what it had loaded until then, so that a change there parses it again; None keeps the known one.
        """
        with self.transaction() as connection:
            known = self.reads.file(file)
            loaded = manifest if manifest is not None else (known.manifest if known else {})
            self._store_file(file, now, duration_s, loaded, known.source_version if known else None, message, ())
            connection.execute("UPDATE dag_file SET error_line = ? WHERE path = ?", (line, file))

    def forget_file(self, file: str) -> Stored:
        """The file is gone: its DAGs are missing and no longer scheduled, their history stays."""
        with self.transaction() as connection:
            missing = self.reads.dags_of_file(file)
            self._set_missing(missing)
            connection.execute("DELETE FROM dag_file WHERE path = ?", (file,))
            return Stored(missing=tuple(missing), parse_again=self._waiting_for(missing))

    def delete_dag(self, dag_id: str) -> bool:
        """With all its history. The caller sees to it that nothing of it is alive."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM dag_run WHERE dag_id = ?", (dag_id,))
            return connection.execute("DELETE FROM dag WHERE dag_id = ?", (dag_id,)).rowcount == 1

    def forget_sources(self) -> int:
        """Drop source versions that nothing needs any more; how many."""
        with self.transaction() as connection:
            kept = self.reads.sources_in_use()
            known = {version for (version,) in connection.execute("SELECT version FROM source_version").fetchall()}
            gone = [(version,) for version in sorted(known - kept)]
            connection.executemany("DELETE FROM source_version WHERE version = ?", gone)
            return len(gone)

    def forget_specs(self, kept: int) -> int:
        """Drop versions of DAGs that no run has, but for each DAG's newest `kept`; how many."""
        return self.change(_FORGET_SPECS, (kept,))

    def _store_dag(
        self, spec: DagSpec, known: Dag | None, file: str, source_version: str, now: datetime, place: Place
    ) -> bool:
        """Whether it is new, came back or means something new."""
        has_changed = known is None or known.is_missing or known.spec_version != spec.version
        if known is not None and not has_changed:
            if known.source_version != source_version:
                self.change("UPDATE dag SET source_version = ? WHERE dag_id = ?", (source_version, spec.dag_id))
            if any(references_of(spec)) and not self.reads.asset_references(spec.dag_id):
                self.set_asset_references(spec, now)  # stored by a release that knew no assets
            return False
        if known and self.reads.spec(known.dag_id, known.spec_version).timetable != spec.timetable:
            known = replace(known, schedule_since=now)
        placement = place(spec, known)
        is_paused = known.is_paused if known else placement.is_paused
        self.change(
            """INSERT INTO dag
            (dag_id, file, is_paused, spec_version, source_version, next_run_after, tags, description, schedule,
            schedule_since)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (dag_id) DO UPDATE SET file = excluded.file, is_missing = 0,
            spec_version = excluded.spec_version, source_version = excluded.source_version,
            next_run_after = excluded.next_run_after, tags = excluded.tags, description = excluded.description,
            schedule = excluded.schedule, schedule_since = excluded.schedule_since""",
            (
                spec.dag_id,
                file,
                is_paused,
                spec.version,
                source_version,
                micros(placement.next_run_after),
                to_text(list(spec.tags)),
                plain(spec.description),
                placement.schedule,
                micros(known.schedule_since if known else placement.schedule_since),
            ),
        )
        self._keep_spec(spec, now)
        self.set_asset_references(spec, now)
        return True

    def _asset_clash(self, spec: DagSpec, file: str) -> str | None:
        """Why the DAG cannot be stored beside those of other files: an asset's name means another URI there."""
        mine = [reference for reference, _ in references_of(spec) if reference.kind == "asset"]
        try:
            check_names(mine, self.reads.names_in_use(sorted({reference.name for reference in mine}), file))
        except BadDag as err:
            return str(err)
        return None

    def _keep_spec(self, spec: DagSpec, now: datetime) -> None:
        """A version that was there before keeps its number."""
        self.change(
            """INSERT INTO spec_version (dag_id, version, number, spec, created_at)
            SELECT ?, ?, coalesce(max(number), 0) + 1, ?, ? FROM spec_version WHERE dag_id = ?
            ON CONFLICT (dag_id, version) DO NOTHING""",
            (spec.dag_id, spec.version, to_text(spec_to_dict(spec)), micros(now), spec.dag_id),
        )

    def _keep_source(self, version: str, file: str, manifest: Mapping[str, str], now: datetime) -> None:
        self.change(
            "INSERT OR IGNORE INTO source_version (version, file, manifest, created_at) VALUES (?, ?, ?, ?)",
            (version, file, to_text(dict(manifest)), micros(now)),
        )

    def _set_missing(self, dag_ids: Sequence[str]) -> None:
        with self.transaction() as connection:
            connection.executemany(
                "UPDATE dag SET is_missing = 1, next_run_after = NULL WHERE dag_id = ?",
                [(dag_id,) for dag_id in dag_ids],
            )
            self.forget_asset_references(dag_ids)

    def _store_file(
        self,
        file: str,
        now: datetime,
        duration_s: float,
        manifest: Mapping[str, str],
        source_version: str | None,
        error: str | None,
        refused: Iterable[str],
    ) -> None:
        self.change(
            """INSERT OR REPLACE INTO dag_file
            (path, parsed_at, duration_s, manifest, source_version, error, error_at, refused)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6,
                iif(?6 IS NULL, NULL, coalesce((SELECT error_at FROM dag_file WHERE path = ?1), ?2)), ?7)""",
            (
                file,
                micros(now),
                duration_s,
                to_text(dict(manifest)),
                source_version,
                plain(error),
                to_text(sorted(refused)),
            ),
        )

    def _waiting_for(self, dag_ids: Iterable[str]) -> tuple[str, ...]:
        free = set(dag_ids)
        if not free:
            return ()
        return tuple(file.path for file in self.reads.files() if free.intersection(file.refused))


def _refusals(file: str, refused: Mapping[str, str]) -> list[str]:
    return [
        f"DAG {dag_id!r} is defined in {owner} already and stays there; rename it in {file}"
        for dag_id, owner in refused.items()
    ]
