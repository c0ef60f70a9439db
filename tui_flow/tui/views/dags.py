"""The list of DAGs and, for the one under the cursor, what is worth knowing of it without a key pressed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum

from rich.style import Style

from tui_flow.logs import LogLine
from tui_flow.records import Dag, DagRun, TaskAttempt, TaskInstance
from tui_flow.state import FINISHED_TASK, RunState, TaskState
from tui_flow.timetables.describe import brief_schedule
from tui_flow.tui import palette
from tui_flow.tui.palette import Palette
from tui_flow.tui.text import Piece, Row, columns, plain
from tui_flow.tui.views import spans
from tui_flow.tui.views.bars import median, run_bars, took_s
from tui_flow.tui.views.loglines import pieces_of
from tui_flow.tui.views.run_names import why_failed


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
    lines: tuple[LogLine, ...] = ()
    """The last ones of its log."""
    waits: tuple[str, ...] = ()
    """What the run waits for, where it has not ended."""


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


def newest_or_running(newest: Mapping[str, DagRun], unfinished: Iterable[DagRun]) -> dict[str, DagRun]:
    """The run to show of every DAG: the newest, but a running one before those that are queued behind it."""
    shown = dict(newest)
    for run in unfinished:
        other = shown.get(run.dag_id)
        if run.state is RunState.RUNNING and other is not None and other.state is RunState.QUEUED:
            shown[run.dag_id] = run
    return shown


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


def ordered(model: DagsModel, sort: str) -> list[str]:
    """DAG ids; the same for the same facts."""
    far = "9999"

    def key(dag_id: str) -> tuple[object, ...]:
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

    return sorted(model.dags, key=key)


def matches(dag: Dag, newest: DagRun | None, words: Collection[str]) -> bool:
    """Every word is in the id, the tags, the description or the schedule; `tag:x` and `state:failed` ask for just
    that, `paused` for paused DAGs."""
    return all(_matches(dag, newest, word.lower()) for word in words)


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
    sign, style = _sign(dag, newest, look, newest is not None and asks(model.counts.get(newest.id)))
    quiet = palette.DIM if dag.is_paused or dag.is_missing else None
    pieces: list[Piece] = [(sign + " ", style)]
    pieces += columns([(plain(dag_id), quiet or palette.BOLD if sign == look.line("✗") else quiet, w.dag)])
    if w.schedule:
        pieces += columns([(schedule_of(dag), quiet, w.schedule)])
    if w.next:
        pieces += columns([(_next(dag, at), quiet, w.next)])
    if w.last:
        pieces += columns([(_last(model, newest, look, at, is_utc), quiet, w.last)])
    if w.took:
        pieces += columns([(_took(newest, history, at), quiet, w.took)])
    if w.bars:
        pieces += [*run_bars(history, w.bars, look, at), (" ", None)]
    if w.tags:
        pieces += columns([(plain(" ".join(dag.tags)), palette.DIM, w.tags)])
    return Row(dag_id, tuple(pieces))


BY_HAND = "by hand"


def schedule_of(dag: Dag) -> str:
    return BY_HAND if dag.schedule in ("", "None") else plain(brief_schedule(dag.schedule))


def _sign(dag: Dag, newest: DagRun | None, look: Palette, is_asking: bool) -> tuple[str, Style | None]:
    if dag.is_missing:
        return "-", palette.DIM
    if dag.import_error:
        return "!", palette.BAD
    if is_asking:
        return look.glyph(TaskState.AWAITING_INPUT), look.style(TaskState.AWAITING_INPUT)
    if newest is not None and newest.state in (RunState.RUNNING, RunState.QUEUED):
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
    return spans.until(dag.next_run_after, at) if dag.next_run_after else "-"


def _last(model: DagsModel, newest: DagRun | None, look: Palette, at: datetime, is_utc: bool) -> str:
    if newest is None:
        return "never ran"
    counts = model.counts.get(newest.id)
    if asks(counts):
        return f"{look.glyph(TaskState.AWAITING_INPUT)} waits for you"
    text = f"{look.glyph(newest.state)} {spans.clock(newest.run_after, at, is_utc)}"
    if newest.state is RunState.RUNNING and counts:
        done = sum(counts[state] for state in FINISHED_TASK)
        text += f"  {done}/{counts.total()}"
    return text


def _took(newest: DagRun | None, history: Sequence[DagRun], at: datetime) -> str:
    if newest is None:
        return "-"
    if newest.state is RunState.RUNNING:
        usual = median([took_s(run, at) or 0.0 for run in history if run.state is RunState.SUCCESS])
        return f"~{spans.short_s(usual)}" if usual else "..."
    took = took_s(newest, at)
    return "-" if took is None else spans.short_s(took)


def preview(model: DagsModel, dag_id: str, look: Palette, at: datetime, is_utc: bool, height: int) -> list[Row]:
    """What the pane below the list says of a DAG, in at most `height` lines."""
    dag, newest = model.dags[dag_id], model.newest.get(dag_id)
    lines: list[tuple[Piece, ...]] = [_summary(dag, newest, look, at, is_utc)]
    if dag.import_error:
        lines += [((f"  {plain(line)}", palette.BAD),) for line in dag.import_error.splitlines()[-4:]]
    trouble = model.trouble
    if trouble is not None and newest is not None and trouble.run.id == newest.id:
        lines += _trouble(trouble, look, at, is_utc, max(height - len(lines) - len(trouble.waits) - 1, 0))
        lines += [((f" {look.line('⇠')} {plain(line)}", None),) for line in trouble.waits]
    lines.append(_future(model, dag, at, is_utc))
    return [Row(index, line, can_select=False) for index, line in enumerate(lines[:height])]


def _summary(dag: Dag, newest: DagRun | None, look: Palette, at: datetime, is_utc: bool) -> tuple[Piece, ...]:
    head: Piece = (plain(dag.dag_id), palette.BOLD)
    if newest is None:
        return head, (" has never run · t triggers it", None)
    took = took_s(newest, at)
    state: Piece = (str(newest.state), look.style(newest.state))
    since = f" after {spans.short_s(took)}" if took is not None and newest.ended_at else ""
    since = since or (f" for {spans.short_s(took)}" if took is not None else "")
    return head, (f" · {newest.run_type} run {spans.minute(newest.run_after, is_utc)} ", None), state, (since, None)


def _trouble(trouble: Trouble, look: Palette, at: datetime, is_utc: bool, height: int) -> list[tuple[Piece, ...]]:
    ti, attempt = trouble.ti, trouble.attempt
    if ti is None:
        reason = why_failed(trouble.run)
        return [((f" {plain(reason)}", None),)] if reason else []
    name = plain(ti.task_id) + (f"[{ti.map_index}]" if ti.map_index >= 0 else "")
    said = [f"try {ti.try_number} of {ti.max_tries + 1}"]
    if attempt is not None and attempt.exit_code is not None:
        said.append(f"exit {attempt.exit_code}")
    if attempt is not None and attempt.signal is not None:
        said.append(f"signal {attempt.signal}")
    if ti.ended_at is not None:
        said.append(spans.clock(ti.ended_at, at, is_utc))
    kept = (
        f"   {trouble.others} task{'s' if trouble.others > 1 else ''} did not run because of it"
        if trouble.others
        else ""
    )
    first: tuple[Piece, ...] = (
        (look.glyph(ti.state) + " ", look.style(ti.state)),
        (name, palette.BOLD),
        ("   " + "   ".join(said) + kept, None),
    )
    out = [first]
    why = ti.reason or (attempt.reason if attempt else None)
    if why and not trouble.lines:
        out.append(((f"  {plain(why)}", palette.BAD),))
    room = max(height - len(out), 0)
    out += [((" ", None), *pieces_of(line, is_utc)) for line in trouble.lines[-room:]] if room else []
    return out


def _without_date(model: DagsModel, dag: Dag) -> str:
    if dag.dag_id in model.by_assets:
        return f"runs when {schedule_of(dag)} is updated"
    return "runs by hand" if schedule_of(dag) == BY_HAND else f"no run is to come (schedule {schedule_of(dag)})"


def _future(model: DagsModel, dag: Dag, at: datetime, is_utc: bool) -> tuple[Piece, ...]:
    history = model.histories.get(dag.dag_id, ())
    failed = sum(run.state is RunState.FAILED for run in history)
    often = f" {failed} of the last {len(history)} runs failed." if failed and len(history) > 1 else ""
    if dag.is_missing:
        return ((f"its file {plain(dag.file)} is gone; its history stays.{often}", palette.DIM),)
    if dag.is_paused:
        return ((f"paused: p lets it go on.{often}", palette.DIM),)
    if dag.next_run_after is None:
        return ((f"{_without_date(model, dag)}; t triggers it.{often}", palette.DIM),)
    when = spans.minute(dag.next_run_after, is_utc)
    return ((f"next: {when}, in {spans.until(dag.next_run_after, at)}.{often}", palette.DIM),)
