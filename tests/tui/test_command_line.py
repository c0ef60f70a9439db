"""The command line jumps to what a few letters name, and does what they say."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import cast

import pytest
from textual._context import active_message_pump
from textual.css.query import NoMatches
from textual.worker import WorkerFailed, active_worker

from tests.tui.dump import SIZES, dashboard, real_deeds, until
from tests.tui.homes import HOSTILE, fill, home_of
from tui_flow.store.reader import Reader
from tui_flow.tui.app import Dashboard
from tui_flow.tui.sheets.command import CommandSheet


def test_letters_of_a_task_lead_to_it(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl", "nightly")

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: "nightly" in text)
            await pilot.press("colon")
            await until(pilot, lambda text: "Go to, or do" in text and "etl ▸ a" in text)
            await pilot.press(*"nightl b")
            await until(pilot, lambda text: "> task nightly ▸ b" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "[Tasks]" in text and ">· b" in text and "nightly" in text)

    asyncio.run(look())


def test_a_deed_is_done_and_tab_completes_its_name(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home, deeds=real_deeds(home)) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("colon", *"pau")
            await until(pilot, lambda text: "pause etl" in text)
            await pilot.press("tab")
            await until(pilot, lambda text: "\n pause etl" in text or "\npause etl" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "etl paused" in text)
            with Reader(home.database) as reader:
                dag = reader.dag("etl")
                assert dag is not None and dag.is_paused

    asyncio.run(look())


def test_a_sheet_opens_from_it_and_a_page(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home, deeds=real_deeds(home)) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("colon", *"trigger", "enter")
            await until(pilot, lambda text: "Trigger: etl" in text)
            await pilot.press("escape", "colon", *"upcom", "enter")
            await until(pilot, lambda text: "[3 Upcoming]" in text)

    asyncio.run(look())


def test_enter_waits_for_the_names(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("colon", *"runs etl")
            sheet = pilot.app.query_one(CommandSheet)
            await sheet._reading.wait()
            sheet._are_names_read = False
            await pilot.press("enter")
            await until(pilot, lambda text: "Go to" in text)
            await sheet._read_names()
            await until(pilot, lambda text: "[Runs]" in text)

    asyncio.run(look())


def test_opens_without_a_database(tmp_path: Path) -> None:
    async def look() -> None:
        async with dashboard(home_of(tmp_path)) as pilot:
            await pilot.press("colon", *"upcom")
            await until(pilot, lambda text: "Upcoming" in text and "Go to" in text)
            await pilot.press("escape")
            await until(pilot, lambda text: "Go to" not in text)

    asyncio.run(look())


@pytest.mark.parametrize("size", SIZES)
def test_hostile_names_are_text(tmp_path: Path, size: tuple[int, int]) -> None:
    home = home_of(tmp_path)
    fill(home, *HOSTILE)

    async def look() -> None:
        async with dashboard(home, size) as pilot:
            await until(pilot, lambda text: "a[b]" in text)
            await pilot.press("colon", *"run[")
            text = await until(pilot, lambda text: "run[/]" in text and "Go to" in text)
            assert "\x1b" not in text
            await pilot.press("escape")
            await until(pilot, lambda text: "Go to" not in text)

    asyncio.run(look())


def test_a_sheet_that_is_closed_while_it_is_busy_ends_nothing(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home) as pilot:
            app = cast(Dashboard, pilot.app)
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("colon")
            await until(pilot, lambda text: "type a name" in text or "DAGs" in text and app._sheet is not None)
            sheet = app._sheet
            assert sheet is not None
            await app._close_sheet()
            token = active_message_pump.set(sheet)  # it was still at something
            app._handle_exception(NoMatches("its parts are gone"))
            active_message_pump.reset(token)
            working = active_worker.set(cast(CommandSheet, sheet)._reading)
            app._handle_exception(WorkerFailed(NoMatches("its parts are gone")))
            active_worker.reset(working)
            await pilot.press("2")
            await until(pilot, lambda text: "[2 Activity]" in text)

    asyncio.run(look())
