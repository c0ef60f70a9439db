"""Two runs, or two versions of a DAG, side by side. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from tui_flow import times
from tui_flow.planner.compare import Compared
from tui_flow.planner.spec_diff import Change
from tui_flow.records import DagRun
from tui_flow.spec import Json
from tui_flow.tui.palette import BAD, BOLD, DIM, GOOD, Palette
from tui_flow.tui.text import Piece, Row, columns, fit, plain
from tui_flow.tui.views import spans
from tui_flow.tui.views.bars import took_s


def compared_rows(
    runs: tuple[DagRun, DagRun], tasks: Sequence[Compared], look: Palette, at: datetime, is_utc: bool, width: int
) -> list[Row]:
    """The two runs, then each task with a difference of note."""
    rows = [_run(letter, run, look, at, is_utc) for letter, run in zip("AB", runs, strict=True)]
    notable = [task for task in tasks if task.verdict]
    name = max(width - 58, 14)
    heading = columns([("Task", DIM, name), ("What", DIM, 25), ("A", DIM, 8), ("B", DIM, 8), ("Longer by", DIM, 9)])
    rows.append(Row("heading", (("   ", None), *heading), can_select=False))
    rows += [_task(task, look, name) for task in notable]
    if not notable:
        rows.append(Row("same", (("   no task differs in state or duration", None),)))
    return rows


def _run(letter: str, run: DagRun, look: Palette, at: datetime, is_utc: bool) -> Row:
    took = took_s(run, at)
    lasted = f"  {spans.short_s(took)}" if took is not None else ""
    pieces: tuple[Piece, ...] = (
        (f" {letter} ", BOLD),
        (f"{look.glyph(run.state)} ", look.style(run.state)),
        (f"{run.run_type} {spans.minute(run.run_after, is_utc)}{lasted}  ", None),
        (plain(run.run_id), DIM),
    )
    return Row(("run", letter), pieces)


def _task(task: Compared, look: Palette, name: int) -> Row:
    index = f"[{task.map_index}]" if task.map_index >= 0 else ""
    longer = task.difference
    style = BAD if task.verdict == "slower" or str(task.new_state) == "failed" else GOOD if longer else None
    sign = "-" if longer is not None and longer < timedelta() else "+"
    shown = [
        (plain(task.task_id) + index, None, name),
        (look.line(task.verdict.replace("->", "→").replace("_", " ")), style, 25),
        (times.lasting(task.old_duration) if task.old_duration is not None else "-", None, 8),
        (times.lasting(task.new_duration) if task.new_duration is not None else "-", None, 8),
        (sign + times.lasting(abs(longer)) if longer is not None else "", BOLD, 9),
    ]
    return Row((task.task_id, task.map_index), (("   ", None), *columns(shown)))


def change_rows(changes: Sequence[Change], look: Palette) -> list[Row]:
    """Of the structure: what came, went and changed."""
    if not changes:
        return [Row("same", (("   the structure is the same; the Source tab shows the lines", None),))]
    return [_change(index, change, look) for index, change in enumerate(changes)]


def _change(index: int, change: Change, look: Palette) -> Row:
    what = f"{change.kind} {change.name}".strip()
    style = {"added": GOOD, "removed": BAD}.get(change.change)
    pieces: list[Piece] = [(f"   {fit(plain(what), 30)} ", None)]
    if change.field:
        old, new = _value(change.old), _value(change.new)
        pieces += [(f"{plain(change.field)}  ", BOLD), (f"{old} {look.line('→')} {new}", None)]
    else:
        pieces.append((change.change, style))
    return Row(index, tuple(pieces))


def _value(value: Json) -> str:
    return "default" if value is None else plain(value if isinstance(value, str) else json.dumps(value))
