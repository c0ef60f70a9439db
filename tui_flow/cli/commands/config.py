"""`tuiflow config show`."""

from __future__ import annotations

from dataclasses import asdict

from tui_flow.cli.lazy import command, group_app
from tui_flow.cli.options import AsJson
from tui_flow.cli.show import View, listing, say
from tui_flow.settings import dags_folder, home_from_environment, key_file, load_settings
from tui_flow.settings_sources import settings_rows

app = group_app("Show the settings and where they come from.")


@command(app, "show", example="tuiflow config show --json")
def show(as_json: AsJson = False) -> None:
    """Show every setting, its value and where that comes from."""
    home = home_from_environment()
    settings = load_settings(home)
    if not as_json:
        say(f"home {home.root}, DAGs {dags_folder(home, settings)}, secrets key {key_file()}")
        say(f"change a setting in {home.settings_file} or with TUIFLOW_<SECTION>_<KEY>")
    rows = [asdict(row) for row in settings_rows(home, settings)]
    listing(rows, "section key value source", View(as_json), empty="no settings")
