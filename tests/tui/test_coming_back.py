"""Who comes back to the dashboard finds it as it was left."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.tui.dump import no_deeds, until
from tests.tui.homes import fill, home_of
from tui_flow.tui import app
from tui_flow.tui.app import Dashboard
from tui_flow.tui.first_frame import frame_lines
from tui_flow.tui.palette import Palette


def test_the_filter_and_the_row_are_those_of_the_last_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(app, "on_hang_up", lambda _save: None)  # the signals are those of the tests
    home = home_of(tmp_path)
    fill(home, "etl", "backup", "bakery")

    async def look(*keys: str) -> None:
        opened = Dashboard(home, no_deeds())
        async with opened.run_test(size=(100, 30)) as pilot:
            await until(pilot, lambda text: "✓ bakery" in text)
            await pilot.press(*keys)
            text = await until(pilot, lambda text: ">✓ bakery" in text and "filter: ba" in text)
            assert "etl" not in text
            opened.leave()

    asyncio.run(look("slash", "b", "a", "enter", "j"))
    assert frame_lines(home, Palette(), "tuiflow", 100, 30) == [], "the first frame knows no filter"
    asyncio.run(look())
