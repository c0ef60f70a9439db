"""`tuiflow` without arguments: hands the dashboard what it may do, and opens it."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tui_flow import times
from tui_flow.cli.act import act, ask, preview, user_name
from tui_flow.cli.background import running_scheduler, start_scheduler, stop_scheduler, wait_until_parsed
from tui_flow.cli.lookup import find_dag, find_run, open_reader
from tui_flow.cli.show import can_draw
from tui_flow.errors import NotFound, UsageError
from tui_flow.settings import Home, home_from_environment, load_keys, load_settings
from tui_flow.spec import Json

if TYPE_CHECKING:
    from tui_flow.tui.deeds import Deeds
    from tui_flow.tui.views.installed import Installed

PARSE_WITHIN_S = 5.0
"""How long the first screen waits for the first look at the DAG files of a folder that was named."""
ANSWERS_WITHIN_S = 2.0
"""How long a scheduler may take to say what holds it."""

TEXTUAL = {"ESCDELAY": "20", "TEXTUAL_ANIMATIONS": "none", "TEXTUAL_SMOOTH_SCROLL": "0", "TEXTUAL_FPS": "250"}
"""Environment that Textual reads when it is imported. FPS: what a key changes waits 4 ms for the next paint, not 17."""
WARMED = ("tui_flow.actions.dispatch", "tui_flow.client", "tui_flow.cli.told_dates", "tui_flow.cli.installed")
"""What deeds import when they are first done."""
GARBAGE = (10_000, 20, 20)
"""A key makes some thousand objects: with Python's own thresholds every few keys wait for a look at all there are."""


def open_dashboard(starts: bool = False) -> int:
    """Shows it until it is left; the exit code. With `starts` a scheduler is started first, where none runs. Raises
    UsageError where there is no terminal to draw on."""
    if not can_draw():
        raise UsageError("the dashboard needs a terminal; `tuiflow status` and `tuiflow --help` do not")
    for name, value in TEXTUAL.items():
        os.environ.setdefault(name, value)
    home = home_from_environment()
    ui, keymap = load_settings(home).ui, load_keys(home)
    greeting = _started(home) if starts else ""
    from tui_flow.tui.first_frame import FRAME  # with `rich`, which no other command pays
    from tui_flow.tui.looks import has_colours, has_mouse, palette_of, theme_of

    theme, mouse = theme_of(ui, os.environ), has_mouse(ui)
    look = palette_of(ui, theme, sys.stdout, os.environ)
    gc.disable()  # what is imported stays: looking through it for garbage takes a tenth of the start
    if not greeting:
        FRAME.draw(home, look, has_colours(os.environ), ui.title, sys.stdout.fileno())
    try:
        from tui_flow.tui.app import Dashboard  # Textual: a quarter of a second
        from tui_flow.tui.keys import check_keymap

        check_keymap(keymap)
        app = Dashboard(
            home,
            _deeds(),
            look=look,
            theme=theme,
            keymap=keymap,
            has_colours=has_colours(os.environ),
            title=ui.title,
            greeting=greeting,
        )
        app.warms = True
    except BaseException:
        FRAME.take_away(sys.stdout.fileno())
        raise
    gc.freeze()
    gc.set_threshold(*GARBAGE)
    gc.enable()
    app.run(mouse=mouse)
    return app.return_code or 0


def _deeds() -> Deeds:
    from tui_flow.tui.deeds import Deeds  # with the dashboard

    return Deeds(
        act,
        preview,
        _start,
        user_name(),
        render=render_task,
        installed=installed,
        try_connection=try_connection,
        check_export=check_export,
        export_settings=export_settings,
        read_settings=read_settings,
        diagnose=diagnose,
        ask_scheduler=ask_scheduler,
        stop_scheduler=_stop,
        modules=WARMED,
    )


def render_task(dag_id: str, run_id: str, task_id: str, map_index: int) -> dict[str, Json]:
    """See `tui.deeds.Renderer`."""
    from tui_flow.cli.rendering import rendered  # the planner, when it is first asked for

    with open_reader() as reader:
        return rendered(
            reader, find_dag(reader, dag_id), find_run(reader, dag_id, run_id), task_id, map_index, times.now()
        )


def installed() -> Installed:
    """See `tui.deeds.Deeds`."""
    from tui_flow.cli import installed as found  # metadata of packages, for the one who looks at them

    return found.installed()


def try_connection(conn_id: str) -> dict[str, Json]:
    """See `tui.deeds.Trial`."""
    from tui_flow.cli import connection_trial  # what only this needs

    with open_reader() as reader:
        connection = reader.connection(conn_id)
    if connection is None:
        raise NotFound(f"there is no connection {conn_id!r} any more")
    return connection_trial.try_connection(connection)


def check_export(kind: str, path: str) -> object:
    """See `tui.deeds.Deeds`."""
    from tui_flow.sdk.file_formats import format_to_write  # 60 ms, for files only

    return format_to_write(kind, path)


def export_settings(kind: str, path: str) -> int:
    """See `tui.deeds.Deeds`."""
    from tui_flow.cli import setting_files  # 60 ms, for files only

    return setting_files.export_settings(kind, path)


def read_settings(kind: str, path: str) -> dict[str, Json]:
    """See `tui.deeds.Deeds`."""
    from tui_flow.cli import setting_files  # 60 ms, for files only

    return setting_files.read_settings(kind, path)


def diagnose() -> Path:
    """In the home. See `tui.deeds.Deeds`."""
    from tui_flow.cli.diagnostics import write_diagnostics  # what only this needs

    home = home_from_environment()
    return write_diagnostics(home, home.root)


def ask_scheduler() -> Json:
    """See `tui.deeds.Deeds`."""
    return ask(home_from_environment(), "status", {}, timeout_s=ANSWERS_WITHIN_S)


def _started(home: Home) -> str:
    """Has the home scheduled; what to say of DAGs that are news."""
    from tui_flow.cli import dags_option  # for those who name a folder

    if running_scheduler(home):
        return ""
    known = dags_option.known_dags()
    dags_option.keep()
    start_scheduler(home)
    wait_until_parsed(home, PARSE_WITHIN_S)
    return dags_option.words_on_paused(known)


def _start() -> None:
    start_scheduler(home_from_environment())


def _stop(mode: str) -> None:
    stop_scheduler(home_from_environment(), mode)
