"""Airflow's providers and the plugins folder, as metadata and names of files tell; nothing is imported."""

from __future__ import annotations

import os
from pathlib import Path

from tui_flow.compat.airflow.provider_packages import installed_providers
from tui_flow.loader.plugins import plugins_below, why_untrusted
from tui_flow.settings import dags_folder, home_from_environment, load_settings
from tui_flow.tui.views.installed import Installed, ProviderFacts


def installed() -> Installed:
    home = home_from_environment()
    settings = load_settings(home)
    is_ours = settings.core.airflow_providers == "tuiflow"
    providers = [
        ProviderFacts(each.name, each.version, len(each.modules), is_ours or each.is_ours, each.missing_requirements())
        for each in installed_providers()
    ]
    dags = dags_folder(home, settings)
    folder = Path(os.path.normpath(dags / plugins_below(dags)))
    return Installed(providers, str(folder), _modules(folder), why_untrusted(folder) or "" if folder.is_dir() else "")


def _modules(folder: Path) -> list[str]:
    """What DAG files can import of it by name."""
    try:
        found = sorted(folder.iterdir())
    except OSError:
        return []
    names = [
        path.stem if path.suffix == ".py" else path.name for path in found if path.suffix == ".py" or path.is_dir()
    ]
    return [name for name in names if not name.startswith((".", "__"))]
