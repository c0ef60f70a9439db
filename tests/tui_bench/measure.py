"""What a key costs: milliseconds to the last byte, milliseconds of CPU, bytes. And what the machine can do at all."""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.meters import run_s
from tests.tui.pty_kit import Terminal

LOOKS, LOOK_S = 4, 0.05
"""A program that has written nothing, and not been on a CPU or waited for one, at so many looks has written its last
byte. Silence alone says little on a busy machine; a blinking cursor or a poll four times a second is not work."""
IDLE_S = 0.004
KEY_MS = 50.0


@dataclass(frozen=True, slots=True)
class Cost:
    ms: float
    cpu_ms: float
    size_bytes: int


@dataclass(slots=True)
class Figure:
    """One interaction, done several times."""

    name: str
    most_bytes: int | None = None
    most_ms: float | None = KEY_MS
    costs: list[Cost] = field(default_factory=list)
    note: str = ""

    @property
    def _telling(self) -> list[Cost]:
        """Without the keys that led nowhere, such as those beyond an end, unless all do."""
        return [cost for cost in self.costs if cost.size_bytes] or self.costs

    @property
    def ms(self) -> float:
        return statistics.median(cost.ms for cost in self._telling)

    @property
    def cpu_ms(self) -> float:
        return statistics.median(cost.cpu_ms for cost in self._telling)

    @property
    def size_bytes(self) -> int:
        return round(statistics.median(cost.size_bytes for cost in self._telling))

    @property
    def verdict(self) -> str:
        if self.most_bytes and not self.size_bytes:
            return "nothing happened"
        over = []
        if self.most_ms is not None and self.ms > self.most_ms:
            over.append("ms")
        if self.most_bytes is not None and self.size_bytes > self.most_bytes:
            over.append("bytes")
        if self.most_ms is None and self.most_bytes is None:
            return ""
        return f"over: {', '.join(over)}" if over else "within"


def press(shown: Terminal, keys: str) -> Cost:
    """One key, until the program rests."""
    busy, begun, before = run_s([shown.pid]), time.perf_counter(), len(shown.written)
    os.write(shown.fd, keys.encode())
    spent = settle(shown) - busy
    if len(shown.written) == before:
        return Cost(0.0, spent * 1000, 0)
    return Cost((shown.last_at - begun) * 1000, spent * 1000, len(shown.written) - before)


def type_on(shown: Terminal, keys: Sequence[str], every_s: float) -> list[Cost]:
    """Keys one after the other, whether the program rests or not: what it writes before the next one."""
    costs = []
    for key in keys:
        begun, before = time.perf_counter(), len(shown.written)
        os.write(shown.fd, key.encode())
        shown.rest_for(every_s)
        wrote = len(shown.written) - before
        costs.append(Cost((shown.last_at - begun) * 1000 if wrote else 0.0, 0.0, wrote))
    return costs


def settle(shown: Terminal, patience_s: float = 60.0) -> float:
    """Read what it writes until it rests; the CPU seconds that it had used when it began to."""
    end = time.perf_counter() + patience_s
    quiet, last = 0, run_s([shown.pid])
    while quiet < LOOKS and time.perf_counter() < end:
        data, used = shown.take(LOOK_S), run_s([shown.pid])
        rests = not data and used - last < IDLE_S and _sleeps(shown.pid)
        quiet = quiet + 1 if rests else 0
        last = last if rests else used
    return last


def _sleeps(pid: int) -> bool:
    """Whether no thread of it is on a CPU or wants to be."""
    for path in Path(f"/proc/{pid}/task").glob("*/stat"):
        with contextlib.suppress(OSError):
            if path.read_text().rpartition(")")[2].split()[0] != "S":
                return False
    return True


def each(shown: Terminal, keys: Sequence[str]) -> list[Cost]:
    return [press(shown, key) for key in keys]


def python_start_ms(times: int = 5) -> list[Cost]:
    """`python -c pass`: what no Python program can be faster than."""
    costs = []
    for _ in range(times):
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", "pass"], check=True)
        costs.append(Cost((time.perf_counter() - begun) * 1000, 0.0, 0))
    return costs


BARE_APP = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        self.line = Static("ready 0")
        yield self.line
    def on_key(self, event):
        self.line.update(f"pressed {event.key}")
Bare(ansi_color=True).run()
"""
"""Textual with one line that says which key was pressed: what no key of ours can be faster than."""
