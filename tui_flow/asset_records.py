"""Rows about assets: what is known of them, who names them, their events, and what waits for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tui_flow.spec import Json


@dataclass(frozen=True, slots=True)
class AssetRow:
    """An asset that some DAG names, or that an event made known."""

    id: int
    name: str
    uri: str
    group: str
    extra: Mapping[str, Json]
    last_event_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AssetReference:
    """That a DAG or one of its tasks names an asset, an alias, or an asset by its name or URI alone."""

    dag_id: str
    role: str
    """schedule, outlet or inlet."""
    task_id: str
    """Empty for a schedule."""
    kind: str
    """asset, alias or ref."""
    name: str
    uri: str


@dataclass(frozen=True, slots=True)
class AssetEventRow:
    """One update of an asset."""

    id: int
    asset: AssetRow
    at: datetime
    extra: Mapping[str, Json]
    source: Mapping[str, Json] | None
    """dag_id, run_id, task_id and map_index of the task whose success it is; for others `by`."""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QueuedAsset:
    """An asset that was updated since the last run of a DAG that waits for it."""

    dag_id: str
    name: str
    uri: str
    aliases: frozenset[str]
    """Aliases that it was ever added to."""
    queued_at: datetime


@dataclass(frozen=True, slots=True)
class AssetWatch:
    """A file whose change updates an asset."""

    asset: int
    path: str
    deletes: bool
    seen: str | None
    """Signs of the file when it was last looked at; None: it was never looked at."""
