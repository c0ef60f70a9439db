"""Assets around one attempt: whether those that it reads exist, and the events that its success makes."""

from __future__ import annotations

from typing import Any

from tui_flow.sdk.asset import Asset, AssetRef
from tui_flow.sdk.backend import Backend
from tui_flow.sdk.context import Context
from tui_flow.sdk.exceptions import AirflowInactiveAssetInInletOrOutletException
from tui_flow.spec import Json


def check_active(task: Any, backend: Backend) -> None:
    """Raises AirflowInactiveAssetInInletOrOutletException for an asset that no DAG makes or waits for."""
    named = [inlet for inlet in task.inlets if isinstance(inlet, Asset | AssetRef)]
    named += [outlet for outlet in task.outlets if isinstance(outlet, AssetRef)]
    names = [(getattr(asset, "name", None), getattr(asset, "uri", None)) for asset in named]
    missing = ", ".join(repr(name or uri) for name, uri in names if backend.find_asset(name, uri) is None)
    if missing:
        raise AirflowInactiveAssetInInletOrOutletException(
            f"no active DAG has {missing} as an outlet or waits for it; "
            "`tuiflow assets list` shows what there is, an outlet of a task makes it known"
        )


def events_of(task: Any, context: Context) -> list[dict[str, Json]]:
    """What the task's success says of its outlets, as JSON."""
    events: list[dict[str, Json]] = context["outlet_events"].events(task.outlets)
    return events
