"""What keeps a scheduler that runs from starting anything, as it says when it is asked. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tui_flow.spec import Json


@dataclass(frozen=True, slots=True)
class Holds:
    clock: str = ""
    """Why it doubts the machine's clock, and schedules nothing by it."""
    is_disk_full: bool = False
    locked_out: str = ""
    """Who keeps the database from it."""
    is_stopping: bool = False
    is_silent: bool = False
    """It holds the home, and does not answer."""
    set_aside: str = ""
    """What a defect made it leave alone for now, and why."""

    @property
    def holds_all(self) -> bool:
        return bool(self.clock or self.is_disk_full or self.locked_out or self.is_stopping or self.is_silent)


NONE = Holds()


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the scheduler goes, as it says when it is asked."""

    round_ms: float | None = None
    """Half of its rounds take at most so long."""
    write_ms: float | None = None
    """Nearly all writes take at most so long."""
    late_s: float | None = None
    """How long after it fell due the last scheduled run was made."""
    is_service: bool = False
    """systemd keeps it running."""


def holds_of(answer: Json) -> Holds:
    """What the scheduler's `status` says."""
    if not isinstance(answer, dict):
        return NONE
    return Holds(
        clock=str(answer.get("clock_doubt") or ""),
        is_disk_full=bool(answer.get("disk_is_full")),
        locked_out=str(answer.get("locked_out") or ""),
        is_stopping=bool(answer.get("is_stopping")),
        set_aside=_set_aside(answer.get("set_aside")),
    )


def pace_of(answer: Json) -> Pace:
    """What the scheduler's `status` says."""
    found = answer.get("pace") if isinstance(answer, dict) else None
    if not isinstance(answer, dict) or not isinstance(found, Mapping):
        return Pace()
    numbers = {
        name: float(value)
        for name in ("round_ms", "write_ms", "late_s")
        if isinstance(value := found.get(name), int | float)
    }
    return Pace(**numbers, is_service=bool(answer.get("is_service")))


def _set_aside(found: Json) -> str:
    if not isinstance(found, Mapping) or not found:
        return ""
    names = ", ".join(str(name) for name in list(found)[:3]) + (" ..." if len(found) > 3 else "")
    return f"{names} ({next(iter(found.values()))})"


def words(holds: Holds) -> str:
    """What a notice says of it, without the key that does something about the clock; empty: nothing is held."""
    if holds.is_silent:
        return (
            "The scheduler does not answer: what is shown may be old. `tuiflow status` asks it again; its log "
            "(System, l) says what it does."
        )
    if holds.clock:
        return f"Nothing is scheduled: {holds.clock}. Set the clock, or say that it is right:"
    if holds.is_disk_full:
        return "Nothing is started: the disk is too full. What runs goes on; free some space (System, D cleans up)."
    if holds.locked_out:
        return f"Nothing is recorded or started: {holds.locked_out}"
    if holds.is_stopping:
        return "The scheduler is stopping: nothing new starts."
    if holds.set_aside:
        return f"Set aside by a defect, and tried again: {holds.set_aside}"
    return ""
