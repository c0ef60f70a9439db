"""`tuiflow providers`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from tui_flow.cli.lazy import command, verb_app
from tui_flow.cli.options import AsJson
from tui_flow.cli.provider_trials import try_modules
from tui_flow.cli.show import View, count, listing, say
from tui_flow.compat.airflow.provider_packages import Provider, installed_providers, provider_named
from tui_flow.settings import CoreSettings, home_from_environment, load_settings

app = verb_app()


@command(app, "providers", example="tuiflow providers http postgres")
def providers(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]...", help="Import the modules of these; without it list what is installed."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List Airflow's provider packages, and try what of them can be imported.

    They are installed without Airflow: `pip install --no-deps apache-airflow-providers-NAME`, then what they need.
    Each module that DAG files import (operators, sensors, hooks, transfers, triggers, notifications, decorators) is
    imported in a child process. Exit code 1 when one cannot be.
    """
    core = load_settings(home_from_environment()).core
    if not names:
        rows = [_row(provider, core) for provider in installed_providers()]
        empty = "no providers are installed; `pip install --no-deps apache-airflow-providers-http` installs one"
        listing(rows, "provider version modules answered_by not_installed", View(as_json), empty=empty)
        return
    chosen = [provider_named(name) for name in names]
    rows = [row for provider in chosen for row in _tried(provider, core)]
    listing(rows, "module imports missing", View(as_json), empty="these have no modules that DAG files import")
    if not as_json:
        _say_end(chosen, rows)
    if not all(row["imports"] for row in rows):
        raise typer.Exit(1)


def _row(provider: Provider, core: CoreSettings) -> dict[str, Any]:
    is_ours = provider.is_ours or core.airflow_providers == "tuiflow"
    return {
        "provider": provider.name,
        "version": provider.version,
        "modules": len(provider.modules),
        "answered_by": "tuiflow, where it has the module" if is_ours else "the package",
        "not_installed": provider.missing_requirements(),
    }


def _tried(provider: Provider, core: CoreSettings) -> Iterator[dict[str, Any]]:
    for module, missing in try_modules(provider.modules, core):
        yield {"provider": provider.name, "module": module, "imports": missing is None, "missing": missing}


def _say_end(chosen: list[Provider], rows: list[dict[str, Any]]) -> None:
    for provider in chosen:
        own = [row["imports"] for row in rows if row["provider"] == provider.name]
        say(f"{provider.name} {provider.version}: {sum(own)} of {count(len(own), 'module')} can be imported")
        if lacking := provider.missing_requirements():
            say(f"  not installed of what it requires: {', '.join(lacking)}")
