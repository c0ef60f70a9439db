"""A run's page: its tasks, what failed, the end of the log, the runs beside it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.tui.dump import SIZES, dashboard, until
from tests.tui.homes import HOSTILE, fill, home_of


def test_opens_at_what_failed(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: ">✓ a" in text)
            await pilot.press("j", "h", "enter")
            text = await until(pilot, lambda text: "[Tasks]" in text and ">· b" in text)
            assert "✗ a" in text and "r0" in text
            await pilot.press("f")
            await until(pilot, lambda text: ">✗ a" in text and "· b" not in text)
            await pilot.press("greater_than_sign")
            await until(pilot, lambda text: "r1" in text)
            await pilot.press("greater_than_sign")
            await until(pilot, lambda text: "there is no later run" in text)

    asyncio.run(look())


@pytest.mark.parametrize("size", SIZES)
def test_hostile_ids(tmp_path: Path, size: tuple[int, int]) -> None:
    home = home_of(tmp_path)
    fill(home, HOSTILE[1])

    async def look() -> None:
        async with dashboard(home, size) as pilot:
            await until(pilot, lambda text: "run[/]" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "Grid" in text and "✓ a" in text)
            await pilot.press("enter", "j", "k", "space", "right_curly_bracket")
            await until(pilot, lambda text: "[Tasks]" in text)
            assert pilot.app.is_running

    asyncio.run(look())
