"""A triggerer: the process in which triggers wait for deferred tasks, many on one asyncio loop.

Theory of operation. One triggerer runs all triggers that come with tuiflow; users' triggers run in one for each version
of a DAG file, so that they see the modules of exactly that version and hold up nobody else's. A lock in the home
excludes two triggerers for the same triggers. An event is written to a file before it is told, so that neither this
process's death nor the scheduler's loses it; the scheduler removes the file once it is recorded. The scheduler may die
and come back meanwhile: the triggers wait on.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tui_flow.logs import CappedLog, Level, Source, stamp
from tui_flow.masking import MASKER
from tui_flow.messages import PROTOCOL, Message
from tui_flow.runtime.file_backend import importing
from tui_flow.runtime.link import SchedulerLink
from tui_flow.runtime.loop_watch import LoopWatch
from tui_flow.runtime.processes import name_process, prefer_as_oom_victim
from tui_flow.runtime.served import ServeFailed, serve_file
from tui_flow.runtime.trigger_channel import use_trigger_channel
from tui_flow.runtime.trigger_events import event_path, failure, wait_for_event, write_event
from tui_flow.runtime.trigger_output import current_log, route_output
from tui_flow.spec import Json

IS_BUSY = 75
"""Exit code: another triggerer of the same name is alive."""
_TURN_S = 0.5
_RETRY_S = 0.1
_EXIT_WHEN_ORPHANED_S = 30.0


def serve_triggers(config: Message, order: Message) -> int:
    name_process("tuiflow-trigger")
    prefer_as_oom_victim()
    lock = Path(config["triggers"]) / f"{order['host_id']}.lock"
    if not _take_lock(lock):
        return IS_BUSY
    broken = None
    if order["load"] is not None:
        try:
            with importing(Path(config["socket"])):
                serve_file(order["load"])
        except ServeFailed as err:
            broken = str(err)
    route_output(MASKER)
    use_trigger_channel(Path(config["socket"]))
    asyncio.run(Triggerer(config, order["host_id"], broken).run())
    sys.stdout.flush()
    lock.unlink(missing_ok=True)
    os._exit(0)  # a thread may still ask a scheduler that does not answer


def _take_lock(path: Path) -> bool:
    """Held until this process ends; False where another one holds it, or has just let it go."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.stat(path), os.fstat(lock))
    except (BlockingIOError, FileNotFoundError):
        return False


class Triggerer:
    def __init__(self, config: Message, name: str, broken: str | None) -> None:
        """`broken`: why the file cannot be imported, for all of its triggers."""
        self._config, self._name, self._broken = config, name, broken
        self._folder = Path(config["triggers"])
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._logs: dict[int, _Log] = {}
        self._untold: dict[int, Json] = {}
        """Events that the scheduler has not confirmed."""
        self._killed: set[int] = set()
        self._is_evicted = False
        self._link = SchedulerLink(Path(config["socket"]), self._hello)
        self._fd: int | None = None
        self._watch = LoopWatch(config["trigger_block_limit_s"], self._on_blocked, self._on_stuck)

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        self._watch.start(loop)
        while not self._is_done():
            if self._link.try_connect():
                for wait_id, over in self._untold.items():
                    self._tell(wait_id, over)
            self._follow_line(loop)
            self._link.flush()
            self._watch.beat(may_block=self._link.fd is not None)
            for message in self._watch.take_messages():
                self._link.send(message)
            await asyncio.sleep(_TURN_S if self._link.fd is not None and not self._link.wants_to_write else _RETRY_S)
        for task in list(self._tasks.values()):
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _hello(self) -> Message:
        ids = sorted({*self._tasks, *self._untold})
        return {"kind": "hello", "protocol": PROTOCOL, "role": "triggerer", "name": self._name, "triggers": ids}

    def _is_done(self) -> bool:
        lost_at = self._link.lost_at
        is_orphan = lost_at is not None and time.monotonic() - lost_at > _EXIT_WHEN_ORPHANED_S
        return self._is_evicted or (is_orphan and (not self._tasks or not self._folder.exists()))

    def _follow_line(self, loop: asyncio.AbstractEventLoop) -> None:
        fd = self._link.fd
        if fd == self._fd:
            return
        if self._fd is not None:
            loop.remove_reader(self._fd)
        if fd is not None:
            loop.add_reader(fd, self._converse)
        self._fd = fd

    def _converse(self) -> None:
        for message in self._link.receive():
            match message["kind"]:
                case "start":
                    for order in message["triggers"]:
                        self._start(order)
                case "cancel":
                    self._cancel(message["id"], message["is_kill"])
                case "recorded":
                    self._untold.pop(message["id"], None)
                case "evict":
                    self._is_evicted = True
        self._follow_line(asyncio.get_running_loop())

    def _start(self, order: Mapping[str, Json]) -> None:
        wait_id = order["id"]
        if wait_id in self._untold:
            self._tell(wait_id, self._untold[wait_id])
        elif wait_id not in self._tasks:
            self._tasks[wait_id] = asyncio.get_running_loop().create_task(self._serve(order), name=str(wait_id))

    def _cancel(self, wait_id: int, is_kill: bool) -> None:
        self._untold.pop(wait_id, None)
        if task := self._tasks.get(wait_id):
            if is_kill:
                self._killed.add(wait_id)
            task.cancel()

    async def _serve(self, order: Mapping[str, Json]) -> None:
        wait_id = order["id"]
        self._logs[wait_id] = log = _Log(Path(order["log"]), self._config)
        current_log.set(log)
        try:
            if self._broken is not None:
                over: Json = {"error": self._broken}
            else:
                over = await wait_for_event(order, lambda: wait_id in self._killed)
            await self._keep(wait_id, over)
        except asyncio.CancelledError:
            pass
        finally:
            self._tasks.pop(wait_id, None)
            self._logs.pop(wait_id, None)
            self._killed.discard(wait_id)

    async def _keep(self, wait_id: int, over: Json) -> None:
        """Have the event safe, however long it takes until the disk has room, and tell it."""
        has_told = False
        while True:
            try:
                write_event(event_path(self._folder, wait_id), over)
                break
            except OSError as err:
                if not has_told:
                    has_told = True
                    sys.stderr.write(f"the event of trigger {wait_id} cannot be kept: {err.strerror}; trying on\n")
            await asyncio.sleep(1)
        self._untold[wait_id] = over
        self._tell(wait_id, over)

    def _tell(self, wait_id: int, over: Json) -> None:
        self._link.send({"kind": "fired", "id": wait_id, "over": over})
        self._link.flush()

    # From the watch's own thread

    def _on_blocked(self, wait_id: int | None, seconds: float, where: str) -> Message:
        text = f"this trigger lets no other one run: it has blocked the event loop for {seconds:.1f} s at {where}"
        self._warn(wait_id, text)
        return {"kind": "blocked", "id": wait_id, "message": text}

    def _on_stuck(self, wait_id: int | None, seconds: float, where: str) -> None:
        """The trigger that holds up all others fails; they go on in another process."""
        text = f"the trigger blocked the event loop of all triggers for {seconds:.0f} s at {where}; use `await` there"
        self._warn(wait_id, text)
        if wait_id is not None:
            with contextlib.suppress(OSError):
                write_event(event_path(self._folder, wait_id), failure(text))
        os._exit(70)

    def _warn(self, wait_id: int | None, text: str) -> None:
        log = self._logs.get(wait_id) if wait_id is not None else None
        line = stamp(text, Source.TRIGGER, Level.WARN)
        if log is not None:
            log.write(line)
        else:
            os.write(2, line)


class _Log:
    """The log of the task that waits, open only while something is written: there may be more waits than files."""

    def __init__(self, path: Path, config: Message) -> None:
        self._path, self._head, self._tail = path, config["log_head_bytes"], config["log_tail_bytes"]

    def write(self, lines: bytes) -> None:
        log = CappedLog(self._path, self._head, self._tail)
        log.write(lines)
        log.close()
