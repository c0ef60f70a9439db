"""One line of the table: what was measured, how often, and what it should be."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass

QUIET_BELOW = 0.15
"""Share of the machine that others may use before a figure says little."""


@dataclass(frozen=True, slots=True)
class Figure:
    """Several values of one quantity; without a floor it is a yardstick or a detail."""

    name: str
    values: tuple[float, ...]
    unit: str = ""
    floor: float | None = None
    goal: float | None = None
    is_more_better: bool = False
    note: str = ""
    foreign: float = 0.0
    """Share of the machine's CPU that others used meanwhile."""

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def verdict(self) -> str:
        if self.floor is None or self.goal is None:
            return ""
        if self._reaches(self.goal):
            return "goal"
        return "floor" if self._reaches(self.floor) else "NOT MET"

    @property
    def is_quiet(self) -> bool:
        return self.foreign < QUIET_BELOW

    def _reaches(self, mark: float) -> bool:
        return self.median >= mark if self.is_more_better else self.median <= mark


def speed(name: str, values: Iterable[float], floor: float | None = None, goal: float | None = None) -> Figure:
    """Tasks a second."""
    return Figure(name, tuple(values), "/s", floor, goal, is_more_better=True)


def ratio(name: str, values: Iterable[float], floor: float, goal: float) -> Figure:
    """How many times the yardstick; more is better."""
    return Figure(name, tuple(values), "x", floor, goal, is_more_better=True)


def millis(name: str, seconds: Iterable[float], floor: float | None = None, goal: float | None = None) -> Figure:
    """Seconds, shown in milliseconds; floor and goal are in milliseconds too."""
    return Figure(name, tuple(value * 1000 for value in seconds), "ms", floor, goal)
