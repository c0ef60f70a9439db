"""Upcoming and System: what they say, at every size, whatever the ids."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.integration.store_kit import run_of
from tests.tui.dump import SIZES, dashboard, real_deeds, until
from tests.tui.homes import HOSTILE, fill, home_of
from tests.unit.planner.dsl import dag_of
from tui_flow.settings import Home
from tui_flow.spec import DagSpec
from tui_flow.store.reader import Reader
from tui_flow.store.write_dags import Placement
from tui_flow.store.writer import Writer
from tui_flow.timetables import timetable_of
from tui_flow.tui.pages.month_reading import load_month
from tui_flow.tui.pages.upcoming_reading import Coming


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
            await until(pilot, lambda text: "[1 DAGs]" in text and "✓ 1 Jan" in text)
            await pilot.press("3")
            await until(pilot, lambda text: "no DAG has a schedule" in text)
            await pilot.press("4")
            text = await until(pilot, lambda text: "Health" in text and "bad.py" in text)
            assert "not running: S starts it" in text
            await pilot.press("G", "g", "j", "1")
            await until(pilot, lambda text: "[1 DAGs]" in text and "✓ 1 Jan" in text)
            assert pilot.app.is_running

    asyncio.run(look())


def store_scheduled(home: Home, cron: str, at: datetime) -> DagSpec:
    timetable = timetable_of(cron, timezone="UTC", dialect="tui_flow").to_dict()
    spec = replace(dag_of("a"), timetable=timetable, start_date=at - timedelta(days=40))
    due = Placement(next_run_after=at, schedule=cron, is_paused=False)
    with Writer(home.database) as writer:
        writer.store_parsed("d.py", [spec], "s1", {"d.py": "s1"}, at, lambda _spec, _dag: due)
    return spec


def test_a_month_has_every_day_of_a_dag_that_runs_all_the_time(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    at = datetime(2026, 11, 6, 12, 30, tzinfo=UTC)
    spec = store_scheduled(home, "*/3 * * * *", at)
    with Writer(home.database) as writer:
        for day in range(1, 7):
            run_of(writer, spec, f"r{day}", datetime(2026, 11, day, tzinfo=UTC))
    first = date(2026, 11, 1)
    with Reader(home.database) as reader:
        month = load_month(reader, spec.dag_id, first, at, is_utc=True)
        assert {each.astimezone(UTC).day for each in month.planned} == set(range(6, 31))
        assert len(month.planned) < 30, "not one for each run"
        assert [day.day for day, runs in month.days.items() if runs.runs == 1] == [1, 2, 3, 4, 5, 6]
        past = load_month(reader, spec.dag_id, date(2026, 10, 1), at, is_utc=True)
        assert past.planned == [], "the past is not to come"
        assert len(past.days) == 31 and not any(day.runs for day in past.days.values())


def test_coming_runs_are_carried_on_and_worked_out_anew_where_the_schedule_changes(tmp_path: Path) -> None:
    home, day = home_of(tmp_path), timedelta(days=1)
    at = datetime(2026, 11, 6, 12, 30, 30, tzinfo=UTC)
    store_scheduled(home, "* * * * *", at)
    coming = Coming()
    with Reader(home.database) as reader:
        for later in (timedelta(), timedelta(minutes=90), day, timedelta()):
            start = at + later
            found = coming.dates(reader, reader.dags()[0], start, start + day)
            assert found == [start - timedelta(seconds=30) + nth * timedelta(minutes=1) for nth in range(1, 1441)]
    store_scheduled(home, "0 */6 * * *", at)
    with Reader(home.database) as reader:
        found = coming.dates(reader, reader.dags()[0], at, at + day)
        assert [date.hour for date in found] == [18, 0, 6, 12]


def test_system_shows_the_line_that_is_wrong(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")
    break_file(home)

    async def look() -> None:
        async with dashboard(home, deeds=real_deeds(home)) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("4")
            text = await until(pilot, lambda text: "ModuleNotFoundError" in text)
            assert "✗    2 │ import ␛]52;c;aGk=␇bs4" in text
            assert "default_pool" in text
            await pilot.press("j", "j", "enter")
            await until(pilot, lambda text: has_cursor("bad.py", text))
            await pilot.press("k", "enter")
            await until(pilot, lambda text: "Clean up: finished runs" in text)
            await pilot.press("escape", "G", "enter")
            await until(pilot, lambda text: "[Variables]" in text)

    asyncio.run(look())


def has_cursor(named: str, text: str) -> bool:
    return any(line.startswith(">") and named in line for line in text.split("\n"))


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
            await until(pilot, lambda text: "DAG files   1 file," in text)

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


def test_upcoming_turns_its_day_and_its_month_and_esc_turns_back(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    at = datetime.now(UTC)
    store_scheduled(home, "0 */6 * * *", at + timedelta(minutes=1))
    month = f"{at.astimezone():%B %Y}"

    async def look() -> None:
        async with dashboard(home, (80, 24)) as pilot:
            await until(pilot, lambda text: "*/6" in text)
            await pilot.press("3")
            await until(pilot, lambda text: "next 24 h" in text and month in text and "4 runs" in text)
            await pilot.press("less_than_sign")
            await until(pilot, lambda text: "the day begins now" in text)
            await pilot.press("greater_than_sign", "right_square_bracket")
            await until(pilot, lambda text: "24 h from" in text and month not in text and "4 runs" in text)
            await pilot.press("escape")
            await until(pilot, lambda text: "next 24 h" in text and month in text)
            await pilot.resize_terminal(60, 15)
            await until(pilot, lambda text: month not in text and "4 runs" in text)
            await pilot.press("right_square_bracket")
            await until(pilot, lambda text: month in text and "4 runs" not in text)
            await pilot.press("escape")
            await until(pilot, lambda text: month not in text and "4 runs" in text)

    asyncio.run(look())
