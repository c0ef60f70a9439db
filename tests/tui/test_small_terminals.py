"""Terminals that are smaller than what is drawn for: the list comes first, and what is too small says so."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.tui.dump import dashboard, text_of, until
from tests.tui.homes import fill, home_of
from tui_flow.settings import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = home_of(tmp_path)
    fill(home, *(f"dag{number}" for number in range(12)))
    return home


def lines_of(pilot: Pilot[int]) -> list[str]:
    return text_of(pilot.app).splitlines()  # type: ignore[arg-type]


@pytest.mark.parametrize(("size", "rows"), [((40, 12), 7), ((60, 9), 6), ((30, 6), 3)])
def test_a_small_terminal_shows_the_list_alone(home: Home, size: tuple[int, int], rows: int) -> None:
    async def look() -> None:
        async with dashboard(home, size) as pilot:
            text = await until(pilot, lambda text: sum("✓ dag" in line for line in text.splitlines()) >= rows)
            assert "help" in text.splitlines()[-1]
            await pilot.press("enter")
            await until(pilot, lambda text: "duration" in text and "✓" in text)
            await pilot.press("enter")
            await until(pilot, lambda text: "✓ c" in text or "✓ a" in text)

    asyncio.run(look())


@pytest.mark.parametrize("size", [(20, 5), (29, 24), (80, 5)])
def test_a_tiny_terminal_says_so_and_no_key_does_what_nobody_sees(home: Home, size: tuple[int, int]) -> None:
    async def look() -> None:
        async with dashboard(home, (80, 24)) as pilot:
            await until(pilot, lambda text: "dag0" in text)
            await pilot.press("j")
            await pilot.resize_terminal(*size)
            text = await until(pilot, lambda text: text.startswith("make me bigger") and "dag0" not in text)
            assert len(text.split("\n\n")[0].splitlines()) == 1
            await pilot.press("t", "enter", "p", "2", "j")  # whose deeds would fail
            assert "make me bigger" in text_of(pilot.app)  # type: ignore[arg-type]
            await pilot.resize_terminal(80, 24)
            await until(pilot, lambda text: "[1 DAGs]" in text and ">✓ dag1 " in text)
            await pilot.press("j")
            await until(pilot, lambda text: "dag10" in next(line for line in text.splitlines() if line[:1] == ">"))

    asyncio.run(look())
