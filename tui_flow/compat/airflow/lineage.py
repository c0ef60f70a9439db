"""`airflow.lineage`: what tasks declared to read and write in Airflow 2. Shown with the task, not acted on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar

AUTO = "auto"
T = TypeVar("T")


def apply_lineage(function: T) -> T:
    return function


def prepare_lineage(function: T) -> T:
    return function


class NoOpCollector:
    """Takes what hooks read and write, and keeps none of it."""

    has_collected = False

    def create_asset(self, **kwargs: Any) -> None: ...

    def add_input_asset(self, context: Any, **kwargs: Any) -> None: ...

    def add_output_asset(self, context: Any, **kwargs: Any) -> None: ...

    def add_extra(self, context: Any, key: str, value: Any) -> None: ...

    @property
    def collected_assets(self) -> HookLineage:
        return HookLineage()


@dataclass(frozen=True)
class HookLineage:
    """What hooks read and wrote: nothing is known of it."""

    inputs: tuple[Any, ...] = ()
    outputs: tuple[Any, ...] = ()
    extra: tuple[Any, ...] = ()


@dataclass(frozen=True)
class AssetLineageInfo:
    """An asset that a hook touched, how often, and in which context."""

    asset: Any
    count: int = 0
    context: Any = None


class HookLineageReader:
    def retrieve_hook_lineage(self) -> HookLineage:
        return HookLineage()


def get_hook_lineage_collector() -> NoOpCollector:
    return NoOpCollector()


@dataclass
class File:
    url: str = ""
    type_hint: str | None = None

    def __str__(self) -> str:
        return self.url


@dataclass
class User:
    email: str = ""
    first_name: str | None = None
    last_name: str | None = None


@dataclass
class Tag:
    tag_name: str = ""


@dataclass
class Column:
    name: str = ""
    description: str | None = None
    data_type: str = ""
    tags: list[Tag] = field(default_factory=list)


@dataclass
class Table:
    database: str = ""
    cluster: str = ""
    name: str = ""
    tags: list[Tag] = field(default_factory=list)
    description: str | None = None
    columns: list[Column] = field(default_factory=list)
    owners: list[User] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)
    type_hint: str | None = None

    def __str__(self) -> str:
        return ".".join(part for part in (self.cluster, self.database, self.name) if part)
