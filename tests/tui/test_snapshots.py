"""Every page and sheet shows what is stored in `screens/`; `python -m tests.tui.snapshots --write` stores it anew."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tui.dump import until
from tests.tui.snapshots import ALL, SCREENS, SIZES, Screen, fixed, opened, shown, stored
from tui_flow.settings import Home


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with fixed(Path(tmp_path_factory.mktemp("snapshots"))) as home:
        yield home


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("screen", ALL, ids=lambda screen: screen.name)
def test_a_screen_is_as_it_is_stored(home: Home, screen: Screen, size: tuple[int, int]) -> None:
    wanted = stored(screen, size).read_text(encoding="utf-8")

    async def look() -> str:
        async with opened(home, screen, size) as pilot:
            try:
                await until(pilot, lambda _text: shown(pilot) == wanted)
            except AssertionError:
                pass
            return shown(pilot)

    found = asyncio.run(look())
    differs = "\n".join(difflib.unified_diff(wanted.splitlines(), found.splitlines(), "stored", "shown", lineterm=""))
    assert found == wanted, f"{differs}\nwhere that is meant: python -m tests.tui.snapshots --write {screen.name}"


def test_what_is_stored_is_of_screens_that_there_are() -> None:
    assert {path.name for path in SCREENS.iterdir()} == {stored(screen, size).name for screen in ALL for size in SIZES}
