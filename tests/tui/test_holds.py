"""What keeps a running scheduler from starting anything stands on every page, with what ends it."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.integration.cli_home import tuiflow
from tests.tui.dump import SIZES, dashboard, no_deeds, until
from tests.tui.homes import fill, home_of
from tests.tui.tmux_kit import Tmux, tmux
from tui_flow.errors import SchedulerUnreachable
from tui_flow.scheduler import clock
from tui_flow.settings import Home
from tui_flow.spec import Json
from tui_flow.store.lock import HomeLock
from tui_flow.tui import holding

DOUBT = "the clock says 2099-01-01 00:00 UTC, more than a year after \x1b]52;c;aGk=\x07 [@click=app.quit()]x"


@pytest.fixture
def held_home(tmp_path: Path) -> Iterator[Home]:
    """Its lock is held as by a scheduler."""
    home = home_of(tmp_path)
    fill(home, "etl")
    with HomeLock(home, "scheduler"):
        yield home


@pytest.mark.parametrize("size", SIZES)
def test_a_doubted_clock_is_said_on_every_page_and_believed_by_a_key(
    held_home: Home, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "ASK_EVERY_S", 0.0)
    said: dict[str, Json] = {"clock_doubt": DOUBT}
    asked: list[str] = []

    def act(verb: str, **_args: Json) -> Json:
        asked.append(verb)
        said["clock_doubt"] = None
        return {"doubt": DOUBT}

    async def look() -> None:
        deeds = replace(no_deeds(), ask_scheduler=lambda: dict(said), act=act)
        async with dashboard(held_home, size, deeds) as pilot:
            await until(pilot, lambda text: "Nothing is scheduled" in text and "holds" in text)
            for key, title in (("2", "[2 Activity]"), ("3", "[3 Upcoming]"), ("4", "[4 System]"), ("1", "[1 DAGs]")):
                await pilot.press(key)
                await until(pilot, lambda text, title=title: title in text and "scheduled:" in text)  # type: ignore[misc]
            await pilot.press("C")
            text = await until(pilot, lambda text: "tuiflow clock accept" in text)
            assert "This will schedule runs by it again" in text and "\x1b" not in text
            await pilot.press("enter")
            await until(pilot, lambda text: "Nothing is scheduled" not in text and "holds" not in text)
            assert asked == ["accept_clock"]
            await pilot.press("C")
            await pilot.pause()
            assert asked == ["accept_clock"] and pilot.app.is_running

    asyncio.run(look())


def test_a_scheduler_that_does_not_answer_is_told_from_one_that_does(
    held_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "ASK_EVERY_S", 0.0)
    monkeypatch.setattr(holding, "STARTS_WITHIN", holding.STARTS_WITHIN * 0)
    answers = [False]

    def ask() -> Json:
        if not answers[0]:
            raise SchedulerUnreachable("timed out")
        return {"disk_is_full": True}

    async def look() -> None:
        async with dashboard(held_home, (80, 24), replace(no_deeds(), ask_scheduler=ask)) as pilot:
            await until(pilot, lambda text: "sched silent" in text and "does not answer" in text)
            answers[0] = True
            await until(pilot, lambda text: "sched holds" in text and "disk is too full" in text)

    asyncio.run(look())


@pytest.fixture
def screen() -> Iterator[Tmux]:
    with tmux() as server:
        yield server


@pytest.mark.skipif(clock.SYNCHRONIZED.exists(), reason="this machine's clock is known to be right")
def test_a_real_scheduler_is_told_that_the_clock_is_right(tmp_path: Path, screen: Tmux) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")
    with closing(sqlite3.connect(home.database)) as db, db:
        db.execute("INSERT OR REPLACE INTO meta VALUES ('clock_seen_at', '2020-01-01T00:00:00+00:00')")
    assert tuiflow("up").returncode == 0, os.environ["TUIFLOW_HOME"]
    try:
        screen.open(home, 80, 24)
        screen.until("sched holds", "Nothing is scheduled: the clock says", "2020-01-01 00:00 UTC")
        screen.press_until("C", "This will schedule runs by it again", "tuiflow clock accept")
        screen.press("Enter")
        screen.until("the clock is believed")
        screen.until("✓ sched", holds=lambda text: "Nothing is scheduled" not in text)
    finally:
        tuiflow("down", "--kill-tasks")
