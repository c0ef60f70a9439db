"""`python -m tests.pictures`: renews the pictures of the README.

Runs the sample DAGs and those of `tests/data/picture_dags.py` in a home of its own, with a real scheduler, opens the
dashboard over it, and writes what it shows to `.docs/pictures/`. Names of files are given to make only those.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from textual.pilot import Pilot

from tests.tui.dump import real_deeds, text_of
from tui_flow.cli.dashboard import ask_scheduler
from tui_flow.records import DagRun
from tui_flow.settings import Home
from tui_flow.state import FINISHED_RUN, RunState
from tui_flow.store.reader import Reader
from tui_flow.tui.app import Dashboard

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / ".docs" / "pictures"
SAMPLES = ("demand_forecast", "folder_backup", "tour", "weather_dashboard")
PATIENCE_S = 300.0
SHOWN_FOLDER, SHOWN_USER = "/home/ana", "ana"


@dataclass(frozen=True, slots=True)
class Picture:
    """Keys to press from the first screen, each once the text before it is there, and what to wait for at the end."""

    keys: Sequence[str]
    shows: str
    size: tuple[int, int] = (120, 32)


ON_FAILED = ("nightly_etl", "enter", "[Grid]")
PICTURES_OF = {
    "dags": Picture(("nightly_etl",), "503 Service Unavailable"),
    "grid": Picture(ON_FAILED, "503 Service"),
    "diagram": Picture((*ON_FAILED, "d", "Diagram]", "right_curly_bracket"), "revenue"),
    "run": Picture((*ON_FAILED, "enter", "[Tasks]"), "503 Service Unavailable"),
    "log": Picture(("nightly_etl", "l"), "try 2 of 2"),
    "clear": Picture(("nightly_etl", "c"), "tuiflow clear"),
    "activity": Picture(("nightly_etl", "2"), "transcode"),
    "upcoming": Picture(("nightly_etl", "3"), "planned"),
}


def main(argv: Sequence[str]) -> int:
    if unknown := set(argv) - PICTURES_OF.keys():
        print(f"no such picture: {', '.join(sorted(unknown))}; there are {', '.join(PICTURES_OF)}")
        return 2
    os.environ |= {"TZ": "UTC", "LOGNAME": SHOWN_USER}
    time.tzset()
    PICTURES.mkdir(exist_ok=True)
    with busy_home() as home:
        for name in argv or PICTURES_OF:
            drawn = asyncio.run(draw(home, PICTURES_OF[name]))
            (PICTURES / f"{name}.svg").write_text(anonymous(drawn, home), encoding="utf-8")
            print(f".docs/pictures/{name}.svg")
    return 0


@contextmanager
def busy_home() -> Iterator[Home]:
    """A home where much has run, one run has failed, one runs and one waits for a person."""
    folder = Path("/tmp") / secrets.token_hex(2)
    folder.mkdir()
    home = Home(folder / ".tuiflow")
    dags = home.root / "dags"
    try:
        shutil.copytree(ROOT / "sample_dags", dags / "samples", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "tests" / "data" / "picture_dags.py", dags / "shop.py")
        tuiflow(home, "up")
        fill(home)
        yield home
    finally:
        (dags / "gate").touch()
        tuiflow(home, "down", "--kill-tasks")
        shutil.rmtree(folder)


def tuiflow(home: Home, *words: str) -> None:
    environ = {**os.environ, "TUIFLOW_HOME": str(home.root), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-m", "tui_flow", *words], env=environ, check=True, capture_output=True)


def fill(home: Home) -> None:
    wait_until(home, lambda runs: ended(runs, "nightly_etl") >= 17)
    for _ in range(4):
        for dag_id in SAMPLES:
            tuiflow(home, "trigger", dag_id)
        wait_until(home, lambda runs: all(run.state in FINISHED_RUN for run in runs))
    for dag_id in ("release", "media_transcode"):
        tuiflow(home, "trigger", dag_id)
    wait_until(home, lambda runs: sum(run.state is RunState.RUNNING for run in runs) == 2)
    time.sleep(3)  # so that what runs has something to say


def ended(runs: Sequence[DagRun], dag_id: str) -> int:
    return sum(run.dag_id == dag_id and run.state in FINISHED_RUN for run in runs)


def wait_until(home: Home, holds: Callable[[Sequence[DagRun]], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if home.database.exists():
            with Reader(home.database) as reader:
                if holds(reader.runs(limit=1000)):
                    return
        time.sleep(0.3)
    raise SystemExit("pictures: the DAGs did not come to where they should; is the machine very busy?")


async def draw(home: Home, picture: Picture) -> str:
    """The screen as SVG."""
    app = Dashboard(home, replace(real_deeds(home), ask_scheduler=ask_scheduler), remember=False)
    async with app.run_test(size=picture.size) as pilot:
        steps = [*picture.keys, picture.shows]
        for text, key in zip(steps[::2], steps[1::2], strict=False):
            await shows(pilot, text)
            await pilot.press(key)
        await shows(pilot, picture.shows)
        await pilot.pause(1.0)  # a second read brings what depends on the size
        return app.export_screenshot(title="tuiflow")


async def shows(pilot: Pilot[int], text: str) -> None:
    for _ in range(500):
        await pilot.pause(0.02)
        screen = text_of(pilot.app)  # type: ignore[arg-type]
        if text in screen:
            return
    raise SystemExit(f"pictures: {text!r} never came:\n{screen}")


def anonymous(drawn: str, home: Home) -> str:
    """Without the paths of this machine, and without what differs each time for no reason."""
    drawn = drawn.replace(str(home.root.parent), SHOWN_FOLDER)  # of the same length: places stay as they are
    drawn = re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL)  # fonts of another server
    return re.sub(r"terminal-\d+", "terminal", drawn)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
