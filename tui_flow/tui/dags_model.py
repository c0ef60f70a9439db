"""Reads what the first page shows. Free of Textual: the first frame stands before that is imported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence

from tui_flow import times
from tui_flow.records import Dag, DagRun, TaskInstance
from tui_flow.settings import Home, load_settings
from tui_flow.state import FAILED_TASK, RunState, TaskState
from tui_flow.store.reader import Reader
from tui_flow.tui.logtail import log_tail
from tui_flow.tui.views.dags import Attention, DagsModel, Trouble, attention, newest_or_running, ordered, stands
from tui_flow.tui.views.run_names import about_run

HISTORY = 20
MOST_UNFINISHED = 50
"""With more unfinished runs than these nobody is told here what one waits for: all of them would be read."""
MOST_LIVE = 1000
"""With more task instances that have not ended only System tells which pools do not exist: it looks at all of them."""
MOST_FAILURES = 4
"""DAGs that failed of which more is told than their row does."""
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
    files = {dag.file for dag in dags.values()}
    broken = {error.file: error for error in reader.import_errors() if error.file not in files}
    if not seen and sort:
        seen = ordered(DagsModel(dags, newest, broken=broken), sort)[:height]
        cursor = cursor if cursor in dags else next(iter(seen), None)
    running = [run.id for run in newest.values() if run.state is RunState.RUNNING]
    counts = reader.task_counts(running[:200])
    retrying = [run for run, states in counts.items() if stands(states) is TaskState.UP_FOR_RETRY]
    return DagsModel(
        dags,
        newest,
        load_histories(reader, [key for key in seen if isinstance(key, str)]),
        counts,
        load_trouble(reader, home, newest.get(str(cursor))),
        reader.scheduled_by_assets(),
        broken,
        reader.next_tries(retrying),
        _failures(reader, dags, newest),
        reader.missing_pools() if sum(reader.live_counts().values()) <= MOST_LIVE else (),
    )


def _failures(reader: Reader, dags: Mapping[str, Dag], newest: Mapping[str, DagRun]) -> list[Trouble]:
    """The first of the DAGs whose newest run failed, in the order of the list, each with the task that failed."""
    failed = [run for dag_id, run in sorted(newest.items()) if attention(dags[dag_id], run) is Attention.FAILED]
    found = []
    for run in failed[:MOST_FAILURES]:
        ti = next(iter(reader.failed_tasks(run.id, 1)), None)
        found.append(Trouble(run, ti, reader.last_attempt(ti) if ti else None))
    return found


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
    counts = reader.task_counts([run.id])[run.id] if failed else Counter[TaskState]()
    has_failed = ti.state is TaskState.FAILED
    return Trouble(
        run,
        ti,
        reader.last_attempt(ti),
        counts[TaskState.UPSTREAM_FAILED],
        max(counts[TaskState.FAILED] - 1, 0) if has_failed else 0,
        tuple(log_tail(home, run, ti, 12)),
        waits,
        _often(reader, run, ti) if has_failed else 0,
    )


def _often(reader: Reader, run: DagRun, ti: TaskInstance) -> int:
    """In how many of the last runs the task failed."""
    runs = [other.id for other in reader.histories([run.dag_id], HISTORY)[run.dag_id]]
    return sum(bool(counts[TaskState.FAILED]) for counts in reader.grid_cells(runs, [ti.task_id]).values())


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
