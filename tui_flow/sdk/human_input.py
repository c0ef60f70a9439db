"""What a task asks of a person: `HITLTrigger`, which no process runs, and what ends such a wait."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from tui_flow.sdk.exceptions import AirflowException
from tui_flow.sdk.trigger import BaseTrigger


class HITLTriggerEventError(AirflowException):
    """The wait for a person's answer came to nothing."""


class HITLTimeoutError(HITLTriggerEventError):
    """Nobody answered in time, and there are no defaults."""


class HITLRejectException(AirflowException):
    """A person rejected, and `fail_on_reject` is set."""


class HITLTrigger(BaseTrigger):
    """A request that waits for its answer in the database: `tuiflow answer` gives it."""

    def __init__(
        self,
        *,
        subject: str,
        options: Collection[str],
        body: str | None = None,
        defaults: Collection[str] | None = None,
        multiple: bool = False,
        params: Mapping[str, Any] | None = None,
        assigned_users: Collection[str] = (),
    ) -> None:
        """`params` are JSON schemas by name, each with its `default` where it has one."""
        super().__init__()
        self.input_request: dict[str, Any] = {
            "subject": subject,
            "body": body,
            "options": list(options),
            "defaults": None if defaults is None else list(defaults),
            "multiple": multiple,
            "params": dict(params or {}),
            "assigned_users": list(assigned_users),
        }

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return "tui_flow.sdk.human_input.HITLTrigger", {}
