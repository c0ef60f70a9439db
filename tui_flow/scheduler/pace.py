"""How fast the scheduler goes: its rounds, its writes, and how late the last scheduled run was."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from tui_flow.spec import Json

KEPT = 500
"""So many of the last rounds, and of the last writes, are looked at."""
SLOW = 0.99
"""The share of writes that are faster than what is told of them."""


class Pace:
    def __init__(self) -> None:
        self._rounds: deque[float] = deque(maxlen=KEPT)
        self._writes: deque[float] = deque(maxlen=KEPT)
        self._late_s: float | None = None

    @contextmanager
    def round(self) -> Iterator[None]:
        """A round of the loop, its sleep apart."""
        started = time.perf_counter()
        yield
        self._rounds.append(time.perf_counter() - started)

    @contextmanager
    def write(self) -> Iterator[None]:
        """What a tick has decided goes to the database."""
        started = time.perf_counter()
        yield
        self._writes.append(time.perf_counter() - started)

    def late(self, seconds: float) -> None:
        """A scheduled run was made so long after it fell due, while the scheduler ran."""
        self._late_s = seconds

    def facts(self) -> dict[str, Json]:
        """Milliseconds of half of the rounds (at most) and of nearly all writes; None: there was none yet."""
        return {
            "round_ms": _ms(self._rounds, 0.5),
            "write_ms": _ms(self._writes, SLOW),
            "late_s": None if self._late_s is None else round(self._late_s, 3),
        }


def _ms(seconds: deque[float], share: float) -> float | None:
    if not seconds:
        return None
    in_order = sorted(seconds)
    return round(in_order[min(int(len(in_order) * share), len(in_order) - 1)] * 1000, 3)
