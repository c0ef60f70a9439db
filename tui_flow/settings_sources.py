"""Every setting with its value and where that comes from: for people who ask why it is as it is."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields

from tui_flow.settings import Home, Settings


@dataclass(frozen=True, slots=True)
class SettingRow:
    section: str
    key: str
    value: object
    source: str
    """`default`, the name of the settings file, or the environment variable."""


def settings_rows(home: Home, settings: Settings, environ: Mapping[str, str] | None = None) -> list[SettingRow]:
    environ = os.environ if environ is None else environ
    in_file = _keys_in_file(home)
    rows: list[SettingRow] = []
    for section in fields(settings):
        part = getattr(settings, section.name)
        for item in fields(part):
            variable = f"TUIFLOW_{section.name}_{item.name}".upper()
            where = "default"
            if variable in environ:
                where = variable
            elif (section.name, item.name) in in_file:
                where = home.settings_file.name
            rows.append(SettingRow(section.name, item.name, getattr(part, item.name), where))
    return rows


def _keys_in_file(home: Home) -> set[tuple[str, str]]:
    if not home.settings_file.exists():
        return set()
    found = tomllib.loads(home.settings_file.read_text(encoding="utf-8"))
    return {(section, key) for section, values in found.items() for key in values}
