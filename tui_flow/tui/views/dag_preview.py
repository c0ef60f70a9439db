"""What the pane below the list of DAGs says of the one under the cursor, without a key pressed."""

from __future__ import annotations

from datetime import datetime
from textwrap import wrap

from tui_flow.records import Dag, DagRun
from tui_flow.state import RunState
from tui_flow.tui import palette
from tui_flow.tui.palette import Palette
from tui_flow.tui.text import Piece, Row, plain
from tui_flow.tui.views import spans
from tui_flow.tui.views.bars import took_s
from tui_flow.tui.views.dags import BY_HAND, BrokenFile, DagsModel, Key, Trouble, schedule_of
from tui_flow.tui.views.loglines import pieces_of
from tui_flow.tui.views.reasons import in_words
from tui_flow.tui.views.run_names import why_failed

HIGH = 10
"""With so many lines there is room for what else failed."""
MOST_OTHERS = 3
Line = tuple[Piece, ...]


def preview(
    model: DagsModel, key: Key, look: Palette, at: datetime, is_utc: bool, height: int, width: int = 200
) -> list[Row]:
    """What the pane below the list says of a DAG, or of a file that could not be loaded, in at most `height` lines."""
    others = _others(model, key, look) if height >= HIGH else []
    if isinstance(key, BrokenFile):
        lines = _broken(model, key, at, is_utc, height - len(others))
    else:
        lines = _dag(model, key, look, at, is_utc, height - len(others), width)
    return [Row(index, line, can_select=False) for index, line in enumerate([*lines, *others][:height])]


def _dag(
    model: DagsModel, dag_id: str, look: Palette, at: datetime, is_utc: bool, height: int, width: int
) -> list[Line]:
    dag, newest = model.dags[dag_id], model.newest.get(dag_id)
    lines: list[Line] = [_summary(dag, newest, look, at, is_utc)]
    if dag.import_error:
        lines += _told_of(dag.import_error, 4)
    trouble = model.trouble
    if trouble is not None and newest is not None and trouble.run.id == newest.id:
        waits = [line for why in trouble.waits for line in _wrapped(in_words(why, at, is_utc), look, width)]
        lines += _trouble(trouble, look, at, is_utc, max(height - len(lines) - len(waits) - 1, 0))
        lines += waits
    return [*lines, _future(model, dag, at, is_utc)]


def _wrapped(why: str, look: Palette, width: int) -> list[Line]:
    first, *more = wrap(why, max(width - 4, 20)) or [""]
    return [((f" {look.line('⇠')} {first}", None),), *(((f"   {text}", None),) for text in more)]


def _told_of(error: str, most: int) -> list[Line]:
    """Its first line, which says what is wrong, and the last ones."""
    lines = [line for line in error.splitlines() if line.strip()]
    told = lines if len(lines) <= most else [*lines[:1], *lines[len(lines) - most + 1 :]]
    return [((f"  {plain(line)}", palette.BAD),) for line in told]


def _broken(model: DagsModel, key: BrokenFile, at: datetime, is_utc: bool, height: int) -> list[Line]:
    error = model.broken[key.file]
    line = f", line {error.line}" if error.line else ""
    since = f"{line}: could not be loaded at {spans.clock(error.at, at, is_utc)}"
    last: Line = (
        ("o opens it; it is loaded again as soon as it is saved. 4 lists all files with errors.", palette.DIM),
    )
    return [((plain(key.file), palette.BOLD), (since, None)), *_told_of(error.message, max(height - 2, 1)), last]


def _others(model: DagsModel, key: Key, look: Palette) -> list[Line]:
    """What failed besides."""
    known = [trouble for trouble in model.failures if trouble.run.dag_id != key]
    return [_failure(trouble, look) for trouble in known[:MOST_OTHERS]]


def _failure(trouble: Trouble, look: Palette) -> Line:
    """`✗ nightly_etl  extract_refunds: HTTPError: 503`"""
    ti = trouble.ti
    why = why_failed(trouble.run) if ti is None else _reason(trouble) or "failed"
    task = f"  {plain(ti.task_id)}: " if ti is not None else "  "
    sign: Piece = (f"{look.glyph(RunState.FAILED)} ", look.style(RunState.FAILED))
    return sign, (plain(trouble.run.dag_id), palette.BOLD), (f"{task}{plain(why or 'failed')}", None)


def _reason(trouble: Trouble) -> str:
    ti, attempt = trouble.ti, trouble.attempt
    return (ti.reason if ti else None) or (attempt.reason if attempt else None) or ""


def _summary(dag: Dag, newest: DagRun | None, look: Palette, at: datetime, is_utc: bool) -> tuple[Piece, ...]:
    head: Piece = (plain(dag.dag_id), palette.BOLD)
    if newest is None:
        return head, (" has never run", None)
    took = took_s(newest, at)
    state: Piece = (str(newest.state), look.style(newest.state))
    since = f" after {spans.short_s(took)}" if took is not None and newest.ended_at else ""
    since = since or (f" for {spans.short_s(took, False)}" if took is not None else "")
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
    kept = f"   {trouble.more} more failed" if trouble.more else ""
    if trouble.others:
        kept += f"   {trouble.others} task{'s' if trouble.others > 1 else ''} did not run because of it"
    first: tuple[Piece, ...] = (
        (look.glyph(ti.state) + " ", look.style(ti.state)),
        (name, palette.BOLD),
        ("   " + "   ".join(said) + kept, None),
    )
    out = [first]
    why = _reason(trouble)
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
    often = f" {failed} of the last {len(history)} runs failed" if failed and len(history) > 1 else ""
    trouble = model.trouble
    if (
        often
        and trouble is not None
        and trouble.ti is not None
        and trouble.run.dag_id == dag.dag_id
        and trouble.often > 1
    ):
        often += f", {trouble.often} of them at {plain(trouble.ti.task_id)}"
    often += "." if often else ""
    if dag.is_missing:
        return ((f"its file {plain(dag.file)} is gone; its history stays.{often}", palette.DIM),)
    if dag.is_paused:
        return ((f"paused: p lets it go on.{often}", palette.DIM),)
    if dag.next_run_after is None:
        return ((f"{_without_date(model, dag)}; t triggers it.{often}", palette.DIM),)
    when = spans.minute(dag.next_run_after, is_utc)
    if dag.next_run_after <= at:
        return ((f"next: due since {when}.{often}", palette.DIM),)
    return ((f"next: {when}, in {spans.until(dag.next_run_after, at)}.{often}", palette.DIM),)
