"""Runs and DAGs whose turn went wrong by a defect: set aside and tried again later, so that the others go on."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

_log = logging.getLogger("tui_flow.scheduler")
DEFECTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NameError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What a defect of tuiflow or of what it was given looks like. Anything else is about the machine or the database, and
ends the scheduler."""
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 300.0

Key = int | str
"""The number of a run, or a dag_id."""


@dataclass(frozen=True, slots=True)
class Broken:
    reason: str
    """One line."""
    n_tries: int
    try_at: float
    """Monotonic time of the next try."""


class SetAside:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._broken: dict[Key, Broken] = {}
        self._let_go: set[Key] = set()
        """Broken ones that may have another turn now."""

    def add(self, key: Key, err: Exception) -> bool:
        """Set it aside, for twice as long each time; whether it was not yet. The log gets the traceback once."""
        before = self._broken.get(key)
        n_tries = before.n_tries + 1 if before else 1
        pause = min(_FIRST_PAUSE_S * 2.0 ** min(n_tries - 1, 30), _LONGEST_PAUSE_S)
        self._let_go.discard(key)
        reason = " ".join(f"{type(err).__name__}: {err}".split())
        self._broken[key] = Broken(reason, n_tries, self._clock() + pause)
        what = f"run {key}" if isinstance(key, int) else f"DAG {key!r}"
        told = before is not None and before.reason == reason
        _log.error("%s is set aside for %g s: %s", what, pause, reason, exc_info=None if told else err)
        return before is None

    def holds(self, key: Key) -> bool:
        """Whether it may not have a turn: until `due` has told of it, however late that is."""
        return key in self._broken and key not in self._let_go

    def due(self) -> list[Key]:
        """What is to be tried again now; told once."""
        now = self._clock()
        due = [key for key, broken in self._broken.items() if self.holds(key) and broken.try_at <= now]
        self._let_go.update(due)
        return due

    def forget(self, key: Key) -> None:
        """Its turn went well."""
        self._let_go.discard(key)
        if self._broken.pop(key, None):
            _log.info("%s goes on", f"run {key}" if isinstance(key, int) else f"DAG {key!r}")

    def next_wake(self) -> float | None:
        """Monotonic time of the next try."""
        return min((broken.try_at for key, broken in self._broken.items() if self.holds(key)), default=None)

    def reasons(self) -> dict[Key, str]:
        """What is set aside now, and why."""
        return {key: broken.reason for key, broken in self._broken.items()}
