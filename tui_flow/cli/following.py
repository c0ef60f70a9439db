"""Follow one run from the database until it has ended: a live picture on a terminal, a line a change elsewhere."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from tui_flow import signs, times
from tui_flow.cli.act import act
from tui_flow.cli.reading_logs import LogTails
from tui_flow.cli.show import count, say, task_name
from tui_flow.errors import NotPossible, TuiflowError
from tui_flow.records import DagRun, TaskInstance, TaskInstanceKey
from tui_flow.settings import Home
from tui_flow.state import FAILED_TASK, FINISHED_RUN, OCCUPIED_TASK, RunState, TaskState

if TYPE_CHECKING:
    from tui_flow.store.reader import Reader

LOOK_EVERY_S = 0.1
GRACE_S = 5.0
"""How long nobody may hold the home before the run is taken for abandoned."""


class Picture(Protocol):
    """Something that shows the run's tasks as they are now; `line` is for their logs, `note` for talk."""

    def update(self, run: DagRun, tis: list[TaskInstance]) -> None: ...

    def line(self, text: str) -> None: ...

    def note(self, text: str) -> None: ...


@dataclass
class Changes:
    """The picture for pipes and logs: one line on stderr for each change of a task's state."""

    seen: dict[TaskInstanceKey, tuple[TaskState, int]] = field(default_factory=dict)

    def update(self, run: DagRun, tis: list[TaskInstance]) -> None:
        quiet = {TaskState.NONE, TaskState.SCHEDULED, TaskState.QUEUED}
        changed = [ti for ti in tis if self.seen.get(ti.key) != (ti.state, ti.try_number)]
        self.seen.update((ti.key, (ti.state, ti.try_number)) for ti in changed)
        now = times.now()
        for at, ti in sorted(((_since(ti) or now, ti) for ti in changed), key=lambda pair: pair[0]):
            if ti.state not in quiet:
                say(f"{times.shown(at)} {task_name(ti)} {ti.state} {_details(ti)}".rstrip())

    def line(self, text: str) -> None:
        print(text, flush=True)

    def note(self, text: str) -> None:
        say(text)


def _since(ti: TaskInstance) -> datetime | None:
    """When it came to be in its state."""
    return ti.started_at if ti.state in OCCUPIED_TASK else ti.ended_at


def _details(ti: TaskInstance) -> str:
    tells_try = ti.try_number > 1 or (ti.try_number == 1 and ti.state in FAILED_TASK)
    parts = [f"(try {ti.try_number} of {ti.max_tries + 1})"] if tells_try else []
    parts += [ti.reason] if ti.reason else []
    return " ".join(parts)


def follow_run(home: Home, reader: Reader, run: DagRun, with_logs: bool, is_ours: Callable[[], bool]) -> int:
    """Show a run until its end; the exit code: 0 success, 1 failed. Ctrl-C asks it to stop, a second one leaves it.

    `is_ours` says whether somebody works on the run: False for a while means that nobody does any more."""
    say(f"run {run.run_id} of DAG {run.dag_id}")
    presses = 0
    with _picture(reader, run) as picture:
        tails = LogTails(home.logs) if with_logs else None
        while True:
            try:
                run = _watch(reader, run, picture, tails, is_ours)
                break
            except KeyboardInterrupt:
                presses += 1
                if presses > 1:
                    picture.note(f"left running; `tuiflow runs show {run.dag_id} {run.run_id}` shows it")
                    raise
                picture.note("asked the run to stop; Ctrl-C again leaves it running")
                with suppress(NotPossible):  # it may have ended just now
                    act("cancel_run", dag_id=run.dag_id, run_id=run.run_id)
    _print_outcome(home, reader, run)
    return 0 if run.state is RunState.SUCCESS else 1


def _picture(reader: Reader, run: DagRun) -> AbstractContextManager[Picture]:
    if not sys.stderr.isatty() or signs.wants_ascii(sys.stderr):
        return nullcontext(Changes())
    from tui_flow.cli.progress import LivePicture  # rich costs 30 ms, here only

    return LivePicture(reader.spec(run.dag_id, run.spec_version))


def _watch(
    reader: Reader, run: DagRun, picture: Picture, tails: LogTails | None, is_ours: Callable[[], bool]
) -> DagRun:
    version = -1
    last_sign_of_life = time.monotonic()
    tis: list[TaskInstance] = []
    while True:
        if version != (version := reader.data_version()):
            run = reader.run_by_id(run.id) or run
            tis = reader.task_instances(run.id)
        picture.update(run, tis)
        if tails:
            for text in tails.read(run, tis):
                picture.line(text)
        if run.state in FINISHED_RUN and not any(ti.state in OCCUPIED_TASK for ti in tis):
            return run
        if is_ours():
            last_sign_of_life = time.monotonic()
        elif time.monotonic() - last_sign_of_life > GRACE_S:
            raise TuiflowError(
                f"the scheduler has stopped; run {run.run_id!r} of DAG {run.dag_id!r} waits for the next: `tuiflow up`"
            )
        time.sleep(LOOK_EVERY_S)


def _print_outcome(home: Home, reader: Reader, run: DagRun) -> None:
    tis = reader.task_instances(run.id)
    states = Counter(ti.state for ti in tis)
    tasks = ", ".join(f"{number} {state}" for state, number in states.most_common())
    took = f" after {times.lasting(run.ended_at - run.started_at)}" if run.ended_at and run.started_at else ""
    say(f"{took}: {count(len(tis), 'task')} ({tasks})", before=signs.labelled(run.state, sys.stderr))
    for ti in tis:
        if ti.state is TaskState.FAILED:
            command = f"tuiflow logs {run.dag_id} {_quoted(ti)} --run {run.run_id}"
            say(f"  {task_name(ti)} failed: {ti.reason or 'see its log'}; `{command}`")
    say(f"logs     {home.logs / run.dag_id / run.run_id}")
    if home.results.is_dir():
        say(f"results  {home.results}")


def _quoted(ti: TaskInstance) -> str:
    """As a shell takes it: brackets would be a pattern."""
    return ti.task_id if ti.map_index < 0 else f"{ti.task_id} --map-index {ti.map_index}"
