"""The dashboard without a terminal: run it headless, press keys, read the screen as text."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from tui_flow.settings import Home
from tui_flow.tui.app import Dashboard
from tui_flow.tui.deeds import Deeds

SIZES = ((80, 24), (60, 15), (120, 36), (200, 60))


def text_of(app: Dashboard) -> str:
    """What the screen shows, line by line, without colours and trailing blanks."""
    width, height = app.size
    lines = app.screen._compositor.render_strips(app.screen.size)
    return "\n".join("".join(segment.text for segment in line).rstrip() for line in lines[:height])


async def until(pilot: Pilot[int], holds: Callable[[str], bool], tries: int = 200) -> str:
    """The screen's text once it is as wanted. Raises AssertionError with the text where it never is."""
    text = ""
    for _ in range(tries):
        await pilot.pause(0.02)
        text = text_of(pilot.app)  # type: ignore[arg-type]
        if holds(text):
            return text
    raise AssertionError(f"never shown; the screen says:\n{text}")


def no_deeds() -> Deeds:
    """A dashboard that may not change anything."""

    def refuse(verb: str, **_args: object) -> object:
        raise AssertionError(f"{verb} was asked for")

    def start() -> None:
        raise AssertionError("the scheduler was to be started")

    return Deeds(refuse, refuse, start)


def real_deeds(home: Home) -> Deeds:
    """What the command line does where no scheduler runs: this process writes, under the home's lock."""
    from tui_flow.cli.act import act, preview

    os.environ["TUIFLOW_HOME"] = str(home.root)

    def start() -> None:
        raise AssertionError("the scheduler was to be started")

    return Deeds(act, preview, start)


@asynccontextmanager
async def dashboard(
    home: Home, size: tuple[int, int] = (120, 36), deeds: Deeds | None = None, warms: bool = False
) -> AsyncIterator[Pilot[int]]:
    app = Dashboard(home, deeds or no_deeds(), remember=False)
    app.warms = warms
    async with app.run_test(size=size) as pilot:
        yield pilot
