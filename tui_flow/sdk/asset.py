"""`Asset` and its kin: data that tasks write and read. Recorded with a task; what follows is not decided here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tui_flow.errors import BadDag


class BaseAsset:
    """Assets combine: `a & b` when both were updated, `a | b` when either was."""

    def __and__(self, other: BaseAsset) -> AssetAll:
        return AssetAll(self, other)

    def __or__(self, other: BaseAsset) -> AssetAny:
        return AssetAny(self, other)

    def describe(self) -> dict[str, Any]:
        """As JSON."""
        raise NotImplementedError


@dataclass(unsafe_hash=True)
class Asset(BaseAsset):
    """A piece of data, by name and URI; one of the two may be left out."""

    name: str = ""
    uri: str = ""
    group: str = "asset"
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False, compare=False)
    watchers: Any = field(default=(), hash=False, compare=False)

    def __post_init__(self) -> None:
        self.name, self.uri = self.name or self.uri, self.uri or self.name
        if not self.name.strip():
            raise BadDag("an Asset needs a name or a uri")
        if urlsplit(self.uri).scheme == "airflow":
            raise BadDag(f"asset {self.name!r}: the scheme 'airflow:' is reserved; use another")

    def describe(self) -> dict[str, Any]:
        return {"kind": "asset", "name": self.name, "uri": self.uri, "group": self.group, "extra": dict(self.extra)}


class Dataset(Asset):
    """Airflow 2's `Asset`: `Dataset(uri)`."""

    def __init__(self, uri: str, extra: Mapping[str, Any] | None = None) -> None:
        super().__init__(uri=uri, extra=extra or {})


class _Combined(BaseAsset):
    kind = ""

    def __init__(self, *objects: BaseAsset) -> None:
        self.objects = objects

    def describe(self) -> dict[str, Any]:
        return {"kind": self.kind, "of": [part.describe() for part in self.objects]}


class AssetAll(_Combined):
    kind = "all"


class AssetAny(_Combined):
    kind = "any"


@dataclass(frozen=True)
class AssetAlias(BaseAsset):
    """A name that a task fills with assets while it runs."""

    name: str
    group: str = "asset"

    def describe(self) -> dict[str, Any]:
        return {"kind": "alias", "name": self.name, "group": self.group}
