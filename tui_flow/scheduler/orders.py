"""What the processes that the launcher forks are told: where things are, which limits hold, what to load."""

from __future__ import annotations

from tui_flow.messages import Message
from tui_flow.runtime.processes import read_boot_id
from tui_flow.settings import Home, Settings, dags_folder
from tui_flow.spec import Json


def process_config(home: Home, settings: Settings) -> Message:
    """The same for all of them, for as long as the launcher lives."""
    return {
        "socket": str(home.socket),
        "journal": str(home.journal),
        "logs": str(home.logs),
        "spill": str(home.spill),
        "scratch": str(home.scratch),
        "triggers": str(home.triggers),
        "trigger_block_limit_s": settings.scheduler.trigger_block_limit_s,
        "boot_id": read_boot_id(),
        "parse_memory_bytes": settings.scheduler.parse_memory_bytes,
        "kill_grace_s": settings.scheduler.kill_grace_s,
        "log_head_bytes": settings.logs.head_bytes,
        "log_tail_bytes": settings.logs.tail_bytes,
        "xcom_inline_bytes": settings.xcom.inline_bytes,
        "xcom_max_bytes": settings.xcom.max_bytes,
        "max_map_length": settings.core.max_map_length,
    }


def load_order(home: Home, settings: Settings, file: str, source_version: str | None) -> Json:
    """A `LoadRequest` as plain data; version None: what is on the disk now."""
    return {
        "dags_folder": str(dags_folder(home, settings)),
        "file": file,
        "sources": str(home.sources),
        "source_version": source_version,
        "max_tasks": settings.scheduler.max_tasks_per_dag,
        "max_active_runs": settings.core.max_active_runs,
        "max_active_tasks": settings.core.max_active_tasks,
        "default_timezone": settings.core.default_timezone or "UTC",
        "airflow_imports": settings.core.airflow_imports,
        "airflow_providers": settings.core.airflow_providers,
        "airflow_dialect": settings.core.airflow_dialect,
    }
