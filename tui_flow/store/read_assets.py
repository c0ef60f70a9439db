"""Reads of assets, their events, and of who makes them and waits for them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from tui_flow.asset_records import AssetEventRow, AssetReference, AssetRow, AssetWatch, QueuedAsset
from tui_flow.spec import Json
from tui_flow.store import rows
from tui_flow.store.connect import Row
from tui_flow.store.read_base import ReadBase

_ASSET = "a.id, a.name, a.uri, a.group_name, a.extra"
_REFERENCE = "dag_id, role, task_id, kind, name, uri"
_EVENT = f"e.id, e.at, e.extra, e.source, {_ASSET}"
_ACTIVE = """EXISTS (SELECT 1 FROM asset_reference r WHERE r.kind = 'asset' AND r.role IN ('outlet', 'schedule')
    AND r.name = a.name AND r.uri = a.uri)
    OR EXISTS (SELECT 1 FROM asset_alias l WHERE l.asset = a.id)"""
"""Some DAG makes it or waits for it, or an alias led to it."""


class AssetReads(ReadBase):
    def assets(self) -> list[AssetRow]:
        """By name, each with the time of its last event."""
        last = "(SELECT max(at) FROM asset_event e WHERE e.asset = a.id)"
        return [_asset(row, row[5]) for row in self._all(f"SELECT {_ASSET}, {last} FROM asset a ORDER BY name, uri")]

    def assets_named(self, word: str) -> list[AssetRow]:
        """Those whose name or URI it is; names come first."""
        sql = f"SELECT {_ASSET} FROM asset a WHERE name = ?1 OR uri = ?1 ORDER BY name != ?1, name, uri"
        return [_asset(row) for row in self._all(sql, (word,))]

    def active_asset(self, name: str | None, uri: str | None) -> AssetRow | None:
        """An asset of this name, URI or both that some DAG makes or waits for."""
        sql = f"""SELECT {_ASSET} FROM asset a WHERE name = coalesce(?, name) AND uri = coalesce(?, uri)
            AND ({_ACTIVE}) ORDER BY name, uri LIMIT 1"""
        row = self._one(sql, (name, uri))
        return _asset(row) if row else None

    def asset_references(self, dag_id: str | None = None) -> list[AssetReference]:
        """Of DAGs that are there; by DAG, role and task."""
        where, values = ("", ()) if dag_id is None else ("WHERE dag_id = ?", (dag_id,))
        sql = f"SELECT {_REFERENCE} FROM asset_reference {where} ORDER BY dag_id, role, task_id, name"
        return [AssetReference(*row) for row in self._all(sql, values)]

    def scheduled_by_assets(self) -> frozenset[str]:
        """The DAGs that updates of assets start."""
        return frozenset(row[0] for row in self._all("SELECT dag_id FROM asset_reference WHERE role = 'schedule'"))

    def references_to(self, asset: AssetRow) -> list[AssetReference]:
        """By its name and URI, by one of them, or by an alias that led to it."""
        sql = f"""SELECT {_REFERENCE} FROM asset_reference WHERE {NAMES_ASSET} ORDER BY role, dag_id, task_id"""
        values = {"name": asset.name, "uri": asset.uri, "asset": asset.id}
        return [AssetReference(*row) for row in self._all(sql, values)]  # type: ignore[arg-type]

    def names_in_use(self, names: list[str], except_file: str) -> list[AssetReference]:
        """How DAGs of other files name assets of these names."""
        sql = f"""SELECT {_REFERENCE} FROM asset_reference WHERE kind = 'asset' AND name = ?
            AND dag_id NOT IN (SELECT dag_id FROM dag WHERE file = ?)"""
        return [AssetReference(*row) for name in names for row in self._all(sql, (name, except_file))]

    def asset_events(self, which: Mapping[str, Json]) -> list[AssetEventRow]:
        """`which` as in `sdk.backend.Backend.asset_events`."""
        terms: list[tuple[str, Row]] = []
        if which.get("alias") is not None:
            alias = "e.id IN (SELECT event FROM asset_event_alias WHERE alias = ?)"
            terms.append((alias, (which["alias"],)))
        terms += [(f"a.{column} = ?", (which[column],)) for column in ("name", "uri") if which.get(column) is not None]
        for bound, sign in (("after", ">="), ("before", "<=")):
            if which.get(bound) is not None:
                terms.append((f"e.at {sign} ?", (rows.micros(datetime.fromisoformat(str(which[bound]))),)))
        order = "" if which.get("ascending", True) else "DESC"
        where = " AND ".join(term for term, _ in terms) or "1"
        values = tuple(value for _, values in terms for value in values)
        found = self._events(f"WHERE {where} ORDER BY e.id {order}", values)
        wanted = dict(which.get("with_extra") or {})
        found = [event for event in found if wanted.items() <= event.extra.items()] if wanted else found
        limit = which.get("limit")
        return found if limit is None else found[: int(limit)]

    def newest_asset_events(self, asset: int, limit: int) -> list[AssetEventRow]:
        return self._events("WHERE e.asset = ? ORDER BY e.id DESC LIMIT ?", (asset, limit))

    def events_of_run(self, run: int) -> list[AssetEventRow]:
        """The events that made a run, the oldest first."""
        return self._events("WHERE e.id IN (SELECT event FROM asset_run_event WHERE run = ?) ORDER BY e.id", (run,))

    def events_waiting(self, dag_id: str) -> list[AssetEventRow]:
        """Events that the next run of a DAG will take, the oldest first."""
        return self._events(f"WHERE e.id IN ({EVENTS_FOR}) ORDER BY e.id", {"dag_id": dag_id})  # type: ignore[arg-type]

    def updates_waiting(self, dag_id: str | None = None) -> dict[str, list[QueuedAsset]]:
        """Queued assets by DAG; without a DAG of all that are active."""
        where, values = ("d.is_paused = 0 AND d.is_missing = 0", ()) if dag_id is None else ("q.dag_id = ?", (dag_id,))
        sql = f"""SELECT q.dag_id, a.name, a.uri, q.queued_at,
            (SELECT json_group_array(alias) FROM asset_alias l WHERE l.asset = a.id)
            FROM asset_queue q JOIN asset a ON a.id = q.asset JOIN dag d ON d.dag_id = q.dag_id
            WHERE {where} ORDER BY q.dag_id, q.queued_at, a.name"""
        found: dict[str, list[QueuedAsset]] = defaultdict(list)
        for dag, name, uri, at, aliases in self._all(sql, values):
            found[dag].append(QueuedAsset(dag, name, uri, frozenset(json.loads(aliases)), rows.moment(at)))
        return dict(found)

    def asset_watches(self) -> list[AssetWatch]:
        """Files to watch, each once per asset."""
        sql = """SELECT asset, path, max(deletes), max(seen) FROM asset_watch w
            JOIN dag d ON d.dag_id = w.dag_id WHERE d.is_missing = 0 GROUP BY asset, path ORDER BY asset, path"""
        return [AssetWatch(asset, path, bool(deletes), seen) for asset, path, deletes, seen in self._all(sql)]

    def old_asset_events(self, before: datetime) -> int:
        """How many events `clean_asset_events` would remove."""
        row = self._one(f"SELECT count(*) FROM asset_event e WHERE {OLD_EVENTS}", (rows.micros(before),))
        assert row is not None, "a count is one row"
        return int(row[0])

    def _events(self, rest: str, values: Row) -> list[AssetEventRow]:
        aliases = "(SELECT json_group_array(alias) FROM asset_event_alias l WHERE l.event = e.id)"
        sql = f"SELECT {_EVENT}, {aliases} FROM asset_event e JOIN asset a ON a.id = e.asset {rest}"
        return [_event(row) for row in self._all(sql, values)]


OLD_EVENTS = """at < ? AND id < (SELECT max(id) FROM asset_event n WHERE n.asset = e.asset)
    AND NOT EXISTS (SELECT 1 FROM asset_queue q JOIN asset_consumer c ON c.dag_id = q.dag_id
        WHERE q.asset = e.asset AND c.seen < e.id)"""
"""Neither an asset's newest nor awaited: which events may go."""
NAMES_ASSET = """(kind = 'asset' AND name = :name AND uri = :uri)
    OR (kind = 'ref' AND name = :name) OR (kind = 'ref' AND uri = :uri)
    OR (kind = 'alias' AND name IN (SELECT alias FROM asset_alias WHERE asset = :asset))"""
"""Which rows of asset_reference mean an asset."""
EVENTS_FOR = """SELECT n.id FROM asset_event n JOIN asset b ON b.id = n.asset
    WHERE n.id > (SELECT seen FROM asset_consumer WHERE dag_id = :dag_id)
    AND EXISTS (SELECT 1 FROM asset_reference r WHERE r.dag_id = :dag_id AND r.role = 'schedule' AND (
        (r.kind = 'asset' AND r.name = b.name AND r.uri = b.uri)
        OR (r.kind = 'ref' AND (r.name = b.name OR r.uri = b.uri))
        OR (r.kind = 'alias' AND EXISTS (SELECT 1 FROM asset_alias l WHERE l.asset = b.id AND l.alias = r.name))))"""
"""Ids of the events that a DAG has waited for since its last run by assets."""


def _asset(row: Row, last_event_at: int | None = None) -> AssetRow:
    return AssetRow(row[0], row[1], row[2], row[3], json.loads(row[4]), rows.moment(last_event_at))


def _event(row: Row) -> AssetEventRow:
    source = None if row[3] is None else json.loads(row[3])
    aliases = tuple(sorted(json.loads(row[9])))
    return AssetEventRow(row[0], _asset(row[4:9]), rows.moment(row[1]), json.loads(row[2]), source, aliases)
