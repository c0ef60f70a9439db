"""`tuiflow config show`."""

from __future__ import annotations

import os
import tomllib
from dataclasses import fields

from tui_flow.cli.lazy import command, group_app
from tui_flow.cli.options import AsJson
from tui_flow.cli.show import View, listing, say
from tui_flow.settings import Home, Settings, dags_folder, home_from_environment, key_file, load_settings

app = group_app("Show the settings and where they come from.")


@command(app, "show", example="tuiflow config show --json")
def show(as_json: AsJson = False) -> None:
    """Show every setting, its value and where that comes from."""
    home = home_from_environment()
    settings = load_settings(home)
    if not as_json:
        say(f"home {home.root}, DAGs {dags_folder(home, settings)}, secrets key {key_file()}")
        say(f"change a setting in {home.settings_file} or with TUIFLOW_<SECTION>_<KEY>")
    listing(_rows(home, settings), "section key value source", View(as_json), empty="no settings")


def _rows(home: Home, settings: Settings) -> list[dict[str, object]]:
    in_file = _keys_in_file(home)
    rows: list[dict[str, object]] = []
    for section in fields(settings):
        part = getattr(settings, section.name)
        for item in fields(part):
            variable = f"TUIFLOW_{section.name}_{item.name}".upper()
            where = "default"
            if variable in os.environ:
                where = variable
            elif (section.name, item.name) in in_file:
                where = home.settings_file.name
            value = getattr(part, item.name)
            rows.append({"section": section.name, "key": item.name, "value": value, "source": where})
    return rows


def _keys_in_file(home: Home) -> set[tuple[str, str]]:
    if not home.settings_file.exists():
        return set()
    found = tomllib.loads(home.settings_file.read_text(encoding="utf-8"))
    return {(section, key) for section, values in found.items() for key in values}
