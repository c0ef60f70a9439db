"""Reads what the first page shows. Free of Textual: the first frame stands before that is imported."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

from tui_flow import times
from tui_flow.records import DagRun
from tui_flow.settings import Home, load_settings
from tui_flow.state import FAILED_TASK, RunState, TaskState
from tui_flow.store.reader import Reader
from tui_flow.tui.logtail import log_tail
from tui_flow.tui.views.dags import DagsModel, Trouble, newest_or_running, ordered
from tui_flow.tui.views.run_names import about_run

HISTORY = 20
MOST_UNFINISHED = 50
"""With more unfinished runs than these nobody is told here what one waits for: all of them would be read."""
MOST_HISTORIES = 300
"""DAGs whose last runs are kept in memory: some screens of them."""
Histories = Mapping[str, Sequence[DagRun]]


def load_dags(
    reader: Reader, home: Home, seen: Sequence[Hashable], cursor: Hashable | None, sort: str = "", height: int = 50
) -> DagsModel:
    """Everything of the list; bars for the rows that are `seen`, the log's end for the DAG at the cursor. At first
    nothing is seen: then of as many rows as there is room for."""
    dags = reader.listed_dags()
    newest = newest_or_running(reader.newest_runs(), reader.unfinished_runs())
    if not seen and sort:
        seen = ordered(DagsModel(dags, newest), sort)[:height]
        cursor = cursor if cursor in dags else next(iter(seen), None)
    running = [run.id for run in newest.values() if run.state is RunState.RUNNING]
    histories = load_histories(reader, [str(key) for key in seen])
    trouble = load_trouble(reader, home, newest.get(str(cursor)))
    by_assets = reader.scheduled_by_assets()
    return DagsModel(dags, newest, histories, reader.task_counts(running[:200]), trouble, by_assets)


def load_histories(reader: Reader, dag_ids: Sequence[str]) -> Histories:
    return reader.histories(dag_ids, HISTORY) if dag_ids else {}


def load_trouble(reader: Reader, home: Home, run: DagRun | None) -> Trouble | None:
    """Of the run: its first failed task, else what runs, else the last that ended; and what it waits for."""
    if run is None:
        return None
    waits = _waits_of(reader, home, run) if run.ended_at is None else ()
    failed = reader.failed_tasks(run.id, 1)
    ti = failed[0] if failed and failed[0].state in FAILED_TASK else reader.busiest_task(run.id)
    if ti is None:
        return Trouble(run, waits=waits)
    others = reader.task_counts([run.id])[run.id][TaskState.UPSTREAM_FAILED] if failed else 0
    return Trouble(run, ti, reader.last_attempt(ti), others, tuple(log_tail(home, run, ti, 12)), waits)


def _waits_of(reader: Reader, home: Home, run: DagRun) -> tuple[str, ...]:
    """What the task that waits for longest waits for."""
    ti = reader.waiting_task(run.id)
    if ti is None or len(reader.unfinished_runs()) > MOST_UNFINISHED:
        return ()
    from tui_flow.actions.reasons import reasons  # half of the planner, which most first frames do without

    why = reasons(reader, run, ti, times.now(), load_settings(home).core.parallelism)
    lead = "" if run.state is RunState.QUEUED else f"{ti.task_id}: "
    return tuple(lead + about_run(run.run_id, line) for line in why)


def with_histories(model: DagsModel, more: Histories) -> Histories:
    """Those that are known and these, the ones read last; not more than are worth their memory."""
    both = {**{dag_id: runs for dag_id, runs in model.histories.items() if dag_id not in more}, **more}
    return dict(list(both.items())[-MOST_HISTORIES:])
