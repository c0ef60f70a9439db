"""A database that is locked, gone, replaced or full under the open dashboard: it says so, goes on, and comes back."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import cast

import pytest

from tests.integration.test_engine_outages import fill as fill_disk
from tests.integration.test_engine_outages import small_disk
from tests.tui.dump import dashboard, real_deeds, until
from tests.tui.homes import fill, home_of
from tui_flow.settings import Home
from tui_flow.store import connect
from tui_flow.store.reader import Reader
from tui_flow.tui.app import Dashboard

HOLD = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.argv[2:]:
    db.execute(statement).fetchall()
print("held", flush=True)
sys.stdin.readline()
"""
WRITING = ("BEGIN IMMEDIATE", "UPDATE dag SET is_paused = is_paused")
ALONE = ("PRAGMA locking_mode = EXCLUSIVE", *WRITING)


@contextmanager
def locked_by_another(home: Home, statements: tuple[str, ...]) -> Iterator[int]:
    """Gives the other's pid."""
    command = [sys.executable, "-c", HOLD, str(home.database), *statements]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None and other.stdin is not None
        assert other.stdout.readline() == "held\n"
        yield other.pid
        with suppress(BrokenPipeError):  # it was killed
            other.stdin.write("\n")
            other.stdin.close()
        other.wait()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = home_of(tmp_path)
    fill(home, "etl")
    return home


def _says_that_nothing_is_known(title: str, text: str) -> bool:
    return title in text and "not known: the database cannot be read since" in text


@pytest.mark.parametrize("size", [(80, 24), (60, 15)])
def test_a_database_that_another_program_has_for_itself_is_waited_for(home: Home, size: tuple[int, int]) -> None:
    async def look() -> None:
        with locked_by_another(home, ALONE) as pid:
            async with dashboard(home, size) as pilot:
                await until(pilot, lambda text: f"pid {pid}" in text.replace("\n", " ") and "locked" in text)
                await pilot.press("4")
                await until(pilot, lambda text: "[4 System]" in text and "Health" in text)
                for key, title in (("2", "[2 Activity]"), ("3", "[3 Upcoming]"), ("4", "[4 System]")):
                    await pilot.press(key, *(["right_square_bracket"] if key == "4" else []))
                    text = await until(pilot, partial(_says_that_nothing_is_known, title))
                    assert "✗ unread" in text.split("\n")[0] and "0 today" not in text
                    assert not [said for said in ("nothing runs", "nothing has", "no pool", "no DAG") if said in text]
                await pilot.press("1")
                await until(pilot, lambda text: "[1 DAGs]" in text)
                os.kill(pid, 9)
                await until(pilot, lambda text: "etl" in text and "locked" not in text and "unread" not in text)
                await pilot.press("2")
                await until(pilot, lambda text: "nothing runs or waits" in text and "ok" in text)

    asyncio.run(look())


def test_while_another_program_writes_all_is_read_and_what_is_done_says_who_is_in_the_way(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connect, "BUSY_S", 0.1)

    async def look() -> None:
        async with dashboard(home, deeds=real_deeds(home)) as pilot:
            await until(pilot, lambda text: "etl" in text)
            with locked_by_another(home, WRITING) as pid:
                await pilot.press("enter")
                await until(pilot, lambda text: "[Grid]" in text and "✗" in text)
                await pilot.press("p")
                await until(pilot, lambda text: f"(pid {pid}) keeps" in text and "locked" in text)
                assert pilot.app.is_running
            await pilot.press("p")
            with Reader(home.database) as reader:
                await until(
                    pilot,
                    lambda text: "locked" not in text and [dag.is_paused for dag in reader.dags()] == [True],
                )

    asyncio.run(look())


def test_a_database_that_vanishes_is_missed_and_met_again(home: Home) -> None:
    kept = home.root / "kept"
    names = [home.database.name + end for end in ("", "-wal", "-shm")]

    def move(here: Path, there: Path) -> None:
        for name in names:
            if (here / name).exists():
                (here / name).rename(there / name)

    async def look() -> None:
        async with dashboard(home, (80, 24)) as pilot:
            await until(pilot, lambda text: "etl" in text)
            kept.mkdir()
            move(home.root, kept)
            text = await until(pilot, lambda text: "The database is gone" in text)
            assert "etl" in text, "what was known stays"
            for key in ("enter", "4", "3", "2", "1"):
                await pilot.press(key)
            await until(pilot, lambda text: "[1 DAGs]" in text and "The database is gone" in text)
            move(kept, home.root)
            await until(pilot, lambda text: "etl" in text and "gone" not in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "[Grid]" in text and "✗" in text)

    asyncio.run(look())


def _written_by_a_newer(home: Home) -> None:
    with closing(sqlite3.connect(home.database)) as db:
        db.execute("PRAGMA user_version = 999")


def _emptied(home: Home) -> None:
    for end in ("-wal", "-shm"):
        home.database.with_name(home.database.name + end).unlink(missing_ok=True)
    os.truncate(home.database, 0)


def _not_ours(home: Home) -> None:
    other = home.root / "other.db"
    with closing(sqlite3.connect(other)) as db, db:
        db.execute("CREATE TABLE cat (name)")
    other.replace(home.database)


def _no_database(home: Home) -> None:
    other = home.root / "other.db"
    other.write_bytes(b"\x1b]52;c;aGk=\x07" * 999)
    other.replace(home.database)


@pytest.mark.parametrize(
    ("happens", "said"),
    [
        (_written_by_a_newer, "schema 999"),
        (_emptied, "its content is lost"),
        (_not_ours, "not one of"),
        (_no_database, "not a database of"),
    ],
)
def test_a_database_that_becomes_another_is_refused_until_ours_is_back(home: Home, happens: object, said: str) -> None:
    copy = home.root / "copy.db"
    with closing(sqlite3.connect(home.database)) as db, closing(sqlite3.connect(copy)) as to:
        db.backup(to)
        to.execute("PRAGMA journal_mode=WAL")

    async def look() -> None:
        async with dashboard(home, (80, 24)) as pilot:
            await until(pilot, lambda text: "etl" in text)
            assert callable(happens)
            happens(home)
            await until(pilot, lambda text: said in " ".join(text.split()))
            for key in ("2", "3", "4", "1"):
                await pilot.press(key)
                await pilot.pause()
            await until(pilot, lambda text: "[1 DAGs]" in text and said in " ".join(text.split()))
            for end in ("-wal", "-shm"):
                home.database.with_name(home.database.name + end).unlink(missing_ok=True)
            copy.replace(home.database)
            await until(pilot, lambda text: "etl" in text and said not in " ".join(text.split()))
            assert pilot.app.is_running

    asyncio.run(look())


def test_on_a_full_disk_all_is_shown_and_what_is_done_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with small_disk(tmp_path / "disk", "3m"):
        home = Home(tmp_path / "disk" / "home")
        home.root.mkdir()
        fill(home, "etl")
        monkeypatch.setenv("TUIFLOW_HOME", str(home.root))
        asyncio.run(_on_a_full_disk(home))


def is_paused(home: Home, dag_id: str) -> bool:
    with Reader(home.database) as reader:
        dag = reader.dag(dag_id)
    return dag is not None and dag.is_paused


async def _on_a_full_disk(home: Home) -> None:
    async with dashboard(home, deeds=real_deeds(home)) as pilot:
        await until(pilot, lambda text: "etl" in text)
        fill_disk(home.root / "ballast")
        await pilot.press("p")
        await until(pilot, lambda text: "disk is full" in text)
        await pilot.press("4")
        await until(pilot, lambda text: "100% full" in text)
        (home.root / "ballast").unlink()
        await pilot.press("1")
        await until(pilot, lambda text: "[1 DAGs]" in text)
        await pilot.press("p")
        await until(pilot, lambda _text: is_paused(home, "etl"))


def test_what_nobody_expected_ends_the_dashboard_as_failed(home: Home) -> None:
    def defect() -> None:
        raise ZeroDivisionError("planted")

    async def look() -> Dashboard:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: "[1 DAGs]" in text and "etl" in text)
            pilot.app.call_later(defect)
            while pilot.app.return_code is None:
                await asyncio.sleep(0)
            return cast(Dashboard, pilot.app)

    assert asyncio.run(look()).return_code == 1
    (report,) = home.root.glob("dashboard-failure*")
    assert "planted" in report.read_text()
