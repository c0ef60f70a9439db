"""The diagram: walking along edges, folding, focus, the outline where there is no room."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.tui.dump import SIZES, dashboard, until
from tests.tui.homes import HOSTILE, fill, home_of


def test_walks_along_edges(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl", text="a >> [b, c] >> d")

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("d")
            text = await until(pilot, lambda text: "─▸· b─┬─▸· d" in text)
            assert "╰─▸· c─╯" in text
            assert "downstream 3" in text
            await pilot.press("right", "down")
            await until(pilot, lambda text: "upstream 1   downstream 1" in text and "· c   " in text)
            await pilot.press("f", "f", "f")
            await until(pilot, lambda text: "1 hop" in text and "─▸· b" not in text)
            await pilot.press("escape", "minus", "minus", "minus")
            await until(pilot, lambda text: "✓ ─┬─▸· ─┬─▸·" in text)
            await pilot.press("d")
            await until(pilot, lambda text: "├─· b" in text and "⇠ b, c" in text)

    asyncio.run(look())


def test_a_picture_that_is_higher_than_the_screen_fills_it(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl", text=f"a >> [{', '.join(f'b{nth:02}' for nth in range(21))}]")

    async def look() -> None:
        async with dashboard(home, (80, 24)) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("d")
            await until(pilot, lambda text: "├─· b00" in text)
            await pilot.press("d")
            text = await until(pilot, lambda text: "─▸· b10" in text)
            lines = text.split("\n")
            rule = next(nth for nth, line in enumerate(lines) if line.startswith("────"))
            assert "─▸· b" in lines[rule - 1], text

    asyncio.run(look())


def test_finds_a_task(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl", text="a >> [bb, cc] >> d")

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("d")
            await until(pilot, lambda text: "cc" in text)
            await pilot.press("slash", "c", "c", "enter")
            await until(pilot, lambda text: "· cc   " in text)
            await pilot.press("slash", "x", "enter")
            await until(pilot, lambda text: "no task is called ccx" in text)

    asyncio.run(look())


@pytest.mark.parametrize("size", SIZES)
def test_hostile_ids(tmp_path: Path, size: tuple[int, int]) -> None:
    home = home_of(tmp_path)
    fill(home, HOSTILE[2])

    async def look() -> None:
        async with dashboard(home, size) as pilot:
            await until(pilot, lambda text: "[@click=" in text)
            await pilot.press("d")
            await until(pilot, lambda text: "Diagram" in text and "upstream 0" in text)
            await pilot.press("right", "down", "space", "f", "plus", "minus", "H", "d", "j", "enter")
            await until(pilot, lambda text: "[Tasks]" in text)
            assert pilot.app.is_running

    asyncio.run(look())
