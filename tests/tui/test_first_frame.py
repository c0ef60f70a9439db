"""What stands on the terminal before Textual is there: the page's own rows, in their places."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.tui.dump import SIZES, dashboard, until
from tests.tui.homes import HOSTILE, fill, home_of
from tests.tui.pty_kit import terminal
from tests.tui.sequences import foreign
from tui_flow.settings import Home
from tui_flow.tui.first_frame import FirstFrame, frame_lines
from tui_flow.tui.palette import Palette
from tui_flow.tui.places import Place, state_file, write_memory


def texts(home: Home, size: tuple[int, int]) -> list[str]:
    lines = frame_lines(home, Palette(), "tuiflow", *size)
    return ["".join(text for text, _ in line).rstrip() for line in lines]


def test_its_rows_stand_where_the_page_shows_them(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, *(f"etl{nth:02}" for nth in range(30)), *HOSTILE[:3])

    async def compare(size: tuple[int, int]) -> None:
        frame = texts(home, size)
        first = next(index for index, line in enumerate(frame) if "Last run" in line)
        rows = frame[first:]
        assert len(rows) > 2
        async with dashboard(home, size) as pilot:
            await until(pilot, lambda text: [" " + line[1:] for line in text.split("\n")[first : len(frame)]] == rows)

    for size in SIZES:
        asyncio.run(compare(size))


def test_there_is_none_without_a_database_or_for_another_page(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    assert texts(home, (80, 24)) == []
    fill(home, "etl")
    assert any("etl" in line for line in texts(home, (80, 24)))
    write_memory(state_file(home.root), [Place("activity")], {})
    assert texts(home, (80, 24)) == []
    state_file(home.root).unlink()


def test_it_comes_first_and_writes_nothing_strange(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl", *HOSTILE)
    with terminal(home) as shown:
        shown.wait_for("trigger")
        assert shown.written.find(b"etl") < shown.written.find(b"\x1b[?1004h")  # which Textual asks for
        assert shown.written.count(b"\x1b[?1049h") == 1
        assert foreign(shown.all_written()) == []


def test_it_is_taken_away_once(tmp_path: Path) -> None:
    frame, path = FirstFrame(), tmp_path / "terminal"
    with path.open("wb") as out:
        frame.take_away(out.fileno())
        frame.stands = True
        frame.take_away(out.fileno())
        frame.take_away(out.fileno())
    assert path.read_bytes() == b"\x1b[?1049l\x1b[?25h"
