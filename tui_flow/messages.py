"""What processes say to each other, and the frames they say it in. No sockets here: bytes in, messages out.

Frame: 4 bytes length (big endian), then that many bytes of UTF-8 JSON, one object with a `kind`. Between scheduler,
launcher, hosts, attempts and clients alike. Nothing is pickled.

Work goes down as `Workload`, its end comes back as `Report`; both are plain enough to be any executor's wire format.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tui_flow.errors import ProtocolError
from tui_flow.records import TaskInstanceKey
from tui_flow.spec import Json

PROTOCOL = 1
"""Major version, in every hello; another one is refused with the fix."""
MAX_FRAME_BYTES = 64 * 1024 * 1024
_LENGTH = struct.Struct(">I")

Message = dict[str, Any]


def encode(message: Mapping[str, Any]) -> bytes:
    body = json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
    return _LENGTH.pack(len(body)) + body


class FrameBuffer:
    """Collects bytes from a stream and gives back whole messages."""

    def __init__(self, max_frame_bytes: int = MAX_FRAME_BYTES) -> None:
        self._bytes = bytearray()
        self._max = max_frame_bytes

    def feed(self, data: bytes) -> Iterator[Message]:
        """The messages that `data` completes. Raises ProtocolError for what is not a frame."""
        self._bytes += data
        while len(self._bytes) >= 4:
            (length,) = _LENGTH.unpack_from(self._bytes)
            if length > self._max:
                raise ProtocolError(f"a message of {length} bytes is over the limit of {self._max}")
            if len(self._bytes) < 4 + length:
                return
            body = bytes(self._bytes[4 : 4 + length])
            del self._bytes[: 4 + length]
            yield decode(body)


def decode(body: bytes) -> Message:
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as err:
        raise ProtocolError(f"a message that is not JSON: {err}") from err
    if not isinstance(message, dict) or not isinstance(message.get("kind"), str):
        raise ProtocolError("a message without a kind")
    return message


def _shallow(record: RunFacts | Workload | Report) -> Message:
    """Field by field, without `asdict`'s deep copy: this is on the path of every task."""
    return {name: getattr(record, name) for name in record.__slots__}


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What a task's context says of its DAG run; dates are ISO 8601 in UTC."""

    run_id: str
    run_type: str
    logical_date: str | None
    data_interval_start: str | None
    data_interval_end: str | None
    run_after: str
    queued_at: str | None
    started_at: str | None
    conf: Mapping[str, Json] = field(default_factory=dict)
    clear_number: int = 0
    triggered_by: str = ""
    state: str = "running"
    ended_at: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Workload:
    """One attempt to run: all that a host needs to know."""

    attempt_id: int
    dag_id: str
    task_id: str
    map_index: int
    try_number: int
    max_tries: int
    run: RunFacts
    file: str
    """DAG file, relative to the DAGs folder."""
    source_version: str
    journal: str
    log: str
    xcoms: tuple[tuple[str, int, str, str], ...] = ()
    """(task_id, map_index, key, typed JSON) of what templates, XComArgs and direct upstreams are known to need."""
    xcoms_of: tuple[str, ...] = ()
    """Task ids whose XComs are all in `xcoms`: what is not there does not exist; `task[3]` for those of one task
    instance of a mapped task. Others are asked for."""
    poke_count: int = 0
    first_started_at: str | None = None
    resume: Json = None
    timeout_s: float | None = None
    """execution_timeout."""
    is_shell: bool = False
    map_lengths: Mapping[str, int] = field(default_factory=dict)
    """How long each mapped task and task group of the run is, by id (see `mapping`)."""
    callback: Json = None
    """Set for a callback process: {kind, reason, error, ti: {state, started_at, ended_at}}, of a missed deadline
    `deadline` too; then no task runs."""

    def to_dict(self) -> Message:
        return {**_shallow(self), "run": _shallow(self.run)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Workload:
        run = RunFacts(**data["run"])
        xcoms = tuple((t, int(m), k, v) for t, m, k, v in data["xcoms"])
        return cls(**{**data, "run": run, "xcoms": xcoms, "xcoms_of": tuple(data["xcoms_of"])})


@dataclass(frozen=True, slots=True)
class WaitOver:
    """What has ended the wait of a deferred task instance, or of one that waits for a person."""

    key: TaskInstanceKey
    wait_id: int
    """The attempt that began the wait."""
    over: Json
    """What the task goes on with (see `runtime.deferral`)."""
    new: str = "scheduled"
    """A `TaskState`: a finished one where the trigger ends the task by itself."""
    xcoms: tuple[tuple[str, str], ...] = ()
    """(key, typed JSON) to push, with a finished state."""
    map_length: int | None = None
    """How many elements the result among them has."""


@dataclass(frozen=True, slots=True)
class Report:
    """How an attempt ended, or (state `running`) that it began. Built from the attempt's journal alone."""

    attempt_id: int
    state: str
    """An `AttemptState`."""
    at: str
    """ISO 8601 UTC: when it began or ended."""
    started_at: str | None = None
    pid: int | None = None
    exit_code: int | None = None
    signal: int | None = None
    reason: str | None = None
    """One line: what went wrong, or why it was skipped."""
    is_retryable: bool = True
    """False after AirflowFailException, a sensor's time-out and the like."""
    due_at: str | None = None
    """For rescheduled: when to poke again. For failed: the retry time that a retry policy chose."""
    skips: tuple[str, ...] = ()
    """Task ids that a branch or short circuit skips."""
    is_branch: bool = False
    resume: Json = None
    map_length: int | None = None
    """How many elements its result has, where a task maps over it; 1 for what an instance of a mapped task pushed."""
    rendered_map_index: str | None = None
    callbacks_done: bool = True
    """False when user callbacks that belong to the outcome have yet to run elsewhere."""
    effects: tuple[Message, ...] = ()
    """What the attempt asked to be written, in order: XComs, triggered runs, variables."""
    cpu_s: float | None = None
    max_rss_bytes: int | None = None
    read_bytes: int | None = None
    write_bytes: int | None = None

    def to_dict(self) -> Message:
        return _shallow(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Report:
        return cls(**{**data, "skips": tuple(data["skips"]), "effects": tuple(data["effects"])})
