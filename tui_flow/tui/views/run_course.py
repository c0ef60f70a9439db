"""How a run goes on: how it stands, which tasks decide when it ends, what is left to do. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tui_flow.graph.model import topological
from tui_flow.records import DagRun, TaskInstance
from tui_flow.spec import DagSpec
from tui_flow.state import FINISHED_TASK, RunState, TaskState
from tui_flow.tui.palette import BAD, BOLD, Palette
from tui_flow.tui.text import Piece, plain
from tui_flow.tui.views import spans
from tui_flow.tui.views.bars import median
from tui_flow.tui.views.run_names import why_failed

T = TaskState
DONE = (T.SUCCESS, T.FAILED, T.UPSTREAM_FAILED, T.SKIPPED)
GOING = (T.AWAITING_INPUT, T.RUNNING, T.RESTARTING, T.UP_FOR_RETRY, T.UP_FOR_RESCHEDULE, T.DEFERRED)
ORDER = tuple(dict.fromkeys((*DONE, *GOING, T.QUEUED, T.SCHEDULED, *T)))
"""Of what is counted: a count does not change its place while the run goes on."""


@dataclass(frozen=True, slots=True)
class Course:
    """When each task of a run ended, or is likely to end."""

    ends: Mapping[str, datetime] = field(default_factory=dict)
    is_known: bool = False
    """Whether it is known of all that have not ended how long they usually take."""
    path: frozenset[str] = frozenset()
    """Tasks that decide when the run ends."""

    def left(self, at: datetime) -> timedelta | None:
        """Until the last of them ends; None where that is not known."""
        if not self.is_known or not self.ends:
            return None
        return max(max(self.ends.values()) - at, timedelta())


def course_of(
    run: DagRun, spec: DagSpec, tis: Sequence[TaskInstance], usual_s: Mapping[str, Sequence[float]], at: datetime
) -> Course:
    """Of a run that has ended by what was, of one that goes on by what is left of what each task usually takes."""
    of_task: dict[str, list[TaskInstance]] = {}
    for ti in tis:
        of_task.setdefault(ti.task_id, []).append(ti)
    ends: dict[str, datetime] = {}
    is_known = True
    edges = [(up, task.task_id) for task in spec.tasks for up in task.upstream if up in spec.by_id]
    for task_id in topological(spec.by_id, edges):
        own = of_task.get(task_id, [])
        if all(ti.state in FINISHED_TASK for ti in own):
            ended = [ti.ended_at for ti in own if ti.started_at is not None and ti.ended_at is not None]
            if ended:
                ends[task_id] = max(ended)
        elif run.ended_at is None:
            usual = usual_s.get(task_id)
            is_known = is_known and bool(usual)
            before = (ends[up] for up in spec.by_id[task_id].upstream if up in ends)
            ends[task_id] = _likely_end(own, max(before, default=at), median(usual or ()), at)
    return Course(ends, is_known, critical_path(spec, ends))


def _likely_end(tis: Sequence[TaskInstance], earliest: datetime, usual_s: float, at: datetime) -> datetime:
    """Of those that run the one that began last is waited for."""
    begun = [ti.started_at for ti in tis if ti.state is T.RUNNING and ti.started_at is not None]
    start = max(begun) if begun else max(earliest, at)
    return max(start + timedelta(seconds=usual_s), at)


def critical_path(spec: DagSpec, ends: dict[str, datetime]) -> frozenset[str]:
    """The chain of tasks that decides when the run ends: from the last to end, back along whichever upstream task
    ends last. Of two that end at once the lower one decided; `ends` has upstream tasks before those below them."""
    path: set[str] = set()
    last = max(reversed(ends), key=lambda task_id: ends[task_id], default=None)
    while last is not None:
        path.add(last)
        above = [up for up in (spec.by_id[last].upstream if last in spec.by_id else ()) if up in ends]
        last = max(above, key=lambda task_id: ends[task_id], default=None)
    return frozenset(path)


def summary(run: DagRun, counts: Mapping[TaskState, int], course: Course, look: Palette, at: datetime) -> list[Piece]:
    """How the run stands: how long, when it is likely to end, how many tasks in each state."""
    pieces: list[Piece] = [(look.glyph(run.state) + " ", look.style(run.state))]
    if run.started_at is not None:
        pieces.append((spans.short((run.ended_at or at) - run.started_at, run.ended_at is not None), BOLD))
    if run.state is RunState.RUNNING and (left := course.left(at)) is not None:
        pieces.append((f" · ~{spans.short(left, False)} left", BOLD))
    pieces.append((" ·", None))
    for state in filter(counts.get, ORDER):
        pieces += [(f" {counts[state]} ", None), (look.glyph(state) + " ", look.style(state))]
    if why := why_failed(run):
        pieces.append((f"· {plain(why)}", BAD))
    return pieces
