"""What the installation consists of: its settings and where they come from, Airflow's providers, the plugins folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tui_flow.settings import load_settings
from tui_flow.settings_sources import SettingRow, settings_rows
from tui_flow.store.reader import Reader
from tui_flow.tui import palette
from tui_flow.tui.keys import bindings
from tui_flow.tui.line import Part
from tui_flow.tui.list_pane import ListPane
from tui_flow.tui.programs import open_in_editor
from tui_flow.tui.views.installed import Installed, config_row, installed_rows


class ConfigPane(ListPane):
    NAME = "config"
    TITLE = "Config"
    HINTS = ("edit", "reload", "next_tab", "help")
    CAN_OPEN = False
    BINDINGS = bindings("edit")

    def __init__(self) -> None:
        super().__init__()
        self._settings: Sequence[SettingRow] = ()

    def load(self) -> Callable[[Reader], Sequence[SettingRow]]:
        home = self.desk.home
        return lambda _reader: settings_rows(home, load_settings(home))

    def show(self, model: Sequence[SettingRow]) -> None:
        self._settings = model
        keys = [(row.section, row.key) for row in model]
        self._list.show_lazily(keys, lambda index, width: config_row(model[index], width))

    def facts(self) -> Sequence[Part]:
        changed = sum(row.source != "default" for row in self._settings)
        return [Part(f"{len(self._settings)} settings, {changed} not by default ", palette.DIM)]

    def action_edit(self) -> None:
        """The settings file; it need not be there yet."""
        open_in_editor(self.desk, self.desk.home.settings_file, 1)


class ProvidersPane(ListPane):
    NAME = "providers"
    TITLE = "Providers"
    HINTS = ("reload", "next_tab", "help")
    CAN_OPEN = False

    def load(self) -> Callable[[Reader], Installed]:
        installed = self.desk.deeds.installed
        return lambda _reader: installed()

    def show(self, model: Installed) -> None:
        self._list.show_rows(installed_rows(model, self.size.width))
