"""What clients ask over the socket: the verbs of `actions`, and a few that only a running scheduler can answer."""

from __future__ import annotations

import getpass
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from tui_flow.actions import dispatch
from tui_flow.actions.leftovers import set_leftovers_aside
from tui_flow.errors import BadInput, TuiflowError
from tui_flow.executors.local import LocalExecutor
from tui_flow.journal import crash_point
from tui_flow.messages import Message
from tui_flow.scheduler.clock import Clock
from tui_flow.scheduler.due import DueRuns
from tui_flow.scheduler.files import Files
from tui_flow.scheduler.runs import Runs
from tui_flow.scheduler.server import Peer
from tui_flow.settings import Home
from tui_flow.spec import Json
from tui_flow.store.writer import Writer

_log = logging.getLogger("tui_flow.scheduler")


class Requests:
    """`status` and `stop` are the scheduler's own."""

    def __init__(
        self,
        home: Home,
        writer: Writer,
        executor: LocalExecutor,
        runs: Runs,
        files: Files,
        due: DueRuns,
        *,
        status: Callable[[], Json],
        stop: Callable[[bool], None],
        clock: Clock,
    ) -> None:
        self._home = home
        self._writer = writer
        self._executor = executor
        self._runs = runs
        self._files = files
        self._due = due
        self._stop = stop
        self._clock = clock
        self._own: dict[str, Callable[[Mapping[str, Any]], Json]] = {
            "status": lambda _args: status(),
            "down": self._down,
            "preview": self._preview,
            "accept_clock": self._accept_clock,
            "settle": lambda _args: {"is_busy": files.is_busy()},
        }

    def answer(self, peer: Peer, message: Message) -> None:
        """Perform one request and answer it; what cannot be is refused with a clear error, and changes nothing."""
        request_id, verb = str(message.get("request_id")), str(message.get("verb"))
        try:
            args = message.get("args")
            if not isinstance(args, dict):
                raise BadInput(f"the arguments of {verb!r} must be an object")
            value = self.perform(verb, args, request_id)
            crash_point("request.performed")
            peer.answer(request_id, value)
        except TuiflowError as err:
            peer.refuse(request_id, err)

    def perform(self, verb: str, args: Mapping[str, Any], request_id: str) -> Any:
        """The answer's value. Raises TuiflowError."""
        own = self._own.get(verb)
        if own is not None:
            return own(args)
        now = datetime.now(UTC)
        done = dispatch.perform(verb, args, self._writer, now, request_id=request_id, who=_who())
        if verb == "reparse" and isinstance(done.answer, dict):
            for path in done.answer.get("files", ()):
                self._files.request(path, now)
        if not done.is_repeat:
            set_leftovers_aside(self._home, verb, done.answer)
            self._runs.after_request(done.dag_ids, done.runs)
            for dag_id in done.dag_ids:
                self._due.forget(dag_id)
        return done.answer

    def _preview(self, args: Mapping[str, Any]) -> Json:
        return dispatch.preview(args["verb"], args["args"], self._writer.reads, datetime.now(UTC))

    def _accept_clock(self, _args: Mapping[str, Any]) -> Json:
        doubt = self._clock.doubt
        if doubt:
            now = datetime.now(UTC)
            self._clock.accept(now)
            self._writer.add_event(_who(), "accept_clock", now, before=doubt)
        return {"doubt": doubt}

    def _down(self, args: Mapping[str, Any]) -> Json:
        mode = args.get("mode", "leave")
        if mode not in ("leave", "drain", "kill"):
            raise BadInput(f"down has no mode {mode!r}; it knows leave, drain and kill")
        alive = self._writer.reads.active_attempts()
        if mode == "kill":
            for attempt in alive:
                self._executor.stop(attempt.id, "the scheduler was told to end all tasks")
        self._stop(mode in ("drain", "kill"))
        _log.info("asked to stop (%s)", mode)
        return {"mode": mode, "running": len(alive)}


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
