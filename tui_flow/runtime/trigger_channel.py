"""What triggers ask of the home: variables, connections, states of runs and tasks. They write nothing."""

from __future__ import annotations

from pathlib import Path

from tui_flow.errors import NotPossible
from tui_flow.runtime.channel import Channel
from tui_flow.sdk import backend
from tui_flow.spec import Json


class _NoEffects:
    def add_effect(self, effect: dict[str, Json]) -> int:
        raise NotPossible(f"a trigger cannot write ({effect['kind']}); do that in the task's own method")


def use_trigger_channel(socket: Path) -> None:
    """One channel for all triggers of this process: what they ask is answered one after the other."""
    backend.use_backend(Channel(socket, 0, _NoEffects(), role="trigger"))
