"""The grid: what it shows, how its cursor moves, and that it reads only what is seen."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from tests.tui.dump import SIZES, dashboard, text_of, until
from tests.tui.homes import HOSTILE, fill, home_of


def test_shows_runs_and_tasks(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("enter")
            text = await until(pilot, lambda text: ">✓ a" in text)
            assert re.search(r"^ run +✗ ✓ ", text, re.MULTILINE), text
            await pilot.press("h")
            text = await until(pilot, lambda text: ">✗ a" in text)
            assert "RuntimeError: no such table" in text
            await pilot.press("escape")
            await until(pilot, lambda text: "1 DAGs" in text)

    asyncio.run(look())


@pytest.mark.parametrize("size", SIZES)
def test_hostile_ids(tmp_path: Path, size: tuple[int, int]) -> None:
    home = home_of(tmp_path)
    fill(home, HOSTILE[2])

    async def look() -> None:
        async with dashboard(home, size) as pilot:
            await until(pilot, lambda text: "[@click=" in text)
            await pilot.press("enter", "j", "h", "j", "l", "space", "asterisk")
            text = await until(pilot, lambda text: "Grid" in text)
            assert "[@cl" in text
            assert text_of(pilot.app) and pilot.app.is_running  # type: ignore[arg-type]

    asyncio.run(look())
