"""`import airflow` in the test's own process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.airflow_dags import airflow_importable


@pytest.fixture
def airflow_imports() -> Iterator[None]:
    """Served during a test."""
    with airflow_importable():
        yield
