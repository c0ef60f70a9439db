"""What tasks ask of the home while they run: the `sdk.backend.Backend` of an attempt, over the home's socket.

Reads wait for as long as no scheduler answers (one line in the log; `execution_timeout` goes on counting). Writes are
sent when somebody listens and otherwise stay in the attempt's journal, from where they are recorded with its result.
"""

from __future__ import annotations

import errno
import logging
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from tui_flow import errors
from tui_flow.client import Client
from tui_flow.errors import ProtocolError, SchedulerUnreachable, WriteRefused
from tui_flow.sdk import exceptions as sdk_errors
from tui_flow.sdk.backend import DagInfo, RunStateRow, TaskStateRow
from tui_flow.spec import Json

_RETRY_S = 0.25
_LATER = (WriteRefused, ProtocolError, SchedulerUnreachable)
_log = logging.getLogger("tui_flow.channel")


class Effects(Protocol):
    """Where effects are kept for the recorder."""

    def add_effect(self, effect: dict[str, Json]) -> int: ...


class Channel:
    """One per attempt; connects when first needed. Safe to use from several threads."""

    def __init__(self, socket: Path, attempt_id: int, journal: Effects, role: str = "attempt") -> None:
        self._socket = socket
        self._role = role
        self._attempt_id = attempt_id
        self._journal = journal
        self._client: Client | None = None
        self._serial = 0
        self._untold: deque[tuple[int, dict[str, Json]]] = deque()
        self._lock = threading.Lock()

    # Backend: reads

    def get_variable(self, key: str) -> str | None:
        value: str | None = self.ask("get_variable", {"key": key})
        return value

    def variable_keys(self, prefix: str) -> Sequence[str]:
        return list(self.ask("variable_keys", {"prefix": prefix}))

    def get_connection(self, conn_id: str) -> Mapping[str, Json] | None:
        value: Mapping[str, Json] | None = self.ask("get_connection", {"conn_id": conn_id})
        return value

    def run_states(
        self, dag_id: str, *, run_ids: Sequence[str] = (), logical_dates: Sequence[datetime] = ()
    ) -> Sequence[RunStateRow]:
        rows = self.ask(
            "run_states", {"dag_id": dag_id, "run_ids": list(run_ids), "logical_dates": _isos(logical_dates)}
        )
        return [RunStateRow(run_id, _date(logical_date), state) for run_id, logical_date, state in rows]

    def task_states(
        self, dag_id: str, *, logical_dates: Sequence[datetime], task_ids: Sequence[str]
    ) -> Sequence[TaskStateRow]:
        args = {"dag_id": dag_id, "logical_dates": _isos(logical_dates), "task_ids": list(task_ids)}
        return [TaskStateRow(r, _date(d), t, m, s) for r, d, t, m, s in self.ask("task_states", args)]

    def dag_info(self, dag_id: str) -> DagInfo | None:
        found = self.ask("dag_info", {"dag_id": dag_id})
        if found is None:
            return None
        groups = {group: tuple(ids) for group, ids in found["group_tasks"].items()}
        return DagInfo(found["is_paused"], tuple(found["task_ids"]), groups)

    def find_runs(self, which: Mapping[str, Json]) -> Sequence[Mapping[str, Json]]:
        return list(self.ask("find_runs", which))

    def find_previous_run(self, which: Mapping[str, Json]) -> Mapping[str, Json] | None:
        found: Mapping[str, Json] | None = self.ask("find_previous_run", which)
        return found

    def find_tis(self, which: Mapping[str, Json]) -> Sequence[Mapping[str, Json]]:
        return list(self.ask("find_tis", which))

    def previous_success(self, what: str) -> datetime | None:
        return _date(self.ask("previous_success", {"what": what}))

    def previous_ti(self, state: str | None) -> Mapping[str, Json] | None:
        """The task instance of an earlier run, in that state or in any."""
        found: Mapping[str, Json] | None = self.ask("previous_ti", {"state": state})
        return found

    def asset_events(self, which: Mapping[str, Json]) -> Sequence[Mapping[str, Json]]:
        return list(self.ask("asset_events", {"which": dict(which)}))

    def triggering_asset_events(self) -> Sequence[Mapping[str, Json]]:
        return list(self.ask("triggering_asset_events", {}))

    def find_asset(self, name: str | None, uri: str | None) -> Mapping[str, Json] | None:
        found: Mapping[str, Json] | None = self.ask("find_asset", {"name": name, "uri": uri})
        return found

    def state_store(self, args: Mapping[str, Json]) -> Json:
        return self.ask("state_store", args)

    def xcoms(self, args: Mapping[str, Json]) -> list[tuple[str, int, str]]:
        """(task_id, map_index, typed JSON) of what an `xcom_pull` names."""
        return [(task_id, map_index, value) for task_id, map_index, value in self.ask("xcoms", args)]

    def mapped_xcoms(self, args: Mapping[str, Json]) -> Json:
        """Of a mapped task: how many values there are, the one at a place, or the next [map_index, typed JSON]."""
        return self.ask("mapped_xcoms", args)

    # Backend: writes

    def set_variable(self, key: str, value: str, description: str | None) -> None:
        self.tell({"kind": "variable_set", "key": key, "value": value, "description": description})

    def delete_variable(self, key: str) -> None:
        self.tell({"kind": "variable_delete", "key": key})

    def trigger_run(
        self,
        dag_id: str,
        *,
        run_id: str | None,
        conf: Mapping[str, Json],
        logical_date: datetime | None,
        reset: bool,
        note: str | None,
    ) -> str:
        at = datetime.now(UTC)
        args = {
            "dag_id": dag_id,
            "run_id": run_id or f"operator_triggered__{(logical_date or at).isoformat()}",
            "conf": dict(conf),
            "logical_date": (logical_date or at).isoformat(),
            "reset": reset,
            "note": note,
        }
        try:
            return str(self.ask("trigger_run", args))
        except errors.DagNotFound as err:
            raise sdk_errors.DagNotFound(str(err)) from err
        except errors.RunAlreadyExists as err:
            raise sdk_errors.DagRunAlreadyExists(str(err)) from err
        except errors.UsageError as err:
            raise sdk_errors.AirflowBadRequest(str(err)) from err

    # The line

    def add_effect(self, effect: dict[str, Json]) -> int:
        """Write to the journal, however long it takes until the disk has room; the effect's number."""
        has_told = False
        while True:
            try:
                return self._journal.add_effect(effect)
            except OSError as err:
                if err.errno not in (errno.ENOSPC, errno.EDQUOT):
                    raise
            if not has_told:
                has_told = True
                _log.warning("the disk is full (%s); waiting for room", effect["kind"])
            time.sleep(_RETRY_S)

    def tell(self, effect: dict[str, Json]) -> None:
        """Write through the journal, and at once where a scheduler listens."""
        with self._lock:
            self._untold.append((self.add_effect(effect), effect))
            try:
                self._tell_untold()
            except WriteRefused:
                pass  # likewise
            except (SchedulerUnreachable, ProtocolError):
                self._drop()  # it stands in the journal: told before whatever comes next, or recorded with the result

    def _tell_untold(self) -> None:
        """In order, so that a task reads what it wrote, and an older value never comes after a newer one."""
        while self._untold:
            seq, effect = self._untold[0]
            request_id, args = f"{self._attempt_id}:e{seq}", {"effect": effect, "seq": seq}
            try:
                self._connected().request("effect", args, request_id=request_id, timeout_s=5.0)
            except _LATER:
                raise
            except errors.TuiflowError:
                self._untold.popleft()  # refused
                raise
            self._untold.popleft()

    def ask(self, verb: str, args: Mapping[str, Json]) -> Any:
        """The answer, however long it takes until a scheduler gives one."""
        with self._lock:
            self._serial += 1
            request_id = f"{self._attempt_id}:{self._serial}"
            has_told = False
            while True:
                try:
                    self._tell_untold()
                    return self._connected().request(verb, args, request_id=request_id, timeout_s=60.0)
                except WriteRefused as err:
                    why = f"{err} ({verb}); waiting"
                except SchedulerUnreachable:
                    self._drop()
                    why = f"no scheduler answers ({verb}); waiting for one"
                if not has_told:
                    has_told = True
                    _log.warning("%s", why)
                time.sleep(_RETRY_S)

    def _connected(self) -> Client:
        if self._client is None:
            self._client = Client(self._socket, role=self._role, attempt_id=self._attempt_id)
        return self._client

    def _drop(self) -> None:
        if self._client:
            self._client.close()
            self._client = None


def _isos(dates: Sequence[datetime]) -> list[str]:
    return [date.astimezone(UTC).isoformat() for date in dates]


def _date(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
