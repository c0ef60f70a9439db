"""CPU and memory of running attempts, from /proc: of all processes of their sessions."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping

from tui_flow.tui.views.activity import Use

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Meter:
    """Two looks make a figure: the first one has no CPU yet."""

    def __init__(self) -> None:
        self._before: dict[int, tuple[float, float]] = {}
        """Session -> when, and CPU seconds until then."""

    def look(self, sessions: Iterable[int]) -> Mapping[int, Use]:
        """What each session (named by the pid of its leader, the attempt) takes now."""
        wanted = set(sessions)
        if not wanted:
            self._before = {}
            return {}
        now, totals = time.monotonic(), _totals(wanted)
        uses = {}
        for session, (cpu_s, memory) in totals.items():
            then, before = self._before.get(session, (now, cpu_s))
            share = (cpu_s - before) / (now - then) if now > then else 0.0
            uses[session] = Use(max(share * 100, 0.0), memory)
        self._before = {session: (now, cpu_s) for session, (cpu_s, _) in totals.items()}
        return uses


def _totals(sessions: set[int]) -> dict[int, tuple[float, int]]:
    """CPU seconds and resident bytes by session."""
    found: dict[int, tuple[float, int]] = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                fields = file.read().rpartition(b")")[2].split()
        except OSError:
            continue
        session = int(fields[3])
        if session in sessions:
            cpu_s, memory = found.get(session, (0.0, 0))
            cpu_s += (int(fields[11]) + int(fields[12])) / _TICKS
            found[session] = cpu_s, memory + int(fields[21]) * _PAGE
    return found
