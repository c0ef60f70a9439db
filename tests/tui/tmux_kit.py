"""The real program in a tmux of its own, as people use it over SSH: keys go in, the screen comes out as text."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.tui.pty_kit import PROGRAM
from tui_flow.settings import Home

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0
_OF_OTHERS = ("TMUX", "TMUX_PANE", "STY", "NO_COLOR", "COLORFGBG", "LC_ALL", "LC_CTYPE", "COLUMNS", "LINES")
_ENDED = "the dashboard ended with"


@dataclass
class Tmux:
    """A tmux server that nobody else has, with at most one window: the dashboard's."""

    socket: Path
    folder: Path

    def tell(self, *words: str) -> str:
        """What a tmux command prints. Raises CalledProcessError where it fails."""
        command = ["tmux", "-S", str(self.socket), "-f", os.devnull, *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, env=_clean(), check=True)
        return done.stdout

    def open(self, home: Home, columns: int = 80, rows: int = 24, **env: str) -> None:
        """The dashboard of a home in a window of that size; the window says so when it ends."""
        told = {"TUIFLOW_HOME": str(home.root), "XDG_STATE_HOME": str(self.folder / "state"), "LANG": "C.UTF-8"}
        told |= {"PYTHONPATH": str(ROOT), "EDITOR": "true", "PAGER": "true", "TZ": "UTC", **env}
        named = " ".join(f"{name}={shlex.quote(value)}" for name, value in told.items())
        shown = f'{named} {shlex.join(PROGRAM)}; echo "{_ENDED} $?"; exec sleep 1000'
        self.tell("new-session", "-d", "-s", "dashboard", "-x", str(columns), "-y", str(rows), shown)

    def screen(self, with_styles: bool = False) -> str:
        return self.tell("capture-pane", "-p", "-t", "dashboard", *(["-e"] if with_styles else []))

    def press(self, *keys: str) -> None:
        """Keys as tmux names them, such as `Enter`; other words are typed."""
        self.tell("send-keys", "-t", "dashboard", *keys)

    def until(self, *texts: str, holds: Callable[[str], bool] = lambda _screen: True) -> str:
        """The screen once it shows all these texts. Raises AssertionError with the screen where it never does."""
        end = time.monotonic() + PATIENCE_S
        while True:
            screen = self.screen()
            if all(text in screen for text in texts) and holds(screen):
                return screen
            assert time.monotonic() < end and (_ENDED in texts or _ENDED not in screen), f"never {texts}:\n{screen}"
            time.sleep(0.05)

    def press_until(self, key: str, *texts: str) -> str:
        """Press a key, and wait for what it brings."""
        self.press(key)
        return self.until(*texts)

    def ended(self) -> str:
        return self.until(_ENDED)

    def dashboard_pid(self) -> int:
        """Of the program in the window."""
        shell = self.tell("list-panes", "-t", "dashboard", "-F", "#{pane_pid}").strip()
        children = Path(f"/proc/{shell}/task/{shell}/children").read_text().split()
        return int(children[0])


def _clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _OF_OTHERS}


@contextmanager
def tmux() -> Iterator[Tmux]:
    """Raises FileNotFoundError where tmux is not installed: what it is for is not tested without."""
    with tempfile.TemporaryDirectory(prefix="tuiflow-") as name:  # a socket's path must be short
        server = Tmux(Path(name) / "socket", Path(name))
        try:
            yield server
        finally:
            subprocess.run(["tmux", "-S", str(server.socket), "kill-server"], capture_output=True, check=False)
