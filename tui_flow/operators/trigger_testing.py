"""Triggers that fire at once, for tests of deferrable operators: `SuccessTrigger` and `FailureTrigger`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from tui_flow.sdk.trigger import BaseTrigger, TriggerEvent


class SuccessTrigger(BaseTrigger):
    """Fires at once."""

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return "tui_flow.operators.trigger_testing.SuccessTrigger", {}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        yield TriggerEvent(True)


class FailureTrigger(BaseTrigger):
    """Fails at once."""

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return "tui_flow.operators.trigger_testing.FailureTrigger", {}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        raise ValueError("Deliberate trigger failure")
        yield TriggerEvent(False)
