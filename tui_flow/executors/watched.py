"""Attempts without a host that answers for them: their journals are looked at until they say how they ended."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass
from pathlib import Path

from tui_flow.messages import Report
from tui_flow.runtime.settling import dead_host_of, is_overdue, settle, signal_session

_INTERVAL_S = 1.0


@dataclass(slots=True)
class Watched:
    """One attempt whose host died, or served an earlier scheduler."""

    attempt_id: int
    path: Path
    """Its journal."""
    log: Path
    same_boot: bool
    next_look: float
    """Monotonic."""
    kill_at: float | None = None
    """When a SIGTERM will have had its grace; None: nobody asked for its end."""
    timed_out: bool = False

    def look(self) -> Report | None:
        return settle(self.attempt_id, self.path, self.log, same_boot=self.same_boot, timed_out=self.timed_out)

    def end(self, grace_s: float) -> None:
        """End its whole session, by an identity that no other process can have: SIGTERM, SIGKILL after the grace."""
        now = time.monotonic()
        if self.kill_at is None:
            signal_session(self.path, signal.SIGTERM)
            self.kill_at = now + grace_s
        elif now >= self.kill_at:
            signal_session(self.path, signal.SIGKILL)


class WatchList:
    """By attempt id, until `pop`."""

    def __init__(self, grace_s: float) -> None:
        self._grace_s = grace_s
        self._watched: dict[int, Watched] = {}

    def __len__(self) -> int:
        return len(self._watched)

    def add(self, watched: Watched) -> None:
        self._watched[watched.attempt_id] = watched

    def pop(self, attempt_id: int) -> Watched | None:
        """It has ended, or somebody answers for it again; None for one that is not watched."""
        return self._watched.pop(attempt_id, None)

    def stop(self, attempt_id: int) -> None:
        if (watched := self._watched.get(attempt_id)) is not None:
            watched.end(self._grace_s)

    def next_look(self) -> float | None:
        """Monotonic time at which `look` has something to do."""
        return min((watched.next_look for watched in self._watched.values()), default=None)

    def look(self) -> tuple[list[Report], list[int]]:
        """The reports of those that have ended, and the pids of dead hosts whose attempts nobody pumps the output
        of."""
        now = time.monotonic()
        ended: list[Report] = []
        orphaning: set[int] = set()
        for watched in [watched for watched in self._watched.values() if watched.next_look <= now]:
            watched.next_look = now + _INTERVAL_S
            report = watched.look()
            if report is not None:
                ended.append(report)
                continue
            if (host := dead_host_of(watched.path)) is not None:
                orphaning.add(host)
            if watched.kill_at is None:
                watched.timed_out = is_overdue(watched.path)
            if watched.kill_at is not None or watched.timed_out:
                watched.end(self._grace_s)
        return ended, sorted(orphaning)
