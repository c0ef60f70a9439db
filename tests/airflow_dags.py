"""Airflow's DAG files as live objects in a test's own process."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from tui_flow.compat.airflow.finder import AirflowFinder, install
from tui_flow.sdk.current import DagContext
from tui_flow.sdk.dag import DAG

DATA = Path(__file__).parent / "data"


@contextmanager
def airflow_importable() -> Iterator[None]:
    """`import airflow` is answered inside; afterwards nothing of it is left."""
    install()
    try:
        yield
    finally:
        sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, AirflowFinder)]
        for name in [name for name in sys.modules if name == "airflow" or name.startswith("airflow.")]:
            del sys.modules[name]


@cache
def dags_of(path: Path) -> dict[str, DAG]:
    """What a DAG file registers, by id."""
    with airflow_importable():
        DagContext.take_registered()
        runpy.run_path(str(path))
        return {dag.dag_id: dag for dag in DagContext.take_registered()}
