"""Which DAGs were paused, or let go on, last: so that it can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

TOGETHER = timedelta(seconds=1)
"""Pauses that follow each other faster were asked for at once."""


@dataclass(frozen=True, slots=True)
class LastPause:
    dag_ids: tuple[str, ...] = ()
    is_paused: bool = True
    at: datetime | None = None

    def then(self, dag_ids: Sequence[str], is_paused: bool, at: datetime) -> LastPause:
        """With one that came after; what changed nothing leaves this one."""
        if not dag_ids:
            return self
        is_same = self.at is not None and at - self.at < TOGETHER and is_paused == self.is_paused
        return LastPause((*(self.dag_ids if is_same else ()), *dag_ids), is_paused, at)
