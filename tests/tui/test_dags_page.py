"""The list of DAGs: what it says, what it does, and that no id can steer it."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from tests.integration.store_kit import NOW
from tests.tui.dump import SIZES, dashboard, text_of, until
from tests.tui.homes import HOSTILE, fail, fill, home_of
from tui_flow.store.writer import Writer
from tui_flow.tui.rows import Rows


def test_says_what_there_is(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl", "backup")

    async def look() -> None:
        async with dashboard(home) as pilot:
            text = await until(pilot, lambda text: "etl" in text)
            assert "2 DAGs · 2 on · 0 paused" in text
            assert "backup" in text
            assert "manual run 2026-01-01" in text

    asyncio.run(look())


def test_filter_leaves_what_matches_and_esc_brings_all_back(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl", "backup")

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: "etl" in text)
            await pilot.press("slash", "b", "a", "c", "enter")
            text = await until(pilot, lambda text: "etl" not in text)
            assert "backup" in text
            await pilot.press("escape")
            await until(pilot, lambda text: "etl" in text and "backup" in text)

    asyncio.run(look())


def test_new_facts_do_not_move_the_cursor(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "b", "d")

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: ">✓ b" in text)
            await pilot.press("j")
            await until(pilot, lambda text: ">✓ d" in text)
            fill(home, "a", "c")
            text = await until(pilot, lambda text: "4 DAGs" in text)
            assert ">✓ d" in text

    asyncio.run(look())


@pytest.mark.parametrize("size", SIZES)
def test_hostile_ids_are_shown_as_text(tmp_path: Path, size: tuple[int, int]) -> None:
    home = home_of(tmp_path)
    fill(home, *HOSTILE)

    async def look() -> None:
        async with dashboard(home, size) as pilot:
            await until(pilot, lambda text: "a[b]" in text and "[@click=" in text)
            await pilot.press("j", "j", "j")
            text = text_of(pilot.app)  # type: ignore[arg-type]
            assert "run[/]" in text
            assert "[@click=" in text
            assert not any(ord(char) < 32 and char != "\n" or char in "\x9b\u202e" for char in text)
            assert pilot.app.is_running

    asyncio.run(look())


def test_every_row_that_is_seen_has_its_bars(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, *(f"dag{number:02}" for number in range(40)))

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: text.count("✗▄") > 10)
            await pilot.press("G")
            text = await until(pilot, lambda text: "dag39" in text and text.count("✗▄") > 10)
            rows = [line for line in text.splitlines() if re.search(r"dag\d\d .*✓", line) and "manual" not in line]
            assert all("✗▄" in line for line in rows)

    asyncio.run(look())


def test_a_range_of_marks_ends_where_its_first_row_is_filtered_away(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "one", "two", "zebra")

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: "zebra" in text)
            await pilot.press("G", "V", "slash", *"one", "enter")
            await until(pilot, lambda text: "filter: one" in text and "zebra" not in text)
            await pilot.press("pagedown", "g")
            await until(pilot, lambda text: ">✓ one" in text)

    asyncio.run(look())


def test_the_row_of_the_cursor_is_reversed_without_colours(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "one", "two")

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: ">✓ one" in text and "two" in text)
            rows = pilot.app.query_one("#dags-list", Rows)
            with_cursor, other = (
                {segment.style.color for segment in rows.render_line(y) if segment.style} for y in (0, 1)
            )
            assert len(with_cursor) == 1 < len(other)

    asyncio.run(look())


def test_names_of_what_the_cursor_is_on_can_be_copied(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "one", "two")

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: ">✓ one" in text)
            await pilot.press("j", "y")
            text = await until(pilot, lambda text: "Copy" in text)
            assert re.search(r"DAG +two", text) and "tuiflow dags show two" in text
            await pilot.press("escape", "enter")
            await until(pilot, lambda text: ">✓ a" in text)
            await pilot.press("j", "h", "y")
            text = await until(pilot, lambda text: "Copy" in text)
            assert re.search(r"task +b\n", text) and "tuiflow logs two b --run r0" in text

    asyncio.run(look())


def test_a_file_that_was_never_loaded_is_a_row_that_leads_to_what_is_wrong(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")
    with Writer(home.database) as writer:
        writer.store_import_error("new.py", "new.py:2: No module named 'requests'", 2, NOW)

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: "! new.py" in text and "never loaded" in text)
            await pilot.press("g")
            text = await until(pilot, lambda text: ">! new.py" in text and "No module named 'requests'" in text)
            assert "o opens it" in text
            await pilot.press("t", "d", "p")
            text = await until(pilot, lambda text: "no DAG is known of this file yet" in text)
            assert "[1 DAGs]" in text
            await pilot.press("enter")
            await until(pilot, lambda text: "[4 System]" in text and "new.py" in text)

    asyncio.run(look())


def test_rows_keep_their_places_until_the_order_is_asked_for_and_a_failure_below_is_told(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, *(f"d{nth:02}" for nth in range(20)))

    async def look() -> None:
        async with dashboard(home, (80, 24)) as pilot:
            text = await until(pilot, lambda text: "8 below" in text)
            assert "s sort: needs attention" in text
            fail(home, "d19")
            text = await until(pilot, lambda text: "8 below, 1 failed: d19" in text)
            assert ">✓ d00" in text
            await pilot.press("1")
            text = await until(pilot, lambda text: "✗ d19" in text)
            assert text.index("d19") < text.index("d00") and ">✓ d00" in text
            fail(home, "d18")
            await until(pilot, lambda text: "1 failed: d18" in text)
            await pilot.press("R")
            await until(pilot, lambda text: "✗ d18" in text)

    asyncio.run(look())
