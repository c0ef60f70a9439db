"""Asset events that a task reads in its context: `inlet_events` and `triggering_asset_events`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Self, overload

from tui_flow.messages import RunFacts
from tui_flow.sdk.asset import Asset, AssetAlias, AssetNameRef, AssetRef, AssetUniqueKey, AssetUriRef, is_same
from tui_flow.sdk.backend import Backend, current_backend
from tui_flow.sdk.context import get_current_context
from tui_flow.sdk.dag_run import DagRunView, dag_run_of
from tui_flow.sdk.moments import moment
from tui_flow.sdk.timezone import coerce_datetime
from tui_flow.spec import Json


@dataclass(frozen=True)
class SourceTaskInstance:
    """The task instance whose success made an event."""

    dag_id: str
    task_id: str
    run_id: str
    map_index: int

    def xcom_pull(self, *, key: str = "return_value", default: Any = None) -> Any:
        ti = get_current_context()["ti"]
        indexes = None if self.map_index < 0 else self.map_index
        return ti.xcom_pull(
            self.task_id, dag_id=self.dag_id, run_id=self.run_id, key=key, map_indexes=indexes, default=default
        )


@dataclass(frozen=True)
class AssetEvent:
    """One update of an asset."""

    id: int
    timestamp: Any
    """A pendulum DateTime in UTC."""
    asset: Asset
    extra: Mapping[str, Json]
    source_dag_id: str | None
    """None: it was not a task (somebody recorded it, or a watched file changed)."""
    source_task_id: str | None
    source_run_id: str | None
    source_map_index: int
    source_aliases: tuple[str, ...]
    source_dag_run: DagRunView | None
    """None where the run was removed."""

    @property
    def uri(self) -> str:
        return self.asset.uri

    @property
    def dataset(self) -> Asset:
        """Airflow 2's name."""
        return self.asset

    @property
    def source_task_instance(self) -> SourceTaskInstance | None:
        if self.source_dag_id is None or self.source_task_id is None or self.source_run_id is None:
            return None
        return SourceTaskInstance(self.source_dag_id, self.source_task_id, self.source_run_id, self.source_map_index)


def asset_event(row: Mapping[str, Any]) -> AssetEvent:
    """From what the scheduler answers."""
    source, run = row["source"] or {}, row["run"]
    return AssetEvent(
        id=row["id"],
        timestamp=moment(row["at"]),
        asset=Asset(row["name"], row["uri"], row["group"]),
        extra=row["extra"],
        source_dag_id=source.get("dag_id"),
        source_task_id=source.get("task_id"),
        source_run_id=source.get("run_id"),
        source_map_index=source.get("map_index", -1),
        source_aliases=tuple(row["aliases"]),
        source_dag_run=dag_run_of(source["dag_id"], RunFacts(**run)) if run else None,
    )


class InletEventsAccessor(Sequence[AssetEvent]):
    """The events of one inlet, the oldest first, read when they are first looked at."""

    def __init__(self, backend: Backend, which: Mapping[str, str]) -> None:
        self._backend, self._which = backend, which
        self._filters: dict[str, Json] = {}
        self._found: list[AssetEvent] | None = None

    def after(self, after: str | datetime) -> Self:
        """Only those of this instant or later."""
        return self._narrowed("after", _instant(after))

    def before(self, before: str | datetime) -> Self:
        """Only those of this instant or earlier."""
        return self._narrowed("before", _instant(before))

    def ascending(self, ascending: bool = True) -> Self:
        """False: the newest first."""
        return self._narrowed("ascending", ascending)

    def limit(self, limit: int) -> Self:
        return self._narrowed("limit", limit)

    def extra(self, key: str, value: str) -> Self:
        """Only those whose extra has this value."""
        return self._narrowed("with_extra", {**self._filters.get("with_extra", {}), key: value})

    def _narrowed(self, name: str, value: Json) -> Self:
        self._filters[name], self._found = value, None
        return self

    def _events(self) -> list[AssetEvent]:
        if self._found is None:
            self._found = [asset_event(row) for row in self._backend.asset_events({**self._which, **self._filters})]
        return self._found

    def __len__(self) -> int:
        return len(self._events())

    @overload
    def __getitem__(self, index: int) -> AssetEvent: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[AssetEvent]: ...
    def __getitem__(self, index: int | slice) -> AssetEvent | Sequence[AssetEvent]:
        return self._events()[index]


class InletEventsAccessors(Mapping[Any, InletEventsAccessor]):
    """`inlet_events[an_asset]`, by the position in `inlets`, or by a URI."""

    def __init__(self, inlets: Sequence[Any]) -> None:
        self._inlets = [inlet for inlet in inlets if isinstance(inlet, Asset | AssetAlias | AssetRef)]

    def __getitem__(self, key: Any) -> InletEventsAccessor:
        inlet = self._inlets[key] if isinstance(key, int) else Asset.ref(uri=key) if isinstance(key, str) else key
        if inlet not in self._inlets and not any(
            isinstance(known, Asset | AssetRef) and is_same(inlet, known) for known in self._inlets
        ):
            raise KeyError(f"{inlet!r} is no inlet of this task")
        backend = current_backend("inlet_events")
        match inlet:
            case Asset():
                return InletEventsAccessor(backend, {"name": inlet.name, "uri": inlet.uri})
            case AssetAlias():
                return InletEventsAccessor(backend, {"alias": inlet.name})
            case _:
                return InletEventsAccessor(backend, vars(inlet))

    def for_asset(self, *, name: str | None = None, uri: str | None = None) -> InletEventsAccessor:
        if name and uri:
            return self[Asset(name, uri)]
        return self[AssetNameRef(name)] if name else self[Asset.ref(uri=uri or "")]

    def for_asset_alias(self, *, name: str) -> InletEventsAccessor:
        return self[AssetAlias(name)]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._inlets)

    def __len__(self) -> int:
        return len(self._inlets)


class TriggeringAssetEvents(Mapping[Any, Sequence[AssetEvent]]):
    """The events that made the run, by asset and by alias; names and URIs work as keys too."""

    def __init__(self, *, by_uri: bool = False) -> None:
        """`by_uri`: the keys that one goes through are URIs, as in Airflow 2. They are read when first looked at."""
        self._by_uri = by_uri

    @cached_property
    def _events(self) -> dict[Asset | AssetAlias, list[AssetEvent]]:
        found: dict[Asset | AssetAlias, list[AssetEvent]] = {}
        for row in current_backend("triggering_asset_events").triggering_asset_events():
            event = asset_event(row)
            for key in (event.asset, *(() if self._by_uri else map(AssetAlias, event.source_aliases))):
                found.setdefault(key, []).append(event)
        return found

    def __getitem__(self, key: Any) -> Sequence[AssetEvent]:
        for known, events in self._events.items():
            if known == key or (isinstance(known, Asset) and _names(known, key)):
                return events
        raise KeyError(key)

    def __iter__(self) -> Iterator[Any]:
        return (key.uri if self._by_uri and isinstance(key, Asset) else key for key in self._events)

    def __len__(self) -> int:
        return len(self._events)

    def for_asset(self, *, name: str | None = None, uri: str | None = None) -> Sequence[AssetEvent]:
        return self[Asset(name, uri) if name and uri else name or Asset.ref(uri=uri or "")]

    def for_asset_alias(self, *, name: str) -> Sequence[AssetEvent]:
        return self[AssetAlias(name)]


def _names(asset: Asset, key: Any) -> bool:
    match key:
        case str():
            return key in (asset.name, asset.uri)
        case AssetUniqueKey():
            return key == asset.key
        case AssetNameRef():
            return key.name == asset.name
        case AssetUriRef():
            return key.uri == asset.uri
        case _:
            return False


def _instant(at: str | datetime) -> str:
    found = coerce_datetime(datetime.fromisoformat(at) if isinstance(at, str) else at)
    assert found is not None, "given"
    return found.isoformat()
