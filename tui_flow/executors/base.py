"""What every executor offers the scheduler."""

from __future__ import annotations

from typing import Protocol

from tui_flow.messages import Report, Workload


class Executor(Protocol):
    def submit(self, workload: Workload) -> None:
        """Start this attempt when possible. Its end comes back through `poll`, exactly once."""

    def stop(self, attempt_id: int, reason: str) -> None:
        """Ask for the attempt's end; unknown ids are ignored. The end comes back through `poll`."""

    def poll(self) -> list[Report]:
        """What has happened since the last call, oldest first; never blocks."""

    def slots(self) -> int:
        """How many more attempts may be submitted now."""

    def close(self) -> None:
        """Let go; attempts that are alive go on."""
