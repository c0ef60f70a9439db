"""What a first visit needs is made ready while nobody types, and no key waits for it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

from textual.pilot import Pilot

from tests.tui.dump import dashboard, text_of, until
from tests.tui.homes import fill, home_of
from tui_flow.cli.dashboard import _deeds
from tui_flow.settings import Home
from tui_flow.tui import pages, warming
from tui_flow.tui.app import Dashboard
from tui_flow.tui.page import Page
from tui_flow.tui.tabbed import Pane, TabbedPage

KEYS = ["2", "3", "4", *["right_square_bracket"] * 7, "1", "enter", "d", "r", "v", "i", "right_square_bracket", "1"]
KEYS += ["enter", "enter", "I", "i", "escape", "1", "l", "1", *("t", "escape", "c", "escape", "b", "escape")]
KEYS += ["colon", "escape", "question_mark", "escape", "comma", "escape", "y", "escape"]
"""To every page, every tab, and sheets."""
MOST_AT_ONCE = 30
"""Modules: the package of timetables, with those that it is made of."""


def app_of(pilot: Pilot[int]) -> Dashboard:
    return cast(Dashboard, pilot.app)


async def modules_of_visits(home: Home) -> list[str]:
    """What is imported by visits after all was made ready; raises where one step of that imported too much."""
    before, most = len(sys.modules), 0

    async def counted(name: str, one: Any = warming._import) -> None:
        nonlocal before, most
        await one(name)
        before, most = len(sys.modules), max(most, len(sys.modules) - before)

    warming._import = counted
    async with dashboard(home, deeds=_deeds(), warms=True) as pilot:
        before = len(sys.modules)
        await until(pilot, lambda _text: app_of(pilot).is_warm, tries=2000)
        assert 1 <= most <= MOST_AT_ONCE, most
        known = set(sys.modules)
        for key in KEYS:
            await pilot.press(key)
        await until(pilot, lambda text: "etl" in text)
    return sorted(name for name in set(sys.modules) - known if name.startswith("tui_flow."))


def test_visits_import_nothing_any_more(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")
    code = (
        "import asyncio, sys; from pathlib import Path; from tui_flow.settings import Home\n"
        "from tests.tui.test_warming import modules_of_visits\n"
        "print(*asyncio.run(modules_of_visits(Home(Path(sys.argv[1])))))"
    )
    env = os.environ | {"TUIFLOW_HOME": str(home.root)}
    command = [sys.executable, "-c", code, str(home.root)]
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    assert (done.returncode, done.stdout.split()) == (0, []), done.stderr


def test_pages_and_tabs_are_there_and_nothing_of_them_is_seen(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home, warms=True) as pilot:
            app = app_of(pilot)
            before = await until(pilot, lambda text: "etl" in text)
            await until(pilot, lambda _text: app.is_warm, tries=2000)
            assert text_of(app) == before
            made = {page.NAME: page for page in app.query(Page)}
            assert set(made) == {"dags", *warming.PAGES} <= set(pages.names())
            for page in app.query(TabbedPage):
                assert {pane.NAME for pane in page.query(Pane)} == set(page.PANES) and page.pane is None
            await pilot.press("enter")
            await until(pilot, lambda text: "[Grid]" in text)
            assert app.page is made["dag"], "a visit takes what was made"

    asyncio.run(look())


def test_what_was_remembered_of_a_page_is_kept_through_the_making(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home, warms=True) as pilot:
            app = app_of(pilot)
            app.remembered_choices["dag"] = {"diagram": {"outline": True}}
            await until(pilot, lambda _text: app.is_warm, tries=2000)
            app._keep_choices()
            assert app.remembered_choices["dag"]["diagram"] == {"outline": True}

    asyncio.run(look())


def test_nothing_is_made_ready_while_somebody_types(tmp_path: Path, monkeypatch: Any) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home) as pilot:
            app = app_of(pilot)
            await until(pilot, lambda text: "etl" in text)
            app.warm()
            await pilot.press("j")
            monkeypatch.setattr(warming, "QUIET_S", 3600.0)
            for _ in range(500):
                await app._step()
            assert not app.is_warm and len(app.query(Page)) == 1
            monkeypatch.setattr(warming, "QUIET_S", 0.0)
            await app._step()
            await until(pilot, lambda _text: app.is_warm, tries=2000)
            assert len(app.query(Page)) == 1 + len(warming.PAGES)

    asyncio.run(look())
