"""The finder on `sys.meta_path`, and who answers `import airflow` when Airflow itself is installed too."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

from tui_flow.errors import BadInput

DISTRIBUTIONS = ("apache-airflow", "apache-airflow-core", "apache-airflow-task-sdk")
CHOICES = ("auto", "tuiflow", "installed")
PROVIDER_CHOICES = ("installed", "tuiflow")


class AirflowFinder:
    """Answers for `airflow` and all below it; nothing else is looked at."""

    def __init__(self, providers: str = "installed") -> None:
        self._prefers_files = providers == "installed"

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != "airflow" and not fullname.startswith("airflow."):
            return None
        from tui_flow.compat.airflow.modules import spec_of  # only files that import Airflow pay for the tables

        return spec_of(fullname, self._prefers_files)

    def find_distributions(self, context: Any = None) -> Iterable[Any]:
        """For `importlib.metadata.version("apache-airflow")`."""
        name = getattr(context, "name", None)
        if not isinstance(name, str) or name.lower().replace("_", "-") not in DISTRIBUTIONS:
            return []
        from tui_flow.compat.airflow.distribution import ServedDistribution  # importlib.metadata costs 10 ms

        return [ServedDistribution(name)]

    def invalidate_caches(self) -> None:
        """Nothing is cached."""


def install(choice: str = "auto", providers: str = "installed") -> None:
    """Have `import airflow` answered here, once per process.

    `choice` is the setting [core] airflow_imports; `installed` leaves an installed Airflow alone. `providers` is
    [core] airflow_providers. Raises BadInput for one that does not exist.
    """
    for name, given, known in (("imports", choice, CHOICES), ("providers", providers, PROVIDER_CHOICES)):
        if given not in known:
            raise BadInput(f"[core] airflow_{name}: {given!r} is not one of {', '.join(known)}")
    if choice != "installed" and not any(isinstance(finder, AirflowFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, AirflowFinder(providers))


def shadowed() -> str | None:
    """In words, that an installed Airflow is hidden by `install`; None when there is none."""
    found = PathFinder.find_spec("airflow")
    if found is None or found.origin is None:  # without an origin: a namespace that only holds providers
        return None
    return (
        f"`import airflow` is answered by tuiflow, not by the Airflow in {found.origin.rpartition('/')[0]}; set [core] "
        "airflow_imports to 'tuiflow' if that is meant, or to 'installed'"
    )
