"""What `importlib.metadata` says of Airflow."""

from __future__ import annotations

import os
from importlib.metadata import Distribution
from pathlib import Path

from tui_flow.compat.airflow.version import VERSION


class ServedDistribution(Distribution):
    """A distribution of a name and a version, without files."""

    def __init__(self, name: str) -> None:
        self._name = name

    def read_text(self, filename: str) -> str | None:
        if filename in ("METADATA", "PKG-INFO"):
            return f"Metadata-Version: 2.1\nName: {self._name}\nVersion: {VERSION}\n"
        return None

    def locate_file(self, path: str | os.PathLike[str]) -> Path:
        return Path(path)
