"""Removal of old runs: found page by page from the oldest on, so that a look at many runs never takes long at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from tui_flow.actions.plan import Plan, read_date
from tui_flow.errors import BadInput
from tui_flow.planner.retention import Keep, RunPlace, is_expired
from tui_flow.records import DagRun
from tui_flow.spec import Json
from tui_flow.store.reader import Reads
from tui_flow.store.writer import Writer

RUNS_PER_PAGE = 500
ANSWERS_KEPT = timedelta(days=30)
"""A repeat of a request after that is performed again."""


class Sweep:
    """One walk over all runs. `expired` takes it a page further; `is_over` when the newest was seen."""

    def __init__(self, keep: Keep) -> None:
        self._keep = keep
        self._bounds: dict[str, tuple[RunPlace, RunPlace | None]] = {}
        self.place: RunPlace | None = None
        self.is_over = keep.keeps_all

    def expired(self, reads: Reads) -> list[DagRun]:
        """Runs of the next page that are too old to keep."""
        page = reads.runs_oldest_first(self.place, RUNS_PER_PAGE)
        if len(page) < RUNS_PER_PAGE:
            self.is_over = True
        if page:
            self.place = (page[-1].run_after, page[-1].id)
        return [run for run in page if is_expired(run, self._keep, *self._bounds_of(reads, run.dag_id))]

    def _bounds_of(self, reads: Reads, dag_id: str) -> tuple[RunPlace, RunPlace | None]:
        if dag_id not in self._bounds:
            newest = reads.newest_run_but(dag_id, 0)
            assert newest is not None, "a run of the DAG is on the page"
            oldest_kept = reads.newest_run_but(dag_id, self._keep.per_dag - 1) if self._keep.per_dag else None
            self._bounds[dag_id] = (newest, oldest_kept)
        return self._bounds[dag_id]


def expired_runs(reads: Reads, keep: Keep) -> Iterator[DagRun]:
    """All that a sweep would remove."""
    sweep = Sweep(keep)
    while not sweep.is_over:
        yield from sweep.expired(reads)


def clean_runs(reads: Reads, now: datetime, *, since: str | None = None, per_dag: int = 0, page: int = 100) -> Plan:
    """Remove some finished runs that ended before `since`, or beyond the newest `per_dag` of their DAG.

    To be asked again until `runs` is empty. Answer: the runs, by dag_id and run_id.
    """
    keep = Keep(read_date(since, "date"), per_dag)
    if keep.keeps_all or per_dag < 0 or page < 1:
        raise BadInput("say which runs are too old: a date, or how many to keep of each DAG")
    old = {run.id: run for run in _first(expired_runs(reads, keep), page)}

    def write(writer: Writer) -> dict[str, Json]:
        gone = writer.remove_runs(list(old))
        writer.forget_answers(now - ANSWERS_KEPT)
        return {"runs": [_named(old[run]) for run in gone]}

    return Plan({"runs": [_named(run) for run in old.values()]}, write=write)


def clean_events(reads: Reads, now: datetime, *, before: str) -> Plan:
    """Remove some lines of the audit trail from before an instant; ask again until none was `removed`."""
    limit = read_date(before, "before")
    assert limit is not None, "given"
    return Plan({}, write=lambda writer: {"removed": writer.clean_events(limit)})


def _named(run: DagRun) -> Json:
    return {"dag_id": run.dag_id, "run_id": run.run_id}


def _first(runs: Iterator[DagRun], count: int) -> Iterator[DagRun]:
    for _, run in zip(range(count), runs, strict=False):
        yield run
