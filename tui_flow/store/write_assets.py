"""Writes of assets: who names them, their events, and the queues of the DAGs that wait for them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from tui_flow.asset_records import AssetWatch
from tui_flow.errors import NotFound
from tui_flow.planner.assets import references_of
from tui_flow.spec import DagSpec, Json
from tui_flow.store.moves import plain
from tui_flow.store.read_assets import EVENTS_FOR, NAMES_ASSET, OLD_EVENTS
from tui_flow.store.rows import micros, to_text
from tui_flow.store.write_base import WriteBase

_ADD_ASSET = """INSERT INTO asset (name, uri, group_name, extra, created_at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (name, uri) DO UPDATE SET group_name = excluded.group_name, extra = excluded.extra RETURNING id"""
_QUEUE = f"""INSERT INTO asset_queue (dag_id, asset, queued_at)
    SELECT DISTINCT dag_id, :asset, :at FROM asset_reference WHERE role = 'schedule' AND ({NAMES_ASSET})
    ON CONFLICT DO NOTHING"""
_DROP_UNNAMED = """DELETE FROM asset_queue WHERE dag_id = :dag_id AND NOT EXISTS (
    SELECT 1 FROM asset_reference r JOIN asset a ON a.id = asset_queue.asset
    WHERE r.dag_id = :dag_id AND r.role = 'schedule' AND (
        (r.kind = 'asset' AND r.name = a.name AND r.uri = a.uri)
        OR (r.kind = 'ref' AND (r.name = a.name OR r.uri = a.uri))
        OR (r.kind = 'alias' AND EXISTS (SELECT 1 FROM asset_alias l WHERE l.asset = a.id AND l.alias = r.name))))"""
_EVENTS_PER_SLICE = 5_000


class AssetWrites(WriteBase):
    def set_asset_references(self, spec: DagSpec, now: datetime) -> None:
        """What a DAG names now replaces what it named; updates that it no longer waits for leave its queue."""
        references = list(references_of(spec))
        if not references and not self.reads.asset_references(spec.dag_id):
            return
        with self.transaction() as connection:
            watched = {(watch.asset, watch.path): watch.seen for watch in self.reads.asset_watches()}
            self._forget_references([spec.dag_id])
            for reference, leaf in references:
                connection.execute(
                    "INSERT OR IGNORE INTO asset_reference VALUES (?, ?, ?, ?, ?, ?)",
                    (spec.dag_id, reference.role, reference.task_id, reference.kind, reference.name, reference.uri),
                )
                if reference.kind == "asset":
                    self._watch(spec.dag_id, self._asset(leaf, now), leaf.get("watchers", ()), watched)
            if any(reference.role == "schedule" for reference, _ in references):
                sql = "INSERT OR IGNORE INTO asset_consumer SELECT ?, coalesce(max(id), 0) FROM asset_event"
                connection.execute(sql, (spec.dag_id,))
            else:
                connection.execute("DELETE FROM asset_consumer WHERE dag_id = ?", (spec.dag_id,))
            connection.execute(_DROP_UNNAMED, {"dag_id": spec.dag_id})

    def forget_asset_references(self, dag_ids: Sequence[str]) -> None:
        """Of DAGs that are gone; a DAG that comes back waits from then on."""
        with self.transaction() as connection:
            self._forget_references(dag_ids)
            for table in ("asset_queue", "asset_consumer"):
                connection.executemany(f"DELETE FROM {table} WHERE dag_id = ?", [(dag_id,) for dag_id in dag_ids])

    def record_asset_events(
        self, events: Iterable[Mapping[str, Json]], source: Mapping[str, Json] | None, now: datetime
    ) -> int:
        """Events as `sdk.outlet_events` makes them, one after the other, each queued for who waits; how many.

        Equal events through several aliases are one. Raises NotFound for a reference to an asset that nobody names.
        """
        together: dict[str, tuple[Mapping[str, Json], list[str]]] = {}
        for number, event in enumerate(events):
            alias = event.get("alias")
            same = to_text([event["asset"], event["extra"], number if alias is None else None])
            together.setdefault(same, (event, []))[1].extend([] if alias is None else [str(alias)])
        with self.transaction():
            assets = [self._asset_of(event["asset"], now) for event, _ in together.values()]
            for asset, (event, aliases) in zip(assets, together.values(), strict=True):
                self._add_event(asset, event["extra"], aliases, source, now)
        return len(together)

    def consume_assets(self, dag_id: str, run: int) -> None:
        """The DAG's queue is the run's: its events are what triggered it."""
        with self.transaction() as connection:
            named = {"dag_id": dag_id, "run": run}
            connection.execute(f"INSERT INTO asset_run_event (run, event) SELECT :run, id FROM ({EVENTS_FOR})", named)
            sql = "UPDATE asset_consumer SET seen = (SELECT coalesce(max(id), 0) FROM asset_event) WHERE dag_id = ?"
            connection.execute(sql, (dag_id,))
            connection.execute("DELETE FROM asset_queue WHERE dag_id = ?", (dag_id,))

    def see_file(self, watch: AssetWatch, seen: str, now: datetime) -> bool:
        """A watched file was looked at and is not as it was; whether that is an event of its asset.

        The first look is none, unless the file is one to delete. Nor is that the file is gone (`seen` is empty).
        """
        with self.transaction() as connection:
            sql = "UPDATE asset_watch SET seen = ? WHERE asset = ? AND path = ?"
            connection.execute(sql, (seen, watch.asset, plain(watch.path)))
            is_event = bool(seen) and (watch.seen is not None or watch.deletes)
            if is_event:
                self._add_event(watch.asset, {}, (), {"by": f"file {watch.path}"}, now)
            return is_event

    def clean_asset_events(self, before: datetime) -> int:
        """Remove some events from before; how many. Call until it says 0.

        Each asset's newest event stays, and what a DAG still waits to take. Assets that nobody names and that have no
        event go too.
        """
        with self.transaction() as connection:
            gone = connection.execute(
                f"""DELETE FROM asset_event
                WHERE id IN (SELECT id FROM asset_event e WHERE {OLD_EVENTS} LIMIT ?)""",
                (micros(before), _EVENTS_PER_SLICE),
            ).rowcount
            connection.execute(
                """DELETE FROM asset WHERE NOT EXISTS (SELECT 1 FROM asset_event e WHERE e.asset = asset.id)
                AND NOT EXISTS (SELECT 1 FROM asset_reference r WHERE r.name = asset.name AND r.uri = asset.uri)"""
            )
            return gone

    def _forget_references(self, dag_ids: Sequence[str]) -> None:
        with self.transaction() as connection:
            for table in ("asset_reference", "asset_watch"):
                connection.executemany(f"DELETE FROM {table} WHERE dag_id = ?", [(dag_id,) for dag_id in dag_ids])

    def _asset(self, leaf: Mapping[str, Json], now: datetime) -> int:
        """The number of an asset that is known from now on."""
        with self.transaction() as connection:
            facts = (plain(leaf["name"]), plain(leaf["uri"]), plain(leaf.get("group", "asset")))
            row = connection.execute(_ADD_ASSET, (*facts, to_text(leaf.get("extra", {})), micros(now))).fetchall()
            return int(row[0][0])

    def _asset_of(self, leaf: Mapping[str, Json], now: datetime) -> int:
        if leaf["kind"] == "asset":
            return self._asset(leaf, now)
        found = self.reads.active_asset(leaf.get("name"), leaf.get("uri"))
        if found is None:
            raise NotFound(f"no DAG defines the asset {leaf.get('name') or leaf.get('uri')!r} that a task refers to")
        return found.id

    def _watch(
        self,
        dag_id: str,
        asset: int,
        watchers: Iterable[Mapping[str, Json]],
        known: Mapping[tuple[int, str], str | None],
    ) -> None:
        for watcher in watchers:
            path = watcher["path"]
            values = (dag_id, asset, plain(path), bool(watcher.get("deletes")), known.get((asset, path)))
            self.change("INSERT OR IGNORE INTO asset_watch VALUES (?, ?, ?, ?, ?)", values)

    def _add_event(
        self,
        asset: int,
        extra: Json,
        aliases: Sequence[str],
        source: Mapping[str, Json] | None,
        now: datetime,
    ) -> None:
        with self.transaction() as connection:
            at = micros(now)
            text = None if source is None else json.dumps(source)
            sql = "INSERT INTO asset_event (asset, at, extra, source) VALUES (?, ?, ?, ?)"
            event = connection.execute(sql, (asset, at, to_text(extra), text)).lastrowid
            for alias in dict.fromkeys(map(plain, aliases)):
                connection.execute("INSERT INTO asset_event_alias (event, alias) VALUES (?, ?)", (event, alias))
                connection.execute("INSERT OR IGNORE INTO asset_alias (alias, asset) VALUES (?, ?)", (alias, asset))
            ((name, uri),) = connection.execute("SELECT name, uri FROM asset WHERE id = ?", (asset,)).fetchall()
            connection.execute(_QUEUE, {"asset": asset, "at": at, "name": name, "uri": uri})
