"""Packages that only some operators and macros need: each is an extra of tuiflow, imported where it is used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tui_flow.sdk.exceptions import AirflowException

EXTRA_PACKAGES = {
    "fs": ("fsspec", "paramiko"),
    "http": ("requests", "tenacity"),
    "pandas": ("pandas",),
    "sql": ("sqlalchemy",),
    "ssh": ("paramiko",),
    "venv": ("cloudpickle", "dill"),
    "yaml": ("PyYAML",),
}
"""The packages that may be missing, by the extra that brings them."""

MODULE_OF = {"PyYAML": "yaml"}
"""What is imported of a package whose name is another."""


class MissingExtra(AirflowException):
    """A package that a task needs is not installed."""


@contextmanager
def extra(name: str, wanted_by: str, also: str = "") -> Iterator[None]:
    """Around an import of the extra's packages. Raises MissingExtra where one of them is not installed; `also` says
    what else is missing then."""
    try:
        yield
    except ModuleNotFoundError as err:
        module = (err.name or "").partition(".")[0]
        package = next((package for package in EXTRA_PACKAGES[name] if MODULE_OF.get(package, package) == module), None)
        if package is None:
            raise
        raise MissingExtra(
            f"{wanted_by} needs the package {package!r}, which is not installed; "
            f"pip install {package}, or pip install 'tuiflow[{name}]'{also}"
        ) from err
