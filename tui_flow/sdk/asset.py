"""`Asset` and its kin: data that tasks write and read, and what DAGs can wait for. What follows from an update is not
decided here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from tui_flow.errors import BadDag
from tui_flow.sdk.asset_watcher import AssetWatcher
from tui_flow.spec import Json

_LONGEST_NAME = 1500
_NAMES_OF_ARGUMENTS = ("self", "context")
"""What the function of an `@asset` takes beside other assets."""


class BaseAsset:
    """Assets combine: `a & b` when both were updated, `a | b` when either was."""

    def __and__(self, other: BaseAsset) -> AssetAll:
        return AssetAll(self, other) if isinstance(other, BaseAsset) else NotImplemented

    def __or__(self, other: BaseAsset) -> AssetAny:
        return AssetAny(self, other) if isinstance(other, BaseAsset) else NotImplemented

    def describe(self) -> dict[str, Json]:
        """As JSON: a condition of `timetables.assets`, or a leaf of one."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class AssetUniqueKey:
    """What tells one asset from another."""

    name: str
    uri: str

    def to_asset(self) -> Asset:
        return Asset(self.name, self.uri)


@dataclass
class AssetAccessControl:
    """Which teams may update an asset and hear of it: accepted without effect, as in an Airflow without teams."""

    producer_teams: list[str] = field(default_factory=list)
    consumer_teams: list[str] | None = None
    allow_global: bool = True


@dataclass(eq=False)
class Asset(BaseAsset):
    """A piece of data, by name and URI; one of the two may be left out."""

    name: str = None  # type: ignore[assignment]
    uri: str = None  # type: ignore[assignment]
    group: str = "asset"
    extra: Mapping[str, Any] = field(default_factory=dict)
    watchers: Sequence[AssetWatcher] = field(default=(), repr=False)
    access_control: AssetAccessControl | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.name is None and self.uri is None:
            raise TypeError("Asset() needs a name or a uri")
        name = str(self.uri) if self.name is None else self.name
        uri = name if self.uri is None else str(self.uri)
        _check_text("name", name)
        _check_text("uri", uri)
        if name in _NAMES_OF_ARGUMENTS:
            raise BadDag(f"an asset cannot be called {name!r}: functions of @asset have an argument of that name")
        self.name, self.uri, self.extra = name, normalized_uri(uri), self.extra or {}
        self.watchers = tuple(self.watchers or ())

    @staticmethod
    def ref(*, name: str = "", uri: str = "") -> AssetRef:
        """An asset that is defined elsewhere, by its name or by its URI."""
        if bool(name) == bool(uri):
            raise TypeError("Asset.ref() takes one of name and uri")
        return AssetNameRef(name) if name else AssetUriRef(normalized_uri(uri))

    @property
    def key(self) -> AssetUniqueKey:
        return AssetUniqueKey(self.name, self.uri)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Asset) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __fspath__(self) -> str:
        return self.uri

    def describe(self) -> dict[str, Json]:
        found: dict[str, Json] = {"kind": "asset", "name": self.name, "uri": self.uri, "group": self.group}
        if self.extra:
            found["extra"] = dict(self.extra)
        if self.watchers:
            found["watchers"] = [watcher.describe(self.name, self.uri) for watcher in self.watchers]
        return found


class Dataset(Asset):
    """Airflow 2's `Asset`: `Dataset(uri)`."""

    def __init__(self, uri: str, extra: Mapping[str, Any] | None = None) -> None:
        super().__init__(uri=uri, extra=extra or {})


@dataclass(frozen=True)
class AssetRef(BaseAsset):
    """Stands for an asset that some other place defines."""

    def describe(self) -> dict[str, Json]:
        return {"kind": "ref", **vars(self)}


@dataclass(frozen=True)
class AssetNameRef(AssetRef):
    name: str


@dataclass(frozen=True)
class AssetUriRef(AssetRef):
    uri: str


@dataclass(frozen=True)
class AssetAlias(BaseAsset):
    """A name that a task fills with assets while it runs."""

    name: str
    group: str = "asset"

    def __post_init__(self) -> None:
        _check_text("name", self.name, what="AssetAlias")

    def describe(self) -> dict[str, Json]:
        return {"kind": "alias", "name": self.name, "group": self.group}


class _Combined(BaseAsset):
    kind = ""

    def __init__(self, *objects: BaseAsset) -> None:
        for part in objects:
            if not isinstance(part, BaseAsset):
                raise TypeError(f"{type(self).__name__} combines assets, not {part!r:.80}")
        self.objects = tuple(self._flat(objects))

    def _flat(self, objects: Sequence[BaseAsset]) -> Iterator[BaseAsset]:
        for part in objects:
            if isinstance(part, type(self)):
                yield from part.objects
            else:
                yield part

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self.objects == other.objects

    def __hash__(self) -> int:
        return hash((self.kind, self.objects))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.objects))})"

    def describe(self) -> dict[str, Json]:
        return {"kind": self.kind, "of": [part.describe() for part in self.objects]}


class AssetAll(_Combined):
    """When all of them were updated."""

    kind = "all"


class AssetAny(_Combined):
    """When one of them was updated."""

    kind = "any"


def is_same(one: BaseAsset, other: BaseAsset) -> bool:
    """Whether two assets or references mean the same asset."""
    if isinstance(one, AssetAlias) or isinstance(other, AssetAlias):
        return False
    if isinstance(one, Asset) and isinstance(other, Asset):
        return one == other
    mine, theirs = ((getattr(a, "name", None), getattr(a, "uri", None)) for a in (one, other))
    return any(a is not None and a == b for a, b in zip(mine, theirs, strict=True))


def normalized_uri(uri: str) -> str:
    """As Airflow compares URIs: scheme in lower case, no user with a password, no fragment, no slash at the end, the
    query sorted. What does not look like a URI, or has a scheme `x-...`, stays. Raises BadDag for the scheme `airflow`.
    """
    parts = urlsplit(uri)
    scheme = parts.scheme.lower()
    if not scheme or scheme.startswith("x-"):
        return uri
    if scheme == "airflow":
        raise BadDag(f"asset {uri!r}: the scheme 'airflow:' is reserved; use another")
    host = parts.netloc.rpartition("@")[2] if parts.password else parts.netloc
    query = urlencode(sorted(parse_qsl(parts.query))) if parts.query else ""
    return urlunsplit((scheme, host, parts.path.rstrip("/") or "/", query, ""))


def _check_text(field_name: str, value: object, what: str = "Asset") -> None:
    if not isinstance(value, str):
        raise BadDag(f"{what} {field_name} must be text, not {value!r:.60}")
    if not value:
        raise BadDag(f"{what} {field_name} cannot be empty")
    if value.isspace():
        raise BadDag(f"{what} {field_name} cannot be just whitespace")
    if len(value) > _LONGEST_NAME:
        raise BadDag(f"{what} {field_name} {value[:40]!r}... cannot exceed {_LONGEST_NAME} characters")
