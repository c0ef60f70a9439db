"""What a page lets people change of its looks, for the view sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ViewChoice:
    """One line of the view sheet."""

    name: str
    label: str
    options: tuple[str, ...]
    chosen: frozenset[int]
    """Indexes in `options`."""
    many: bool = False


class Viewed(Protocol):
    def view_choices(self) -> Sequence[ViewChoice]:
        """What the view sheet offers of how this page looks."""

    def choose_view(self, name: str, chosen: frozenset[int]) -> None:
        """One of them was changed."""
