"""Have DAG files parsed by a child process (`cli.checker`), as `check` and `run` need it. No user code runs here."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tui_flow.errors import TuiflowError
from tui_flow.runtime.processes import python_module
from tui_flow.settings import Settings


def load_files(
    folder: Path, files: Sequence[str], sources: Path, settings: Settings, asked: Mapping[str, Any] | None = None
) -> Iterator[dict[str, Any]]:
    """What each file says (`Loaded.to_dict`), as it comes; stop early and the rest is not parsed.

    `folder` counts as the DAGs folder, `files` are relative to it; what they load is kept in `sources`. `asked`: more
    fields of the `LoadRequest`.
    """
    if not files:
        return
    common = {
        "dags_folder": str(folder),
        "sources": str(sources),
        "max_tasks": settings.scheduler.max_tasks_per_dag,
        "max_active_runs": settings.core.max_active_runs,
        "max_active_tasks": settings.core.max_active_tasks,
        "default_timezone": settings.core.default_timezone or "UTC",
        "airflow_imports": settings.core.airflow_imports,
        "airflow_providers": settings.core.airflow_providers,
        "airflow_dialect": settings.core.airflow_dialect,
        **(asked or {}),
    }
    order = {
        "requests": [common | {"file": file} for file in files],
        "timeout_s": settings.scheduler.parse_timeout_s,
        "memory_bytes": settings.scheduler.parse_memory_bytes,
    }
    if exit_code := (yield from ask_child("tui_flow.cli.checker", order)):
        raise TuiflowError(f"the process that parses files ended with exit code {exit_code}; see above")


def ask_child(module: str, order: Any, *, is_quiet: bool = False) -> Generator[Any, None, int]:
    """Run a module that reads an order as JSON and answers with lines of JSON: the answers, at the end its exit code.

    `is_quiet` drops what it says on stderr."""
    child = subprocess.Popen(
        python_module(module),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if is_quiet else None,
        text=True,
    )
    with child:
        assert child.stdin is not None and child.stdout is not None
        try:
            json.dump(order, child.stdin)
            child.stdin.close()
            for line in child.stdout:
                yield json.loads(line)
        except GeneratorExit:
            child.terminate()
            raise
    return child.returncode
