"""The tasks of one run: each with its state, its try, how long it took, and its bar on the run's own time scale."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from textwrap import wrap

from tui_flow import times
from tui_flow.logs import LogLine
from tui_flow.records import DagRun, TaskAttempt, TaskInstance, TaskInstanceKey
from tui_flow.signs import gathered
from tui_flow.spec import DagSpec
from tui_flow.state import FINISHED_TASK, RunState, TaskState
from tui_flow.tui.palette import BOLD, DIM, Palette
from tui_flow.tui.text import Piece, Row, fit, plain
from tui_flow.tui.views import spans
from tui_flow.tui.views.grid import GridRow
from tui_flow.tui.views.reasons import because_of
from tui_flow.tui.views.run_course import Course

T = TaskState
NO_LOG = "nothing logged"


MORE = -3
"""In place of an index: of the line that says how many instances are not listed."""


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One line of the list: a task, or one instance of a mapped task."""

    row: GridRow
    ti: TaskInstance | None
    """The one instance, or of several the one that says most."""
    counts: Mapping[TaskState, int] = field(default_factory=dict)
    index: int | None = None
    """Set for an instance that is listed below its task."""
    more: int = 0
    """Instances of the task that are not listed: this line only says so."""

    @property
    def key(self) -> tuple[str, int]:
        return self.row.id, -2 if self.index is None else self.index

    @property
    def state(self) -> TaskState | None:
        return gathered(self.counts)


@dataclass(frozen=True, slots=True)
class RunModel:
    run: DagRun
    spec: DagSpec
    lines: Sequence[TaskLine]
    counts: Counter[TaskState]
    reasons: Mapping[TaskInstanceKey, str] = field(default_factory=dict)
    """Why those wait that are seen and wait."""
    course: Course = Course()
    attempt: TaskAttempt | None = None
    """Of the line under the cursor, its newest."""
    log: Sequence[LogLine] = ()
    usual_s: Sequence[float] = ()
    """How long the task under the cursor usually takes."""
    uses: Mapping[TaskInstanceKey, TaskUse] = field(default_factory=dict)
    """Of the newest attempts: what those that ended took, and what those that run take now."""


@dataclass(frozen=True, slots=True)
class TaskUse:
    """CPU and memory of an attempt."""

    cpu_s: float | None = None
    """All in all, of one that has ended."""
    cpu_percent: float | None = None
    """Now, of one that runs."""
    memory_bytes: int | None = None
    """The most, of one that has ended; else now."""

    @property
    def cpu(self) -> str:
        if self.cpu_percent is not None:
            return f"{self.cpu_percent:.0f}%"
        return "" if self.cpu_s is None else f"{self.cpu_s:.1f}s" if self.cpu_s < 100 else f"{self.cpu_s:.0f}s"

    @property
    def memory(self) -> str:
        return f"{self.memory_bytes / 2**20:.0f}M" if self.memory_bytes else ""


FIRST = (T.FAILED, T.UP_FOR_RETRY, T.RUNNING, T.RESTARTING)
"""States that are looked for first among many instances, in this order."""


def _by_interest(ti: TaskInstance) -> tuple[int, int]:
    return (FIRST.index(ti.state) if ti.state in FIRST else len(FIRST)), ti.map_index


def next_try(ti: TaskInstance, at: datetime) -> str:
    """Of a task that will be tried again: when; empty for any other."""
    if ti.state is not T.UP_FOR_RETRY or ti.due_at is None:
        return ""
    return f"next try in {spans.until(ti.due_at, at)}" if ti.due_at > at else "next try now"


def task_lines(
    rows: Sequence[GridRow],
    tis: Sequence[TaskInstance],
    opened: frozenset[str] = frozenset(),
    totals: Mapping[str, Counter[TaskState]] | None = None,
) -> list[TaskLine]:
    """A line for each row; instances of the mapped tasks in `opened` below theirs, those that failed first. `totals`
    says how many there are by task, where `tis` has not all of them."""
    of_task: dict[str, list[TaskInstance]] = {}
    for ti in tis:
        of_task.setdefault(ti.task_id, []).append(ti)
    lines: list[TaskLine] = []
    for row in rows:
        own = [ti for member in row.members for ti in of_task.get(member, ())]
        if not own:
            continue
        counts = Counter(ti.state for ti in own)
        if totals:
            counts = sum((totals.get(member, Counter()) for member in row.members), Counter[TaskState]())
        state = gathered(counts)
        lines.append(TaskLine(row, next((ti for ti in own if ti.state is state), None), counts))
        if row.id in opened and len(own) > 1:
            lines += [TaskLine(row, ti, {ti.state: 1}, ti.map_index) for ti in sorted(own, key=_by_interest)]
            if more := counts.total() - len(own):
                lines.append(TaskLine(row, None, {}, MORE, more))
    return lines


@dataclass(frozen=True, slots=True)
class Scale:
    """Instants to columns."""

    start: datetime
    end: datetime
    width: int

    def column(self, at: datetime) -> int:
        span = (self.end - self.start).total_seconds()
        share = (at - self.start).total_seconds() / span if span > 0 else 0.0
        return max(0, min(self.width - 1, int(share * self.width)))


def scale_of(run: DagRun, tis: Sequence[TaskInstance], at: datetime, width: int) -> Scale:
    """From the first start to the last end, or now while the run goes on."""
    starts = [ti.started_at for ti in tis if ti.started_at is not None]
    ends = [ti.ended_at or at for ti in tis if ti.started_at is not None]
    start = min(starts, default=run.started_at or run.queued_at)
    end = at if run.state is RunState.RUNNING else max(ends, default=run.ended_at or at)
    return Scale(start, max(end, start + timedelta(milliseconds=1)), max(width, 1))


def scale_marks(scale: Scale, is_utc: bool) -> str:
    """Times over the bars, at round places."""
    line = [" "] * scale.width
    count = max(scale.width // 11, 1)
    span = scale.end - scale.start
    form = "%H:%M:%S" if span < timedelta(minutes=10) else "%H:%M"
    said = ""
    for index in range(count):
        moment = scale.start + span * (index / count)
        text = moment.astimezone(times.zone(is_utc)).strftime(form)
        column = scale.column(moment)
        if column + len(text) < scale.width and text != said:
            line[column : column + len(text)] = said = text
    return "".join(line)


def bar(ti: TaskInstance, scale: Scale, look: Palette, at: datetime, is_critical: bool) -> list[Piece]:
    """A task instance on the scale; solid where it decided when the run ended, open at the end while it runs."""
    if ti.started_at is None:
        return [(" " * scale.width, None)]
    first = scale.column(ti.started_at)
    last = max(first, scale.column(ti.ended_at or at))
    runs = ti.ended_at is None
    body = ("▓" * (last - first) + "▸") if runs else ("█" if is_critical else "▒") * (last - first + 1)
    style = look.style(ti.state)
    if is_critical:
        style = style + BOLD
    elif not runs:
        style = style + DIM
    return [(" " * first, None), (look.line(body), style), (" " * (scale.width - last - 1), None)]


@dataclass(frozen=True, slots=True)
class TaskWidths:
    name: int
    tries: int
    took: int
    chart: int
    uses: int = 0
    """For CPU and memory; 0: left out."""


def task_widths(width: int) -> TaskWidths:
    if width >= 100:
        return TaskWidths(28, 5, 11, width - 28 - 5 - 11 - 14 - 6, 13)
    if width >= 70:
        return TaskWidths(26, 4, 9, width - 26 - 4 - 9 - 6)
    return TaskWidths(max(width - 18, 10), 4, 9, 0)


def task_heading(width: int, scale: Scale, is_utc: bool) -> str:
    w = task_widths(width)
    head = f"   {fit('Task', w.name)} {fit('Try', w.tries)} {fit('Took', w.took)} "
    if w.uses:
        head += f"{fit('CPU', 6, 'right')} {fit('Mem', 6, 'right')} "
    return head + (scale_marks(scale, is_utc) if w.chart else "")


def task_row(model: RunModel, line: TaskLine, scale: Scale, look: Palette, at: datetime, width: int) -> Row:
    if line.more:
        text = f"    {line.more} more, which did not fail; `tuiflow tasks list` has all of them"
        return Row(line.key, ((fit(text, width), DIM),), can_select=False)
    w, state = task_widths(width), line.state
    name = plain(line.row.label) if line.index is None else _instance(line)
    many = sum(line.counts.values()) > 1
    if many and line.index is None:
        name += f" ×{sum(line.counts.values())}"
    pieces: list[Piece] = [
        (look.glyph(state) + " " if state else "  ", look.style(state) if state else None),
        (fit(look.line(name), w.name) + " ", BOLD if line.row.id in model.course.path else None),
    ]
    ti = line.ti
    tries = "" if ti is None or not ti.try_number else str(ti.try_number)
    if ti is not None and ti.max_tries and ti.try_number:
        tries += f"/{ti.max_tries + 1}"
    pieces += [(fit(tries, w.tries) + " ", DIM), (fit(look.line(_took(line, at)), w.took) + " ", None)]
    if w.uses:
        use = model.uses.get(ti.key, TaskUse()) if ti is not None and not (many and line.index is None) else TaskUse()
        pieces.append((f"{fit(use.cpu, 6, 'right')} {fit(use.memory, 6, 'right')} ", DIM))
    if w.chart:
        pieces += _chart(model, line, scale, look, at, many)
    return Row(line.key, tuple(pieces))


def _instance(line: TaskLine) -> str:
    """Its map index, or the name that the task gives it."""
    rendered = line.ti.rendered_map_index if line.ti else None
    return f"  [{line.index}] {plain(rendered)}" if rendered else f"  [{line.index}]"


def _chart(model: RunModel, line: TaskLine, scale: Scale, look: Palette, at: datetime, many: bool) -> list[Piece]:
    ti = line.ti
    if ti is None:
        return []
    if many and line.index is None:
        counted = "  ".join(f"{look.glyph(state)} {count}" for state, count in line.counts.items())
        return [(counted, None)]
    if ti.started_at is None or ti.state not in FINISHED_TASK | {T.RUNNING, T.RESTARTING}:
        coming = next_try(ti, at)
        reason = plain(model.reasons.get(ti.key, ""))
        return [(coming, BOLD), (" · " if coming and reason else "", DIM), (reason, DIM)]
    return bar(ti, scale, look, at, not model.course.path or line.row.id in model.course.path)


def _took(line: TaskLine, at: datetime) -> str:
    ti = line.ti
    if ti is None or ti.started_at is None or sum(line.counts.values()) > 1:
        return "" if ti is None or ti.state in FINISHED_TASK else ""
    text = spans.short((ti.ended_at or at) - ti.started_at, ti.ended_at is not None)
    return text if ti.ended_at else f"{text} …"


def _not_run(model: RunModel, ti: TaskInstance) -> str:
    task = model.spec.by_id.get(ti.task_id)
    states = {line.row.id: line.state for line in model.lines if line.index is None}
    return because_of(ti, {name: states.get(name) for name in task.upstream} if task else {})


def why_no_log(model: RunModel, ti: TaskInstance, width: int) -> str:
    """What stands in the place of a log: of a task that has not started all that it waits for, in lines."""
    reason = plain(model.reasons.get(ti.key, "")) or _not_run(model, ti)
    return "\n".join(wrap(reason, max(width, 20))) if reason and not ti.try_number else NO_LOG
