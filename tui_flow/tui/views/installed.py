"""Rows of settings, providers and plugins. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tui_flow.settings_sources import SettingRow
from tui_flow.tui.palette import BOLD, DIM, WARN
from tui_flow.tui.text import Piece, Row, columns, plain


@dataclass(frozen=True, slots=True)
class ProviderFacts:
    name: str
    version: str
    modules: int
    is_ours: bool
    """tuiflow answers where it has the module; else the package does."""
    missing: Sequence[str] = ()
    """What it requires and is not installed."""


@dataclass(frozen=True, slots=True)
class Installed:
    providers: Sequence[ProviderFacts]
    plugins_folder: str
    plugins: Sequence[str] = ()
    problem: str = ""
    """Why the plugins folder is not used."""


def config_row(row: SettingRow, width: int) -> Row:
    name = f"{row.section}.{row.key}"
    is_default = row.source == "default"
    value = "-" if row.value == "" else str(row.value)
    wide, source = 38 if width >= 80 else 28, 34 if width >= 100 else 14
    listed = columns(
        [
            (plain(name), None, wide),
            (plain(value), DIM if is_default else BOLD, max(width - wide - source - 4, 10)),
            (plain(row.source), DIM if is_default else None, source),
        ]
    )
    return Row((row.section, row.key), ((" ", None), *listed))


def installed_rows(found: Installed, width: int) -> list[Row]:
    rows = [_title("Airflow's providers", "providers"), *(_provider(each, width) for each in found.providers)]
    if not found.providers:
        text = "none is installed; `pip install --no-deps apache-airflow-providers-http` installs one"
        rows.append(Row(("none", "providers"), ((f"   {text}", DIM),)))
    rows += [_title("Plugins", "plugins"), Row(("folder", ""), ((f"   folder  {plain(found.plugins_folder)}", None),))]
    if found.problem:
        rows.append(Row(("problem", ""), ((f"   ! {plain(found.problem)}", WARN),)))
    rows += [Row(("plugin", name), ((f"   {plain(name)}", None),)) for name in found.plugins]
    if not found.plugins and not found.problem:
        rows.append(Row(("none", "plugins"), (("   no module is in it", DIM),)))
    return rows


def _title(text: str, key: str) -> Row:
    return Row(("title", key), ((f" {text}", BOLD),), can_select=False)


def _provider(each: ProviderFacts, width: int) -> Row:
    answers = "tuiflow answers where it can" if each.is_ours else "the package answers"
    modules = f"{each.modules} module{'s' * (each.modules != 1)}"
    pieces: list[Piece] = [("   ", None)]
    pieces += columns([(plain(each.name), None, 22), (plain(each.version), DIM, 10), (modules, None, 12)])
    pieces.append((f"{answers}  ", DIM))
    if each.missing:
        pieces.append((f"not installed: {plain(', '.join(each.missing))}", WARN))
    return Row(("provider", each.name), tuple(pieces))
