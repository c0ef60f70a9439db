"""`python -m tests.tui.snapshots --write`: stores what every page and sheet shows, as text that a person can review.

One file for each screen and size in `tests/tui/screens/`. `test_snapshots` compares them with what is shown.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from unittest import mock

from textual.pilot import Pilot

from tests.tui.dump import dashboard, real_deeds, text_of, until
from tests.tui.snapshot_home import AT, make_home
from tui_flow import times
from tui_flow.settings import Home
from tui_flow.tui.views.installed import Installed, ProviderFacts

SCREENS = Path(__file__).parent / "screens"
SIZES = ((80, 24), (120, 36))
_OURS = {"TUIFLOW_HOME": "home", "TUIFLOW_SECRETS_KEY_FILE": "key"}
"""In the folder that is made the current one."""
SETTLES_S = 0.7
"""So long a screen is looked at before it is stored."""
_MEASURED = re.compile(r"\d+(?:\.\d)? (?:B|[KMG]iB)\b")


@dataclass(frozen=True, slots=True)
class Screen:
    """`keys` lead there from the first screen; each is pressed once the text before it is shown."""

    name: str
    keys: Sequence[str]
    shows: str


RUN = ("nightly_etl", "enter", "[Grid]")
SYSTEM = ("nightly_etl", "4", "[Health]")


def _tab(number: int) -> tuple[str, ...]:
    titles = ("Pools", "Variables", "Connections", "Assets", "Backfills", "Config", "Providers")
    keys: tuple[str, ...] = SYSTEM
    for title in titles[:number]:
        keys = (*keys, "right_square_bracket", f"[{title}]")
    return keys


ALL = (
    Screen("dags", (), "of the last 7 runs failed"),
    Screen("dags-filter", ("nightly_etl", "slash", "", "o", "", "l", "", "d"), "old_reports"),
    Screen("grid", RUN[:2], "usual"),
    Screen("diagram", (*RUN, "d"), "[Diagram]"),
    Screen("runs", (*RUN, "r"), "[Runs]"),
    Screen("source", (*RUN, "v"), "[Source]"),
    Screen("info", (*RUN, "i"), "[Info]"),
    Screen("tasks", (*RUN, "enter"), "[Tasks]"),
    Screen("task", (*RUN, "enter", "[Tasks]", "I"), "[Task]"),
    Screen("log", ("nightly_etl", "l"), "fetching page 38"),
    Screen("activity", ("nightly_etl", "2"), "copy"),
    Screen("upcoming", ("nightly_etl", "3"), "02:00"),
    Screen("system", SYSTEM[:2], "new_scraper.py"),
    Screen("pools", _tab(1)[:-1], "net"),
    Screen("variables", _tab(2)[:-1], "region"),
    Screen("connections", _tab(3)[:-1], "lake"),
    Screen("assets", _tab(4)[:-1], "[Assets]"),
    Screen("backfills", _tab(5)[:-1], "[Backfills]"),
    Screen("config", _tab(6)[:-1], "core.parallelism"),
    Screen("providers", _tab(7)[:-1], "house_rules"),
    Screen("sheet-help", ("nightly_etl", "question_mark"), "Keys of this page"),
    Screen("sheet-command", ("nightly_etl", "colon", "", "n", "", "i", "", "g"), "nightly_etl"),
    Screen("sheet-trigger", ("nightly_etl", "t"), "tuiflow trigger"),
    Screen("sheet-clear", ("nightly_etl", "c"), "the whole run (6)"),
    Screen("sheet-mark", (*RUN, "m"), "earlier runs ("),
    Screen("sheet-stop", (*RUN, "X"), "Stop"),
    Screen("sheet-backfill", ("nightly_etl", "b"), "0 make a run"),
    Screen("sheet-copy", ("nightly_etl", "y"), "Copy"),
    Screen("sheet-view", ("nightly_etl", "comma"), "View"),
    Screen("sheet-answer", ("nightly_etl", "a"), "Ship 1.4?"),
    Screen("sheet-note", (*RUN, "ctrl+n"), "Note on"),
    Screen("sheet-pool", (*_tab(1), "A"), "New pool"),
    Screen("sheet-connection", (*_tab(3), "A"), "New connection"),
    Screen("sheet-clean-up", (*SYSTEM, "D"), "nothing is that old"),
)


@contextmanager
def fixed(folder: Path) -> Iterator[Home]:
    """The home in a folder that becomes the current one, a clock that stands, and a disk that is always as full."""
    before, here = dict(os.environ), Path.cwd()
    os.environ |= {"TZ": "UTC", **_OURS}
    os.chdir(folder)
    time.tzset()
    disk = mock.Mock(free=64 << 30, total=128 << 30)
    try:
        with (
            mock.patch.object(times, "now", lambda: AT),
            mock.patch.object(shutil, "disk_usage", lambda _path: disk),
        ):
            yield make_home(Path("home"))
    finally:
        os.chdir(here)
        os.environ.clear()
        os.environ |= before
        time.tzset()


@asynccontextmanager
async def opened(home: Home, screen: Screen, size: tuple[int, int]) -> AsyncIterator[Pilot[int]]:
    """The dashboard, led to the screen."""
    found = Installed([ProviderFacts("http", "5.3.0", 6, False)], "plugins", ["house_rules"])
    os.environ |= _OURS  # a test begins with others
    async with dashboard(home, size, replace(real_deeds(home), installed=lambda: found)) as pilot:
        steps = [*screen.keys, screen.shows]
        for text, key in zip(steps[::2], steps[1::2], strict=False):
            await until(pilot, lambda shown, text=text: text in shown)  # type: ignore[misc]
            await pilot.press(key)
        yield pilot


def shown(pilot: Pilot[int]) -> str:
    """The screen without what this machine measures."""
    text = text_of(pilot.app)  # type: ignore[arg-type]
    return _MEASURED.sub(lambda found: "#" * len(found.group()), text) + "\n"


def stored(screen: Screen, size: tuple[int, int]) -> Path:
    return SCREENS / f"{screen.name}-{size[0]}x{size[1]}.txt"


async def _store(home: Home, screen: Screen, size: tuple[int, int]) -> None:
    async with opened(home, screen, size) as pilot:
        await until(pilot, lambda text: screen.shows in text)
        await pilot.pause(SETTLES_S)
        stored(screen, size).write_text(shown(pilot), encoding="utf-8")


def main(words: Sequence[str]) -> int:
    if words[:1] != ["--write"]:
        print(__doc__)
        return 2
    SCREENS.mkdir(exist_ok=True)
    failed = 0
    with tempfile.TemporaryDirectory() as folder, fixed(Path(folder)) as home:
        for screen in ALL:
            if words[1:] and screen.name not in words[1:]:
                continue
            for size in SIZES:
                try:
                    asyncio.run(_store(home, screen, size))
                except AssertionError as err:
                    print(f"{screen.name} at {size[0]}x{size[1]}: {err}")
                    failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
