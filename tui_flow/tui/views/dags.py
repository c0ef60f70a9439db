"""The list of DAGs and, for the one under the cursor, what is worth knowing of it without a key pressed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum

from rich.style import Style

from tui_flow.logs import LogLine
from tui_flow.records import Dag, DagRun, ImportErrorRow, TaskAttempt, TaskInstance
from tui_flow.state import FINISHED_TASK, RunState, TaskState
from tui_flow.timetables.describe import brief_schedule
from tui_flow.tui import palette
from tui_flow.tui.palette import Palette
from tui_flow.tui.text import Piece, Row, columns, plain
from tui_flow.tui.views import spans
from tui_flow.tui.views.bars import median, run_bars, took_s


class Attention(IntEnum):
    """How much a DAG needs a person, the most first."""

    FAILED = 0
    BROKEN = 1
    ASKING = 2
    """It waits for a person."""
    RUNNING = 3
    WAITING = 4
    WELL = 5
    NEW = 6
    PAUSED = 7
    MISSING = 8


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is known of a run that failed, or that runs."""

    run: DagRun
    ti: TaskInstance | None = None
    attempt: TaskAttempt | None = None
    others: int = 0
    """Task instances that did not run because of it."""
    more: int = 0
    """Task instances that failed besides."""
    lines: tuple[LogLine, ...] = ()
    """The last ones of its log."""
    waits: tuple[str, ...] = ()
    """What the run waits for, where it has not ended."""
    often: int = 0
    """In how many of the last runs the same task failed."""


@dataclass(frozen=True, slots=True)
class BrokenFile:
    """A file that could not be loaded and has no DAGs yet: a row of its own."""

    file: str


Key = str | BrokenFile
"""Of a row: a DAG's id, or such a file."""


@dataclass(frozen=True, slots=True)
class DagsModel:
    dags: Mapping[str, Dag]
    newest: Mapping[str, DagRun]
    histories: Mapping[str, Sequence[DagRun]] = field(default_factory=dict)
    """Of the DAGs that are seen."""
    counts: Mapping[int, Counter[TaskState]] = field(default_factory=dict)
    """Task instances by state of the runs that are going on."""
    trouble: Trouble | None = None
    """Of the DAG under the cursor."""
    by_assets: Collection[str] = ()
    """Those that updates of assets start."""
    broken: Mapping[str, ImportErrorRow] = field(default_factory=dict)
    """By file: those of which no DAG is known."""
    retries: Mapping[int, TaskInstance] = field(default_factory=dict)
    """Of runs in which nothing runs: the task that is tried again first."""
    failures: Sequence[Trouble] = ()
    """Of the DAGs that failed, the first ones."""
    missing_pools: Collection[str] = ()
    """Those that tasks wait for and that do not exist."""

    @property
    def keys(self) -> list[Key]:
        return [*self.dags, *map(BrokenFile, self.broken)]


def newest_or_running(newest: Mapping[str, DagRun], unfinished: Iterable[DagRun]) -> dict[str, DagRun]:
    """The run to show of every DAG: the newest, but a running one before those that are queued behind it."""
    shown = dict(newest)
    for run in unfinished:
        other = shown.get(run.dag_id)
        if run.state is RunState.RUNNING and other is not None and other.state is RunState.QUEUED:
            shown[run.dag_id] = run
    return shown


_STANDS = (
    TaskState.RUNNING,
    TaskState.AWAITING_INPUT,
    TaskState.UP_FOR_RETRY,
    TaskState.DEFERRED,
    TaskState.UP_FOR_RESCHEDULE,
    TaskState.QUEUED,
    TaskState.SCHEDULED,
)


def stands(counts: Mapping[TaskState, int] | None) -> TaskState:
    """How a run that goes on stands: something runs, else what it waits for."""
    found = next((state for state in _STANDS if (counts or {}).get(state)), TaskState.RUNNING)
    return TaskState.QUEUED if found is TaskState.SCHEDULED else found


def asks(counts: Mapping[TaskState, int] | None) -> bool:
    """Whether a run only waits for a person."""
    return bool(counts and counts.get(TaskState.AWAITING_INPUT) and not counts.get(TaskState.RUNNING))


def attention(dag: Dag, newest: DagRun | None, counts: Mapping[TaskState, int] | None = None) -> Attention:
    if dag.is_missing:
        return Attention.MISSING
    if dag.import_error:
        return Attention.BROKEN
    if newest is not None and newest.state is RunState.RUNNING:
        return Attention.ASKING if asks(counts) else Attention.RUNNING
    if newest is not None and newest.state is RunState.QUEUED:
        return Attention.WAITING
    if dag.is_paused:
        return Attention.PAUSED
    if newest is None:
        return Attention.NEW
    return Attention.FAILED if newest.state is RunState.FAILED else Attention.WELL


SORTS = ("needs attention", "name", "next run", "last run")


def ordered(model: DagsModel, sort: str) -> list[Key]:
    """The same for the same facts."""
    far = "9999"

    def key(row: Key) -> tuple[object, ...]:
        if isinstance(row, BrokenFile):
            return {"name": (row.file,), "next run": (far, row.file), "last run": (0, row.file)}.get(
                sort, (Attention.BROKEN, row.file)
            )
        dag_id = row
        dag, newest = model.dags[dag_id], model.newest.get(dag_id)
        match sort:
            case "name":
                return (dag_id,)
            case "next run":
                return (dag.next_run_after.isoformat() if dag.next_run_after and not dag.is_paused else far, dag_id)
            case "last run":
                return (-(newest.run_after.timestamp() if newest else 0), dag_id)
            case _:
                return (attention(dag, newest, model.counts.get(newest.id) if newest else None), dag_id)

    return sorted(model.keys, key=key)


def matches(dag: Dag, newest: DagRun | None, words: Collection[str]) -> bool:
    """Every word is in the id, the tags, the description or the schedule; `tag:x` and `state:failed` ask for just
    that, `paused` for paused DAGs."""
    return all(_matches(dag, newest, word.lower()) for word in words)


def matches_row(model: DagsModel, key: Key, words: Collection[str]) -> bool:
    """As `matches`; of a file, its name."""
    if isinstance(key, BrokenFile):
        return all(word.lower() in key.file.lower() for word in words)
    return matches(model.dags[key], model.newest.get(key), words)


def _matches(dag: Dag, newest: DagRun | None, word: str) -> bool:
    kind, colon, value = word.partition(":")
    if colon and kind == "tag":
        return any(value in tag.lower() for tag in dag.tags)
    if colon and kind == "state":
        return newest is not None and newest.state.startswith(value)
    if word == "paused":
        return dag.is_paused
    return any(
        word in text.lower() for text in (dag.dag_id, *dag.tags, dag.description or "", dag.schedule, schedule_of(dag))
    )


@dataclass(frozen=True, slots=True)
class Widths:
    dag: int
    schedule: int
    next: int
    last: int
    took: int
    bars: int
    tags: int


COLUMNS = ("schedule", "next", "last", "took", "bars", "tags")
"""Those that may be hidden, as fields of `Widths`."""


def widths(width: int, hidden: Collection[str] = ()) -> Widths:
    """Of the columns, for a list of this many cells; 0: left out. The room of hidden ones goes to the DAG's name."""
    found = _all_widths(width)
    gone = [name for name in COLUMNS if name in hidden and getattr(found, name)]
    freed = sum(getattr(found, name) + 1 for name in gone)
    return replace(found, dag=found.dag + freed, **dict.fromkeys(gone, 0))


def _all_widths(width: int) -> Widths:
    if width >= 110:
        return Widths(24 + (width - 118) // 3, 18, 10, 22, 9, 20, 8 + (width - 118) // 3)
    if width >= 76:
        return Widths(width - 63, 17, 8, 17, 0, 12, 0)
    return Widths(max(width - 30, 8), 0, 8, 17, 0, 0, 0)


def heading(width: int, hidden: Collection[str] = ()) -> tuple[Piece, ...]:
    w = widths(width, hidden)
    named = [("DAG", w.dag + 2), ("Schedule", w.schedule), ("Next", w.next), ("Last run", w.last), ("Took", w.took)]
    named += [(f"Last {w.bars} runs", w.bars), ("Tags", w.tags)]
    return ((" ", None), *columns([(name, palette.DIM, size) for name, size in named if size > 0])[:-1])


def row_of(
    model: DagsModel, key: Key, look: Palette, at: datetime, is_utc: bool, width: int, hidden: Collection[str] = ()
) -> Row:
    if not isinstance(key, BrokenFile):
        return dag_row(model, key, look, at, is_utc, width, hidden)
    w = widths(width, hidden)
    said = [(plain(key.file), palette.BOLD, w.dag), ("import error", palette.BAD, w.schedule), ("-", None, w.next)]
    cells = [cell for cell in [*said, ("never loaded", None, w.last)] if cell[2]]
    return Row(key, (("! ", palette.BAD), *columns(cells)))


def dag_row(
    model: DagsModel,
    dag_id: str,
    look: Palette,
    at: datetime,
    is_utc: bool,
    width: int,
    hidden: Collection[str] = (),
) -> Row:
    dag, newest, w = model.dags[dag_id], model.newest.get(dag_id), widths(width, hidden)
    history = model.histories.get(dag_id, ())
    sign, style = _sign(dag, newest, look, stands(model.counts.get(newest.id) if newest else None))
    quiet = palette.DIM if dag.is_paused or dag.is_missing else None
    pieces: list[Piece] = [(sign + " ", style)]
    pieces += columns([(plain(dag_id), quiet or palette.BOLD if sign == look.line("✗") else quiet, w.dag)])
    if w.schedule:
        pieces += columns([(schedule_of(dag), quiet, w.schedule)])
    if w.next:
        pieces += columns([(_next(dag, at), quiet, w.next)])
    if w.last:
        pieces += columns([(_last(model, newest, look, at, is_utc, w.last), quiet, w.last)])
    if w.took:
        pieces += columns([(_took(newest, history, at), quiet, w.took)])
    if w.bars:
        pieces += [*run_bars(history, w.bars, look, at), (" ", None)]
    if w.tags:
        pieces += columns([(plain(" ".join(dag.tags)), palette.DIM, w.tags)])
    return Row(dag_id, tuple(pieces))


BY_HAND = "by hand"
LATE = timedelta(minutes=1)
"""A run that is due for so long should have been made."""


def schedule_of(dag: Dag) -> str:
    return BY_HAND if dag.schedule in ("", "None") else plain(brief_schedule(dag.schedule))


def _sign(dag: Dag, newest: DagRun | None, look: Palette, state: TaskState) -> tuple[str, Style | None]:
    if dag.is_missing:
        return "-", palette.DIM
    if dag.import_error:
        return "!", palette.BAD
    if newest is not None and newest.state is RunState.RUNNING:
        return look.glyph(state), look.style(state)
    if newest is not None and newest.state is RunState.QUEUED:
        return look.glyph(newest.state), look.style(newest.state)
    if dag.is_paused:
        return look.line("‖"), palette.DIM
    if newest is None:
        return look.glyph(TaskState.NONE), palette.DIM
    return look.glyph(newest.state), look.style(newest.state)


def _next(dag: Dag, at: datetime) -> str:
    if dag.is_missing:
        return "gone"
    if dag.is_paused:
        return "paused"
    if dag.next_run_after is not None and at - dag.next_run_after >= LATE:
        return f"late {spans.coarse((at - dag.next_run_after).total_seconds())}"
    return spans.until(dag.next_run_after, at) if dag.next_run_after else "-"


def _last(model: DagsModel, newest: DagRun | None, look: Palette, at: datetime, is_utc: bool, width: int) -> str:
    if newest is None:
        return "never ran"
    counts = model.counts.get(newest.id)
    if newest.state is not RunState.RUNNING:
        return f"{look.glyph(newest.state)} {spans.clock(newest.run_after, at, is_utc)}"
    if asks(counts):
        return f"{look.glyph(TaskState.AWAITING_INPUT)} waits for you"
    sign, again = look.glyph(stands(counts)), model.retries.get(newest.id)
    if again is not None and again.due_at is not None and stands(counts) is TaskState.UP_FOR_RETRY:
        when = spans.until(again.due_at, at)
        return f"{sign} try {again.try_number + 1}/{again.max_tries + 1} {when if when == 'now' else f'in {when}'}"
    done = f"  {sum(counts[state] for state in FINISHED_TASK)}/{counts.total()}" if counts else ""
    since = spans.ago(newest.started_at, at).removesuffix(" ago") if newest.started_at else ""
    told = f"{sign} {spans.clock(newest.run_after, at, is_utc)}"
    return next((text for text in (f"{told}  {since}{done}", f"{told}{done}") if len(text) <= width), told)


def _took(newest: DagRun | None, history: Sequence[DagRun], at: datetime) -> str:
    if newest is None:
        return "-"
    if newest.state is RunState.RUNNING:
        usual = median([took_s(run, at) or 0.0 for run in history if run.state is RunState.SUCCESS])
        return f"~{spans.short_s(usual)}" if usual else "..."
    took = took_s(newest, at)
    return "-" if took is None else spans.short_s(took)
