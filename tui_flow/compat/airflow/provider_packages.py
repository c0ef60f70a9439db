"""The installed packages `apache-airflow-providers-*`: which there are, which modules they have, what they require.

Only their metadata is read here; `provider_trial` imports them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata
from typing import Any

from tui_flow.errors import NotFound, did_you_mean

PREFIX = "apache-airflow-providers-"
KINDS = ("operators", "sensors", "hooks", "transfers", "triggers", "notifications", "decorators")
"""Folders of a provider whose modules DAG files import."""

_ENTRY_POINTS = "apache_airflow_provider"
_MODULE = re.compile(rf"airflow/providers/(?:\w+/)+(?:{'|'.join(KINDS)})/(?:\w+/)*[^\W_]\w*\.py")
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_EXTRA = re.compile(r";.*\bextra\b")


@dataclass(frozen=True)
class Provider:
    """One installed package."""

    package: str
    version: str
    _distribution: metadata.Distribution

    @property
    def name(self) -> str:
        """As in `pip install apache-airflow-providers-<name>`."""
        return self.package.removeprefix(PREFIX)

    @property
    def is_ours(self) -> bool:
        """Whether tuiflow answers for it wherever it is installed."""
        return self.name == "standard"

    @cached_property
    def modules(self) -> tuple[str, ...]:
        files = [str(file) for file in self._distribution.files or ()]
        return tuple(sorted(file[:-3].replace("/", ".") for file in files if _MODULE.fullmatch(file)))

    def info(self) -> dict[str, Any]:
        """What it says of itself: hooks, connection types, decorators... Runs a function of the package."""
        [entry] = self._distribution.entry_points.select(group=_ENTRY_POINTS)
        told: dict[str, Any] = entry.load()()
        return told

    def missing_requirements(self) -> list[str]:
        """What it requires besides Airflow and is not installed, as written in its metadata."""
        found: dict[str, str] = {}
        for text in self._distribution.requires or ():
            name = _NAME.match(text)
            if name and not _EXTRA.search(text) and _is_missing(_normalized(name.group())):
                found.setdefault(name.group(), text.partition(";")[0].strip())  # one for each Python: the first
        return list(found.values())


def installed_providers() -> list[Provider]:
    """By name; of two with one name the one that Python finds first."""
    found: dict[str, Provider] = {}
    for distribution in metadata.distributions():
        if distribution.entry_points.select(group=_ENTRY_POINTS):
            package = _normalized(distribution.metadata["Name"])
            found.setdefault(package, Provider(package, distribution.version, distribution))
    return [found[package] for package in sorted(found)]


def provider_named(name: str) -> Provider:
    """By the package's name with or without its prefix. Raises NotFound."""
    providers = {provider.name: provider for provider in installed_providers()}
    short = _normalized(name).removeprefix(PREFIX)
    if short not in providers:
        hint = did_you_mean(short, providers)
        raise NotFound(
            f"no provider {short!r} is installed (`pip install --no-deps {PREFIX}{short}` installs it without Airflow, "
            f"`tuiflow providers` lists those that there are){hint}"
        )
    return providers[short]


def _is_missing(name: str) -> bool:
    if name in ("apache-airflow", "apache-airflow-task-sdk"):
        return False
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return True
    return False


def _normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
