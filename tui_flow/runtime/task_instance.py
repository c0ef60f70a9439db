"""`ti` in a task's context: the task instance as its own attempt sees it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import prod
from typing import Any, Protocol

from tui_flow.mapping import MAX_INSTANCES, related_indexes
from tui_flow.messages import Workload
from tui_flow.runtime.lazy_xcoms import LazyXComs
from tui_flow.runtime.ti_facts import TaskInstanceFacts
from tui_flow.runtime.xcoms import XComFiles
from tui_flow.sdk.moments import moment
from tui_flow.sdk.node import level_ids
from tui_flow.spec import Json

RETURN_KEY = "return_value"


class Line(Protocol):
    """The attempt's channel, as far as XComs go."""

    def tell(self, effect: dict[str, Json]) -> None: ...

    def xcoms(self, args: dict[str, Json]) -> list[tuple[str, int, str]]: ...

    def mapped_xcoms(self, args: dict[str, Json]) -> Json: ...

    def previous_ti(self, state: str | None) -> Mapping[str, Json] | None: ...


@dataclass(frozen=True, slots=True)
class PreviousTaskInstance:
    """What `ti.get_previous_ti()` gives."""

    dag_id: str
    task_id: str
    run_id: str
    logical_date: Any
    state: str
    try_number: int
    start_date: Any
    end_date: Any


class Effects(Protocol):
    """Where effects are kept for the recorder."""

    def add_effect(self, effect: dict[str, Json]) -> int: ...


class AttemptTaskInstance(TaskInstanceFacts):
    """Implements `sdk.backend.RuntimeTaskInstance`: XComs through the workload, the journal and the channel."""

    def __init__(
        self, task: Any, workload: Workload, started_at: datetime, channel: Line, journal: Effects, files: XComFiles
    ) -> None:
        self.task = task
        self.task_id = workload.task_id
        self.dag_id = workload.dag_id
        self.run_id = workload.run.run_id
        self.try_number = workload.try_number
        self.max_tries = workload.max_tries
        self.map_index = workload.map_index
        self.start_date = started_at
        first = workload.first_started_at
        self.first_started_at = datetime.fromisoformat(first) if first else started_at
        self.poke_count = workload.poke_count
        self.state = "running"
        self.hostname = "localhost"
        self.log_url = f"file://{workload.log}"
        self.skips: list[str] = []
        self.is_branch = False
        self._workload = workload
        self._channel = channel
        self._journal = journal
        self._files = files
        self._pushed: dict[str, str] = {}
        self.levels = level_ids(task) if workload.map_index >= 0 else ()
        self.map_lengths = workload.map_lengths

    @property
    def run_facts(self) -> Any:
        return self._workload.run

    def xcom_push(self, key: str, value: Any) -> None:
        """Store a value for other tasks; they see it at once when a scheduler runs, else with this attempt's end."""
        text = self._files.encode(value, key)
        self._pushed[key] = text
        self._channel.tell({"kind": "xcom", "key": key, "value": text})

    def push_result(self, key: str, value: Any, *, is_shared: bool = False) -> None:
        """Store a value that is recorded together with the attempt's end. `is_shared`: many attempts will read it."""
        text = self._files.encode(value, key, is_shared=is_shared)
        self._pushed[key] = text
        self._journal.add_effect({"kind": "xcom", "key": key, "value": text})

    def xcom_pull(
        self,
        task_ids: str | Iterable[str] | None = None,
        dag_id: str | None = None,
        key: str | None = RETURN_KEY,
        include_prior_dates: bool = False,
        *,
        map_indexes: int | Iterable[int] | None = None,
        default: Any = None,
        run_id: str | None = None,
    ) -> Any:
        """The value that one task pushed, or all of a mapped one; for several task ids a list of them in a row, with
        `default` where there is none. `key` None: any, the returned one before others."""
        if task_ids is None:
            task_ids = self.task_id
        is_one = isinstance(task_ids, str)
        wanted = [task_ids] if isinstance(task_ids, str) else list(task_ids)
        indexes = _indexes(map_indexes)
        here = dag_id in (None, self.dag_id) and run_id in (None, self.run_id) and not include_prior_dates
        found: dict[str, list[tuple[int, str]]] = {task_id: [] for task_id in wanted}
        asked = []
        for task_id in wanted:
            instance = f"{task_id}[{map_indexes}]"
            if key is None:
                asked.append(task_id)
            elif here and task_id == self.task_id and key in self._pushed:
                found[task_id] = [(self.map_index, self._pushed[key])]
            elif here and task_id in self._workload.xcoms_of:
                found[task_id] = [(m, v) for t, m, k, v in self._workload.xcoms if t == task_id and k == key]
            elif here and instance in self._workload.xcoms_of:
                found[task_id] = [
                    (m, v) for t, m, k, v in self._workload.xcoms if (t, m, k) == (task_id, map_indexes, key)
                ]
            else:
                asked.append(task_id)
        if asked:
            self._ask(found, asked, dag_id, run_id, key, include_prior_dates)
        is_one_index = isinstance(map_indexes, int)
        values = [self._value_of(found[task_id], indexes, is_one_index, default) for task_id in wanted]
        if is_one:
            return values[0]
        return [part for task_id, value in zip(wanted, values, strict=True) for part in _parts(found[task_id], value)]

    async def axcom_push(self, key: str, value: Any) -> None:
        """`xcom_push`, for code in an event loop; a matter of a millisecond."""
        self.xcom_push(key, value)

    async def axcom_pull(self, *args: Any, **kwargs: Any) -> Any:
        """`xcom_pull`, for code in an event loop."""
        return self.xcom_pull(*args, **kwargs)

    def place_in(self, level: str) -> int:
        inner = prod(self.map_lengths[other] for other in self.levels[self.levels.index(level) + 1 :])
        return self.map_index // inner % self.map_lengths[level]

    def xcom_of_mapped(self, task_id: str, levels: tuple[str, ...], key: str) -> Any:
        part = related_indexes(self.map_index, self.levels, levels, self.map_lengths)
        if part is not None and levels == self.levels[: len(levels)]:
            return self.xcom_pull(task_id, key=key, map_indexes=part.start)
        return LazyXComs(_Rows(self._channel, task_id, key, part), self._files.decode)

    def skip_tasks(self, task_ids: Iterable[str]) -> None:
        self.is_branch = True
        self.skips = sorted(set(self.skips) | set(task_ids))

    def get_previous_ti(self, state: str | None = None) -> PreviousTaskInstance | None:
        """This task in the run before, or in the newest one in which it ended in `state`; None where there is none."""
        found = self._channel.previous_ti(None if state is None else str(state))
        if found is None:
            return None
        dates = {name: moment(found[name]) for name in ("logical_date", "start_date", "end_date")}
        return PreviousTaskInstance(**{**found, **dates, "dag_id": self.dag_id, "task_id": self.task_id})

    def _ask(
        self,
        found: dict[str, list[tuple[int, str]]],
        task_ids: list[str],
        dag_id: str | None,
        run_id: str | None,
        key: str | None,
        include_prior_dates: bool,
    ) -> None:
        args = {
            "dag_id": dag_id or self.dag_id,
            "run_id": run_id or (self.run_id if dag_id in (None, self.dag_id) else None),
            "task_ids": task_ids,
            "key": key,
            "include_prior_dates": include_prior_dates,
        }
        for task_id, map_index, text in self._channel.xcoms(args):
            found[task_id].append((map_index, text))

    def _value_of(
        self, rows: list[tuple[int, str]], indexes: list[int] | None, is_one_index: bool, default: Any
    ) -> Any:
        if indexes is None:
            rows = sorted(rows)
        else:
            by_index = dict(rows)
            rows = [(index, by_index[index]) for index in indexes if index in by_index]
        if not rows:
            return default
        if rows[0][0] < 0 or is_one_index:
            return self._files.decode(rows[0][1])
        return [self._files.decode(text) for _, text in rows]


def _parts(rows: list[tuple[int, str]], value: Any) -> list[Any]:
    is_mapped = isinstance(value, list) and any(map_index >= 0 for map_index, _ in rows)
    return value if is_mapped else [value]


class _Rows:
    """The XComs of a mapped task under one key, or of those of its instances that are in `part`."""

    def __init__(self, channel: Line, task_id: str, key: str, part: range | None) -> None:
        self._ask = channel.mapped_xcoms
        self._args: dict[str, Json] = {"task_id": task_id, "key": key}
        self._part = part if part is not None else range(MAX_INSTANCES)

    def count(self) -> int:
        return int(self._ask({**self._args, "first": self._part.start, "stop": self._part.stop, "what": "count"}))

    def at(self, place: int) -> str:
        found = self._ask({**self._args, "first": self._part.start, "stop": self._part.stop, "what": place})
        return str(found)

    def after(self, map_index: int, limit: int) -> list[tuple[int, str]]:
        first = max(self._part.start, map_index + 1)
        args = {**self._args, "first": first, "stop": self._part.stop, "what": "page", "limit": limit}
        return [(index, text) for index, text in self._ask(args)]


def _indexes(map_indexes: int | Iterable[int] | None) -> list[int] | None:
    if map_indexes is None:
        return None
    return [map_indexes] if isinstance(map_indexes, int) else list(map_indexes)
