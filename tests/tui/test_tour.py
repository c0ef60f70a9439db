"""A tour through every page, pane and sheet of the real program, over a database in which every text is an attack.

The program draws through two walls: pages make each text `plain`, and a line filter looks at all that is written. The
walks of `test_pty` meet both; here the second is down, but for the fields of forms, which show a text as it is edited.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.tui.homes import home_of
from tests.tui.hostile import ALL, fill_with_attacks
from tests.tui.hostile_rows import harmless_columns
from tests.tui.pty_kit import Terminal, terminal
from tests.tui.sequences import foreign, text_of
from tui_flow.tui import pages, sheets
from tui_flow.tui.pages.dag import DagPage
from tui_flow.tui.pages.run import RunPage
from tui_flow.tui.pages.system import SystemPage

TOLD = "TUIFLOW_TEST_OPENED"
PROGRAM = f"""
import os
from textual.color import Color
from textual.widgets import Input
from tui_flow.tui import filters, pages, sheet, sheets, tabbed

def told(words):
    with open(os.environ["{TOLD}"], "a") as file:
        print(words, file=file)

def telling(kind, function):
    def tell(name):
        told(f"{{kind}} {{name}}")
        return function(name)
    return tell

def visits(page, place):
    told(f"pane {{page.NAME}} {{page.with_tab(place).tab}}")
    return visit(page, place)

def field_line(field, y):
    return render_line(field, y).apply_filter(filters.ControlFilter(), Color(0, 0, 0))

def goes(gone):
    told("closed")
    return remove(gone)

render_line, Input.render_line = Input.render_line, field_line
filters.line_filters = lambda look, has_colours: []
remove, sheet.Sheet.remove = sheet.Sheet.remove, goes
visit, tabbed.TabbedPage.visit = tabbed.TabbedPage.visit, visits
pages.make_page, sheets.sheet_class = telling("page", pages.make_page), telling("sheet", sheets.sheet_class)
from tui_flow.cli.main import main
main()
"""
"""The program, which tells in a file what it opens, with one wall."""

OF_A_DAG = ("view ,", "trigger t", "clear c", "backfill b", "copy y", "stop X", "help ?", "command :", "delete_dag D")
TOUR: tuple[tuple[str, str], ...] = (
    *((keys, f"sheet {name}") for name, keys in (words.split() for words in OF_A_DAG)),
    ("a", "sheet answer"),
    ("\r", "pane dag grid"),
    ("d", "pane dag diagram"),
    ("r", "pane dag runs"),
    ("D", "sheet delete_run"),
    ("=", "sheet compare"),
    ("v", "pane dag source"),
    ("i", "pane dag info"),
    ("]", "pane dag stats"),
    ("[", "pane dag info"),
    ("jj\r", "sheet version"),
    ("r", "pane dag runs"),
    ("\r", "pane run tasks"),
    ("m", "sheet mark"),
    ("\x0e", "sheet note"),
    ("I", "pane run task"),
    ("]", "pane run events"),
    ("]", "pane run info"),
    ("[", "pane run events"),
    ("[", "pane run task"),
    ("jA", "sheet xcom"),
    ("jD", "sheet delete_xcom"),
    ("1", "at home"),
    ("l", "page log"),
    ("2", "page activity"),
    ("3", "page upcoming"),
    ("4", "pane system health"),
    ("D", "sheet clean_up"),
    ("]", "pane system pools"),
    ("G\r", "sheet pool"),
    ("D", "sheet delete_setting"),
    ("e", "sheet export"),
    ("i", "sheet import"),
    ("]", "pane system variables"),
    ("\r", "sheet variable"),
    ("]", "pane system connections"),
    ("\r", "sheet connection"),
    ("t", "sheet told"),
    ("]", "pane system assets"),
    ("A", "sheet asset_event"),
    ("t", "sheet materialize"),
    ("]", "pane system backfills"),
    ("x", "sheet cancel_backfill"),
    ("]", "pane system config"),
    ("]", "pane system providers"),
)
ELSEWHERE = {
    "page dags",
    "page dag",
    "page run",
    "page system",
    "page welcome",
    "sheet clock",
    "sheet down",
    "sheet let_go_on",
}
"""Pages that are seen all the time, the welcome, which has its own test, and what only a doubt or a pause opens."""


@dataclass
class Tourist:
    shown: Terminal
    told: Path

    def opened(self) -> list[str]:
        return self.told.read_text().splitlines() if self.told.exists() else []

    def go(self, keys: str, what: str) -> None:
        """Until it is opened: the row that the key is for may not have been read yet, or be further down."""
        self.press_until(keys, what, again_s=0.4 if keys.startswith("j") else 1.0)
        self.shown.rest(0.1)
        if what.startswith("sheet"):
            self.press_until("\x1b", "closed", again_s=10.0)

    def press_until(self, keys: str, what: str, again_s: float) -> None:
        before, end = len(self.opened()), time.monotonic() + 30
        while what not in self.opened()[before:]:
            said = text_of(self.shown.all_written())[-1500:]
            assert time.monotonic() < end and self.shown.is_alive, f"{keys!r} never brings {what}: {said}"
            self.shown.press(keys, 0.05)
            again = time.monotonic() + again_s
            while what not in self.opened()[before:] and time.monotonic() < again:
                self.shown.take(0.05)


def all_there_is() -> Iterator[str]:
    yield from (f"page {name}" for name in pages._WHERE)
    yield from (f"sheet {name}" for name in sheets._WHERE)
    yield from (f"pane {page.NAME} {name}" for page in (DagPage, RunPage, SystemPage) for name in page.PANES)


def test_the_tour_leads_to_everything() -> None:
    assert set(all_there_is()) - {what for _, what in TOUR} == ELSEWHERE


def test_every_text_of_the_database_attacks(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill_with_attacks(home)
    with closing(sqlite3.connect(home.database)) as db:
        assert harmless_columns(db) == []


def test_nothing_on_the_tour_steers_the_terminal(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill_with_attacks(home)
    told = tmp_path / "opened"
    env = {TOLD: str(told), "PYTHONPATH": os.getcwd(), "USER": ALL.replace("\x00", ""), "LOGNAME": "\x1b[2J"}
    with terminal(home, (160, 50), env, program=(sys.executable, "-c", PROGRAM)) as shown:
        shown.wait_for("hostile")
        shown.press("/hostile\r")
        tourist = Tourist(shown, told)
        for keys, what in TOUR:
            if what == "at home":
                shown.press(keys)
            else:
                tourist.go(keys, what)
        assert foreign(shown.all_written()) == []
    assert not list(home.root.glob("dashboard-failure*"))
