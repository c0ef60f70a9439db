"""What a clean-up would delete, and the verbs and the command that do it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tui_flow.spec import Json
from tui_flow.tui.palette import DIM
from tui_flow.tui.text import Row, plain
from tui_flow.tui.views.deeds import Deed, Preview, command


@dataclass(frozen=True, slots=True)
class CleanUp:
    days: float | None = None
    """Runs that ended so long ago; None: however long."""
    keep: int = 0
    """Of each DAG the newest stay; 0: one."""
    since: datetime | None = None
    """The instant that `days` mean."""


def clean_up_deeds(choice: CleanUp) -> list[Deed]:
    """The deletion of runs is the last."""
    words: list[object] = ["db", "clean"]
    words += [f"--before=-{choice.days:g}d"] if choice.days is not None else []
    words += [f"--keep={choice.keep}"] if choice.keep else []
    line = command(*words)
    since = choice.since.isoformat() if choice.since is not None else None
    runs = Deed("clean_runs", {"since": since, "per_dag": choice.keep}, line)
    if since is None:
        return [runs]
    before: dict[str, Json] = {"before": since}
    return [Deed("clean_asset_events", before, ""), Deed("clean_events", before, ""), runs]


def clean_up_preview(runs: Sequence[Mapping[str, str]], updates: int, lines: int) -> Preview:
    """`updates` of assets and `lines` of the audit trail."""
    rows = [
        Row(("run", nth), ((f"   {plain(run['dag_id'])}  ", None), (plain(run["run_id"]), DIM)))
        for nth, run in enumerate(runs)
    ]
    more = [f", {_count(updates, 'update')} of assets"] if updates else []
    more += [f", {_count(lines, 'line')} of the audit trail"] if lines else []
    return Preview(rows, tasks=len(runs), runs=len(runs) + updates + lines, note="".join(more))


def clean_up_said(preview: Preview) -> str:
    return f"This will delete {_count(preview.tasks, 'run')} with tasks, logs and results{preview.note}."


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'s' * (number != 1)}"
