"""`import airflow` in the test's own process."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tui_flow.compat.airflow.finder import AirflowFinder, install


@pytest.fixture
def airflow_imports() -> Iterator[None]:
    """Served during a test; afterwards nothing of it is left."""
    install()
    try:
        yield
    finally:
        sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, AirflowFinder)]
        for name in [name for name in sys.modules if name == "airflow" or name.startswith("airflow.")]:
            del sys.modules[name]
