"""A home without DAGs, a scheduler that is off, a database that cannot be read: what is said, what can be done."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.tui.dump import SIZES, dashboard, until
from tests.tui.homes import fill, home_of
from tui_flow.settings import Home
from tui_flow.store.lock import HomeLock, stopped_at
from tui_flow.tui.feed import Feed

CRONTAB = "# feeds\n*/10 * * * * /home/a/feeds.sh\n61 * * * * /bin/late\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Empty; its user's crontab has one entry that a DAG can be made of, and one that it cannot."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "crontab").write_text(f"#!/bin/sh\ncat <<'END'\n{CRONTAB}END\n")
    (programs / "crontab").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    return home_of(tmp_path)


@pytest.mark.parametrize("size", SIZES)
def test_an_empty_home_says_what_can_be_done(home: Home, size: tuple[int, int]) -> None:
    async def look() -> None:
        async with dashboard(home, size) as pilot:
            text = await until(pilot, lambda text: "1 entry found" in text)
            assert "No DAGs yet" in text
            assert "Create the examples" in text
            assert "Start the scheduler" in text

    asyncio.run(look())
    assert not home.database.exists()


def test_examples_are_written_once(home: Home) -> None:
    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: "def hello():" in text)
            await pilot.press("enter")
            text = await until(pilot, lambda text: "wrote hello.py, fan_out.py" in text)
            assert " not loaded yet: S starts the scheduler" in text and "3 files" in text
            assert re.search(r"^> S  Start the scheduler", text, re.M), "where enter starts it"
            await pilot.press("e")
            await until(pilot, lambda text: "hello.py is there already" in text)

    asyncio.run(look())
    assert len(list((home.root / "dags").glob("*.py"))) == 3


def test_a_crontab_is_shown_first_and_then_written(home: Home) -> None:
    file = home.root / "dags" / "from_crontab.py"

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: "1 entry found" in text)
            await pilot.press("i")
            text = await until(pilot, lambda text: "line 3 is left out" in text and "# Left out" in text)
            assert "enter writes this file" in text
            assert not file.exists()
            await pilot.press("i")
            await until(pilot, lambda text: "wrote from_crontab.py" in text)

    asyncio.run(look())
    assert "cron_feeds" in file.read_text()


def test_another_folder_goes_into_the_settings(home: Home, tmp_path: Path) -> None:
    home.settings_file.write_text("[core]\nparallelism = 4\n")

    chosen = tmp_path / "programs"

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: "1 entry found" in text)
            await pilot.press("d", *"/nowhere", "tab", "enter")
            await until(pilot, lambda text: "/nowhere is not a folder" in text)
            await pilot.press(*["backspace"] * 8, *f"{tmp_path}/prog", "tab", "enter")
            text = await until(pilot, lambda text: "taken from there" in text)
            assert "> d  Use another folder" in text
            await until(pilot, lambda text: f" in {chosen}\n" in text)

    asyncio.run(look())
    assert home.settings_file.read_text() == f'[core]\ndags_folder = "{chosen}"\nparallelism = 4\n'


def test_dags_that_appear_take_its_place(home: Home) -> None:
    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: "No DAGs yet" in text)
            await asyncio.to_thread(fill, home, "etl")
            await until(pilot, lambda text: "etl" in text and "Last run" in text)

    asyncio.run(look())


def test_a_stopped_scheduler_is_said_and_since_when(home: Home) -> None:
    fill(home, "etl")
    HomeLock(home, "scheduler").__enter__().release()

    async def look() -> None:
        async with dashboard(home) as pilot:
            text = await until(pilot, lambda text: "nothing starts until it does" in text)
            assert "scheduler stopped <1m ago" in text and "It ended" not in text

    asyncio.run(look())


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
def test_an_error_that_ended_the_scheduler_is_said(home: Home, size: tuple[int, int]) -> None:
    fill(home, "etl")
    HomeLock(home, "scheduler").__enter__().release()
    home.scheduler_log.write_text("all is well\ntuiflow: the disk \x1b[2J is gone\n")

    async def look() -> None:
        async with dashboard(home, size) as pilot:
            await until(pilot, lambda text: "It ended: the disk" in text and "S starts it" in text)

    asyncio.run(look())
    an_hour_ago = home.scheduler_log.stat().st_mtime - 3600
    os.utime(home.scheduler_log, (an_hour_ago, an_hour_ago))
    stopped = stopped_at(home)
    assert stopped is not None and Feed(home).last_words(stopped) == "", "another scheduler came after it"


def test_a_command_does_not_hide_since_when(home: Home) -> None:
    fill(home, "etl")
    with HomeLock(home, "scheduler"):
        assert stopped_at(home) is not None  # were it killed now: when the database was written last
    first = stopped_at(home)
    with HomeLock(home, "pause"):
        pass

    assert first is not None
    assert stopped_at(home) == first
    assert datetime.now(UTC) - first < timedelta(minutes=5)


def test_a_killed_scheduler_stopped_when_it_wrote_last(home: Home) -> None:
    fill(home, "etl")
    home.lock.write_text('{"pid": 1, "role": "scheduler", "since": "2026-01-01T00:00:00+00:00"}')
    for path in home.root.glob("tuiflow.db*"):
        os.utime(path, (1_700_000_000, 1_700_000_000))

    assert stopped_at(home) == datetime.fromtimestamp(1_700_000_000, UTC)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        ("PRAGMA user_version = 999", "schema 999"),
        ("PRAGMA application_id = 7", "not one of tuiflow"),
    ],
)
def test_a_database_of_others_is_said_on_the_page(home: Home, spoil: str, told: str) -> None:
    fill(home, "etl")
    with closing(sqlite3.connect(home.database)) as connection, connection:
        connection.execute(spoil)

    async def look() -> None:
        async with dashboard(home, (200, 60)) as pilot:
            text = await until(pilot, lambda text: "\n! " in text)
            line = next(line for line in text.splitlines() if line.startswith("! "))
            assert told in line
            assert "tuiflow.db" in line

    asyncio.run(look())


def test_system_tells_of_a_home_that_is_not_there_yet(tmp_path: Path) -> None:
    async def look() -> None:
        async with dashboard(Home(tmp_path / "not" / "there")) as pilot:
            await until(pilot, lambda text: "No DAGs yet" in text)
            await pilot.press("4")
            await until(pilot, lambda text: "not running: S starts it" in text and "% full" in text)

    asyncio.run(look())
