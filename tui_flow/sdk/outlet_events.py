"""Asset events that a task makes with its success: `outlet_events` in its context, and `Metadata`."""

from __future__ import annotations

import inspect
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tui_flow.sdk.asset import Asset, AssetAlias, AssetRef, is_same
from tui_flow.spec import Json

_log = logging.getLogger("tui_flow.task")
Outlet = Asset | AssetAlias | AssetRef


@dataclass
class Metadata:
    """`yield Metadata(an_asset, {"rows": 3})` in a task: the extra of its event; with `alias` an event through that."""

    asset: Asset | AssetRef | str
    extra: Mapping[str, Json] = field(default_factory=dict)
    alias: AssetAlias | str | None = None


@dataclass
class OutletEventAccessor:
    """The event that a task's success makes: for an asset its `extra`, for an alias the assets that are added."""

    key: Outlet
    extra: dict[str, Json] = field(default_factory=dict)
    asset_alias_events: list[tuple[Asset | AssetRef, dict[str, Json]]] = field(default_factory=list)
    text: str | None = None
    """What `outlet_events` was asked with, where that was text: a URI or, when assets are added, an alias's name."""

    @property
    def alias_name(self) -> str | None:
        return self.key.name if isinstance(self.key, AssetAlias) else self.text

    def add(self, asset: Asset | AssetRef | str, extra: Mapping[str, Json] | None = None) -> None:
        """An event of `asset` (text means a URI, as in Airflow 2) through this alias."""
        if self.alias_name is None:
            raise TypeError(f"{self.key!r} is no AssetAlias: set the extra of its event instead of adding one")
        found = Asset(uri=asset) if isinstance(asset, str) else asset
        self.asset_alias_events.append((found, dict(extra or {})))


class OutletEventAccessors(Mapping[Outlet, OutletEventAccessor]):
    """`outlet_events[an_asset].extra = ...`, `outlet_events[an_alias].add(an_asset)`. Text as a key means a URI,
    or the name of an alias where assets are added to it, as in Airflow 2."""

    def __init__(self) -> None:
        self._by_key: dict[Outlet, OutletEventAccessor] = {}

    def __getitem__(self, key: Outlet | str) -> OutletEventAccessor:
        if isinstance(key, str):
            ref = Asset.ref(uri=key)
            return self._by_key.setdefault(ref, OutletEventAccessor(ref, text=key))
        if not isinstance(key, Asset | AssetAlias | AssetRef):
            raise TypeError(f"outlet_events takes an asset or an alias, not {key!r:.80}")
        return self._by_key.setdefault(key, OutletEventAccessor(key))

    def __iter__(self) -> Iterator[Outlet]:
        return iter(self._by_key)

    def __len__(self) -> int:
        return len(self._by_key)

    def announce(self, metadata: Metadata) -> None:
        self[metadata.asset].extra.update(metadata.extra)
        if metadata.alias is not None:
            alias = AssetAlias(metadata.alias) if isinstance(metadata.alias, str) else metadata.alias
            self[alias].add(metadata.asset, metadata.extra)

    def events(self, outlets: Sequence[Any]) -> list[dict[str, Json]]:
        """What the success of a task with these outlets makes, as JSON. Raises TypeError for an extra that is none."""
        found: list[dict[str, Json]] = []
        for outlet in outlets:
            if isinstance(outlet, AssetAlias):
                found += [_event(asset, extra, outlet.name) for asset, extra in self._added_to(outlet)]
            elif isinstance(outlet, Asset | AssetRef):
                found.append(_event(outlet, self._extra(outlet)))
        return found

    def _added_to(self, alias: AssetAlias) -> Iterator[tuple[Asset | AssetRef, dict[str, Json]]]:
        for accessor in self._by_key.values():
            if accessor.alias_name == alias.name:
                yield from accessor.asset_alias_events

    def _extra(self, outlet: Asset | AssetRef) -> dict[str, Json]:
        """Set under the outlet itself, or under an asset and a reference that mean the same."""
        same = [accessor for key, accessor in self._by_key.items() if is_same(key, outlet)]
        return {name: value for accessor in same for name, value in accessor.extra.items()}


def _event(asset: Asset | AssetRef, extra: Mapping[str, Json], alias: str | None = None) -> dict[str, Json]:
    try:
        json.dumps(extra)
    except (TypeError, ValueError) as err:
        raise TypeError(f"the extra of the event of {asset} is not JSON: {err}") from err
    return {"asset": asset.describe(), "extra": dict(extra), "alias": alias}


def announced(result: Any, outlet_events: OutletEventAccessors) -> Any:
    """A task function's result, once every `Metadata` that it yields or returns is announced."""
    if inspect.isgenerator(result):
        result = _drained(result, outlet_events)
    if isinstance(result, Metadata):
        outlet_events.announce(result)
        return None
    return result


def _drained(steps: Any, outlet_events: OutletEventAccessors) -> Any:
    while True:
        try:
            yielded = next(steps)
        except StopIteration as end:
            return end.value
        if isinstance(yielded, Metadata):
            outlet_events.announce(yielded)
        else:
            _log.warning("a task may yield Metadata only; a %s is ignored", type(yielded).__name__)
