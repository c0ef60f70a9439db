"""One trigger's life: made from its stored form, run to its first event, cleaned up; and the file its event waits in.

The event becomes the `over` of the task's wait, see `deferral`.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import logging
import os
import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tui_flow.runtime.deferral import encode
from tui_flow.sdk import xcom
from tui_flow.sdk.trigger import BaseTaskEndEvent, TriggerEvent
from tui_flow.spec import Json

_log = logging.getLogger("tui_flow.task.trigger")


async def wait_for_event(order: Mapping[str, Json], is_killed: Callable[[], bool]) -> Json:
    """Run the trigger that `order` names; how the wait is over. Only a cancellation is raised."""
    trigger = None
    try:
        trigger = make_trigger(order)
        _log.info("trigger %s starts", order["trigger"])
        over = await _first_event(trigger)
        _log.info("trigger fired")
        return over
    except asyncio.CancelledError:
        _log.info("trigger is no longer waited for")
        if trigger is not None and is_killed():
            await _quietly(trigger.on_kill)
        raise
    except BaseException as err:  # the edge to user code: whatever a trigger raises is an outcome
        _log.exception("trigger failed")
        return failure(f"{type(err).__name__}: {err}", traceback.format_exception(err))
    finally:
        if trigger is not None:
            await _quietly(trigger.cleanup)


def make_trigger(order: Mapping[str, Json]) -> Any:
    """Raises whatever the import of its class, or the class, raises."""
    module, _, name = order["trigger"].rpartition(".")
    if not module:
        raise ValueError(f"a trigger is named module.Class, not {order['trigger']!r}; see its serialize()")
    cls = getattr(importlib.import_module(module), name)
    trigger = cls(**xcom.decode(order["kwargs"]))
    trigger.task_instance = SimpleNamespace(**order["task_instance"])
    trigger.trigger_id = order["id"]
    trigger.timeout_after = datetime.fromisoformat(order["due_at"]) if order["due_at"] else None
    return trigger


def failure(error: str, story: list[str] | None = None) -> Json:
    lines = [line.rstrip("\n") for line in story or ()]
    return {"error": error, "traceback": lines}


async def _first_event(trigger: Any) -> Json:
    events = trigger.run()
    try:
        async for event in events:
            return _over_of(event)
    finally:
        if hasattr(events, "aclose"):
            with contextlib.suppress(Exception):
                await events.aclose()
    raise RuntimeError("the trigger ended without an event")


def _over_of(event: Any) -> Json:
    if isinstance(event, BaseTaskEndEvent):
        xcoms = {key: encode(value) for key, value in event.xcoms.items()}
        return {"new": str(event.task_instance_state), "xcoms": xcoms, "map_length": _length(event.xcoms)}
    if not isinstance(event, TriggerEvent):
        raise TypeError(f"a trigger yields TriggerEvents, not {event!r:.80}")
    return {"value": encode(event.payload)}


def _length(xcoms: Mapping[str, Any]) -> int | None:
    result = xcoms.get("return_value")
    if not isinstance(result, Mapping | Sequence) or isinstance(result, str | bytes):
        return None
    return len(result)


async def _quietly(call: Callable[[], Any]) -> None:
    try:
        await call()
    except Exception:  # user code; the wait is over whatever it does
        _log.exception("%s failed", call.__name__)


# The file


def event_path(folder: Path, wait_id: int) -> Path:
    return folder / f"{wait_id}.event"


def write_event(path: Path, over: Json) -> None:
    """Whole or not at all; one that is there already stays. Raises OSError."""
    draft = path.with_suffix(".part")
    with open(draft, "w", encoding="utf-8") as file:
        json.dump(over, file)
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def read_event(path: Path) -> Json:
    """None: there is none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
