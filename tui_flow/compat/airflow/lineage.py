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
