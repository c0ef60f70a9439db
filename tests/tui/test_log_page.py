"""The log page: its end at once, find, levels, only what matches, following; no line can steer a terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.tui.dump import SIZES, dashboard, until
from tests.tui.homes import fill, home_of
from tui_flow.logs import Level, Source, log_path, stamp
from tui_flow.settings import Home

AT_NS = 1_767_225_600_000_000_000


def write_log(home: Home, lines: Iterable[tuple[str, Level]]) -> Path:
    path = log_path(home.logs, "etl", "r1", "a", -1, 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        for text, level in lines:
            file.write(stamp(text, Source.STDOUT, level, at_ns=AT_NS))
    return path


async def to_log(pilot: Pilot[int]) -> None:
    await until(pilot, lambda text: "etl" in text)
    await pilot.press("enter")
    await until(pilot, lambda text: ">✓ a" in text)
    await pilot.press("enter")
    await until(pilot, lambda text: "[Tasks]" in text and ">✓ a" in text)
    await pilot.press("enter")
    await until(pilot, lambda text: "following" in text)


def test_begins_at_the_end_and_follows(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")
    write_log(home, [(f"line {number}", Level.INFO) for number in range(500)])

    async def look() -> None:
        async with dashboard(home) as pilot:
            await to_log(pilot)
            text = await until(pilot, lambda text: "line 499" in text)
            assert "line 1\n" not in text
            write_log(home, [("one more", Level.INFO)])
            await until(pilot, lambda text: "one more" in text)
            await pilot.press("k", "k")
            await until(pilot, lambda text: "not following" in text)
            write_log(home, [("not seen", Level.INFO)])
            text = await until(pilot, lambda text: "502 lines" in text)
            assert "not seen" not in text
            await pilot.press("F")
            await until(pilot, lambda text: "not seen" in text)
            await pilot.press("g")
            await until(pilot, lambda text: "line 0" in text)

    asyncio.run(look())


def test_finds_counts_and_shows_only_hits(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")
    write_log(home, [(f"page {number}{' Needle' if number % 100 == 7 else ''}", Level.INFO) for number in range(1000)])

    async def look() -> None:
        async with dashboard(home) as pilot:
            await to_log(pilot)
            await pilot.press("slash", *"needle", "enter")
            await until(pilot, lambda text: "10 of 10: needle" in text)
            await pilot.press("N")
            await until(pilot, lambda text: "9 of 10" in text and "page 807 Needle" in text)
            await pilot.press("ampersand")
            text = await until(pilot, lambda text: "page 7 Needle" in text)
            assert "page 8\n" not in text
            await pilot.press("escape")
            await until(pilot, lambda text: "page 808" in text)
            await pilot.press("slash", *"nowhere", "enter")
            await until(pilot, lambda text: "not found" in text)

    asyncio.run(look())


@pytest.mark.parametrize("keys", [(), ("k", "k")], ids=["following", "at a line"])
def test_shows_that_no_line_matches(tmp_path: Path, keys: tuple[str, ...]) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")
    write_log(home, [(f"line {number} " + "long " * 40, Level.INFO) for number in range(30)])

    async def look() -> None:
        async with dashboard(home) as pilot:
            await to_log(pilot)
            await pilot.press("w", *keys, "slash", *"nowhere", "enter", "ampersand")
            text = await until(pilot, lambda text: "no line of this log is like that; esc shows all" in text)
            assert "line 29" not in text
            write_log(home, [("one more", Level.INFO)])
            await pilot.press("e", "n", "j", "G", "escape")
            await until(pilot, lambda text: "one more" in text)

    asyncio.run(look())


def test_levels_and_next_error(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")
    levels = {50: Level.ERROR, 150: Level.WARN, 250: Level.ERROR}
    write_log(home, [(f"n{number}", levels.get(number, Level.INFO)) for number in range(400)])

    async def look() -> None:
        async with dashboard(home) as pilot:
            await to_log(pilot)
            await pilot.press("e")
            await until(pilot, lambda text: ">00:00:00 ERROR n50" in text)
            await pilot.press("e")
            await until(pilot, lambda text: ">00:00:00 ERROR n250" in text)
            await pilot.press("minus", "minus")
            text = await until(pilot, lambda text: "WARN and above" in text)
            assert "n50" in text and "n150" in text and "n51" not in text
            await pilot.press("plus", "plus")
            await until(pilot, lambda text: "n251" in text)

    asyncio.run(look())


@pytest.mark.parametrize("size", SIZES)
def test_hostile_lines_are_inert(tmp_path: Path, size: tuple[int, int]) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")
    bad = ["\x1b]52;c;aGk=\x07 clip", "\x1bc\x1b[2Jreset", "\x9b31mC1", "[/] [@click=app.quit()]x[/]", "\u202erev"]
    lines = [*bad, "好" * 90, "\x1b[31mred\x1b[0m plain", "x" * 9000]
    write_log(home, [(text, Level.INFO) for text in lines])

    async def look() -> None:
        async with dashboard(home, size) as pilot:
            await to_log(pilot)
            await pilot.press("g")
            text = await until(pilot, lambda text: "clip" in text)
            await pilot.press("w", "G", "k", "k", "l", "w", "l", "h")
            text += await until(pilot, lambda text: "xxx" in text)
            assert not any(
                ord(char) < 32 and char != "\n" or 0x7F <= ord(char) < 0xA0 or char == "\u202e" for char in text
            )
            assert "[@click=" in text
            assert pilot.app.is_running

    asyncio.run(look())
