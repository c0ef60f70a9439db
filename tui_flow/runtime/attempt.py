"""One attempt, inside its own process: claim, render, execute, write the result, call the task's callbacks.

The result stands in the journal before any callback runs: a callback can neither change the state nor lose it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import resource
import signal
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

from tui_flow import masking
from tui_flow.journal import Journal, crash_point
from tui_flow.messages import Message, Workload
from tui_flow.runtime import assets, mapped
from tui_flow.runtime.alerts import task_callbacks
from tui_flow.runtime.channel import Channel
from tui_flow.runtime.contexts import context_of
from tui_flow.runtime.deferral import begin_with_trigger, go_on, request_of, resume_of
from tui_flow.runtime.outcome import Outcome, ask_retry_policy, outcome_of
from tui_flow.runtime.output import AttemptOutput
from tui_flow.runtime.processes import ATTEMPT_MARKER, become_subreaper, seconds_since_boot
from tui_flow.runtime.reports import ENDS_WELL, end_line
from tui_flow.runtime.served import ServedFile
from tui_flow.runtime.task_instance import RETURN_KEY, AttemptTaskInstance
from tui_flow.runtime.xcoms import XComFiles
from tui_flow.sdk import backend
from tui_flow.sdk.context import Context, current_context
from tui_flow.sdk.exceptions import AirflowTaskTerminated, AirflowTaskTimeout, TaskDeferred
from tui_flow.sdk.expand import mapped_over
from tui_flow.sdk.operator_hooks import call_with_result
from tui_flow.state import AttemptState, CallbackKind, TaskState

_log = logging.getLogger("tui_flow.task")


def claim(workload: Workload, journal: Journal, config: Message, *, is_masked: bool) -> bool:
    """Win the attempt before any user code; False when it was voided. `is_masked`: the host knows secrets."""
    return journal.write_claim(
        {
            "attempt": workload.attempt_id,
            "pid": os.getpid(),
            "start": seconds_since_boot(),
            "host": config["host_pid"],
            "host_start": config["host_start"],
            "boot": config["boot_id"],
            "masked": int(is_masked),
            "timeout": workload.timeout_s,
            "at": datetime.now(UTC).isoformat(),
        }
    )


def become_attempt(workload: Workload, journal: Journal) -> None:
    """What this process must be before user code runs in it; it is a session leader already."""
    become_subreaper()
    os.environ[ATTEMPT_MARKER] = workload.journal
    backend.runtime_fds = (journal.fd,)


_STATES_TOLD = {
    CallbackKind.TASK_SUCCESS: TaskState.SUCCESS,
    CallbackKind.TASK_SKIPPED: TaskState.SKIPPED,
    CallbackKind.TASK_RETRY: TaskState.UP_FOR_RETRY,
    CallbackKind.TASK_FAILURE: TaskState.FAILED,
}
"""`ti.state` in the callbacks of an outcome."""


class Attempt:
    """Made in the host, so that the fork finds all prepared: what is built after it costs a page fault a piece."""

    def __init__(
        self, config: Message, served: ServedFile, workload: Workload, journal: Journal, output: AttemptOutput
    ) -> None:
        self._config = config
        self._served = served
        self._workload = workload
        self._journal = journal
        self._output = output
        self._started = datetime.now(UTC)
        self._has_timed_out = False
        self._is_asked_to_end = False
        self._prepared: Exception | None = None
        """Why the preparation failed: raised in the attempt, where it is an outcome."""
        self._files = XComFiles(Path(config["spill"]), config["xcom_inline_bytes"], config["xcom_max_bytes"])
        self._channel = Channel(Path(config["socket"]), workload.attempt_id, journal)
        self._task: Any = None
        self._ti: AttemptTaskInstance | None = None
        self._context: Context | None = None
        self._asset_events: list[Message] = []
        self._map_length: int | None = None
        self._rendered_map_index: str | None = None
        try:
            self._prepare()
        except Exception as err:  # user code: params, context
            self._prepared = err

    def run(self) -> int:
        """Run the claimed attempt to its end; the process's exit code (0 success or skip, 1 anything else)."""
        masking.on_new_secret(self._output.pump_here)
        work = self._workload
        what = f"{work.dag_id}.{work.task_id}" + (f"[{work.map_index}]" if work.map_index >= 0 else "")
        self._output.note(
            f"{what} run {work.run.run_id} try {work.try_number} of {work.max_tries + 1} pid {os.getpid()}"
        )
        backend.use_backend(self._channel)
        signal.signal(signal.SIGTERM, self._on_terminate)
        outcome = self._execute()
        crash_point("attempt.user_end")
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        kind = outcome.callback(work.try_number, work.max_tries)
        if kind is not None and not self._has_callback(kind):
            kind = None
        ended_at = datetime.now(UTC)
        self._write_result(outcome, ended_at, has_callbacks=kind is not None)
        crash_point("attempt.result")
        if os.getppid() != self._config["host_pid"]:  # otherwise the host says so, below the last raw output
            seconds = (ended_at - self._started).total_seconds()
            self._output.note(*end_line(outcome.state, seconds, outcome.reason))
        if kind is not None and not self._is_asked_to_end:  # then it may become what it was marked as
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            self._call_back(kind, outcome)
            self._journal.add_effect({"kind": "called"})
        return 0 if outcome.state in ENDS_WELL else 1

    # The task

    def _execute(self) -> Outcome:
        outcome = self._execute_to_outcome()
        if outcome.state is not AttemptState.SUCCESS or not self._task.outlets:
            return outcome
        try:
            assert self._context is not None, "it was executed with it"
            self._asset_events = assets.events_of(self._task, self._context)
        except Exception as err:  # what the task said of its outlets cannot be told
            _log_error(err)
            return outcome_of(err)
        return outcome

    def _execute_to_outcome(self) -> Outcome:
        try:
            result = self._execute_task()
            ti = self._ti
            assert ti is not None, "set before the task runs"
            return Outcome(AttemptState.SUCCESS, skips=ti.skips, is_branch=ti.is_branch)
        except TaskDeferred as deferred:
            try:
                return self._defer(deferred)
            except Exception as err:  # user code: a trigger that cannot be stored
                _log_error(err)
                return outcome_of(err)
        except BaseException as err:  # the attempt's edge: whatever user code raises is an outcome
            outcome = outcome_of(err)
            if self._ti is not None and self._ti.is_branch and outcome.state is AttemptState.SUCCESS:
                outcome.skips = sorted({*outcome.skips, *self._ti.skips})
            if outcome.error is not None:
                _log_error(err)
            if self._task is not None:
                work = self._workload
                ask_retry_policy(outcome, self._task.retry_policy, work.try_number, work.max_tries, self._context)
            return outcome
        finally:
            with contextlib.suppress(NameError):
                del result

    def _execute_task(self) -> Any:
        if self._prepared is not None:
            raise self._prepared
        task, context = self._task, self._context
        assert context is not None, "prepared"
        with current_context(context):
            with self._time_limit():
                task = self._task = mapped.instance_of(task, context)
                if task.inlets or task.outlets:
                    assets.check_active(task, self._channel)
                task.render_template_fields(context)
                if self._workload.resume is None:
                    self._call_back(CallbackKind.TASK_EXECUTE, None)
                result = self._run_hooked(task, context)
                self._rendered_map_index = mapped.name_of_index(task, context, has_failed=False)
            self._push(task, result)
            return result

    def _run_hooked(self, task: Any, context: Context) -> Any:
        try:
            task.pre_execute(context)
            result = self._call(task, context)
            call_with_result(task.post_execute, context, result)
            return result
        except BaseException:  # passes through
            self._rendered_map_index = mapped.name_of_index(task, context, has_failed=True)
            raise

    def _prepare(self) -> None:
        definition = self._served.task(self._workload.dag_id, self._workload.task_id)
        self._task = definition.for_execution()
        self._ti = AttemptTaskInstance(
            self._task, self._workload, self._started, self._channel, self._channel, self._files
        )
        self._context = context_of(self._served, self._workload, self._task, self._ti)
        mapped_over(self._task.dag)  # found once, here, for all attempts
        self._files.keep_decoded(text for _, _, _, text in self._workload.xcoms)

    def _call(self, task: Any, context: Context) -> Any:
        resume = self._workload.resume
        if resume is not None:
            return go_on(task, resume, context)
        if task.start_from_trigger and task.start_trigger_args is not None:
            raise begin_with_trigger(task.start_trigger_args)
        return task.execute(context)

    def _defer(self, deferred: TaskDeferred) -> Outcome:
        """Write the wait down. It ends at the latest when the time of the whole try is up."""
        resume = resume_of(deferred, self._workload.attempt_id)
        ends = [datetime.now(UTC) + deferred.timeout] if deferred.timeout is not None else []
        if self._workload.timeout_s is not None:
            ends.append(self._started + timedelta(seconds=self._workload.timeout_s))
        if (request := request_of(deferred)) is not None:
            self._channel.add_effect({**request, "kind": "input_request"})
            _log.info("Pausing task as AWAITING_INPUT: `tuiflow answer` answers it")
        else:
            _log.info("Pausing task as DEFERRED: it waits for %s", resume["trigger"])
        return Outcome(AttemptState.DEFERRED, due_at=min(ends, default=None), resume=resume)

    def _push(self, task: Any, result: Any) -> None:
        assert self._ti is not None, "set before the task runs"
        longest, pushes = self._config["max_map_length"], bool(task.do_xcom_push)
        self._map_length = mapped.length_for_mapping(task, self._ti.map_index, result, pushes, longest)
        if result is None or not pushes:
            return
        if task.multiple_outputs:
            if not isinstance(result, Mapping):
                raise TypeError(f"multiple_outputs needs a dict, but the task returned a {type(result).__name__}")
            for key, value in result.items():
                if not isinstance(key, str):
                    raise TypeError(f"multiple_outputs needs text keys, but one is {key!r}")
                self._ti.push_result(key, value)
        self._ti.push_result(RETURN_KEY, result, is_shared=bool(self._map_length))

    @contextmanager
    def _time_limit(self) -> Iterator[None]:
        seconds = self._workload.timeout_s
        if seconds is None:
            yield
            return
        signal.signal(signal.SIGALRM, self._on_timeout)
        signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _on_timeout(self, _number: int, _frame: FrameType | None) -> None:
        self._has_timed_out = True
        self._let_go()
        raise AirflowTaskTimeout(f"it ran longer than {self._workload.timeout_s:g} s")

    def _on_terminate(self, _number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        self._is_asked_to_end = True
        self._let_go()
        if self._has_timed_out:  # it went on after its time-out, which the host enforces now
            raise AirflowTaskTimeout(f"it ran longer than {self._workload.timeout_s:g} s")
        raise AirflowTaskTerminated("asked to end")

    def _let_go(self) -> None:
        if self._task is None:
            return
        try:
            self._task.on_kill()
        except Exception:  # user code; the attempt ends whatever it does
            _log.exception("on_kill failed")

    # The result

    def _write_result(self, outcome: Outcome, ended_at: datetime, has_callbacks: bool) -> None:
        result: Message = {
            "state": outcome.state,
            "at": ended_at.isoformat(),
            "started_at": self._started.isoformat(),
            "pid": os.getpid(),
            "reason": self._served.masker.redact(outcome.reason) if outcome.reason else None,
            "is_retryable": outcome.is_retryable,
            "due_at": outcome.due_at.astimezone(UTC).isoformat() if outcome.due_at else None,
            "is_branch": outcome.is_branch,
            "map_length": self._map_length,
            "rendered_map_index": self._rendered_map_index,
            "callbacks_done": not has_callbacks,
            **usage_of_self(),
        }
        if outcome.state is AttemptState.SUCCESS and self._asset_events:
            self._channel.add_effect({"kind": "asset_events", "events": self._asset_events})
        if outcome.skips or outcome.resume is not None:
            self._channel.add_effect({"kind": "outcome", "skips": outcome.skips, "resume": outcome.resume})
        self._journal.write_result({k: v for k, v in result.items() if v is not None})

    # Callbacks

    def _has_callback(self, kind: CallbackKind) -> bool:
        return self._task is not None and bool(task_callbacks(self._task, kind))

    def _call_back(self, kind: CallbackKind, outcome: Outcome | None) -> None:
        context = self._context
        if context is None:
            return
        if outcome is not None:
            context["exception"] = outcome.error
            context["reason"] = outcome.reason
            if self._ti is not None:
                self._ti.state = str(_STATES_TOLD[kind])
                self._ti.end_date = datetime.now(UTC)
        call_all(task_callbacks(self._task, kind), context, str(kind))


def call_all(callbacks: list[Callable[[Any], Any]], context: Context, what: str) -> bool:
    """Call each; one that fails is logged and the next is called. Whether all went well."""
    all_well = True
    for callback in callbacks:
        try:
            callback(context)
        except Exception:  # user code; a callback never changes a state
            all_well = False
            _log.exception("%s callback %s failed", what, getattr(callback, "__name__", callback))
    return all_well


def usage_of_self() -> dict[str, float | int]:
    """What this process and its ended children have used."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    figures: dict[str, float | int] = {
        "cpu_s": round(own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime, 6),
        "max_rss_bytes": max(own.ru_maxrss, children.ru_maxrss) * 1024,
    }
    with contextlib.suppress(OSError):
        fd = os.open("/proc/self/io", os.O_RDONLY)
        _, _, io = os.read(fd, 512).rpartition(b"read_bytes: ")
        os.close(fd)
        read_bytes, write_bytes = io.split(b"\n")[:2]
        figures["read_bytes"] = int(read_bytes)
        figures["write_bytes"] = int(write_bytes.rpartition(b" ")[2])
    return figures


def _log_error(err: BaseException) -> None:
    """The traceback, from the first frame that is the author's."""
    frames = err.__traceback__
    ours = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    while frames and frames.tb_next and frames.tb_frame.f_code.co_filename.startswith((ours, "<frozen")):
        frames = frames.tb_next
    if isinstance(err, AirflowTaskTerminated):
        _log.error("asked to end")
        return
    text = "".join(traceback.format_exception(type(err), err, frames)).rstrip()
    _log.error("%s", text)
