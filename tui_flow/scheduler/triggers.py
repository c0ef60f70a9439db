"""Which triggers must run, and in which triggerers; what they have told and is not recorded yet. No rules.

A trigger that comes with tuiflow runs in the triggerer `triggers`, a user's in one for the DAG file's version (see
`runtime.triggerer`). A triggerer is ordered when something waits, and let go when nothing does.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from tui_flow.logs import log_path
from tui_flow.messages import Message, WaitOver
from tui_flow.records import DagRun, TaskInstance, TaskInstanceKey
from tui_flow.runtime.trigger_events import event_path, read_event
from tui_flow.settings import Home
from tui_flow.spec import DagSpec, Json
from tui_flow.state import TaskState

_log = logging.getLogger("tui_flow.scheduler")
_OURS = "tui_flow."
_ANSWER_WITHIN_S = 60.0
"""An ordered triggerer that has not connected by then is ordered again; a lock excludes two."""
_TRY_AGAIN_S = 0.5
_LINGER_S = 5.0


class Reads(Protocol):
    """What is read of the database here."""

    def deferred(self) -> list[TaskInstance]: ...

    def task_instance(self, key: TaskInstanceKey) -> TaskInstance | None: ...

    def run_by_id(self, run: int) -> DagRun | None: ...

    def spec(self, dag_id: str, version: str) -> DagSpec: ...


class Peer(Protocol):
    def send(self, message: Message) -> None: ...


class Launcher(Protocol):
    def send(self, message: Message) -> None: ...


@dataclass(slots=True)
class _Wait:
    key: TaskInstanceKey
    order: Json
    triggerer: _Triggerer
    over: Json = None
    """What ended it, until that is recorded."""


@dataclass(slots=True)
class _Triggerer:
    name: str
    load: Json
    peer: Peer | None = None
    order_at: float = 0.0
    """Monotonic time: when to have it started (again), while it is not connected."""
    waits: set[int] = field(default_factory=set)
    unsent: list[int] = field(default_factory=list)
    idle_since: float | None = None


class Triggers:
    """A wait is known by the id of the attempt that began it."""

    def __init__(
        self,
        home: Home,
        reads: Reads,
        launcher: Launcher,
        load_order: Callable[[str, str], Json],
        allows: Callable[[DagRun], bool] = lambda _run: True,
    ) -> None:
        self._home, self._reads, self._launcher = home, reads, launcher
        self._load_order, self._allows = load_order, allows
        self._waits: dict[int, _Wait] = {}
        self._of_key: dict[TaskInstanceKey, int] = {}
        self._triggerers: dict[str, _Triggerer] = {}

    # Steps of the loop

    def heard(self) -> list[WaitOver]:
        """What is to be recorded; told again until it is."""
        return [_wait_over(wait_id, wait) for wait_id, wait in self._waits.items() if wait.over is not None]

    def step(self, changed: Iterable[TaskInstanceKey], has_others: bool) -> None:
        """Bring the triggerers in line with what waits now. `has_others`: more than `changed` may have."""
        for key in changed:
            self._look_at(key, self._reads.task_instance(key))
        if has_others:
            waiting = {ti.key: ti for ti in self._reads.deferred()}
            self._forget_old_events({ti.resume["id"] for ti in waiting.values() if ti.resume})
            for key in {*waiting, *self._of_key}:
                self._look_at(key, waiting.get(key) or self._reads.task_instance(key))
        for triggerer in list(self._triggerers.values()):
            self._attend(triggerer)

    def next_wake(self) -> float | None:
        """Monotonic time at which `step` has something to do by itself."""
        due = [t.order_at for t in self._triggerers.values() if t.peer is None and t.waits]
        due += [t.idle_since + _LINGER_S for t in self._triggerers.values() if t.idle_since is not None]
        return min(due, default=None)

    def close(self) -> None:
        """Let go: the next scheduler has what still waits begun anew."""
        for triggerer in self._triggerers.values():
            if triggerer.peer:
                triggerer.peer.send({"kind": "evict"})

    # Messages

    def hello(self, peer: Peer, message: Message) -> None:
        triggerer = self._triggerers.get(message["name"])
        if triggerer is None:  # nothing that is known waits in it
            peer.send({"kind": "evict"})
            return
        triggerer.peer = peer
        for wait_id in set(message["triggers"]) - triggerer.waits:
            peer.send({"kind": "cancel", "id": wait_id, "is_kill": True})
        triggerer.unsent = sorted(triggerer.waits - set(message["triggers"]))
        self._send(triggerer)

    def receive(self, message: Message) -> None:
        match message["kind"]:
            case "fired":
                wait = self._waits.get(message["id"])
                if wait is not None:
                    wait.over = message["over"]
            case "blocked":
                wait = self._waits.get(message["id"])
                who = f"{wait.order['task_instance']}: " if wait else ""
                _log.warning("%s%s", who, message["message"])

    def gone(self, peer: Peer) -> None:
        for triggerer in self._triggerers.values():
            if triggerer.peer is peer:
                self._lost(triggerer)

    def exited(self, name: str) -> None:
        """The launcher saw its end, or could not start it."""
        triggerer = self._triggerers.get(name)
        if triggerer is not None and triggerer.peer is None:
            triggerer.order_at = time.monotonic() + _TRY_AGAIN_S

    def launcher_died(self) -> None:
        for triggerer in self._triggerers.values():
            if triggerer.peer is None:
                triggerer.order_at = 0.0

    # Within

    def _forget_old_events(self, waits: set[int]) -> None:
        """Of waits that are over: recorded by a scheduler that did not live to clean up, or not wanted any more."""
        for path in self._home.triggers.glob("*.event"):
            if path.stem.isdigit() and int(path.stem) not in waits:
                path.unlink(missing_ok=True)

    def _look_at(self, key: TaskInstanceKey, ti: TaskInstance | None) -> None:
        wait_id = ti.resume["id"] if ti and ti.state is TaskState.DEFERRED and ti.resume else None
        known = self._of_key.get(key)
        if known is not None and known != wait_id:
            self._drop(known, ti)
        if wait_id is not None and known != wait_id:
            assert ti is not None
            self._add(wait_id, ti)

    def _add(self, wait_id: int, ti: TaskInstance) -> None:
        run = self._reads.run_by_id(ti.run)
        if run is None or not self._allows(run):
            return
        triggerer = self._triggerer_for(ti, run)
        wait = self._waits[wait_id] = _Wait(ti.key, _order(wait_id, ti, run, self._home), triggerer)
        self._of_key[ti.key] = wait_id
        wait.over = read_event(event_path(self._home.triggers, wait_id))
        if wait.over is None:
            triggerer.waits.add(wait_id)
            triggerer.unsent.append(wait_id)

    def _drop(self, wait_id: int, ti: TaskInstance | None) -> None:
        """It waits no more: the event is recorded, or nobody wants it."""
        wait = self._waits.pop(wait_id)
        del self._of_key[wait.key]
        triggerer = wait.triggerer
        triggerer.waits.discard(wait_id)
        with contextlib.suppress(ValueError):
            triggerer.unsent.remove(wait_id)
        with contextlib.suppress(OSError):
            event_path(self._home.triggers, wait_id).unlink()
        if triggerer.peer and wait.over is not None:
            triggerer.peer.send({"kind": "recorded", "id": wait_id})
        elif triggerer.peer:
            went_on = bool(ti and ti.resume and ti.resume["id"] == wait_id)
            triggerer.peer.send({"kind": "cancel", "id": wait_id, "is_kill": not went_on})

    def _triggerer_for(self, ti: TaskInstance, run: DagRun) -> _Triggerer:
        name, load = "triggers", None
        if not ti.resume["trigger"].startswith(_OURS):
            file = self._reads.spec(run.dag_id, run.spec_version).file
            name = f"triggers-{hashlib.sha256(f'{file} {run.source_version}'.encode()).hexdigest()[:16]}"
            load = self._load_order(file, run.source_version)
        return self._triggerers.setdefault(name, _Triggerer(name, load))

    def _attend(self, triggerer: _Triggerer) -> None:
        now = time.monotonic()
        if triggerer.waits:
            triggerer.idle_since = None
            if triggerer.peer:
                self._send(triggerer)
            elif now >= triggerer.order_at:
                triggerer.order_at = now + _ANSWER_WITHIN_S
                order = {"mode": "triggers", "host_id": triggerer.name, "load": triggerer.load}
                self._launcher.send({"kind": "start_host", **order})
        elif triggerer.idle_since is None:
            triggerer.idle_since = now
        elif now - triggerer.idle_since >= _LINGER_S:
            if triggerer.peer:
                triggerer.peer.send({"kind": "evict"})
            del self._triggerers[triggerer.name]

    def _send(self, triggerer: _Triggerer) -> None:
        if triggerer.unsent and triggerer.peer:
            orders = [self._waits[wait_id].order for wait_id in triggerer.unsent]
            triggerer.peer.send({"kind": "start", "triggers": orders})
            triggerer.unsent = []

    def _lost(self, triggerer: _Triggerer) -> None:
        """It has died. What it told before it did is there; what is written down and was not told, is now."""
        triggerer.peer, triggerer.order_at = None, time.monotonic() + _TRY_AGAIN_S
        for wait_id in triggerer.waits:
            wait = self._waits[wait_id]
            wait.over = wait.over or read_event(event_path(self._home.triggers, wait_id))
        triggerer.unsent = sorted(triggerer.waits)
        if triggerer.waits:
            _log.warning("the triggerer %s has ended while %d tasks wait in it", triggerer.name, len(triggerer.waits))


def _order(wait_id: int, ti: TaskInstance, run: DagRun, home: Home) -> Json:
    path: Path = log_path(home.logs, run.dag_id, run.run_id, ti.task_id, ti.map_index, ti.try_number)
    return {
        "id": wait_id,
        "trigger": ti.resume["trigger"],
        "kwargs": ti.resume["kwargs"],
        "due_at": ti.due_at.isoformat() if ti.due_at else None,
        "log": str(path),
        "task_instance": {
            "dag_id": run.dag_id,
            "task_id": ti.task_id,
            "run_id": run.run_id,
            "map_index": ti.map_index,
            "try_number": ti.try_number,
        },
    }


def _wait_over(wait_id: int, wait: _Wait) -> WaitOver:
    over = wait.over
    if "new" not in over:
        return WaitOver(wait.key, wait_id, over)
    xcoms = tuple(sorted(over["xcoms"].items()))
    return WaitOver(wait.key, wait_id, None, over["new"], xcoms, over.get("map_length"))
