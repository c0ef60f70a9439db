"""Keys that arrive together, as over a slow line: each reaches what the one before it has opened."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, cast

from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.dump import dashboard, until
from tests.tui.homes import fill, home_of
from tui_flow.tui import typed_ahead
from tui_flow.tui.app import Dashboard

NAMES = {"/": "slash", ":": "colon", "\r": "enter", ",": "comma"}


def type_at_once(pilot: Pilot[int], text: str) -> None:
    for character in text:
        pilot.app.post_message(events.Key(NAMES.get(character, character), character))


def test_keys_after_one_that_leads_elsewhere_go_there(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl", "backup")

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: "etl" in text)
            type_at_once(pilot, "31/bac")
            text = await until(pilot, lambda text: "etl" not in text and "backup" in text)
            assert "bac" in text
            await pilot.press("escape", "escape")
            await until(pilot, lambda text: "etl" in text)
            type_at_once(pilot, "4:backup")
            await until(pilot, lambda _text: any(each.value == "backup" for each in pilot.app.query(Input)))

    asyncio.run(look())


def test_a_key_behind_an_enter_goes_where_enter_led(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    fill(home, "etl", "backup")

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: "etl" in text)
            type_at_once(
                pilot, "/backup\r,"
            )  # enter tells the field, the field tells the page, the page moves the focus
            text = await until(pilot, lambda text: "View" in text)
            assert "filter: backup ·" in text

    asyncio.run(look())


def test_a_key_whose_reader_went_away_holds_the_next_ones_for_a_moment_only(tmp_path: Path, monkeypatch: Any) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")
    monkeypatch.setattr(typed_ahead, "PATIENCE_S", 0.1)
    monkeypatch.setattr(typed_ahead.TypesAhead, "on_key_done", lambda self, message: None)

    async def look() -> None:
        async with dashboard(home) as pilot:
            await until(pilot, lambda text: "etl" in text)
            app = cast(Dashboard, pilot.app)
            type_at_once(pilot, "412")
            await until(pilot, lambda _text: app.place.page == "activity")

    asyncio.run(look())
