"""The whole way of a user, in tmux, with a real scheduler: what breaks, why, and how it goes well again."""

from __future__ import annotations

import os
import pty
import re
import select
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.integration.cli_home import as_json, tuiflow
from tests.integration.engine_kit import is_alive
from tests.tui.homes import fill, home_of
from tests.tui.tmux_kit import PATIENCE_S, Tmux, tmux
from tui_flow.settings import Home

DAGS = """
import os, time
from tui_flow import DAG, task

with DAG("shop", schedule=None):
    @task
    def fetch():
        print("asking for page 1", flush=True)
        while not os.path.exists(os.environ["TUIFLOW_HOME"] + "/gate"):
            time.sleep(0.05)
        if not os.path.exists(os.environ["TUIFLOW_HOME"] + "/mended"):
            raise RuntimeError("503 Service Unavailable")

    @task
    def store():
        pass

    fetch() >> store()
"""


@pytest.fixture
def screen() -> Iterator[Tmux]:
    with tmux() as server:
        yield server


@pytest.fixture
def scheduled(tmp_path: Path) -> Iterator[Home]:
    """A home whose scheduler runs."""
    home = home_of(tmp_path)
    (home.root / "dags").mkdir()
    (home.root / "dags" / "shop.py").write_text(DAGS)
    up = tuiflow("up")
    assert up.returncode == 0, up.stderr
    try:
        yield home
    finally:
        tuiflow("down", "--kill-tasks")


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 36)])
def test_trigger_watch_fail_read_clear_succeed(
    scheduled: Home, screen: Tmux, columns: int, rows: int, capsys: pytest.CaptureFixture[str]
) -> None:
    screen.open(scheduled, columns, rows)
    screen.until("shop", "never ran", "✓ sched")
    screen.press_until("t", "Trigger: shop", "tuiflow trigger shop")
    screen.press("Enter")
    screen.until("» fetch", "asking for page 1")  # its log's end, with no key pressed

    (scheduled.root / "gate").touch()
    shown = screen.until("✗ fetch", "RuntimeError: 503 Service Unavailable")
    assert "1 task did not run because of it" in shown
    screen.press_until("l", "try ‹1 of 1›", "end of log", "RuntimeError: 503 Service Unavailable", "asking for page 1")

    (scheduled.root / "mended").touch()
    screen.press_until("q", "[1 DAGs]", "✗ fetch")
    screen.press_until("c", "Clear", "tuiflow clear shop", "fetch", "store")
    screen.press("Enter")
    screen.until("✓", holds=lambda text: bool(re.search(r"✓ shop .*✓ ", text)))
    screen.press_until("Enter", "[Grid]", "✓ fetch", "✓ store")

    run = as_json(capsys, "runs", "show", "shop")
    assert run["state"] == "success"
    assert {ti["task_id"]: ti["try_number"] for ti in run["tasks"]} == {"fetch": 2, "store": 1}


def test_a_dropped_connection_ends_the_dashboard_alone_and_one_comes_back_to_the_place(
    scheduled: Home, screen: Tmux
) -> None:
    screen.open(scheduled)
    screen.until("shop", "✓ sched")
    screen.press_until("t", "Trigger: shop")
    screen.press("Enter")
    screen.until("» fetch")
    screen.press_until("l", "asking for page 1", "following")
    gone = screen.dashboard_pid()

    screen.tell("kill-server")

    end = time.monotonic() + PATIENCE_S
    while is_alive(gone):
        assert time.monotonic() < end, "the dashboard lives on without a terminal"
        time.sleep(0.05)
    screen.open(scheduled, 100, 30)
    screen.until("fetch", "asking for page 1", "✓ sched")  # the log of a task that still runs
    (scheduled.root / "gate").touch()
    (scheduled.root / "mended").touch()
    screen.until("ended: success")
    screen.press_until("q", "[1 DAGs]", "shop")
    screen.press("q")
    assert screen.ended().strip().endswith("ended with 0")


def test_copying_reaches_the_clipboard_of_the_terminal_that_tmux_is_in(tmp_path: Path, screen: Tmux) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")
    screen.open(home)
    screen.tell("set-option", "-s", "set-clipboard", "external")  # an application's own sequence is dropped
    pid, outer = pty.fork()
    if pid == 0:
        os.execvpe("tmux", ["tmux", "-S", str(screen.socket), "attach"], {**os.environ, "TERM": "xterm-256color"})
    try:
        screen.until("etl")
        screen.press_until("Enter", "[Grid]")
        screen.press_until("y", "Copy", "etl")
        screen.press("Enter")
        written = b""
        while b"\x1b]52;" not in written:
            assert select.select([outer], [], [], 60)[0], written[-500:]
            written += os.read(outer, 1 << 16)
        assert screen.tell("show-buffer") in ("etl", "a", "r1")
        screen.until("copied", "through tmux")
    finally:
        screen.tell("kill-server")
        os.close(outer)
        os.waitpid(pid, 0)


def test_sizes_follow_the_window_and_nothing_is_lost(tmp_path: Path, screen: Tmux) -> None:
    home = home_of(tmp_path)
    fill(home, "etl", "web")
    screen.open(home, 120, 36)
    screen.until("etl", "Took", "? help")
    screen.press("j")
    for columns, rows in ((60, 15), (200, 50), (80, 24)):
        screen.tell("resize-window", "-t", "dashboard", "-x", str(columns), "-y", str(rows))
        shown = screen.until("? help", ">", "[1 DAGs]", holds=partial(fills, columns, rows))
        assert any(line.startswith(">") and "web" in line for line in shown.splitlines()), shown


def fills(columns: int, rows: int, text: str) -> bool:
    """As many lines, of which the header ends at the right edge, where it says the time."""
    header = text.splitlines()[0].rstrip()
    return text.count("\n") == rows and columns - 2 <= len(header) <= columns


@pytest.mark.parametrize(
    ("env", "styles"),
    [
        ({"NO_COLOR": "1"}, r"\x1b\[(?:\d+;)*(?:3[0-7]|4[0-7]|9[0-7]|10[0-7]|38|48)(?:;|m)"),
        ({"TERM": "screen"}, r"\x1b\[(?:\d+;)*(?:38|48)[;:]"),
        ({"COLORFGBG": "0;15", "TERM": "screen"}, r"\x1b\[(?:\d+;)*(?:38|48|40)[;:m]"),
        ({"TERM": "screen", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, r"[^\x00-\x7e]"),
    ],
    ids=["no colours", "sixteen colours", "light", "ascii"],
)
def test_what_a_terminal_cannot_show_is_not_written(
    tmp_path: Path, screen: Tmux, env: dict[str, str], styles: str
) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")
    screen.open(home, 100, 30, **env)
    screen.until("etl", "help")
    for key, text in (("Enter", "Grid"), ("Enter", "Tasks"), ("1", "Schedule"), ("2", "Activity]"), ("4", "Health")):
        screen.press_until(key, text)
        shown = screen.screen(with_styles=True)
        assert not re.findall(styles, shown), shown
        assert "\x1b[" in shown  # bold and dim are left
