"""Upcoming and System: what they say, at every size, whatever the ids."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.tui.dump import SIZES, dashboard, until
from tests.tui.homes import HOSTILE, fill, home_of
from tui_flow.settings import Home


def break_file(home: Home) -> None:
    """A file whose import fails, with hostile bytes in its name, its message and its source."""
    (home.root / "dags").mkdir(exist_ok=True)
    (home.root / "dags" / "bad.py").write_text("import os\nimport \x1b]52;c;aGk=\x07bs4\n", encoding="utf-8")
    with closing(sqlite3.connect(home.database)) as connection, connection:
        connection.execute(
            "INSERT INTO dag_file (path, parsed_at, duration_s, manifest, error, error_line, error_at) "
            "VALUES ('bad.py', 0, 0.1, '{}', 'ModuleNotFoundError: \x1b[2J[/] bs4', 2, 0)"
        )


@pytest.mark.parametrize("size", SIZES)
def test_pages_stand_what_is_in_the_database(tmp_path: Path, size: tuple[int, int]) -> None:
    home = home_of(tmp_path)
    fill(home, *HOSTILE)
    break_file(home)

    async def look() -> None:
        async with dashboard(home, size) as pilot:
            await until(pilot, lambda text: "a[b]" in text)
            await pilot.press("3")
            await until(pilot, lambda text: "no DAG has a schedule" in text)
            await pilot.press("4")
            text = await until(pilot, lambda text: "Health" in text and "bad.py" in text)
            assert "not running: S starts it" in text
            await pilot.press("G", "g", "j", "1")
            await until(pilot, lambda text: "a[b]" in text)
            assert pilot.app.is_running

    asyncio.run(look())


def test_system_shows_the_line_that_is_wrong(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")
    break_file(home)

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("4")
            text = await until(pilot, lambda text: "ModuleNotFoundError" in text)
            assert "✗    2 │ import ␛]52;c;aGk=␇bs4" in text
            assert "default_pool" in text

    asyncio.run(look())


def test_system_says_that_the_folder_of_the_dags_is_missing(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("4")
            await until(pilot, lambda text: "DAG files   there is no folder" in text)
            (home.root / "dags").mkdir()
            await pilot.press("1", "4")
            await until(pilot, lambda text: "DAG files   1 files" in text)

    asyncio.run(look())


def test_a_database_of_a_newer_version_is_explained_in_full(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")
    with closing(sqlite3.connect(home.database)) as connection:
        connection.execute("PRAGMA user_version = 99")

    async def look() -> None:
        async with dashboard(home, (120, 36)) as pilot:
            text = await until(pilot, lambda text: "(schema 99)" in text)
            assert "install the newer tuiflow again" in " ".join(text.split()), text

    asyncio.run(look())
