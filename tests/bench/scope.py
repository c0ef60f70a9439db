"""How much is measured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    is_quick: bool = False
    shell_only: bool = False
    """Leave out the long run of Python tasks."""

    def times(self, usual: int, quick: int = 2) -> int:
        """How often to repeat."""
        return quick if self.is_quick else usual

    @property
    def many_tasks(self) -> int:
        return 2_000 if self.is_quick else 10_000

    @property
    def many_files(self) -> int:
        return 100 if self.is_quick else 1_000

    @property
    def idle_s(self) -> float:
        return 5.0 if self.is_quick else 30.0
