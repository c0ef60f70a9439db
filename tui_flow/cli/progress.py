"""The live picture of a run with rich: a bar, counts by state, and as many tasks as the terminal has room for."""

from __future__ import annotations

import sys
from collections import Counter
from datetime import datetime, timedelta
from types import TracebackType

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from tui_flow import signs, times
from tui_flow.cli.show import one_line, task_name
from tui_flow.records import DagRun, TaskInstance
from tui_flow.spec import DagSpec
from tui_flow.state import FAILED_TASK, FINISHED_TASK, OCCUPIED_TASK, WAITING_TASK, TaskState

_RICH = {
    "1": "bold",
    "2": "dim",
    "31": "red",
    "32": "green",
    "33": "yellow",
    "34": "blue",
    "35": "magenta",
    "36": "cyan",
}
_LINES_AROUND = 4
REDRAW_EVERY = timedelta(seconds=0.5)


class LivePicture:
    """On stderr, redrawn when something changed and twice a second; leaves its last state standing."""

    def __init__(self, spec: DagSpec) -> None:
        self._order = spec.order
        self._drawn: list[TaskInstance] | None = None
        self._drawn_at = times.now()
        self._console = Console(stderr=True, highlight=False, markup=False, emoji=False)
        self._live = Live(console=self._console, auto_refresh=False, redirect_stdout=False, redirect_stderr=False)

    def __enter__(self) -> LivePicture:
        self._live.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _err: BaseException | None, _tb: TracebackType | None
    ) -> None:
        self._live.stop()

    def update(self, run: DagRun, tis: list[TaskInstance]) -> None:
        now = times.now()
        if tis is self._drawn and now - self._drawn_at < REDRAW_EVERY:
            return
        self._drawn, self._drawn_at = tis, now
        room = max(self._console.height - _LINES_AROUND, 3)
        shown = choose(tis, self._order, room)
        self._live.update(Group(_head(run, tis, now), _tasks(shown, now, len(tis) - len(shown))), refresh=True)

    def line(self, text: str) -> None:
        if sys.stdout.isatty():
            self._console.print(Text.from_ansi(text))
        else:
            print(text, flush=True)

    def note(self, text: str) -> None:
        self._console.print(Text(one_line(text)))


def choose(tis: list[TaskInstance], order: dict[str, int], room: int) -> list[TaskInstance]:
    """What there is room for, in the DAG's order: first what failed or runs, then what waits, then what ended last."""

    def urgency(ti: TaskInstance) -> tuple[int, float]:
        if ti.state in FAILED_TASK or ti.state in OCCUPIED_TASK:
            return 0, 0.0
        if ti.state in WAITING_TASK or ti.state is TaskState.SCHEDULED:
            return 1, 0.0
        return (2, -ti.ended_at.timestamp()) if ti.ended_at else (3, 0.0)

    chosen = sorted(tis, key=urgency)[:room]
    return sorted(chosen, key=lambda ti: (order.get(ti.task_id, -1), ti.map_index))


def _head(run: DagRun, tis: list[TaskInstance], now: datetime) -> Table:
    states = Counter(ti.state for ti in tis)
    done = sum(number for state, number in states.items() if state in FINISHED_TASK)
    took = times.lasting((run.ended_at or now) - run.started_at) if run.started_at else ""
    counts = Text("  ").join(_sign(state, f" {states[state]}") for state in TaskState if states[state])
    head = Table.grid(padding=(0, 2))
    colour = "red" if any(states[state] for state in FAILED_TASK) else "green"
    bar = ProgressBar(
        total=max(len(tis), 1), completed=done, width=24, style="dim", complete_style=colour, finished_style=colour
    )
    head.add_row(bar, Text(f"{done}/{len(tis)}"), Text(took), counts)
    return head


def _tasks(tis: list[TaskInstance], now: datetime, hidden: int) -> Table:
    table = Table.grid(padding=(0, 2))
    for ti in tis:
        took = times.lasting((ti.ended_at or now) - ti.started_at) if ti.started_at else ""
        tries = f"try {ti.try_number}" if ti.try_number > 1 else ""
        note = Text(one_line(ti.reason or ""), style="dim", no_wrap=True, overflow="ellipsis")
        table.add_row(
            _sign(ti.state, f" {task_name(ti)}"), Text(ti.state.value, style="dim"), Text(took), Text(tries), note
        )
    if hidden:
        table.add_row(Text(f"and {hidden} more", style="dim"))
    return table


def _sign(state: TaskState, text: str) -> Text:
    sign = signs.sign_of(state)
    return Text(sign.glyph + text, style=" ".join(_RICH[code] for code in sign.sgr.split(";")))
