"""Upcoming and System: what they say, at every size, whatever the ids."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.tui.dump import SIZES, dashboard, until
from tests.tui.homes import HOSTILE, fill, home_of
from tests.unit.planner.dsl import dag_of
from tui_flow.settings import Home
from tui_flow.store.reader import Reader
from tui_flow.store.write_dags import Placement
from tui_flow.store.writer import Writer
from tui_flow.timetables import timetable_of
from tui_flow.tui.pages.upcoming import coming_in_month


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


def test_a_month_has_every_day_of_a_dag_that_runs_all_the_time(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    at = datetime(2026, 11, 6, 12, 30, tzinfo=UTC)
    timetable = timetable_of("*/3 * * * *", timezone="UTC", dialect="tui_flow").to_dict()
    spec = replace(dag_of("a"), timetable=timetable, start_date=at - timedelta(days=1))
    due = Placement(next_run_after=at, schedule="*/3 * * * *", is_paused=False)
    with Writer(home.database) as writer:
        writer.store_parsed("d.py", [spec], "s1", {"d.py": "s1"}, at, lambda _spec, _dag: due)
    with Reader(home.database) as reader:
        (dag,) = reader.dags()
        dates = coming_in_month(reader, dag, date(2026, 11, 1), at)
        assert {each.astimezone(UTC).day for each in dates if each.month == 11} == set(range(6, 31))
        assert len(dates) < 70, "not one for each run"
        assert coming_in_month(reader, dag, date(2026, 10, 1), at) == [], "the past is not to come"


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
            text = await until(pilot, lambda text: "(schema 99)" in " ".join(text.split()))
            assert "install the newer tuiflow again" in " ".join(text.split()), text

    asyncio.run(look())
